"""Records one change for recipients who have decided nothing about it yet, all at once.

Most of a bulk update or an import is about such recipients. Whether the change takes effect is decided by the
rules, once for all, because nothing is known about any of them; who has any state is left to `record`. A test
holds that both ways write the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.ledger.listeners import notify_after_commit
from preference_center.ledger.rows import (
    OPT_OUTS_OF_ALL,
    PREFERENCES,
    ConsentEventRow,
    StateTable,
    source_columns,
)
from preference_center.ledger.types import Intent, Provenance
from preference_center.ledger.write import evidence_row
from preference_center.rules.consent import decide
from preference_center.rules.decisions import Accepted, Change, PriorState
from preference_center.rules.types import PreferenceStatus
from preference_center.storage import database
from preference_center.storage.rows import columns_of

_FEW = 20
"""For so few recipients `record` is as fast."""
_NOBODY = 0


async def record_undecided(
    recipient_ids: Collection[int], change: Intent, provenance: Provenance
) -> set[int]:
    """Record a change for those recipients who have no state that it could depend on; return their ids.

    `change` is the change of any one of them. Runs in the open write transaction, and locks all recipients.
    Nothing is recorded, and nothing locked, where more than the rules has to be asked for each recipient.
    """
    if len(recipient_ids) < _FEW or not await _is_plain(change, provenance):
        return set()
    ids = sorted(recipient_ids)
    await _lock(ids)
    catalog = await exact_catalog()
    bound = change.bound_to(catalog)
    if not _is_accepted(bound, provenance, catalog):
        return set()
    written = _Written(bound, provenance, database.now())
    if database.dialect() == "sqlite":
        others = await _write_on_sqlite(ids, written)
    else:
        others = await _write_on_postgres(ids, written)
    recorded = set(ids) - others
    notify_after_commit(provenance.origin, len(recorded))
    return recorded


async def _is_plain(change: Intent, provenance: Provenance) -> bool:
    """Whether the event and the state are all that has to be written for a change that takes effect."""
    has_time = change.occurred_at is not None or provenance.occurred_at is not None
    stores_basis = provenance.processing_basis is not None
    is_carried = change.carried_from_event_id is not None
    return not (has_time or stores_basis or is_carried) and await evidence_row(provenance) is None


def _is_accepted(change: Intent, provenance: Provenance, catalog: Catalog) -> bool:
    """Whether the rules accept the change of a recipient without any state, and no workflow may react."""
    if catalog.workflows:
        return False
    kind, legal = change.subscription_type, provenance.legal_basis
    asked = Change(
        status=change.status,
        origin=provenance.origin,
        facts=kind.facts(change.channel) if kind else None,
        has_legal_basis=legal is not None and legal.allows_communication,
        has_explanation=bool(provenance.explanation),
        through_own_link=change.through_own_link,
    )
    unit = change.business_unit.facts
    states = (PriorState(has_processing_basis=False), PriorState(has_processing_basis=True))
    return all(decide(asked, state, unit) == Accepted() for state in states)


async def _lock(ids: Sequence[int]) -> None:
    """Lock the recipients in id order, as `lock_recipients` does, without reading them."""
    if database.dialect() == "postgres":
        await database.fetch(
            "SELECT COUNT(*) FROM (SELECT 1 FROM recipients WHERE id = ANY($1) ORDER BY id"
            " FOR NO KEY UPDATE) AS locked",
            ids,
        )


class _Written(NamedTuple):
    """What is written for each recipient."""

    change: Intent
    provenance: Provenance
    at: datetime

    @property
    def table(self) -> StateTable:
        """The table with the state that the change leaves."""
        return OPT_OUTS_OF_ALL if self.change.subscription_type is None else PREFERENCES

    def event(self) -> dict[str, Any]:
        """The columns of the event, but for the recipient."""
        change, source = self.change, source_columns(self.provenance)
        row = ConsentEventRow(
            recipient_id=_NOBODY,
            channel=change.channel.value,
            business_unit_id=change.business_unit.id,
            subscription_type_id=change.subscription_type.id if change.subscription_type else None,
            before=PreferenceStatus.NOT_OPTED.value,
            after=change.status.value,
            superseded=False,
            origin=source.origin,
            actor=source.actor,
            legal_basis=source.legal_basis,
            operation_id=source.operation_id,
            occurred_at=self.at,
            recorded_at=self.at,
            about_pause=False,
            paused_until=None,
        )
        return {name: value for name, value in row._asdict().items() if name != "recipient_id"}

    def state(self) -> dict[str, Any]:
        """The columns of the state, but for the recipient and the event."""
        change, source = self.change, source_columns(self.provenance)
        values = {
            "channel": change.channel.value,
            "business_unit_id": change.business_unit.id,
            "active": change.status is PreferenceStatus.OPTED_OUT,
            "subscription_type_id": change.subscription_type.id if change.subscription_type else None,
            "status": change.status.value,
            "occurred_at": self.at,
            "changed_at": self.at,
            **source._asdict(),
        }
        return {name: values[name] for name in self.table.columns if name not in ("recipient_id", "event_id")}


class _Parameters:
    """The values of a statement, each with a typed place."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def place(self, value: Any, sql_type: str = "") -> str:
        """The place of a value, with its type where PostgreSQL needs it."""
        self.values.append(value)
        place = f"${len(self.values)}"
        return f"{place}::{sql_type}" if sql_type and database.dialect() == "postgres" else place

    def places(self, row: dict[str, Any], types: dict[str, str] | None = None) -> str:
        """The places of the columns of a row, in its order."""
        return ", ".join(self.place(value, (types or {}).get(name, "")) for name, value in row.items())


