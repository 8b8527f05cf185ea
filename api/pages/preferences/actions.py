"""Presses on the preference page that save no form: undoing one, having a confirmation sent again."""

from __future__ import annotations

from starlette.requests import Request

from api.pages.frame.evidence import PageAct, page_provenance
from api.pages.frame.forms import Form
from api.pages.manage_link import ManageLink
from api.pages.preferences import copy, pauses
from api.pages.preferences.flash import FlashMessage, Result, read_token
from api.pages.preferences.scope import PageScope
from preference_center.ledger.confirmations import resend_confirmation
from preference_center.ledger.types import Provenance
from preference_center.links.kinds import TokenKind
from preference_center.preferences.own_page.undo import Undone, undo_press
from preference_center.rules.permissions.confirmations import ResendResult
from preference_center.rules.types import ConsentOrigin
from preference_center.storage import database

SEND = "send:"


def saves(do: str) -> bool:
    """Whether a button saves the form, rather than what only a link that works may do."""
    return not pauses.is_pause_button(do) and do != "undo" and not do.startswith(SEND)


def provenance(request: Request, link: ManageLink, shown_text: str, *, own_link: bool = True) -> Provenance:
    """A person's own act on the page."""
    page_act = PageAct(
        ConsentOrigin.PREFERENCE_PAGE,
        TokenKind.MANAGE.path,
        shown_text,
        link.claim.campaign,
        link_sent_to="" if own_link else "email",
    )
    return page_provenance(request, link.translator, page_act)


async def undo(request: Request, link: ManageLink, form: Form) -> FlashMessage:
    """Undo the press that the page reports, except where something newer holds. Raises FormProblem."""
    message, undone = read_token(form.required("undo")), Undone()
    if message:
        button = f"[{copy.undo_button(link.translator)}]"
        undone = await undo_press(message.press, link.visitor, provenance(request, link, button))
    result: Result = "undone" if undone else "not undone"
    return FlashMessage(result, database.now().timestamp(), undone.event_ids)


async def send_again(link: ManageLink, do: str, scope: PageScope) -> FlashMessage:
    """Have the confirmation of an opt-in sent again, within limits (R19). Raises FormProblem."""
    subscription_type, channel = scope.type_and_channel(do.removeprefix(SEND), field="do")
    own = channel in link.visitor.recipient_kind.channels
    recipient = link.visitor.recipient if own else link.visitor.phone
    result = ResendResult.NOT_PENDING
    if recipient:
        result = await resend_confirmation(recipient.id, channel, subscription_type.id)
    now, place = database.now().timestamp(), ((subscription_type.id, channel),)
    if result is ResendResult.NOT_PENDING:
        return FlashMessage("saved", now)
    return FlashMessage("sent" if result is ResendResult.QUEUED else "sent lately", now, requested=place)
