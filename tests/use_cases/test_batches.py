"""Batches cost a handful of statements whatever their size, and are one transaction (R18)."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from preference_center.history import verification
from preference_center.ledger.record import record, record_in_transaction
from preference_center.ledger.types import Intent
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database, transactions
from tests.conftest import Brands, by_recipient, by_team

EMAIL = Channel.EMAIL


class Statements(logging.Handler):
    """Counts the statements that are sent to the database."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.sent: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.args:
            self.sent.append(record.getMessage()[:200])


@pytest.fixture
def statements() -> Iterator[Statements]:
    counter = Statements()
    logger = logging.getLogger("tortoise.db_client")
    before = logger.level
    logger.addHandler(counter)
    logger.setLevel(logging.DEBUG)
    yield counter
    logger.removeHandler(counter)
    logger.setLevel(before)


async def _people(count: int) -> list[int]:
    ids = await recipients.ensure(parse(f"person{n}@example.com") for n in range(count))
    return list(ids.values())


@pytest.mark.parametrize("size", [10, 10_000])
async def test_a_batch_of_any_size_takes_the_same_few_statements(
    brands: Brands, statements: Statements, size: int
) -> None:
    people = await _people(size)
    statements.sent.clear()
    kinds = [brands.digest, brands.internal]
    intents = [
        Intent(person, EMAIL, PreferenceStatus.OPTED_IN, brands.acme, kinds[n % 2])
        for n, person in enumerate(people)
    ]
    outcomes = await record(intents, by_team(ConsentOrigin.BULK_UPDATE))
    assert all(outcome.changed for outcome in outcomes)
    assert [outcome.intent.recipient_id for outcome in outcomes] == people
    if database.dialect() == "postgres":
        assert len(statements.sent) <= 8, statements.sent
    rows = await database.fetch("SELECT COUNT(*) AS n FROM preferences WHERE status = 'OPTED_IN'")
    assert rows[0]["n"] == size
    assert [line async for line in verification.verify()] == []


async def test_each_outcome_names_the_ledgers_row_of_its_own_change(brands: Brands) -> None:
    people = await _people(300)
    intents = [
        Intent(person, EMAIL, PreferenceStatus.OPTED_OUT, brands.acme, brands.digest) for person in people
    ]
    outcomes = await record(intents, by_recipient())
    rows = {row["id"]: row for row in await database.fetch("SELECT id, recipient_id FROM consent_events")}
    assert len(rows) == len(people)
    for outcome in outcomes:
        assert outcome.event_id
        assert rows[outcome.event_id]["recipient_id"] == outcome.intent.recipient_id


async def test_a_batch_that_fails_on_its_way_leaves_nothing(
    brands: Brands, alice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18: state, event and outgoing notice in one transaction, or none."""

    async def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("preference_center.ledger.write._write_states", broken)
    kinds = (brands.digest, brands.letters)
    changes = [Intent(alice, EMAIL, PreferenceStatus.OPTED_OUT, kind.business_unit, kind) for kind in kinds]
    with pytest.raises(RuntimeError, match="disk"):
        await record(changes, by_recipient())
    for table in ("consent_events", "evidence", "preferences"):
        assert (await database.fetch(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"] == 0


async def test_a_single_change_whose_transaction_fails_leaves_nothing(brands: Brands, alice: int) -> None:
    """R18"""
    change = Intent(alice, EMAIL, PreferenceStatus.OPTED_OUT, brands.acme, brands.digest)

    async def fails_at_last() -> None:
        async with transactions.write_transaction():
            await record_in_transaction([change], by_recipient())
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="disk"):
        await fails_at_last()
    for table in ("consent_events", "evidence", "preferences"):
        assert (await database.fetch(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"] == 0


async def test_verification_finds_state_that_the_ledger_does_not_know(brands: Brands, alice: int) -> None:
    """R18: current state is what replaying the ledger gives."""
    change = Intent(alice, EMAIL, PreferenceStatus.OPTED_OUT, brands.acme, brands.digest)
    await record([change], by_recipient())
    assert [line async for line in verification.verify()] == []
    await database.execute("UPDATE preferences SET status = 'OPTED_IN'")
    [line] = [line async for line in verification.verify()]
    assert "OPTED_OUT" in line
    assert "OPTED_IN" in line
    await database.execute("DELETE FROM preferences")
    [line] = [line async for line in verification.verify()]
    assert "held is nothing" in line
