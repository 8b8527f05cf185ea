"""Running stored triggers: oldest first, each contact's in order, some thousands in one transaction.

One process at a time does it. Reading triggers, enrolling and deleting the triggers is one transaction: a
crash at any point loses nothing and repeats nothing. A workflow runs as it is now, not as it was when the
event happened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog

from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.rules.types import EnrolmentState, Trigger
from preference_center.rules.workflows import Reaction, Workflow
from preference_center.storage import database, transactions
from preference_center.storage.outages import is_unavailable
from preference_center.storage.transactions import transaction
from preference_center.workflows.candidates import (
    batch_size,
    lock_candidates,
    lock_workflows,
    matching_ids,
)
from preference_center.workflows.enrol import (
    CHAIN_TOO_LONG,
    UNEXPECTED_ERROR,
    enrol,
    record_without_actions,
)
from preference_center.workflows.pending_triggers import Wave, oldest, waves

log = structlog.get_logger()
BATCH = 2_000
"""How many triggers one transaction runs at most."""
_LOCK = 5_104_201_988
"""The PostgreSQL advisory lock of the process that runs triggers."""
_Faults = Mapping[int, bool]
"""The ids of workflows that failed unexpectedly, and whether their filters did."""


class _WorkflowFault(Exception):
    """A workflow failed unexpectedly; `__cause__` is the error."""

    def __init__(self, workflow: Workflow, *, in_filter: bool) -> None:
        super().__init__(workflow.name)
        self.workflow = workflow
        self.in_filter = in_filter


async def run_due() -> int:
    """Run the oldest stored triggers in one transaction; returns how many triggers it deleted.

    Returns 0 if there are none, or while another process runs them. A workflow that fails unexpectedly fails
    its own enrolments and delays no others.
    """
    if not await database.fetch("SELECT 1 FROM workflow_triggers LIMIT 1"):
        return 0
    faults: dict[int, bool] = {}
    while True:
        try:
            return await _run_batch(faults)
        except _WorkflowFault as fault:
            log.error("workflow_faulted", workflow=fault.workflow.id, exc_info=fault.__cause__)
            faults[fault.workflow.id] = fault.in_filter


@transaction
async def _run_batch(faults: _Faults) -> int:
    if not await _take_lock():
        return 0
    catalog = await exact_catalog()
    triggered = [workflow for workflow in catalog.workflows if workflow.triggers - {Trigger.MANUAL}]
    triggers = await oldest(batch_size(BATCH, triggered), catalog)
    found, covered = await waves(triggers)
    await lock_workflows({workflow.id for each in triggers for workflow, _ in each.reactions}, catalog)
    await lock_candidates(candidate for wave in found for _, candidate in wave)
    for wave in found:
        for workflow in catalog.workflows:
            await _run(workflow, wave, catalog, faults)
    return await database.execute(
        f"DELETE FROM workflow_triggers WHERE id {database.any_of(1)}",
        [each.cause.trigger_id for each in triggers[:covered]],
    )


async def _take_lock() -> bool:
    """Make sure that no other process runs triggers until the transaction ends. SQLite has one writer."""
    if database.dialect() == "sqlite":
        return True
    rows = await database.fetch("SELECT pg_try_advisory_xact_lock($1) AS locked", _LOCK)
    return bool(rows[0]["locked"])


async def _run(workflow: Workflow, wave: Wave, catalog: Catalog, faults: _Faults) -> None:
    """Enrol the contacts of a wave that the workflow reacts to and that its filter lets through."""
    concerned = [
        (candidate, reaction)
        for reactions, candidate in wave
        for reacting, reaction in reactions
        if reacting is workflow
    ]
    if not concerned:
        return
    if not faults.get(workflow.id):
        async with _blame(workflow, faults, in_filter=True):
            matching = await matching_ids(workflow, [candidate for candidate, _ in concerned], catalog)
            concerned = [each for each in concerned if each[0].contact_id in matching]
    if workflow.id in faults:
        failed = [candidate for candidate, _ in concerned]
        await record_without_actions(workflow, failed, EnrolmentState.FAILED, UNEXPECTED_ERROR)
        return
    async with _blame(workflow, faults, in_filter=False):
        enrolled = [candidate for candidate, reaction in concerned if reaction is Reaction.ENROL]
        await enrol(workflow, enrolled, catalog)
        cut = [candidate for candidate, reaction in concerned if reaction is Reaction.CUT]
        await record_without_actions(workflow, cut, EnrolmentState.CUT, CHAIN_TOO_LONG)


@asynccontextmanager
async def _blame(workflow: Workflow, faults: _Faults, *, in_filter: bool) -> AsyncIterator[None]:
    """Turn errors inside into faults of the workflow, unless a retry can succeed or it was blamed before."""
    try:
        yield
    except Exception as error:
        if transactions.is_transient(error) or is_unavailable(error) or faults.get(workflow.id) is in_filter:
            raise
        raise _WorkflowFault(workflow, in_filter=in_filter) from error
