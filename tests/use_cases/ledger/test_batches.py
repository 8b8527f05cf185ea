"""Batches take a constant number of statements and one transaction (R18)."""

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


async def _recipients(count: int) -> list[int]:
    ids = await recipients.ensure(parse(f"person{n}@example.com") for n in range(count))
    return list(ids.values())


@pytest.mark.parametrize("size", [10, 10_000])
async def test_a_batch_of_any_size_takes_the_same_few_statements(
    brands: Brands, statements: Statements, size: int
) -> None:
    recipient_ids = await _recipients(size)
    statements.sent.clear()
    types = [brands.digest, brands.internal]
    intents = [
        Intent(recipient_id, EMAIL, PreferenceStatus.OPTED_IN, brands.acme, types[n % 2])
        for n, recipient_id in enumerate(recipient_ids)
    ]
    outcomes = await record(intents, by_team(ConsentOrigin.BULK_UPDATE))
    assert all(outcome.changed for outcome in outcomes)
    assert [outcome.intent.recipient_id for outcome in outcomes] == recipient_ids
    if database.dialect() == "postgres":
        assert len(statements.sent) <= 8, statements.sent
    rows = await database.fetch("SELECT COUNT(*) AS n FROM preferences WHERE status = 'OPTED_IN'")
    assert rows[0]["n"] == size
    assert [line async for line in verification.verify()] == []


async def test_each_outcome_has_the_event_of_its_own_change(brands: Brands) -> None:
    recipient_ids = await _recipients(300)
    intents = [
        Intent(recipient_id, EMAIL, PreferenceStatus.OPTED_OUT, brands.acme, brands.digest)
        for recipient_id in recipient_ids
    ]
    outcomes = await record(intents, by_recipient())
    rows = {row["id"]: row for row in await database.fetch("SELECT id, recipient_id FROM consent_events")}
    assert len(rows) == len(recipient_ids)
    for outcome in outcomes:
        assert outcome.event_id
        assert rows[outcome.event_id]["recipient_id"] == outcome.intent.recipient_id


async def test_a_batch_that_fails_halfway_writes_nothing(
    brands: Brands, alice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18: state, event and outgoing messages are written in one transaction, or not at all."""

    async def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("preference_center.ledger.write._write_states", broken)
    types = (brands.digest, brands.letters)
    changes = [
        Intent(alice, EMAIL, PreferenceStatus.OPTED_OUT, type_.business_unit, type_) for type_ in types
    ]
    with pytest.raises(RuntimeError, match="disk"):
        await record(changes, by_recipient())
    for table in ("consent_events", "evidence", "preferences"):
        assert (await database.fetch(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"] == 0


async def test_a_single_change_whose_transaction_fails_writes_nothing(brands: Brands, alice: int) -> None:
    """R18"""
    change = Intent(alice, EMAIL, PreferenceStatus.OPTED_OUT, brands.acme, brands.digest)

    async def fail_at_the_end() -> None:
        async with transactions.write_transaction():
            await record_in_transaction([change], by_recipient())
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="disk"):
        await fail_at_the_end()
    for table in ("consent_events", "evidence", "preferences"):
        assert (await database.fetch(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"] == 0


async def test_verification_finds_a_state_that_the_ledger_does_not_result_in(
    brands: Brands, alice: int
) -> None:
    """R18: replaying the ledger gives the current state."""
    change = Intent(alice, EMAIL, PreferenceStatus.OPTED_OUT, brands.acme, brands.digest)
    await record([change], by_recipient())
    assert [line async for line in verification.verify()] == []
    await database.execute("UPDATE preferences SET status = 'OPTED_IN'")
    [line] = [line async for line in verification.verify()]
    assert "OPTED_OUT" in line
    assert "OPTED_IN" in line
    await database.execute("DELETE FROM preferences")
    [line] = [line async for line in verification.verify()]
    assert "the current state is nothing" in line
