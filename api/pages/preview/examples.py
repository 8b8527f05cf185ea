"""The example recipient of previews: an email address and a phone number, and what they decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from api.pages.frame.response import PageContext
from api.pages.manage_link import Inactive, ManageLink
from api.pages.preferences.boxes import offered_channels, offered_types
from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.links.claims import ManageClaim
from preference_center.recipients.recipients import RecipientRow, fingerprint_of
from preference_center.recipients.states import (
    OptOutOfAllState,
    PauseState,
    PreferenceState,
    RecipientState,
)
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, Purpose, RecipientKind

NO_EVENT: Final = 0
"""The id of no event: what a preview signs can be used for nothing."""
PAUSED_FOR: Final = timedelta(days=30)
_EMAIL = Address(RecipientKind.EMAIL, "name@example.com")
_PHONE = Address(RecipientKind.PHONE, "+48601234567")
_ORIGIN = ConsentOrigin.PREFERENCE_PAGE


def visitor_of(context: PageContext) -> Visitor:
    """Somebody with both addresses, who is no recipient here."""
    email, phone = _recipient(_EMAIL), _recipient(_PHONE)
    locale = context.translator.language
    return Visitor(email.kind, email.fingerprint, email, locale, has_phone=True, phone=phone)


def manage_link_of(
    context: PageContext, unit: BusinessUnit, state: RecipientState, now: datetime, *, expired: bool = False
) -> ManageLink:
    """An opened manage link."""
    visitor = visitor_of(context)
    claim = ManageClaim(
        visitor.fingerprint, visitor.recipient_kind, unit.reference, round(now.timestamp() * 1000)
    )
    return ManageLink(claim, Inactive.EXPIRED if expired else None, visitor, state, context, now)


def with_opt_ins(context: PageContext, now: datetime) -> RecipientState:
    """Opted in to every second type of each unit, on its first channel."""
    channels = visitor_of(context).channels
    opt_in = PreferenceState(PreferenceStatus.OPTED_IN, _ORIGIN, None, now, now, NO_EVENT, None)
    return RecipientState(
        preferences={
            (type_.id, offered_channels(type_, channels)[0]): opt_in
            for unit in context.catalog.units
            for type_ in marketing_types(context.catalog, unit, channels)[::2]
        }
    )


def with_opt_out_of_all(state: RecipientState, unit: BusinessUnit, now: datetime) -> RecipientState:
    """The same, opted out of all emails of a unit."""
    state.opt_outs_of_all[unit.id, Channel.EMAIL] = OptOutOfAllState(_ORIGIN, now, NO_EVENT, None)
    return state


def with_opt_out(state: RecipientState, type_: SubscriptionType, channel: Channel, now: datetime) -> None:
    """Opt out of one type."""
    opt_out = PreferenceState(PreferenceStatus.OPTED_OUT, _ORIGIN, None, now, now, NO_EVENT, None)
    state.preferences[type_.id, channel] = opt_out


def with_pause(state: RecipientState, unit: BusinessUnit, now: datetime) -> RecipientState:
    """The same, with the emails of a unit paused."""
    state.pauses[unit.id, Channel.EMAIL] = PauseState(now + PAUSED_FOR, _ORIGIN, NO_EVENT)
    return state


def marketing_types(
    catalog: Catalog, unit: BusinessUnit, channels: tuple[Channel, ...] = tuple(Channel)
) -> list[SubscriptionType]:
    """The types of a unit that recipients choose."""
    types = offered_types(catalog, channels, unit)
    return [type_ for type_ in types if type_.purpose is Purpose.MARKETING]


def types_to_show(catalog: Catalog, unit: BusinessUnit) -> tuple[Channel, list[SubscriptionType]]:
    """Types that an example message is about, with the channel of all of them: email if there are any."""
    types = marketing_types(catalog, unit)
    for channel in Channel:
        offered = [type_ for type_ in types if channel in type_.channels]
        if offered:
            return channel, offered
    return Channel.EMAIL, []


def _recipient(address: Address) -> RecipientRow:
    return RecipientRow(0, address.kind, fingerprint_of(address), address.value, None, None)
