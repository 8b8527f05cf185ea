"""`/u/{token}`: leaving with one press (R31, R33), by a person or by a mail program (RFC 8058).

GET shows the page, or that the person has left already, and changes nothing. POST opts out or pauses: a press
on the page redirects to what follows, with an undo button; any other POST is a one-click request and gets a
short 200 without redirect or cookie.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from api.pages import leaving_reasons, link_request
from api.pages.frame.evidence import PageAct, page_provenance
from api.pages.frame.forms import Fault, Form, FormProblem, read_form
from api.pages.frame.language import choose_language
from api.pages.frame.response import plain, respond
from api.pages.unsubscribe import copy
from api.pages.unsubscribe.outcome import PARAMETER, PressOutcome, read_outcome, redirect_with
from api.pages.unsubscribe.view import Option, option_of, page_after, page_now
from api.pages.unsubscribe.visit import OpenedLink, Visit, open_link, visit_to_act, visit_to_see
from preference_center.config import settings
from preference_center.ledger.types import Outcome
from preference_center.links.claims import UndoClaim
from preference_center.links.kinds import TokenKind
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.links.tokens import LinkInvalid
from preference_center.preferences import withdrawal_pauses
from preference_center.preferences.withdrawal import undo, undoable_event_ids, withdraw
from preference_center.rules.addresses import Address
from preference_center.rules.types import ConsentOrigin, LeavingReason
from preference_center.storage import database

_ONE_CLICK = ("list-unsubscribe", "one-click")
_BUTTONS = ("unsubscribe", "all", "pause", "undo", "resume", "choose")


async def show(request: Request) -> Response:
    """What can be left, what a press did, or that the person has left already."""
    visit = await visit_to_see(request, await open_link(request))
    outcome = read_outcome(request)
    if outcome is None:
        return respond(visit.context, "unsubscribe.html", page_now(visit))
    if outcome.result == "thanked" and not outcome.event_ids:
        return leaving_reasons.thanks_page(visit.context)
    page = page_after(visit, outcome)
    if page is None:
        return respond(visit.context, "unsubscribe.html", page_now(visit))
    context = visit.context.keeping((PARAMETER, request.query_params[PARAMETER]))
    return respond(context, "unsubscribe.html", page)


async def act(request: Request) -> Response:
    """Do what the pressed button says; without one, opt out in one click."""
    link = await open_link(request)
    form = await _read_form(request)
    do = _pressed(form)
    if do is None:
        return await _unsubscribe_in_one_click(request, link)
    visit = await visit_to_act(request, link, next(iter(form.all("lang")), None))
    if reason := leaving_reasons.pressed_reason(do):
        return await _give_reason(visit, form, reason)
    if do == "undo":
        return await _undo(visit, form.required("undo"))
    if do == "resume":
        return await _end_pause(visit, form.required("undo"))
    if do == "choose":
        return await _send_link(visit)
    if do == "pause":
        return await _pause(visit, _option(visit, do))
    return await _unsubscribe(visit, _option(visit, do))


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


def _option(visit: Visit, do: str) -> Option:
    return option_of(visit.context.translator, visit.context.catalog, visit.target, do)


async def _unsubscribe(visit: Visit, option: Option) -> Response:
    target = visit.target.for_all() if option.value == "all" else visit.target
    provenance = visit.provenance(ConsentOrigin.UNSUBSCRIBE_LINK, option.shown_text)
    withdrawal = visit.link.withdrawal
    outcomes = await withdraw(withdrawal.recipient_kind, withdrawal.fingerprint, target, provenance)
    event_ids = tuple(await undoable_event_ids(outcomes, provenance))
    now, for_all = database.now().timestamp(), target.subscription_type is None
    return redirect_with(visit.request, PressOutcome("unsubscribed", now, for_all, event_ids))


async def _pause(visit: Visit, option: Option) -> Response:
    """Pause, which is a withdrawal for a time: a withdraw link can lengthen a pause, never shorten it."""
    provenance = visit.provenance(ConsentOrigin.UNSUBSCRIBE_LINK, option.shown_text)
    withdrawal, now = visit.link.withdrawal, database.now()
    event_ids = await withdrawal_pauses.pause(
        withdrawal.recipient_kind,
        withdrawal.fingerprint,
        visit.target,
        now + timedelta(days=copy.PAUSE_DAYS),
        provenance,
    )
    return redirect_with(
        visit.request, PressOutcome("paused", now.timestamp(), for_all=True, event_ids=tuple(event_ids))
    )


async def _send_link(visit: Visit) -> Response:
    """Send a link to the preference page to the address, which this link itself must not open (R31).

    The page still shows the outcome of the last press, with its undo button.
    """
    recipient, request = visit.visitor.recipient, visit.request
    if recipient is None or recipient.address is None:
        return link_request.message_sent(visit.context, visit.visitor.recipient_kind)
    address = Address(recipient.kind, recipient.address)
    refused = await link_request.queue_link_or_refuse(request, address, visit.context)
    if refused:
        return refused
    outcome = read_outcome(request) or PressOutcome("unsubscribed", database.now().timestamp())
    return redirect_with(request, replace(outcome, link_sent=True))


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
    undone = [outcome for outcome in outcomes if outcome.changed]
    for_all = any(outcome.intent.subscription_type is None for outcome in undone)
    now = database.now().timestamp()
    return redirect_with(visit.request, PressOutcome("undone" if undone else "not undone", now, for_all))


async def _end_pause(visit: Visit, token: str) -> Response:
    claim, recipient, translator = _read_undo_token(token), visit.visitor.recipient, visit.context.translator
    ended = False
    if claim and recipient:
        shown_text = f"[{translator.gettext('End the pause')}]"
        provenance = visit.provenance(ConsentOrigin.UNSUBSCRIBE_LINK, shown_text)
        ended = await withdrawal_pauses.end_pauses(claim.event_ids, recipient.id, provenance)
    now = database.now().timestamp()
    return redirect_with(visit.request, PressOutcome("resumed" if ended else "not undone", now))


def _read_undo_token(token: str) -> UndoClaim | None:
    try:
        return link_maker(settings.current()).read_undo(token, database.now())
    except (LinkExpired, LinkInvalid):
        return None
