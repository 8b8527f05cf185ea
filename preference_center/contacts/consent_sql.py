"""SQL for conditions on the consent and the addresses of a contact `c` (R26)."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.contacts.conditions import (
    DeliverabilityIs,
    OptedOutOfAllIs,
    PausedIs,
    PendingOptInIs,
    PreferenceIs,
)
from preference_center.contacts.placeholders import Placeholders, recipient_column
from preference_center.rules.types import Channel, ConsentOrigin
from preference_center.storage import database

_ANY_ADDRESS = "IN (c.email_recipient_id, c.phone_recipient_id)"


def preference(given: Placeholders, wanted: PreferenceIs) -> str:
    """The preference for a type on a channel."""
    column = recipient_column(wanted.channel)
    select = (
        f"SELECT 1 FROM preferences p WHERE p.recipient_id = {column}"
        f" AND p.subscription_type_id = {given.placeholder(wanted.type.id)}"
        f" AND p.channel = {given.placeholder(wanted.channel.value)}"
    )
    if wanted.includes_undecided:
        return f"({column} IS NOT NULL AND NOT EXISTS ({select} AND p.status <> 'NOT_OPTED'))"
    parts = [select]
    if wanted.status is not None:
        parts.append(f"p.status = {given.placeholder(wanted.status.value)}")
    parts += _origins(given, "p", wanted.origins)
    parts += given.within("p.changed_at", wanted.changed)
    parts += given.within("p.occurred_at", wanted.occurred)
    return f"EXISTS ({' AND '.join(parts)})"


def opted_out_of_all(given: Placeholders, wanted: OptedOutOfAllIs) -> str:
    """Whether the address on a channel is opted out of all."""
    # SQLite would go through every opt-out on the channel for each contact: "+" hides that index from it.
    channel = "+o.channel" if database.dialect() == "sqlite" else "o.channel"
    parts = [
        "SELECT 1 FROM opt_outs_of_all o WHERE o.active",
        f"o.recipient_id = {recipient_column(wanted.channel)}",
        f"{channel} = {given.placeholder(wanted.channel.value)}",
    ]
    if wanted.unit is not None:
        parts.append(f"o.business_unit_id = {given.placeholder(wanted.unit.id)}")
    return _exists([*parts, *_origins(given, "o", wanted.origins)], wanted.value)


def pending_opt_in(given: Placeholders, wanted: PendingOptInIs) -> str:
    """Whether an opt-in waits for confirmation (R19)."""
    parts = [
        f"SELECT 1 FROM pending_opt_ins q WHERE q.recipient_id {_address(wanted.channel)}",
        f"q.expires_at > {given.placeholder(database.now())}",
        *_on_channel(given, "q", wanted.channel),
    ]
    if wanted.type is not None:
        parts.append(f"{_unindexed('q.subscription_type_id')} = {given.placeholder(wanted.type.id)}")
    return _exists(parts, wanted.value)


def paused(given: Placeholders, wanted: PausedIs) -> str:
    """Whether a pause has not ended."""
    parts = [
        f"SELECT 1 FROM pauses u WHERE u.recipient_id {_address(wanted.channel)}",
        f"u.until > {given.placeholder(database.now())}",
        *_on_channel(given, "u", wanted.channel),
    ]
    if wanted.unit is not None:
        parts.append(f"{_unindexed('u.business_unit_id')} = {given.placeholder(wanted.unit.id)}")
    return _exists(parts, wanted.value)


def deliverability(wanted: DeliverabilityIs) -> str:
    """Whether the address on a channel is usable (R21)."""
    column = recipient_column(wanted.channel)
    refused = f"EXISTS (SELECT 1 FROM address_refusals a WHERE a.recipient_id = {column})"
    return f"({column} IS NOT NULL AND NOT {refused})" if wanted.usable else refused


def _address(channel: Channel | None) -> str:
    return _ANY_ADDRESS if channel is None else f"= {recipient_column(channel)}"


def _on_channel(given: Placeholders, table: str, channel: Channel | None) -> list[str]:
    return [] if channel is None else [f"{table}.channel = {given.placeholder(channel.value)}"]


def _unindexed(column: str) -> str:
    """The column, of which SQLite shall not use the index: it would go through the rows of everybody."""
    return f"+{column}" if database.dialect() == "sqlite" else column


def _origins(given: Placeholders, table: str, origins: Sequence[ConsentOrigin] | None) -> list[str]:
    if origins is None:
        return []
    return [f"{table}.origin {given.any_of(sorted({origin.value for origin in origins}))}"]


def _exists(parts: Sequence[str], value: bool) -> str:
    return f"{'' if value else 'NOT '}EXISTS ({' AND '.join(parts)})"
