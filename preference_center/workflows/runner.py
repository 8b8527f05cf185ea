"""Running what waits: triggers oldest first, each contact's in order, some thousand in one transaction.

One process at a time does it. Reading triggers, enrolling and removing them is one transaction: a crash
anywhere loses nothing and repeats nothing. What a workflow says now counts, not what it said then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import structlog

from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.rules.types import Channel, EnrolmentState, PreferenceStatus, Trigger
from preference_center.rules.workflows import Answer, Workflow, WorkflowEvent, answer
from preference_center.storage import database, transactions
from preference_center.storage.outages import is_unavailable
from preference_center.workflows.enrol import (
    FAULT,
    TOO_DEEP,
    Candidate,
    Cause,
    at_once,
    enrol,
    hold,
    lock_addresses,
    meant,
    record,
)

log = structlog.get_logger()
BATCH = 2_000
"""How many triggers are run in one transaction, at most."""
MOST_IN_A_ROW = 20
"""How many triggers of one contact are run in one transaction."""
_ALONE = 5_104_201_988
"""The number of the lock that whoever runs triggers holds on PostgreSQL."""
_Asked = tuple[Workflow, Answer]


class _Waiting(NamedTuple):
    """A trigger, and what it is to the workflows as they are now."""

    cause: Cause
    contact_id: int | None
    recipient_id: int | None
    asked: tuple[_Asked, ...]


_Broken = Mapping[int, bool]
"""The ids of workflows that faulted, and whether their filters did."""


class _Faulted(Exception):
    """A workflow that failed for no reason that anybody foresaw; the cause comes with it."""

    def __init__(self, workflow: Workflow, *, by_filter: bool) -> None:
        super().__init__(workflow.name)
        self.workflow = workflow
        self.by_filter = by_filter


async def run_due() -> int:
    """Run the oldest triggers that wait, one transaction of them; answers how many it was rid of.

    None, where there are none, or where another process runs them. A workflow that faults fails its own
    enrolments, and holds up no other's.
    """
    if not await database.fetch("SELECT 1 FROM workflow_triggers LIMIT 1"):
        return 0
    broken: dict[int, bool] = {}
    while True:
        try:
            return await transactions.retried(lambda: _once(broken))
        except _Faulted as fault:
            log.error("workflow_faulted", workflow=fault.workflow.id, exc_info=fault.__cause__)
            broken[fault.workflow.id] = fault.by_filter


async def _once(broken: _Broken) -> int:
    async with transactions.write_transaction():
        if not await _is_alone():
            return 0
        catalog = await exact_catalog()
        triggers = await _oldest(catalog)
        waves, done = await _waves(triggers)
        await hold({workflow.id for w in triggers for workflow, _ in w.asked}, catalog)
        await lock_addresses(one for wave in waves for _, one in wave)
        for wave in waves:
            for workflow in catalog.workflows:
                await _run(workflow, wave, catalog, broken)
        of_ids = database.any_of(1)
        gone = [w.cause.trigger_id for w in triggers[:done]]
        return await database.execute(f"DELETE FROM workflow_triggers WHERE id {of_ids}", gone)


async def _is_alone() -> bool:
    """Whether nobody else runs triggers, until the transaction ends. SQLite has one writer anyway."""
    if database.dialect() == "sqlite":
        return True
    rows = await database.fetch("SELECT pg_try_advisory_xact_lock($1) AS alone", _ALONE)
    return bool(rows[0]["alone"])


async def _oldest(catalog: Catalog) -> list[_Waiting]:
    """The triggers to look at, in order, each with what it is to the workflows."""
    waiting = [workflow for workflow in catalog.workflows if workflow.triggers - {Trigger.MANUAL}]
    rows = await database.fetch(
        "SELECT id, created_at, contact_id, recipient_id, event_id, kind, path, properties,"
        " subscription_type_id, channel, status FROM workflow_triggers ORDER BY id LIMIT $1",
        at_once(BATCH, waiting),
    )
    known: dict[_Said, tuple[WorkflowEvent, tuple[_Asked, ...]]] = {}
    found = []
    for row in rows:
        number, at, contact_id, recipient_id, event_id, *about = row
        said = tuple(about)
        if said not in known:
            happening = _happening(said, catalog)
            answers = ((w, answer(w, happening)) for w in catalog.listening(happening.kind))
            known[said] = (happening, tuple(one for one in answers if one[1] is not Answer.NOTHING))
        happening, asked = known[said]
        cause = Cause(happening.kind, number, event_id, None, happening.path)
        since = tuple(one for one in asked if one[0].created_at <= database.instant(at))
        found.append(_Waiting(cause, contact_id, recipient_id, since))
    return found


_Said = tuple[Any, ...]
"""Kind, path, properties, type's id, channel and status of a trigger, as the database has them."""


