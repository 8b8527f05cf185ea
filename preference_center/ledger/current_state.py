"""The current state of the recipients that a transaction changes: locked, and read in one statement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from preference_center.catalog.catalog import current_catalog
from preference_center.ledger.types import RETURNING_ORIGINS, Intent, PreferenceKey, Provenance
from preference_center.recipients.locking import LockedRecipient, lock_recipients
from preference_center.rules.types import Channel, ConsentOrigin, Maker, PreferenceStatus
from preference_center.storage import database


class CurrentPreference(NamedTuple):
    """A preference or an opt-out of all, which is OPTED_OUT while active and NOT_OPTED once removed."""

    status: PreferenceStatus
    origin: ConsentOrigin
    occurred_at: datetime


class PendingOptIn(NamedTuple):
    """An opt-in that awaits confirmation; `id` is None until it is written."""

    expires_at: datetime
    id: int | None = None


@dataclass(slots=True)
class CurrentState:
    """What is current for the recipients of a transaction, updated with each of its changes."""

    catalog_version: int = 0
    recipients: dict[int, LockedRecipient] = field(default_factory=dict)
    preferences: dict[PreferenceKey, CurrentPreference] = field(default_factory=dict)
    """Preferences and opt-outs of all."""
    pending_opt_ins: dict[PreferenceKey, PendingOptIn] = field(default_factory=dict)
    """Expired ones too."""
    with_processing_basis: set[int] = field(default_factory=set)
    """The ids of recipients whose contact has a legal basis to process and store."""
    type_ids_by_unit: dict[int, list[int]] = field(default_factory=dict)

    def is_pending(self, key: PreferenceKey, at: datetime) -> bool:
        """Whether an opt-in awaits confirmation and has not expired (R19)."""
        pending = self.pending_opt_ins.get(key)
        return pending is not None and pending.expires_at > at

    def keys_covered_by(self, opt_out_of_all: Intent) -> list[PreferenceKey]:
        """The preferences that an opt-out of all covers: all types of its unit, on its channel."""
        recipient_id, channel = opt_out_of_all.recipient_id, opt_out_of_all.channel
        type_ids = self.type_ids_by_unit.get(opt_out_of_all.business_unit.id, ())
        return [PreferenceKey(recipient_id, channel, type_id, None) for type_id in type_ids]

    def newest_own_opt_in(self, opt_out_of_all: Intent) -> datetime | None:
        """When the recipient last opted in to a type of that unit and channel themselves (R12, R17)."""
        covered = (self.preferences.get(key) for key in self.keys_covered_by(opt_out_of_all))
        return max(
            (current.occurred_at for current in covered if current and _is_own_opt_in(current)), default=None
        )


def _is_own_opt_in(current: CurrentPreference) -> bool:
    return current.status is PreferenceStatus.OPTED_IN and current.origin.maker is Maker.RECIPIENT


async def lock_and_read(intents: Sequence[Intent], provenance: Provenance) -> CurrentState:
    """Lock the recipients in id order, then read all that the rules may depend on. Two statements."""
    recipient_ids = sorted({intent.recipient_id for intent in intents})
    locked = {recipient.id: recipient for recipient in await lock_recipients(recipient_ids)}
    catalog = await current_catalog()
    type_ids_by_unit = {unit.id: [type_.id for type_ in catalog.types_of(unit)] for unit in catalog.units}
    current = CurrentState(recipients=locked, type_ids_by_unit=type_ids_by_unit)
    of_recipients, recipients = database.any_of_values(1, recipient_ids)
    of_types, types = database.any_of_values(2, _relevant_type_ids(intents, provenance, type_ids_by_unit))
    of_units, units = database.any_of_values(3, sorted({intent.business_unit.id for intent in intents}))
    team_made = provenance.origin.maker is Maker.TEAM
    sql = _current_state_sql(of_recipients, of_types, of_units, team_made=team_made)
    for row in await database.fetch(sql, recipients, types, units):
        _READERS[row["source"]](row, current)
    return current


def _relevant_type_ids(
    intents: Sequence[Intent], provenance: Provenance, type_ids_by_unit: Mapping[int, Sequence[int]]
) -> list[int]:
    """The types whose preferences to read.

    A dated opt-out of all is compared with all types of its unit (R17). An opt-in on a page may opt out of
    the unit's other types (R12).
    """
    type_ids = {intent.subscription_type.id for intent in intents if intent.subscription_type}
    may_return = provenance.origin in RETURNING_ORIGINS
    for intent in intents:
        dated_of_all = intent.subscription_type is None and (provenance.occurred_at or intent.occurred_at)
        if dated_of_all or (may_return and intent.status is PreferenceStatus.OPTED_IN):
            type_ids.update(type_ids_by_unit.get(intent.business_unit.id, ()))
    return sorted(type_ids)


# All columns of the union are typed here: PostgreSQL takes the types of its first SELECT.
_CATALOG_VERSION = """
SELECT 'catalog' AS source, version AS catalog_version, CAST(NULL AS bigint) AS recipient_id,
  CAST(NULL AS text) AS channel, CAST(NULL AS int) AS subscription_type_id,
  CAST(NULL AS int) AS business_unit_id, CAST(NULL AS text) AS status, CAST(NULL AS text) AS origin,
  CAST(NULL AS timestamptz) AS occurred_at, CAST(NULL AS timestamptz) AS expires_at,
  CAST(NULL AS bigint) AS pending_opt_in_id
