"""`/u/{token}`: unsubscribing with one press (R31, R33), by a person or by a mail program (RFC 8058).

GET shows the page, or that the person has left already, and changes nothing. POST opts out: a press on the
page redirects to what follows, with an undo button; any other POST is a one-click request and gets a short
200 without redirect or cookie.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.pages import leaving_reasons
from api.pages.frame.copy import opt_out_button
from api.pages.frame.evidence import PageAct, page_provenance
from api.pages.frame.forms import Fault, Form, FormProblem, read_form
from api.pages.frame.language import choose_language
from api.pages.frame.response import plain, respond
from api.pages.unsubscribe.outcome import PARAMETER, PressOutcome, read_outcome, redirect_with
from api.pages.unsubscribe.view import (
    Unsubscribed,
    UnsubscribePage,
    already_left_page,
    question_page,
    undone_page,
    unsubscribed_page,
)
from api.pages.unsubscribe.visit import OpenedLink, Visit, open_link, visit_to_act, visit_to_see
from preference_center.config import settings
from preference_center.ledger.types import Outcome
from preference_center.links.claims import UndoClaim
from preference_center.links.kinds import TokenKind
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.links.tokens import LinkInvalid
from preference_center.preferences.withdrawal import WithdrawalTarget, opt_out_event_ids, undo, withdraw
from preference_center.rules.types import ConsentOrigin, LeavingReason
from preference_center.storage import database

_ONE_CLICK = ("list-unsubscribe", "one-click")
_BUTTONS = ("unsubscribe", "all", "undo")


async def show(request: Request) -> Response:
    """The page with the unsubscribe button, what a press did, or that the person has left already."""
    visit = await visit_to_see(request, await open_link(request))
    outcome = read_outcome(request)
    shown = _show_outcome(visit, outcome) if outcome else None
    return shown or _show_now(visit)


async def act(request: Request) -> Response:
    """Opt out; or undo that, or take a leaving reason, from the page that follows."""
    link = await open_link(request)
    form = await _read_form(request)
    do = _pressed(form)
    if do is None:
        return await _unsubscribe_in_one_click(request, link)
    visit = await visit_to_act(request, link, next(iter(form.all("lang")), None))
    if do == "undo":
        return await _undo(visit, form.required("undo"))
    if reason := leaving_reasons.pressed_reason(do):
        return await _give_reason(visit, form, reason)
    if do == "all":
        return await _unsubscribe_from_all(visit)
    return await _unsubscribe(visit, visit.target, _question(visit, visit.target).shown_text)


async def _read_form(request: Request) -> Form:
    """The posted form; an empty one for a body that is none: the link alone says who and what (R33)."""
    try:
        return await read_form(request)
    except FormProblem as problem:
        if problem.fault is Fault.TOO_LARGE:
            raise
        return Form(())


def _pressed(form: Form) -> str | None:
    """The button of the page that was pressed; None for a one-click request (RFC 8058, 3.2).

    A POST that is no press of the page's own buttons counts as one-click, whatever is in it.
    """
    if any((name.strip().lower(), value.strip().lower()) == _ONE_CLICK for name, value in form.pairs):
        return None
    pressed = form.all("do")
    if len(pressed) != 1:
        return None
    return pressed[0] if pressed[0] in _BUTTONS or leaving_reasons.is_reason(pressed[0]) else None


async def _unsubscribe_in_one_click(request: Request, link: OpenedLink) -> Response:
    translator = choose_language(request, unit=link.target.business_unit)
    shown_text = "List-Unsubscribe=One-Click"
    page_act = PageAct(ConsentOrigin.ONE_CLICK, TokenKind.WITHDRAW.path, shown_text, link.withdrawal.campaign)
    provenance = page_provenance(request, translator, page_act)
    await withdraw(link.withdrawal.recipient_kind, link.withdrawal.fingerprint, link.target, provenance)
    return plain(translator.gettext("You are unsubscribed") + "\n")


async def _unsubscribe_from_all(visit: Visit) -> Response:
    """Opt out of all, with the button of the page that follows an opt-out of a type."""
    target = visit.target.for_all()
    if target.business_unit is None:
        return await _unsubscribe(visit, target, _question(visit, target).shown_text)
    button = opt_out_button(visit.context.translator, target.channel, target.business_unit.name)
    return await _unsubscribe(visit, target, f"[{button}]")


async def _unsubscribe(visit: Visit, target: WithdrawalTarget, shown_text: str) -> Response:
    provenance, withdrawal = (
        visit.provenance(ConsentOrigin.UNSUBSCRIBE_LINK, shown_text),
        visit.link.withdrawal,
    )
    outcomes = await withdraw(withdrawal.recipient_kind, withdrawal.fingerprint, target, provenance)
    event_ids, for_all = tuple(opt_out_event_ids(outcomes)), target.subscription_type is None
    now = database.now().timestamp()
    return redirect_with(visit.request, PressOutcome("unsubscribed", now, for_all, event_ids))


async def _give_reason(visit: Visit, form: Form, reason: LeavingReason) -> Response:
    """Record a leaving reason, and lead back to the page as it was, with its undo button."""
    claim = leaving_reasons.read_reason_token(form)
    type_ids = await leaving_reasons.give_reason(claim, visit.visitor, reason)
    if claim is None or not type_ids:
        return redirect_with(visit.request, PressOutcome("thanked", database.now().timestamp()))
    outcome = PressOutcome("thanked", claim.issued_ms / 1000, not any(type_ids), claim.event_ids, reason)
    return redirect_with(visit.request, outcome)


async def _undo(visit: Visit, token: str) -> Response:
    claim, recipient, translator = _read_undo_token(token), visit.visitor.recipient, visit.context.translator
    outcomes: list[Outcome] = []
    if claim and recipient:
        provenance = visit.provenance(ConsentOrigin.REVERSAL, f"[{translator.gettext('Undo')}]")
        outcomes = await undo(claim.event_ids, recipient.id, provenance)
    undone = any(outcome.changed for outcome in outcomes)
    now = database.now().timestamp()
    return redirect_with(visit.request, PressOutcome("undone" if undone else "not undone", now))


def _read_undo_token(token: str) -> UndoClaim | None:
    try:
        return link_maker(settings.current()).read_undo(token, database.now())
    except (LinkExpired, LinkInvalid):
        return None


def _show_now(visit: Visit) -> Response:
    """The question, or that the person has left already. A team's opt-out can be made their own (R11)."""
    left = visit.left(visit.target)
    if not left or not all(each.by_recipient for each in left):
        return respond(visit.context, "unsubscribe.html", _question(visit, visit.target))
    page = already_left_page(
        visit.context.translator, visit.target, visit.visitor.masked_address, ask_all=_can_leave_all(visit)
    )
    return respond(visit.context, "done.html", page)


