"""Recording changes in batches: statements for ten thousand changes, and time compared with plain SQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any
from unittest.mock import patch

import asyncpg

from preference_center.catalog.catalog import current_catalog
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent, Provenance
from preference_center.rules.types import Actor, Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from tests.benchmarks.harness import filling
from tests.benchmarks.harness.databases import Installation, opened, still_opted_in
from tests.benchmarks.harness.report import Line, milliseconds
from tests.benchmarks.harness.side_by_side import Bench

BATCH = 10_000
_TYPE = filling.TYPES[1][0]
_SOURCE = Provenance(
    ConsentOrigin.BULK_UPDATE,
    Actor("bench"),
    legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
    explanation="The list was closed.",
)
_SQL = """
WITH new_events AS (
  INSERT INTO consent_events (recipient_id, channel, business_unit_id, subscription_type_id, before, after,
    superseded, origin, actor, legal_basis, occurred_at, recorded_at)
  SELECT p.recipient_id, 'EMAIL', t.business_unit_id, t.id, p.status, 'OPTED_OUT', FALSE, 'BULK_UPDATE',
    'bench', 'CONSENT_WITH_NOTICE', now(), now()
  FROM preferences p JOIN subscription_types t ON t.id = p.subscription_type_id
  WHERE p.subscription_type_id = $1 AND p.channel = 'EMAIL' AND p.recipient_id = ANY($2)
  RETURNING id, recipient_id, subscription_type_id),
new_evidence AS (INSERT INTO evidence (event_id, explanation)
  SELECT id, 'The list was closed.' FROM new_events)
UPDATE preferences p SET status = 'OPTED_OUT', origin = 'BULK_UPDATE', legal_basis = 'CONSENT_WITH_NOTICE',
  occurred_at = now(), changed_at = now(), event_id = new_events.id FROM new_events
WHERE p.recipient_id = new_events.recipient_id AND p.subscription_type_id = new_events.subscription_type_id
  AND p.channel = 'EMAIL'
"""


def recording(bench: Bench, of: Installation) -> list[Line]:
    """Compare a large batch with a small one by statements, and with one hand-written statement by time."""
    return asyncio.run(_measure(bench, of))


async def _measure(bench: Bench, of: Installation) -> list[Line]:
    opted_in = await still_opted_in(of, _TYPE)
    rounds = min(3, bench.effort.rounds)
    size = min(BATCH, (len(opted_in) - 20) // (2 * rounds + 1))
    async with opened(of.settings):
        await _record(opted_in[:10])  # reads the catalogue and opens a connection, once
        with _counting() as small:
            await _record(opted_in[10:20])
        with _counting() as large:
            await _record(opted_in[20 : 20 + size])
        ours, bare = [], []
        for number in range(rounds):
            begin = 20 + size + 2 * number * size
            ours.append(await _seconds(_record(opted_in[begin : begin + size])))
            bare.append(await _by_hand(of, opted_in[begin + size : begin + 2 * size]))
    counted = f"statements for {size:,} recorded changes / for 10"
    statements = Line(counted, str(len(large)), str(len(small)), len(large) / len(small), at_most=1)
    ratio = median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    timed = f"{size:,} recorded changes / one hand-written SQL statement"
    return [statements, Line(timed, milliseconds(median(ours)), milliseconds(median(bare)), ratio)]


async def _record(recipient_ids: list[int]) -> None:
    subscription_type = (await current_catalog()).type_by_key(_TYPE)
    assert subscription_type is not None
    target = (subscription_type.business_unit, subscription_type)
    intents = [
        Intent(recipient_id, Channel.EMAIL, PreferenceStatus.OPTED_OUT, *target)
        for recipient_id in recipient_ids
    ]
    outcomes = await record(intents, _SOURCE)
    assert all(outcome.changed for outcome in outcomes)


async def _by_hand(of: Installation, recipient_ids: list[int]) -> float:
    subscription_type = (await current_catalog()).type_by_key(_TYPE)
    assert subscription_type is not None
    db = await asyncpg.connect(of.dsn)
    try:
        return await _seconds(db.execute(_SQL, subscription_type.id, recipient_ids))
    finally:
        await db.close()


async def _seconds(act: Any) -> float:
    begin = time.perf_counter()
    await act
    return time.perf_counter() - begin


@contextmanager
def _counting() -> Iterator[list[str]]:
    """The statements that go over any connection while this is open."""
    statements: list[str] = []
    with patch.object(asyncpg.Connection, "_check_open", _counting_into(statements)):
        yield statements


def _counting_into(statements: list[str]) -> Any:
    """Every public call that runs a statement first checks that the connection is open."""
    check = asyncpg.Connection._check_open

    def counting(self: asyncpg.Connection) -> None:
        statements.append("statement")
        check(self)

    return counting
