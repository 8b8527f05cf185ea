"""What a message with a link depends on, read when it is sent: recipient, unit, types, language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType, current_catalog
from preference_center.catalog.custom_texts import in_words_of
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
    subscription_types: tuple[SubscriptionType, ...]
    """The types that a CONFIRM message asks about: one or more, all of the unit."""
    translator: Translator
    """Has the unit's own words."""
    expires_at: datetime | None = None
    """When the first pending opt-in of a CONFIRM message expires."""


async def load_link_message(outgoing: OutgoingMessage) -> LinkMessage | None:
    """Read what the message depends on; None if it must not be sent.

    It is not sent to an address without a recipient (R35), for opt-ins that are not pending any more (R19),
    or to a recipient who was erased after it was queued (R36).
    """
    address = outgoing.address
    visitor = await visitors.find_visitor(address.kind, recipients.fingerprint_of(address))
    if visitor.recipient is None:
        return None
    catalog = await current_catalog()
    pending: dict[int, datetime] = {}
    if outgoing.kind == "CONFIRM":
        pending = await _pending_until(visitor.recipient.id, outgoing.type_ids, outgoing.channel)
        if not pending:
            return None
    elif visitor.recipient.erased_at and (outgoing.kind == "FORGET" or not await _restore_address(outgoing)):
        return None
    business_unit = _unit(outgoing, catalog)
    return LinkMessage(
        visitor,
        business_unit,
        tuple(type_ for type_ in catalog.types if type_.id in pending),
        _translator(visitor, outgoing.locale, business_unit),
        min(pending.values(), default=None),
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


async def _pending_until(recipient_id: int, type_ids: Sequence[int], channel: Channel) -> dict[int, datetime]:
    """When the pending opt-in to each type expires; without those that have none."""
    rows = await database.fetch(
        "SELECT subscription_type_id, expires_at FROM pending_opt_ins WHERE recipient_id = $1"
        f" AND channel = $2 AND expires_at > $3 AND subscription_type_id {database.any_of(4)}",
        recipient_id,
        channel.value,
        database.now(),
        list(type_ids),
    )
    return {row["subscription_type_id"]: database.instant(row["expires_at"]) for row in rows}


def _translator(visitor: Visitor, locale: str | None, business_unit: BusinessUnit | None) -> Translator:
    """Translate into the contact's language, else that of the page, else the unit's, else English."""
    locales = (visitor.locale, locale, business_unit.default_locale if business_unit else None)
    translator = translator_for(next((found for tag in locales if (found := nearest(tag))), SOURCE_LANGUAGE))
    return in_words_of(translator, business_unit.appearance.custom_texts) if business_unit else translator