def _undecided(written: _Written, parameters: _Parameters) -> str:
    """SQL for "has no state that the change could depend on", of a recipient `r`."""
    change = written.change
    channel = parameters.place(change.channel.value, "text")
    unit = parameters.place(change.business_unit.id, "int")
    conditions = [
        "NOT EXISTS (SELECT 1 FROM opt_outs_of_all o WHERE o.recipient_id = r.id"
        f" AND o.business_unit_id = {unit} AND o.channel = {channel})",
        "NOT EXISTS (SELECT 1 FROM pending_opt_ins w WHERE w.recipient_id = r.id)",
    ]
    if change.subscription_type is not None:
        kind = parameters.place(change.subscription_type.id, "int")
        conditions.append(
            "NOT EXISTS (SELECT 1 FROM preferences p WHERE p.recipient_id = r.id"
            f" AND p.subscription_type_id = {kind} AND p.channel = {channel})"
        )
    return " AND ".join(conditions)


async def _write_on_postgres(ids: Sequence[int], written: _Written) -> set[int]:
    """Write events and state in one statement; return the recipients that have a state already."""
    parameters, event, state, table = _Parameters(), written.event(), written.state(), written.table
    wanted = parameters.place(ids, "bigint[]")
    rows = await database.fetch(
        "WITH new_events AS ("
        f"INSERT INTO consent_events (recipient_id, {', '.join(event)})"
        f" SELECT r.id, {parameters.places(event, columns_of(ConsentEventRow))}"
        f" FROM unnest({wanted}) AS r (id) WHERE {_undecided(written, parameters)}"
        " RETURNING id, recipient_id), new_states AS ("
        f"INSERT INTO {table.name} (recipient_id, event_id, {', '.join(state)})"
        f" SELECT recipient_id, id, {parameters.places(state, table.columns)} FROM new_events)"
        f" SELECT r.id FROM unnest({wanted}) AS r (id) EXCEPT ALL SELECT recipient_id FROM new_events",
        *parameters.values,
    )
    return {row["id"] for row in rows}


async def _write_on_sqlite(ids: Sequence[int], written: _Written) -> set[int]:
    """Write events and then the state that they leave: nobody else writes meanwhile."""
    event, state, table = written.event(), written.state(), written.table
    [newest] = await database.fetch("SELECT COALESCE(MAX(id), 0) AS id FROM consent_events")
    parameters = _Parameters()
    first, wanted = parameters.place(newest["id"]), parameters.place(ids)
    await database.execute(
        f"INSERT INTO consent_events (id, recipient_id, {', '.join(event)})"
        f" SELECT {first} + row_number() OVER (ORDER BY r.id), r.id, {parameters.places(event)}"
        f" FROM (SELECT value AS id FROM json_each({wanted})) AS r"
        f" WHERE {_undecided(written, parameters)}",
        *parameters.values,
    )
    parameters = _Parameters()
    first = parameters.place(newest["id"])
    await database.execute(
        f"INSERT INTO {table.name} (recipient_id, event_id, {', '.join(state)})"
        f" SELECT recipient_id, id, {parameters.places(state)} FROM consent_events WHERE id > {first}",
        *parameters.values,
    )
    rows = await database.fetch(
        "SELECT value AS id FROM json_each($1) EXCEPT SELECT recipient_id FROM consent_events WHERE id > $2",
        ids,
        newest["id"],
    )
    return {row["id"] for row in rows}
