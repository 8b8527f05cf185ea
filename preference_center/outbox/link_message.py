"""What a message with a link depends on, read when it is sent: recipient, unit, type, language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType, current_catalog
from preference_center.outbox.message import OutgoingMessage
from preference_center.recipients import recipients, visitors
from preference_center.recipients.visitors import Visitor
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.translations import SOURCE_LANGUAGE, Translator, nearest, translator_for


@dataclass(frozen=True, slots=True)
class LinkMessage:
    """A LINK, CONFIRM or FORGET message: its recipient, what it is about, its language."""

    visitor: Visitor
    business_unit: BusinessUnit | None
    subscription_type: SubscriptionType | None
    translator: Translator
    expires_at: datetime | None = None
    """When the pending opt-in of a CONFIRM message expires: later its link does nothing."""


async def load_link_message(outgoing: OutgoingMessage) -> LinkMessage | None:
    """Read what the message depends on; None if it must not be sent.

    It is not sent to an address without a recipient (R35), for an opt-in that is not pending any more (R19),
    or to a recipient who was erased after it was queued (R36).
    """
    address = outgoing.address
    visitor = await visitors.find_visitor(address.kind, recipients.fingerprint_of(address))
    if visitor.recipient is None:
        return None
    catalog = await current_catalog()
    subscription_type = catalog.type_by_id(outgoing.type_id) if outgoing.type_id else None
    expires_at = None
    if outgoing.kind == "CONFIRM":
        if subscription_type:
            expires_at = await _pending_until(visitor.recipient.id, subscription_type, outgoing.channel)
        if expires_at is None:
            return None
    elif visitor.recipient.erased_at and (outgoing.kind == "FORGET" or not await _restore_address(outgoing)):
        return None
    business_unit = _unit(outgoing, catalog)
    return LinkMessage(
        visitor,
        business_unit,
        subscription_type,
        _translator(visitor, outgoing.locale, business_unit),
        expires_at,
    )


def _unit(outgoing: OutgoingMessage, catalog: Catalog) -> BusinessUnit | None:
    if outgoing.unit_id:
        return catalog.unit_by_id(outgoing.unit_id)
    return catalog.units[0] if len(catalog.units) == 1 else None


@transaction
async def _restore_address(outgoing: OutgoingMessage) -> bool:
    """Store an erased recipient's address again, which was typed since (R36).

    Returns False if the message is gone: erasing deletes what was queued before it, claimed or not.
    """
    lock = " FOR UPDATE" if database.dialect() == "postgres" else ""
    if not await database.fetch(f"SELECT 1 FROM outgoing_mails WHERE id = $1{lock}", outgoing.id):
        return False
    await recipients.ensure([outgoing.address])
    return True


async def _pending_until(
    recipient_id: int, subscription_type: SubscriptionType, channel: Channel
) -> datetime | None:
    """When the pending opt-in expires; None if there is none."""
    rows = await database.fetch(
        "SELECT expires_at FROM pending_opt_ins WHERE recipient_id = $1 AND channel = $2"
        " AND subscription_type_id = $3 AND expires_at > $4",
        recipient_id,
        channel.value,
        subscription_type.id,
        database.now(),
    )
    return database.instant(rows[0]["expires_at"]) if rows else None


def _translator(visitor: Visitor, locale: str | None, business_unit: BusinessUnit | None) -> Translator:
    """Translate into the contact's language, else that of the page, else the unit's, else English."""
    locales = (visitor.locale, locale, business_unit.default_locale if business_unit else None)
    return translator_for(next((found for tag in locales if (found := nearest(tag))), SOURCE_LANGUAGE))