FROM catalog_state
""".strip()


def _current_state_sql(of_recipients: str, of_types: str, of_units: str, *, team_made: bool) -> str:
    """One statement, so one snapshot. The arguments are conditions such as "= $1".

    Each SELECT is one kind of row, told apart by `source`; columns that do not apply are NULL.
    """
    sql = f"""{_CATALOG_VERSION}
UNION ALL
SELECT 'preference', NULL, recipient_id, channel, subscription_type_id, NULL, status, origin, occurred_at,
  NULL, NULL
FROM preferences WHERE recipient_id {of_recipients} AND subscription_type_id {of_types}
UNION ALL
SELECT 'opt_out_of_all', NULL, recipient_id, channel, NULL, business_unit_id,
  CASE WHEN active THEN 'OPTED_OUT' ELSE 'NOT_OPTED' END, origin, occurred_at, NULL, NULL
FROM opt_outs_of_all WHERE recipient_id {of_recipients} AND business_unit_id {of_units}
UNION ALL
SELECT 'pending_opt_in', NULL, recipient_id, channel, subscription_type_id, NULL, NULL, NULL, NULL,
  expires_at, id
FROM pending_opt_ins WHERE recipient_id {of_recipients}"""
    if not team_made:
        return sql
    return f"""{sql}
UNION ALL
SELECT 'processing_basis', NULL, email_recipient_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM contacts WHERE email_recipient_id {of_recipients} AND processing_basis IS NOT NULL
UNION ALL
SELECT 'processing_basis', NULL, phone_recipient_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM contacts WHERE phone_recipient_id {of_recipients} AND processing_basis IS NOT NULL"""


# Looked up, because calling an enum takes five times as long and a bulk update reads thousands of rows.
_CHANNELS = {channel.value: channel for channel in Channel}
_STATUSES = {status.value: status for status in PreferenceStatus}
_ORIGINS = {origin.value: origin for origin in ConsentOrigin}


def _read_catalog_version(row: database.Row, current: CurrentState) -> None:
    current.catalog_version = row["catalog_version"]


def _read_preference(row: database.Row, current: CurrentState) -> None:
    current.preferences[_key_of(row)] = CurrentPreference(
        _STATUSES[row["status"]], _ORIGINS[row["origin"]], database.instant(row["occurred_at"])
    )


def _read_pending_opt_in(row: database.Row, current: CurrentState) -> None:
    expires_at = database.instant(row["expires_at"])
    current.pending_opt_ins[_key_of(row)] = PendingOptIn(expires_at, row["pending_opt_in_id"])


def _read_processing_basis(row: database.Row, current: CurrentState) -> None:
    current.with_processing_basis.add(row["recipient_id"])


def _key_of(row: database.Row) -> PreferenceKey:
    return PreferenceKey(
        row["recipient_id"], _CHANNELS[row["channel"]], row["subscription_type_id"], row["business_unit_id"]
    )


_READERS: dict[str, Callable[[database.Row, CurrentState], None]] = {
    "catalog": _read_catalog_version,
    "preference": _read_preference,
    "opt_out_of_all": _read_preference,
    "pending_opt_in": _read_pending_opt_in,
    "processing_basis": _read_processing_basis,
}


class NewestEvent(NamedTuple):
    """The event that a current state comes from, and the operation that recorded it (R20)."""

    event_id: int
    operation_id: int | None


async def lock_newest_events(recipient_ids: Collection[int]) -> dict[PreferenceKey, NewestEvent]:
    """Lock recipients, and return the newest event of everything that is current for them."""
    await lock_recipients(recipient_ids)
    of_recipients = database.any_of(1)
    rows = await database.fetch(
        "SELECT recipient_id, channel, subscription_type_id, NULL AS business_unit_id, event_id, operation_id"
        f" FROM preferences WHERE recipient_id {of_recipients}"
        " UNION ALL SELECT recipient_id, channel, NULL, business_unit_id, event_id, operation_id"
        f" FROM opt_outs_of_all WHERE recipient_id {of_recipients}",
        list(recipient_ids),
    )
    return {_key_of(row): NewestEvent(row["event_id"], row["operation_id"]) for row in rows}


def key_of_event(event: database.Row) -> PreferenceKey:
    """The preference or opt-out of all that a row of `consent_events` is about."""
    type_id = event["subscription_type_id"]
    unit_id = event["business_unit_id"] if type_id is None else None
    return PreferenceKey(event["recipient_id"], Channel(event["channel"]), type_id, unit_id)
