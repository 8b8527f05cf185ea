"""A bulk opt-in runs while recipients opt out by one-click: they stay opted out (R4, R9, R11, R18)."""

from __future__ import annotations

import asyncio
import random

import pytest

from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter
from preference_center.history import verification
from preference_center.jobs import HANDLERS
from preference_center.operations import bulk_updates, operations
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.rules.types import Actor, ConsentOrigin, LegalBasis, Maker
from preference_center.storage import database
from tests.concurrency.clients import held, on, perform
from tests.concurrency.orders import Act
from tests.journeys.catalog import DIGEST, EMAIL
from tests.journeys.values import IN, OUT, ChangeRequest

PEOPLE = [f"dora-{number}@example.com" for number in range(200)]
LEAVING = random.Random(7).sample(PEOPLE, 80)


def test_recipients_who_opt_out_during_a_bulk_opt_in_stay_opted_out(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_updates, "PART_SIZE", 10)

    async def play() -> None:
        for address in PEOPLE:
            await contacts.create(email=address)
        queued = await bulk_opt_in()
        await asyncio.gather(worker(), worker(), *(leave(share) for share in (LEAVING[::2], LEAVING[1::2])))
        while await run_next(HANDLERS):
            pass
        await assert_nothing_was_done_twice_or_lost(queued)

    on(installation, play)


async def bulk_opt_in() -> OperationRow:
    subscription_type = (await current_catalog()).type_by_key(DIGEST.key)
    assert subscription_type is not None
    update = BulkUpdate(
        selection=ContactFilter(),
        channel=EMAIL,
        types=[subscription_type],
        status=IN,
        explanation="Moved from the old system.",
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        processing_basis=LegalBasis.PROCESS_AND_STORE,
    )
    return await bulk_updates.enqueue(update, Actor("crm"))


async def worker() -> None:
    """The background work of one of two processes."""
    while await run_next(HANDLERS):
        pass


async def leave(addresses: list[str]) -> None:
    for address in addresses:
        await perform(Act(address, EMAIL, DIGEST, ChangeRequest(OUT, ConsentOrigin.ONE_CLICK)))


async def assert_nothing_was_done_twice_or_lost(queued: OperationRow) -> None:
    state = await held()
    expected = dict.fromkeys(PEOPLE, (IN, Maker.TEAM))
    expected |= dict.fromkeys(LEAVING, (OUT, Maker.RECIPIENT))
    assert {address: state[address, EMAIL, DIGEST.key] for address in PEOPLE} == expected
    done = await operations.get(queued.id)
    assert done is not None
    assert done.processed == done.total == done.changed + done.refused == len(PEOPLE)
    rows = await database.fetch("SELECT origin, COUNT(*) AS n FROM consent_events GROUP BY origin")
    events = {row["origin"]: row["n"] for row in rows}
    assert events == {"BULK_UPDATE": done.changed, "ONE_CLICK": len(LEAVING)}
    assert [line async for line in verification.verify()] == []
