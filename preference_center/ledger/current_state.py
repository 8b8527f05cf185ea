"""What holds for a batch's recipients: locked, and read in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from preference_center.catalog.catalog import current_catalog
from preference_center.ledger.types import Intent, Key, Provenance
from preference_center.rules.types import Channel, ConsentOrigin, Maker, PreferenceStatus
from preference_center.storage import database

_IN = PreferenceStatus.OPTED_IN


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One preference or opt-out of all."""

    status: PreferenceStatus
    origin: ConsentOrigin
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An opt-in that waits for confirmation until then; `id` is its row's, where it has one yet."""

    expires_at: datetime
    id: int | None = None


@dataclass(slots=True)
class CurrentState:
    """All that holds for the recipients of a batch, kept up while the batch goes on."""

    catalog_version: int = 0
    rows: dict[Key, HeldRow] = field(default_factory=dict)
    pending: dict[Key, Waiting] = field(default_factory=dict)
    with_processing_basis: set[int] = field(default_factory=set)
    addresses: dict[int, tuple[bytes, str | None]] = field(default_factory=dict)
    """Fingerprint and address by recipient id."""
    types_of_units: dict[int, list[int]] = field(default_factory=dict)
    timed: bool = False
    """Whether the batch's changes carry a time of their own."""

    def waits(self, key: Key, at: datetime) -> bool:
        """Whether an opt-in waits for confirmation and has not lapsed (R19)."""
        waiting = self.pending.get(key)
        return waiting is not None and waiting.expires_at > at

    def covered(self, everything: Intent) -> list[Key]:
        """What an opt-out of all is over: its recipient's types of that unit, on that channel."""
        types = self.types_of_units.get(everything.unit.id, ())
        return [(everything.recipient_id, everything.channel, False, type_id) for type_id in types]

    def newest_own_opt_in(self, everything: Intent) -> datetime | None:
        """When the recipient last opted in to a type of that unit and channel themselves (R12, R17)."""
        held = [row for key in self.covered(everything) if (row := self.rows.get(key)) is not None]
        own = [row for row in held if row.status is _IN and row.origin.maker is Maker.RECIPIENT]
        return max((row.occurred_at for row in own), default=None)


async def lock_and_read(intents: Sequence[Intent], provenance: Provenance) -> CurrentState:
    """Lock the recipients in id order and read all that the rules may ask for. Two statements."""
    ids = sorted({intent.recipient_id for intent in intents})
    standing = CurrentState(timed=provenance.occurred_at is not None)
    for row in await lock(ids):
        standing.addresses[row["id"]] = (bytes(row["fingerprint"]), row["address"])
    types, units = await _concerned(intents, standing)
    team_made = provenance.origin.maker is Maker.TEAM
    asked = [database.any_of_values(place, values) for place, values in enumerate((ids, types, units), 1)]
    sql = _held_sql(*(condition for condition, _ in asked), team_made=team_made)
    for row in await database.fetch(sql, *(value for _, value in asked)):
        _place(row, standing)
    return standing


async def lock(ids: Sequence[int]) -> Sequence[database.Row]:
    """Hold recipients against every other change until the transaction ends; always in id order.

    SQLite has one writer anyway. Returns id, fingerprint, address and `erased_at` of each.
    """
    mode = " FOR NO KEY UPDATE" if database.dialect() == "postgres" else ""
    of_ids, given = database.any_of_values(1, ids)
    return await database.fetch(
        f"SELECT id, fingerprint, address, erased_at FROM recipients WHERE id {of_ids} ORDER BY id{mode}",
        given,
    )


async def _concerned(intents: Sequence[Intent], standing: CurrentState) -> tuple[list[int], list[int]]:
    """The types and units whose state matters: an opt-out of all with a time looks at all of its unit's."""
    catalog = await current_catalog()
    standing.types_of_units = {
        unit.id: [kind.id for kind in catalog.types_of(unit)] for unit in catalog.units
    }
    units = {intent.unit.id for intent in intents}
    types = {intent.type.id for intent in intents if intent.type}
    if any(intent.type is None and (standing.timed or intent.occurred_at) for intent in intents):
        types |= {kind.id for kind in catalog.types if kind.business_unit.id in units}
    return sorted(types), sorted(units)


def _held_sql(of_ids: str, of_types: str, of_units: str, *, team_made: bool) -> str:
    parts = [
        "SELECT 'version' AS what, version AS recipient_id, '' AS channel, 0 AS about, '' AS status,"
        " '' AS origin, NULL AS occurred_at FROM catalog_state",
        "SELECT 'type', recipient_id, channel, subscription_type_id, status, origin, occurred_at"
        f" FROM preferences WHERE recipient_id {of_ids} AND subscription_type_id {of_types}",
        "SELECT 'all', recipient_id, channel, business_unit_id,"
        " CASE WHEN active THEN 'OPTED_OUT' ELSE 'NOT_OPTED' END, origin, occurred_at"
        f" FROM opt_outs_of_all WHERE recipient_id {of_ids} AND business_unit_id {of_units}",
        "SELECT 'pending', recipient_id, channel, subscription_type_id, CAST(id AS text), origin, expires_at"
        f" FROM pending_opt_ins WHERE recipient_id {of_ids}",
    ]
    if team_made:
        parts += [
            f"SELECT 'basis', {column}, '', 0, '', '', NULL FROM contacts"
            f" WHERE {column} {of_ids} AND processing_basis IS NOT NULL"
            for column in ("email_recipient_id", "phone_recipient_id")
        ]
    if database.dialect() == "postgres":
        parts[0] = parts[0].replace("NULL", "NULL::timestamptz").replace(" AS version", "")
        parts[1:] = [part.replace("NULL FROM", "NULL::timestamptz FROM") for part in parts[1:]]
    return " UNION ALL ".join(parts)


def _place(row: database.Row, standing: CurrentState) -> None:
    what, recipient = row["what"], row["recipient_id"]
    if what == "version":
        standing.catalog_version = recipient
    elif what == "basis":
        standing.with_processing_basis.add(recipient)
    else:
        key = (recipient, Channel(row["channel"]), what == "all", row["about"])
        at = database.instant(row["occurred_at"])
        if what == "pending":
            standing.pending[key] = Waiting(at, int(row["status"]))
        else:
            status, origin = PreferenceStatus(row["status"]), ConsentOrigin(row["origin"])
            standing.rows[key] = HeldRow(status, origin, at)
