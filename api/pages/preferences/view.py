"""What the preference page shows of an opened manage link."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape
from starlette.requests import Request

from api.pages import leaving_reasons
from api.pages.frame.copy import channel_names
from api.pages.frame.language import query
from api.pages.frame.parts import AddressView, LeavingReasonsView, UnitView
from api.pages.frame.response import StatusMessage
from api.pages.manage_link import ManageLink
from api.pages.preferences import copy, pauses, record
from api.pages.preferences.boxes import phone_channels_shown
from api.pages.preferences.flash import FlashMessage, read_flash
from api.pages.preferences.phone import phone_token
from api.pages.preferences.unit_view import ViewInput, unit_views
from preference_center.rules.types import Channel


@dataclass(frozen=True, slots=True)
class PreferencesPage:
    """What `preferences.html` shows."""

    status: StatusMessage | None
    address: str | None
    address_html: Markup
    addresses: tuple[AddressView, ...]
    """Email address and phone number, if the page is about both."""
    phone_token: str | None
    """Names the phone number that the page shows, for its form to post."""
    units: tuple[UnitView, ...]
    save_label: str
    can_save: bool
    expires: str
    pause_effect: str
    record_url: str
    erasure_url: str
    leaving_reasons: LeavingReasonsView | None = None
    has_error: bool = False
    """Whether the day of a pause is wrong; shown at the top and at its field."""


def view_input(link: ManageLink) -> ViewInput:
    """What the page of a link is built from."""
    phone_channels: tuple[Channel, ...] = ()
    if link.visitor.phone:
        phone_channels = phone_channels_shown(link.catalog, link.state, link.internal_types)
    return ViewInput(
        link.translator,
        link.catalog,
        link.visitor.recipient_kind,
        link.state,
        link.now,
        phone_channels,
        internal_types=link.internal_types,
    )


def page_of(request: Request, link: ManageLink, page: ViewInput | None = None) -> PreferencesPage:
    """The page of a link, with the flash message of the URL."""
    translator, visitor, message = link.translator, link.visitor, read_flash(request)
    page = page or view_input(link)
    units = unit_views(page, link.unit)
    return PreferencesPage(
        status=_status(message, link),
        address=visitor.masked_address,
        address_html=Markup('<span class="address">{}</span>').format(escape(visitor.masked_address or "")),
        addresses=_addresses(link, page),
        phone_token=phone_token(visitor) if page.phone_channels else None,
        units=units,
        save_label=copy.save_button(translator),
        can_save=any(type_.boxes for unit in units for type_ in unit.types),
        expires=translator.date(link.expires_at),
        pause_effect=pauses.pause_effect(translator),
        record_url=query(translator, see=record.SEE),
        erasure_url=query(translator, forget="1"),
        leaving_reasons=_leaving_reasons(message, link),
    )


def _addresses(link: ManageLink, page: ViewInput) -> tuple[AddressView, ...]:
    translator, visitor = link.translator, link.visitor
    if not page.phone_channels:
        return ()
    return (
        AddressView(channel_names(translator, visitor.recipient_kind.channels), visitor.masked_address or ""),
        AddressView(channel_names(translator, page.phone_channels), visitor.masked_phone or ""),
    )


def _leaving_reasons(message: FlashMessage | None, link: ManageLink) -> LeavingReasonsView | None:
    if message is None:
        return None
    return leaving_reasons.reasons_view(link.translator, message.reason_token, message.reason)


def _status(message: FlashMessage | None, link: ManageLink) -> StatusMessage | None:
    if message is None:
        return None
    translator, lines = link.translator, []
    if result := _result_text(message, link):
        lines.append(result)
    if message.pending:
        lines.append(copy.confirm_by_text(translator, link.visitor.masked_phone))
    if message.phone_changed:
        lines.append(copy.phone_changed(translator))
    if message.opt_in_dropped:
        lines.append(copy.opt_in_dropped(translator))
    good = message.result != "partly" and not message.phone_changed and not message.opt_in_dropped
    return StatusMessage(good, translator.joined(*lines))


def _result_text(message: FlashMessage, link: ManageLink) -> str | None:
    translator = link.translator
    if message.result == "thanked":
        return leaving_reasons.thanks(translator)
    if message.result == "saved":
        return translator.ngettext("Saved: %(num)d change.", "Saved: %(num)d changes.", message.changes)
    if message.result == "partly":
        return translator.gettext("Something is no longer offered and could not be saved."
                                  " What you see now is what holds.")  # fmt: skip
    if message.pending or message.phone_changed or message.opt_in_dropped:
        return None
    return translator.gettext("Nothing had to be saved: everything is as it was.")
