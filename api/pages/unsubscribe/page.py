"""`/u/{token}`: unsubscribing with one press (R31, R33), by a person or by a mail program (RFC 8058).

GET shows the page and changes nothing. POST opts out: a person gets a page with an undo button, a one-click
request a short 200 without redirect or cookie.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.pages import leaving_reasons
from api.pages.frame.copy import opt_out_button
from api.pages.frame.evidence import PageAct, page_provenance
from api.pages.frame.forms import Fault, Form, FormProblem, read_form
from api.pages.frame.language import choose_language
from api.pages.frame.response import PageContext, plain, respond
from api.pages.unsubscribe.view import (
    Unsubscribed,
    UnsubscribePage,
    question_page,
    undone_page,
    unsubscribed_page,
)
from preference_center.catalog.catalog import current_catalog
from preference_center.config import settings
from preference_center.ledger.types import Outcome, Provenance
from preference_center.links.claims import UndoClaim, Withdrawal
from preference_center.links.kinds import TokenKind
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.links.payloads import MAX_UNDO_EVENTS
from preference_center.links.tokens import LinkInvalid
from preference_center.preferences.withdrawal import (
    WithdrawalTarget,
    opt_out_event_ids,
    undo,
    withdraw,
    withdrawal_target,
)
from preference_center.recipients import visitors
from preference_center.recipients.visitors import Visitor
from preference_center.rules.types import ConsentOrigin, LeavingReason
from preference_center.storage import database

_PATH = TokenKind.WITHDRAW.path
_ONE_CLICK = ("list-unsubscribe", "one-click")


async def show(request: Request) -> Response:
    """The page with the unsubscribe button."""
    withdrawal, target = await _open_withdraw_link(request)
    visit = await _visit(request, withdrawal, target)
    return respond(visit.context, "unsubscribe.html", visit.question_page(target))


async def act(request: Request) -> Response:
    """Opt out; or undo that, or take a leaving reason, from the page that follows."""
    withdrawal, target = await _open_withdraw_link(request)
    form = await read_form(request)
    if _is_one_click(form):
        return await _unsubscribe_in_one_click(request, withdrawal, target)
    do = form.only("do", "lang", "undo", leaving_reasons.FIELD).required("do")
    visit = await _visit(request, withdrawal, target, form.optional("lang"))
    if do == "undo":
        return await _undo(visit, form.required("undo"))
    if reason := leaving_reasons.pressed_reason(do):
        return await _give_reason(visit, form, reason)
    if do == "unsubscribe":
        return await _unsubscribe(visit, target, visit.question_page(target).shown_text)
    if do == "all":
        return await _unsubscribe_from_all(visit)
    raise FormProblem(Fault.BAD_VALUE, "do")


async def _open_withdraw_link(request: Request) -> tuple[Withdrawal, WithdrawalTarget]:
    """What the link withdraws. It never expires; raises LinkInvalid if its signature is wrong (R31)."""
    withdrawal = link_maker(settings.current()).read_withdraw(request.path_params["token"])
    return withdrawal, withdrawal_target(withdrawal, await current_catalog())


def _is_one_click(form: Form) -> bool:
    """Whether the form is a one-click request (RFC 8058, 3.2), whatever else is in it."""
    return any((name.lower(), value.lower()) == _ONE_CLICK for name, value in form.pairs)


async def _unsubscribe_in_one_click(
    request: Request, withdrawal: Withdrawal, target: WithdrawalTarget
) -> Response:
    translator = choose_language(
        request, unit=target.business_unit.default_locale if target.business_unit else None
    )
    shown_text = "List-Unsubscribe=One-Click"
    page_act = PageAct(ConsentOrigin.ONE_CLICK, _PATH, shown_text, withdrawal.campaign)
    provenance = page_provenance(request, translator, page_act)
    await withdraw(withdrawal.recipient_kind, withdrawal.fingerprint, target, provenance)
    return plain(translator.gettext("You are unsubscribed") + "\n")


@dataclass(frozen=True, slots=True)
class _Visit:
    """A person's request with a withdraw link."""

    request: Request
    withdrawal: Withdrawal
    target: WithdrawalTarget
    visitor: Visitor
    context: PageContext

    def question_page(self, target: WithdrawalTarget) -> UnsubscribePage:
        """The page with the unsubscribe button for a target."""
        return question_page(
            self.context.translator, target, self.context.catalog, self.visitor.masked_address
        )

    def provenance(self, origin: ConsentOrigin, shown_text: str) -> Provenance:
        """The person's act on the page."""
        page_act = PageAct(origin, _PATH, shown_text, self.withdrawal.campaign)
        return page_provenance(self.request, self.context.translator, page_act)


