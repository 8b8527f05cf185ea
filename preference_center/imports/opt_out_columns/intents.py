"""From the opt-outs in the rows of a part to changes for the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from preference_center.catalog.catalog import BusinessUnit, Catalog
from preference_center.imports import known_opt_outs
from preference_center.imports.opt_out_columns.layout import OptOutTarget, RowOptOut
from preference_center.ledger.types import Intent
from preference_center.rules.types import Channel, PreferenceStatus

_PHONE_CHANNELS = (Channel.SMS, Channel.WHATSAPP)


class RowAddresses(NamedTuple):
    """The recipients of a row: which the contact has, and of which the row has the address itself."""

    email_id: int | None
    phone_id: int | None
    has_email: bool
    has_phone: bool


def intents_of(
    opt_outs: Iterable[RowOptOut], targets: Sequence[OptOutTarget], addresses: RowAddresses, catalog: Catalog
) -> Iterator[tuple[OptOutTarget, list[Intent]]]:
    """The changes that a row's opt-outs make, by target; none if the contact has no address for it."""
    for number, occurred_at in opt_outs:
        target = targets[number]
        time = datetime.fromisoformat(occurred_at) if occurred_at else None
        yield target, list(_intents(target, addresses, catalog, time))


def _intents(
    target: OptOutTarget, addresses: RowAddresses, catalog: Catalog, occurred_at: datetime | None
) -> Iterator[Intent]:
    out, type_ = PreferenceStatus.OPTED_OUT, catalog.type_by_key(target.key) if target.key else None
    for recipient_id, channel in _recipients(target.channel, addresses):
        if type_ is not None and channel in type_.channels:
            yield Intent(recipient_id, channel, out, type_.business_unit, type_, occurred_at)
        elif target.key is None:
            for unit in filter(None, map(catalog.unit_by_key, target.units)):
                yield Intent(recipient_id, channel, out, unit, occurred_at=occurred_at)


def _recipients(channel_name: str | None, addresses: RowAddresses) -> Iterator[tuple[int, Channel]]:
    """The address on a channel; without one, every address that the row has."""
    channel = Channel(channel_name) if channel_name else None
    by_email = addresses.has_email if channel is None else channel is Channel.EMAIL
    if by_email and addresses.email_id is not None:
        yield addresses.email_id, Channel.EMAIL
    if addresses.phone_id is not None:
        for phone_channel in _PHONE_CHANNELS:
            if channel is phone_channel or (channel is None and addresses.has_phone):
                yield addresses.phone_id, phone_channel


async def already_superseded(intents: Iterable[Intent]) -> set[Intent]:
    """Opt-outs of all that the ledger has with the same time, superseded by a newer decision (R16, R17)."""
    found: set[Intent] = set()
    of_units: dict[tuple[BusinessUnit, Channel], dict[int, list[Intent]]] = {}
    for intent in intents:
        if intent.subscription_type is None and intent.occurred_at is not None:
            key = intent.business_unit, intent.channel
            of_units.setdefault(key, {}).setdefault(intent.recipient_id, []).append(intent)
    for (unit, channel), by_recipient in of_units.items():
        times: dict[int, datetime] = {}
        for recipient_id, group in by_recipient.items():
            times[recipient_id] = max(i.occurred_at for i in group if i.occurred_at)
        known = await known_opt_outs.find(times, unit, channel)
        for recipient_id in known.superseded:
            found.update(i for i in by_recipient[recipient_id] if i.occurred_at == times[recipient_id])
    return found


def stored_targets(parameters: dict[str, Any]) -> list[OptOutTarget]:
    """The targets of an operation; none for one that was queued before there were any."""
    return [OptOutTarget(*target) for target in parameters.get("opt_outs", ())]
