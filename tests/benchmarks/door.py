"""The door in batches: how many statements ten thousand changes take, and what they cost beside plain SQL."""

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
from tests.benchmarks import filling
from tests.benchmarks.databases import Installation, opened, still_opted_in
from tests.benchmarks.duels import Bench
from tests.benchmarks.report import Line, milliseconds

BATCH = 10_000
_TYPE = filling.TYPES[1][0]
_SOURCE = Provenance(
    ConsentOrigin.BULK_UPDATE,
    Actor("bench"),
    legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
    explanation="The list was closed.",
)
_SQL = """
WITH told AS (
  INSERT INTO consent_events (recipient_id, channel, business_unit_id, subscription_type_id, before, after,
    superseded, origin, actor, legal_basis, occurred_at, recorded_at)
  SELECT p.recipient_id, 'EMAIL', t.business_unit_id, t.id, p.status, 'OPTED_OUT', FALSE, 'BULK_UPDATE',
    'bench', 'CONSENT_WITH_NOTICE', now(), now()
  FROM preferences p JOIN subscription_types t ON t.id = p.subscription_type_id
  WHERE p.subscription_type_id = $1 AND p.channel = 'EMAIL' AND p.recipient_id = ANY($2)
  RETURNING id, recipient_id, subscription_type_id),
proved AS (INSERT INTO evidence (event_id, explanation) SELECT id, 'The list was closed.' FROM told)
UPDATE preferences p SET status = 'OPTED_OUT', origin = 'BULK_UPDATE', legal_basis = 'CONSENT_WITH_NOTICE',
  occurred_at = now(), changed_at = now(), event_id = told.id FROM told
WHERE p.recipient_id = told.recipient_id AND p.subscription_type_id = told.subscription_type_id
  AND p.channel = 'EMAIL'
"""


def at_the_door(bench: Bench, of: Installation) -> list[Line]:
    """Statements of a large batch beside those of a small one, and its time beside one statement by hand."""
    return asyncio.run(_measured(bench, of))


async def _measured(bench: Bench, of: Installation) -> list[Line]:
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
    counted = f"statements for {size:,} changes at the door / for 10"
    statements = Line(counted, str(len(large)), str(len(small)), len(large) / len(small), at_most=1)
    ratio = median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    timed = f"{size:,} changes through the door / one hand-written SQL statement"
    return [statements, Line(timed, milliseconds(median(ours)), milliseconds(median(bare)), ratio)]


async def _record(numbers: list[int]) -> None:
    kind = (await current_catalog()).type_by_key(_TYPE)
    assert kind is not None
    intents = [
        Intent(number, Channel.EMAIL, PreferenceStatus.OPTED_OUT, kind.business_unit, kind)
        for number in numbers
    ]
    outcomes = await record(intents, _SOURCE)
    assert all(outcome.changed for outcome in outcomes)


async def _by_hand(of: Installation, numbers: list[int]) -> float:
    kind = (await current_catalog()).type_by_key(_TYPE)
    assert kind is not None
    db = await asyncpg.connect(of.dsn)
    try:
        return await _seconds(db.execute(_SQL, kind.id, numbers))
    finally:
        await db.close()


async def _seconds(act: Any) -> float:
    begin = time.perf_counter()
    await act
    return time.perf_counter() - begin


@contextmanager
def _counting() -> Iterator[list[str]]:
    """The statements that go over any connection while this is open."""
    said: list[str] = []
    with patch.object(asyncpg.Connection, "_check_open", _noting(said)):
        yield said


def _noting(said: list[str]) -> Any:
    """Every public call that runs a statement first checks that the connection is open."""
    check = asyncpg.Connection._check_open

    def noting(self: asyncpg.Connection) -> None:
        said.append("statement")
        check(self)

    return noting