def _show_outcome(visit: Visit, outcome: PressOutcome) -> Response | None:
    """What a press did; None if that is no longer so."""
    if outcome.result == "thanked" and not outcome.event_ids:
        return leaving_reasons.thanks_page(visit.context)
    context = visit.context.keeping((PARAMETER, visit.request.query_params[PARAMETER]))
    if outcome.result in ("undone", "not undone"):
        undone = outcome.result == "undone"
        if undone and visit.left(visit.target):
            return None
        address = visit.visitor.masked_address
        page = undone_page(context.translator, visit.target, address, undone=undone)
        return respond(context, "done.html", page)
    done = _unsubscribed(visit, outcome)
    return respond(context, "done.html", unsubscribed_page(context.translator, done)) if done else None


def _unsubscribed(visit: Visit, outcome: PressOutcome) -> Unsubscribed | None:
    """What was left with a press; None if the person came back since."""
    target = visit.target.for_all() if outcome.for_all else visit.target
    left = visit.left(target)
    if not left:
        return None
    translator = visit.context.translator
    undoable = any(each.event_id in outcome.event_ids and not each.covered_by_all for each in left)
    current = undoable and not visit.erased
    return Unsubscribed(
        target,
        visit.visitor.masked_address,
        outcome.undo_token if current else None,
        leaving_reasons.reasons_view(translator, outcome.reason_token if current else None, outcome.reason),
        leaving_reasons.thanks(translator) if outcome.result == "thanked" else None,
        ask_all=_can_leave_all(visit),
    )


def _can_leave_all(visit: Visit) -> bool:
    """Whether there is more of the unit to leave than the type of the link."""
    return visit.target.subscription_type is not None and not visit.left(visit.target.for_all())


def _question(visit: Visit, target: WithdrawalTarget) -> UnsubscribePage:
    return question_page(
        visit.context.translator, target, visit.context.catalog, visit.visitor.masked_address
    )
