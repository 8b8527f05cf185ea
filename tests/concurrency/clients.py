"""Acts performed through Sayso's use cases, one or many at a time, and the state they lead to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from preference_center.catalog.catalog import current_catalog
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.ledger.types import Outcome, Provenance
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules import addresses
from preference_center.rules.decisions import Decision
from preference_center.rules.types import (
    RECIPIENT,
    Actor,
    Channel,
    ConsentOrigin,
    LegalBasis,
    Maker,
    PreferenceStatus,
)
from preference_center.storage import database, transactions
from preference_center.storage.connection import open_database
from tests.concurrency.orders import Act, State
from tests.conftest import update_preferences
from tests.journeys.values import ChangeRequest, Type
from tests.processes import forkserver

BASIS = LegalBasis.CONSENT_WITH_NOTICE


def provenance(request: ChangeRequest) -> Provenance:
    """The provenance of a request."""
    by_recipient = request.origin.maker is Maker.RECIPIENT
    return Provenance(
        origin=request.origin,
        actor=RECIPIENT if by_recipient else Actor("shop"),
        legal_basis=BASIS if request.legal_basis else None,
        processing_basis=BASIS if request.processing_basis else None,
        explanation="she asked at the counter" if request.explanation else None,
        occurred_at=request.occurred_at,
    )


async def perform(act: Act) -> Decision:
    """Perform one act and return the decision."""
    address = addresses.parse(act.address)
    recipient_id = (await recipients.ensure([address]))[address]
    return (await _outcome(recipient_id, act)).decision


async def _outcome(recipient_id: int, act: Act) -> Outcome:
    catalog = await current_catalog()
    source = provenance(act.request)
    if isinstance(act.about, Type):
        subscription_type = catalog.type_by_key(act.about.key)
        assert subscription_type is not None
        change = (subscription_type, act.channel, act.request.status)
        return (await update_preferences(recipient_id, [change], source))[0]
    unit = catalog.unit_by_key(act.about.key)
    assert unit is not None
    out = act.request.status is PreferenceStatus.OPTED_OUT
    use_case = preferences.opt_out_of_all if out else preferences.remove_opt_out_of_all
    return await use_case(recipient_id, act.channel, unit, source)


def on(installation: Settings, play: Callable[[], Awaitable[None]]) -> None:
    """Run a scene with the database open."""

    async def played() -> None:
        async with open_database(installation):
            try:
                await play()
            finally:
                await _end_others()

    asyncio.run(played())


async def _end_others() -> None:
    """End what a failure has left running; after the end of the database it would connect again."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in others:
            task.cancel()
        await asyncio.wait(others)


_WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


async def run_while_uncommitted(
    first: Callable[[], Awaitable[object]], second: Callable[[], Awaitable[object]]
) -> None:
    """Run `second` after `first` but before the transaction of `first` commits.

    The transaction commits once `second` waits for one of its locks, or has finished. On SQLite, which has
    one writer, `second` starts after the commit.
    """
    started, finished = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with transactions.write_transaction():
            await first()
            started.set()
            while database.dialect() == "postgres" and not finished.is_set():
                if await database.fetch(_WAITING):
                    return

    async def follow() -> None:
        await started.wait()
        await second()
        finished.set()

    await asyncio.gather(hold(), follow())


async def recipient_named(name: str) -> int:
    """The recipient id of an email address with that name, created if it is unknown."""
    address = addresses.parse(f"{name}@example.com")
    return (await recipients.ensure([address]))[address]


async def perform_all(acts: Sequence[Act]) -> list[Decision]:
    """Perform all acts at the same time, each on its own connection."""
    return await asyncio.gather(*(perform(act) for act in acts))


async def held() -> State:
    """The current state in the database."""
    rows = await database.fetch(
        "SELECT r.address, p.channel, t.key AS about, p.status, p.origin FROM preferences p"
        " JOIN subscription_types t ON t.id = p.subscription_type_id"
        " JOIN recipients r ON r.id = p.recipient_id"
        " UNION ALL SELECT r.address, o.channel, 'all of ' || u.key,"
        " CASE WHEN o.active THEN 'OPTED_OUT' ELSE 'NOT_OPTED' END, o.origin FROM opt_outs_of_all o"
        " JOIN recipients r ON r.id = o.recipient_id JOIN business_units u ON u.id = o.business_unit_id"
    )
    return {
        (row["address"], Channel(row["channel"]), row["about"]): (
            PreferenceStatus(row["status"]),
            ConsentOrigin(row["origin"]).maker,
        )
        for row in rows
    }


async def count_events() -> int:
    """The number of events in the ledger."""
    return int((await database.fetch("SELECT COUNT(*) AS n FROM consent_events"))[0]["n"])


def in_processes(wanted: Settings, shares: Sequence[Sequence[Act]]) -> list[Decision]:
    """Perform each share of the acts in its own process, all starting at the same time."""
    ready, answers = forkserver.Barrier(len(shares)), forkserver.Queue()
    processes = [
        forkserver.Process(target=_share, args=(wanted, list(share), place, ready, answers))
        for place, share in enumerate(shares)
    ]
    for process in processes:
        process.start()
    decisions = dict(answers.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    return [decision for place in range(len(shares)) for decision in decisions[place]]


def _share(wanted: Settings, acts: list[Act], place: int, ready: Any, answers: Any) -> None:
    """One process: get ready, wait for the others, perform the acts."""

    async def play() -> list[Decision]:
        settings.use(wanted)
        async with open_database(wanted):
            await current_catalog()
            await asyncio.to_thread(ready.wait, 60)
            return await perform_all(acts)

    answers.put((place, asyncio.run(play())))
