"""The page of an expired, revoked or erased manage link: it opts out of all, and sends a new link (R34)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.parts import Button
from api.pages.frame.problem import GONE, ProblemPage, link_request_form, new_link_label
from api.pages.frame.response import StatusMessage, respond
from api.pages.link_request import message_sent, send_link
from api.pages.manage_link import Inactive, ManageLink
from api.pages.preferences import copy
from api.pages.preferences.boxes import channels_in_use
from preference_center.recipients import visitors
from preference_center.recipients.states import RecipientState
from preference_center.rules.addresses import Address
from preference_center.translations import Translator


async def show(link: ManageLink, *, opted_out: bool = False, dropped: bool = False) -> Response:
    """The page; `opted_out` if the link was just used to opt out, `dropped` if for something it cannot do."""
    new_link = _new_link_label(link)
    heading, text = _heading_and_text(link)
    page = ProblemPage(
        heading,
        text,
        address=link.visitor.masked_address,
        status=_status(link.translator, opted_out=opted_out, dropped=dropped),
        new_link_label=new_link,
        opt_outs=_opt_out_buttons(link, await _current_state(link) if opted_out else link.state),
        link_request=None if new_link else link_request_form(link.unit),
    )
    return respond(link.context, "problem.html", page, 200 if opted_out else GONE)


def _status(translator: Translator, *, opted_out: bool, dropped: bool) -> StatusMessage | None:
    """What was done with the link, and what could not be done with it."""
    if opted_out and dropped:
        return StatusMessage(
            False,
            translator.gettext(
                "What you unsubscribed from is saved. Your other changes are not: this link no longer"
                " works for them. Make them again with a new link."
            ),
        )
    if dropped:
        return StatusMessage(
            False,
            translator.gettext(
                "Nothing was changed: this link no longer works for that. Try again with a new link."
            ),
        )
    return StatusMessage(True, translator.gettext("Done. It takes effect at once.")) if opted_out else None


async def send_new_link(request: Request, link: ManageLink) -> Response:
    """Send a new link to the address of the old one."""
    recipient, recipient_kind = link.visitor.recipient, link.visitor.recipient_kind
    if recipient and recipient.address:
        return await send_link(request, Address(recipient_kind, recipient.address), link.context)
    return message_sent(link.context, recipient_kind)


def _new_link_label(link: ManageLink) -> str | None:
    """The button that sends a new link; None if the address is unknown."""
    if link.visitor.masked_address is None:
        return None
    return new_link_label(link.translator, link.visitor.recipient_kind)


def _heading_and_text(link: ManageLink) -> tuple[str, str]:
    translator = link.translator
    if link.inactive is Inactive.ERASED:
        return translator.gettext("Your data was deleted"), translator.gettext(
            "We no longer have the address this link was made for."
            " What you unsubscribed from stays that way, even if we’re given the address again."
        )
    heading = translator.gettext("This link has expired")
    if link.inactive is Inactive.REVOKED:
        heading = translator.gettext("This link was switched off")
    return heading, translator.gettext("With a new link you can see and change everything you get.")


async def _current_state(link: ManageLink) -> RecipientState:
    """The state after the opt-out."""
    _visitor, state = await visitors.find_visitor_with_state(
        link.visitor.recipient_kind, link.visitor.fingerprint
    )
    return state


def _opt_out_buttons(link: ManageLink, state: RecipientState) -> tuple[Button, ...]:
    """The units' channels that are not opted out of all, the link's own unit first."""
    channels, translator = link.visitor.recipient_kind.channels, link.translator
    return tuple(
        Button(f"out:{unit.key}:{channel.value}", copy.stop_button(translator, (channel,), unit.name))
        for unit in sorted(link.catalog.units, key=lambda unit: unit is not link.unit)
        for channel in channels_in_use(link.catalog, channels, unit)
        if (unit.id, channel) not in state.opt_outs_of_all
    )