async def _visit(
    request: Request, withdrawal: Withdrawal, target: WithdrawalTarget, shown: str | None = None
) -> _Visit:
    """The visitor of the link; `shown` is the language of the posted form."""
    visitor = await visitors.find_visitor(withdrawal.recipient_kind, withdrawal.fingerprint)
    default_locale = target.business_unit.default_locale if target.business_unit else None
    translator = choose_language(request, contact=visitor.locale, unit=default_locale, shown=shown)
    context = PageContext(translator, await current_catalog(), target.business_unit)
    return _Visit(request, withdrawal, target, visitor, context)


async def _unsubscribe_from_all(visit: _Visit) -> Response:
    """Opt out of all, with the button of the page that follows an opt-out of a type."""
    target = visit.target.for_all()
    if target.business_unit is None:
        return await _unsubscribe(visit, target, visit.question_page(target).shown_text)
    button = opt_out_button(visit.context.translator, target.channel, target.business_unit.name)
    return await _unsubscribe(visit, target, f"[{button}]")


async def _unsubscribe(visit: _Visit, target: WithdrawalTarget, shown_text: str) -> Response:
    provenance = visit.provenance(ConsentOrigin.UNSUBSCRIBE_LINK, shown_text)
    withdrawal, translator = visit.withdrawal, visit.context.translator
    outcomes = await withdraw(withdrawal.recipient_kind, withdrawal.fingerprint, target, provenance)
    reasons = leaving_reasons.reasons_view(translator, leaving_reasons.reason_token(outcomes))
    done = Unsubscribed(target, visit.visitor.masked_address, _undo_token(outcomes), reasons)
    return respond(visit.context, "done.html", unsubscribed_page(translator, done))


def _undo_token(outcomes: list[Outcome]) -> str | None:
    event_ids = opt_out_event_ids(outcomes)
    if not 0 < len(event_ids) <= MAX_UNDO_EVENTS:
        return None
    return link_maker(settings.current()).undo(event_ids, database.now())


async def _give_reason(visit: _Visit, form: Form, reason: LeavingReason) -> Response:
    """Record a leaving reason, and show the page as it was, with its undo button."""
    claim = leaving_reasons.read_reason_token(form)
    type_ids = await leaving_reasons.give_reason(claim, visit.visitor, reason)
    if claim is None or not type_ids:
        return leaving_reasons.thanks_page(visit.context)
    translator = visit.context.translator
    done = Unsubscribed(
        visit.target if any(type_ids) else visit.target.for_all(),
        visit.visitor.masked_address,
        leaving_reasons.undo_token(claim),
        leaving_reasons.reasons_view(translator, form.required(leaving_reasons.FIELD), reason),
        leaving_reasons.thanks(translator),
    )
    return respond(visit.context, "done.html", unsubscribed_page(translator, done))


async def _undo(visit: _Visit, token: str) -> Response:
    claim, recipient, translator = _read_undo_token(token), visit.visitor.recipient, visit.context.translator
    outcomes: list[Outcome] = []
    if claim and recipient:
        provenance = visit.provenance(ConsentOrigin.REVERSAL, f"[{translator.gettext('Undo')}]")
        outcomes = await undo(claim.event_ids, recipient.id, provenance)
    undone = any(outcome.changed for outcome in outcomes)
    page = undone_page(translator, visit.target, visit.visitor.masked_address, undone=undone)
    return respond(visit.context, "done.html", page)


def _read_undo_token(token: str) -> UndoClaim | None:
    try:
        return link_maker(settings.current()).read_undo(token, database.now())
    except (LinkExpired, LinkInvalid):
        return None
