"""`/u/{token}`: out with one press (R31, R33): a person's button, or a mail program's one-click (RFC 8058).

GET shows and changes nothing. What the two POSTs have in common is the opt-out; a person gets a page with an
undo, a program a short 2xx, and neither a redirect nor a cookie.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame import texts
from api.pages.frame.evidence import provenance
from api.pages.frame.forms import Fault, Form, FormProblem, read_form
from api.pages.frame.language import choose
from api.pages.frame.response import frame, plain, respond
from api.pages.unsubscribe import reasons
from api.pages.unsubscribe.view import done_page, question_page, undone_page
from preference_center.catalog.catalog import current_catalog
from preference_center.config import settings
from preference_center.ledger.record import Outcome
from preference_center.links.claims import UndoClaim, Withdrawal
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
from preference_center.translations import Translator

_ONE_CLICK = "list-unsubscribe"


async def show(request: Request) -> Response:
    """The page with the button."""
    withdrawal, about = await _opened(request)
    visitor, translator = await _reader(request, withdrawal, about)
    catalog = await current_catalog()
    page = question_page(translator, about, catalog, visitor.masked_address)
    return respond(translator, "unsubscribe.html", frame(translator, catalog, about.unit), page)


async def act(request: Request) -> Response:
    """Opt out at once; or take that back, where the page's own undo was pressed."""
    withdrawal, about = await _opened(request)
    form = await read_form(request)
    if _is_one_click(form):
        return await _one_click(request, withdrawal, about)
    do = form.only("do", "lang", "undo", reasons.FIELD).needed("do")
    visitor, translator = await _reader(request, withdrawal, about, form.one("lang"))
    if do == "undo":
        return await _undo(request, withdrawal, about, visitor, translator, form.needed("undo"))
    if reason := reasons.pressed(do):
        return await _thank(about, visitor, translator, form, reason)
    if do not in ("unsubscribe", "all"):
        raise FormProblem(Fault.BAD_VALUE, "do")
    pressed = about.for_all() if do == "all" else about
    return await _unsubscribe(request, withdrawal, pressed, visitor, translator, from_done=do == "all")


def _is_one_click(form: Form) -> bool:
    """RFC 8058, 3.2. Nothing else in the body can make it anything else."""
    return any(name.lower() == _ONE_CLICK and value.lower() == "one-click" for name, value in form.pairs)


async def _one_click(request: Request, withdrawal: Withdrawal, about: WithdrawalTarget) -> Response:
    translator = choose(request, unit=about.unit.default_locale if about.unit else None)
    wording = "List-Unsubscribe=One-Click"
    source = provenance(request, translator, ConsentOrigin.ONE_CLICK, "/u", wording, withdrawal.campaign)
    await withdraw(withdrawal.recipient_kind, withdrawal.fingerprint, about, source)
    return plain(translator.gettext("You are unsubscribed") + "\n")


async def _unsubscribe(
    request: Request,
    withdrawal: Withdrawal,
    about: WithdrawalTarget,
    visitor: Visitor,
    translator: Translator,
    *,
    from_done: bool,
) -> Response:
    page = question_page(translator, about, await current_catalog(), visitor.masked_address)
    if from_done and about.unit:
        wording = f"[{texts.stop_button(translator, about.channel, about.unit.name)}]"
    else:
        lines = (page.question, page.effect, page.essential, f"[{page.button}]")
        wording = "\n".join(line for line in lines if line)
    source = provenance(
        request, translator, ConsentOrigin.UNSUBSCRIBE_LINK, "/u", wording, withdrawal.campaign
    )
    outcomes = await withdraw(withdrawal.recipient_kind, withdrawal.fingerprint, about, source)
    why = reasons.block(translator, reasons.token(outcomes))
    done = done_page(translator, about, visitor.masked_address, _undo_token(outcomes), why)
    return respond(translator, "done.html", frame(translator, await current_catalog(), about.unit), done)


async def _thank(
    about: WithdrawalTarget, visitor: Visitor, translator: Translator, form: Form, reason: LeavingReason
) -> Response:
    """Note why, and show the page as it was, with its undo."""
    claim, catalog = reasons.read(form), await current_catalog()
    types = await reasons.give(claim, visitor, reason)
    if claim is None or not types:
        return reasons.thanked(translator, catalog, about.unit)
    left = about if any(types) else about.for_all()
    why = reasons.block(translator, form.needed(reasons.FIELD), reason)
    undo, thanks = reasons.undo_token(claim), reasons.thanks(translator)
    done = done_page(translator, left, visitor.masked_address, undo, why, thanks)
    return respond(translator, "done.html", frame(translator, catalog, about.unit), done)


def _undo_token(outcomes: list[Outcome]) -> str | None:
    """What takes this press back: the events that turned something off, not a mere take-over (R11)."""
    ids = opt_out_event_ids(outcomes)
    if not ids or len(ids) > MAX_UNDO_EVENTS:
        return None
    return link_maker(settings.current()).undo(ids, database.now())


async def _undo(
    request: Request,
    withdrawal: Withdrawal,
    about: WithdrawalTarget,
    visitor: Visitor,
    translator: Translator,
    token: str,
) -> Response:
    claim = _read_undo(token)
    restored = []
    if claim and visitor.recipient:
        wording = f"[{translator.gettext('Undo')}]"
        source = provenance(request, translator, ConsentOrigin.REVERSAL, "/u", wording, withdrawal.campaign)
        restored = await undo(claim.event_ids, visitor.recipient.id, source)
    page = undone_page(
        translator, about, visitor.masked_address, any(outcome.changed for outcome in restored)
    )
    return respond(translator, "done.html", frame(translator, await current_catalog(), about.unit), page)


def _read_undo(token: str) -> UndoClaim | None:
    try:
        return link_maker(settings.current()).read_undo(token, database.now())
    except (LinkExpired, LinkInvalid):
        return None


async def _opened(request: Request) -> tuple[Withdrawal, WithdrawalTarget]:
    """What the link asks for; raises LinkInvalid where the signature is wrong. It never expires."""
    withdrawal = link_maker(settings.current()).read_withdraw(request.path_params["token"])
    return withdrawal, withdrawal_target(withdrawal, await current_catalog())


async def _reader(
    request: Request, withdrawal: Withdrawal, about: WithdrawalTarget, shown: str | None = None
) -> tuple[Visitor, Translator]:
    visitor = await visitors.find(withdrawal.recipient_kind, withdrawal.fingerprint)
    unit = about.unit.default_locale if about.unit else None
    return visitor, choose(request, contact=visitor.locale, unit=unit, shown=shown)
