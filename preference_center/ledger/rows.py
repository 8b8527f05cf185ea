"""The rows that the ledger writes: one NamedTuple for each table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from preference_center.ledger.types import Provenance
from preference_center.storage.rows import BigInt, Bool, Bytes, Instant, Int, Text, columns_of


class ConsentEventRow(NamedTuple):
    """A row of `consent_events`. The database, or `write.append_events`, assigns the id."""

    recipient_id: BigInt
    channel: Text
    business_unit_id: Int
    subscription_type_id: Int | None
    before: Text
    after: Text
    superseded: Bool
    origin: Text
    actor: Text
    legal_basis: Text | None
    operation_id: BigInt | None
    occurred_at: Instant
    recorded_at: Instant
    about_pause: Bool
    paused_until: Instant | None
    carried_from_event_id: BigInt | None = None


class EvidenceRow(NamedTuple):
    """A row of `evidence`. `event_id` is None until the event is written."""

    explanation: Text | None
    ip_address: Text | None = None
    user_agent: Text | None = None
    url: Text | None = None
    wording_id: BigInt | None = None
    locale: Text | None = None
    event_id: BigInt | None = None


class PreferenceRow(NamedTuple):
    """A row of `preferences`. `event_id` is None until the event is written."""

    recipient_id: BigInt
    channel: Text
    subscription_type_id: Int
    status: Text
    legal_basis: Text | None
    origin: Text
    occurred_at: Instant
    changed_at: Instant
    operation_id: BigInt | None
    event_id: BigInt | None


class OptOutOfAllRow(NamedTuple):
    """A row of `opt_outs_of_all`. `event_id` is None until the event is written."""

    recipient_id: BigInt
    channel: Text
    business_unit_id: Int
    active: Bool
    origin: Text
    occurred_at: Instant
    changed_at: Instant
    operation_id: BigInt | None
    event_id: BigInt | None


class PendingOptInRow(NamedTuple):
    """A row of `pending_opt_ins`."""

    recipient_id: BigInt
    channel: Text
    subscription_type_id: Int
    origin: Text
    actor: Text
    legal_basis: Text | None
    explanation: Text | None
    requested_at: Instant
    expires_at: Instant
    operation_id: BigInt | None
    confirmations: Int = 1
    sent_again_at: Instant | None = None


class PauseRow(NamedTuple):
    """A row of `pauses`."""

    recipient_id: BigInt
    channel: Text
    business_unit_id: Int
    until: Instant
    origin: Text
    actor: Text
    set_at: Instant
    event_id: BigInt


class ShownWordingRow(NamedTuple):
    """A row of `shown_wordings`."""

    digest: Bytes
    language: Text | None
    text: Text
    own_page: Bool
    first_shown_at: Instant


class SourceColumns(NamedTuple):
    """The columns that a provenance fills. They are the same in all rows of a transaction."""

    origin: str
    actor: str
    legal_basis: str | None
    operation_id: int | None


def source_columns(provenance: Provenance) -> SourceColumns:
    """The columns that a provenance fills."""
    return SourceColumns(
        origin=provenance.origin.value,
        actor=str(provenance.actor),
        legal_basis=provenance.legal_basis.value if provenance.legal_basis else None,
        operation_id=provenance.operation_id,
    )


@dataclass(frozen=True, eq=False)
class StateTable:
    """A table with the current state: at most one row for each key."""

    name: str
    row_type: type[NamedTuple]
    key: tuple[str, ...]

    @property
    def columns(self) -> dict[str, str]:
        """The columns with their SQL types."""
        return columns_of(self.row_type)

    @cached_property
    def on_conflict(self) -> str:
        """The end of an INSERT that replaces the row with the same key."""
        settings = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name not in self.key)
        return f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {settings}"


PREFERENCES = StateTable("preferences", PreferenceRow, ("recipient_id", "subscription_type_id", "channel"))
OPT_OUTS_OF_ALL = StateTable(
    "opt_outs_of_all", OptOutOfAllRow, ("recipient_id", "business_unit_id", "channel")
)
PENDING_OPT_INS = StateTable(
    "pending_opt_ins", PendingOptInRow, ("recipient_id", "subscription_type_id", "channel")
)
PAUSES = StateTable("pauses", PauseRow, ("recipient_id", "business_unit_id", "channel"))