def _happening(said: _Said, catalog: Catalog) -> WorkflowEvent:
    kind, path, properties, type_id, channel, status = said
    return WorkflowEvent(
        Trigger(kind),
        tuple(database.json_value(path) or ()),
        frozenset(database.json_value(properties) or ()),
        catalog.type_by_id(type_id).key if type_id else None,
        Channel(channel) if channel else None,
        PreferenceStatus(status) if status else None,
    )


_Wave = list[tuple[tuple[_Asked, ...], Candidate]]
"""Contacts, no one of them twice, with what is to be run for them."""


async def _waves(triggers: Sequence[_Waiting]) -> tuple[list[_Wave], int]:
    """The contacts concerned, each one's n-th trigger in the n-th wave; and how many triggers that covers.

    They stop before a contact's turn comes too often: a transaction is no place for a thousand in a row.
    """
    own, having = await _contacts(w for w in triggers if w.asked)
    turns: dict[int, int] = {}
    waves: list[_Wave] = []
    for number, (cause, contact_id, recipient_id, asked) in enumerate(triggers):
        if not asked:
            continue
        rows = own.get(contact_id, ()) if recipient_id is None else having.get(recipient_id, ())
        taken = [turns.get(row[0], 0) for row in rows]
        if taken and max(taken) >= MOST_IN_A_ROW:
            return waves, number
        for (contact, email, phone), turn in zip(rows, taken, strict=True):
            if turn == len(waves):
                waves.append([])
            waves[turn].append((asked, Candidate(contact, email, phone, cause)))
            turns[contact] = turn + 1
    return waves, len(triggers)


_Contact = tuple[int, int | None, int | None]


async def _contacts(
    waiting: Iterable[_Waiting],
) -> tuple[dict[int | None, list[_Contact]], dict[int, list[_Contact]]]:
    """The contacts that triggers name, by id; and those that have an address, by recipient."""
    concerned = list(waiting)
    contact_ids = sorted({w.contact_id for w in concerned if w.contact_id is not None})
    recipient_ids = sorted({w.recipient_id for w in concerned if w.recipient_id is not None})
    columns, of_ids = "SELECT id, email_recipient_id, phone_recipient_id FROM contacts", database.any_of(1)
    own: dict[int | None, list[_Contact]] = {}
    if contact_ids:
        rows = await database.fetch(f"{columns} WHERE id {of_ids}", contact_ids)
        own = {row["id"]: [tuple(row)] for row in rows}
    having: dict[int, list[_Contact]] = {}
    if recipient_ids:
        rows = await database.fetch(
            f"{columns} WHERE email_recipient_id {of_ids} UNION {columns} WHERE phone_recipient_id {of_ids}"
            " ORDER BY id",
            recipient_ids,
        )
        for row in rows:
            for recipient in tuple(row)[1:]:
                if recipient is not None:
                    having.setdefault(recipient, []).append(tuple(row))
    return own, having


async def _run(workflow: Workflow, wave: _Wave, catalog: Catalog, broken: _Broken) -> None:
    """Enrol those of a wave whom the workflow is meant for."""
    concerned = [(one, said) for every, one in wave for asked, said in every if asked is workflow]
    if not concerned:
        return
    if not broken.get(workflow.id):
        async with _blaming(workflow, broken, by_filter=True):
            let_through = await meant(workflow, [one for one, _ in concerned], catalog)
            concerned = [(one, said) for one, said in concerned if one.contact_id in let_through]
    if workflow.id in broken:
        await record(workflow, [one for one, _ in concerned], EnrolmentState.FAILED, FAULT)
        return
    async with _blaming(workflow, broken, by_filter=False):
        await enrol(workflow, [one for one, said in concerned if said is Answer.ENROL], catalog)
        cut = [one for one, said in concerned if said is Answer.CUT]
        await record(workflow, cut, EnrolmentState.CUT, TOO_DEEP)


@asynccontextmanager
async def _blaming(workflow: Workflow, broken: _Broken, *, by_filter: bool) -> AsyncIterator[None]:
    """Whatever goes wrong inside is the workflow's, unless the moment was wrong or the database is away."""
    try:
        yield
    except Exception as error:
        if transactions.is_transient(error) or is_unavailable(error) or broken.get(workflow.id) is by_filter:
            raise
        raise _Faulted(workflow, by_filter=by_filter) from error
