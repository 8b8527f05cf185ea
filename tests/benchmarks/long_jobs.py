"""Bulk update, import and export of a million, each against the least that PostgreSQL needs for it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg

from preference_center.catalog.changes import create_type, create_unit
from preference_center.errors import Invalid
from preference_center.rules.addresses import keyed_fingerprint, parse_email
from tests.benchmarks.harness.databases import Installation, opened
from tests.benchmarks.harness.report import Line
from tests.benchmarks.harness.side_by_side import Bench

MOST_MEGABYTES = 300
_BULK = """
WITH told AS (
  INSERT INTO consent_events (recipient_id, channel, business_unit_id, subscription_type_id, before, after,
    superseded, origin, actor, legal_basis, operation_id, occurred_at, recorded_at)
  SELECT c.email_recipient_id, 'EMAIL', t.business_unit_id, t.id, 'NOT_OPTED', 'OPTED_IN', FALSE,
    'BULK_UPDATE', 'bench', 'CONSENT_WITH_NOTICE', 1, now(), now()
  FROM contacts c CROSS JOIN subscription_types t WHERE t.key = 'jobs-bare'
  RETURNING id, recipient_id, subscription_type_id)
INSERT INTO preferences (recipient_id, channel, subscription_type_id, status, origin, legal_basis,
  occurred_at, changed_at, event_id, operation_id)
SELECT recipient_id, 'EMAIL', subscription_type_id, 'OPTED_IN', 'BULK_UPDATE', 'CONSENT_WITH_NOTICE',
  now(), now(), id, 1 FROM told
"""
_IMPORT = """
WITH made AS (
  INSERT INTO recipients (kind, fingerprint, address, created_at)
  SELECT 'EMAIL', fingerprint, address, now() FROM staging RETURNING id),
told AS (
  INSERT INTO consent_events (recipient_id, channel, business_unit_id, before, after, superseded, origin,
    actor, operation_id, occurred_at, recorded_at)
  SELECT made.id, 'EMAIL', u.id, 'NOT_OPTED', 'OPTED_OUT', FALSE, 'IMPORT', 'bench', 1, now(), now()
  FROM made CROSS JOIN business_units u WHERE u.key = 'jobs' RETURNING id, recipient_id, business_unit_id)
INSERT INTO opt_outs_of_all (recipient_id, channel, business_unit_id, active, origin, occurred_at, changed_at,
  event_id, operation_id)
SELECT recipient_id, 'EMAIL', business_unit_id, TRUE, 'IMPORT', now(), now(), id, 1 FROM told
"""
_EXPORT = """
SELECT r.address, o.channel, u.key, '' AS subscription_type, o.origin, o.occurred_at FROM opt_outs_of_all o
JOIN recipients r ON r.id = o.recipient_id JOIN business_units u ON u.id = o.business_unit_id WHERE o.active
UNION ALL
SELECT r.address, p.channel, u.key, t.key, p.origin, p.occurred_at FROM preferences p
JOIN recipients r ON r.id = p.recipient_id JOIN subscription_types t ON t.id = p.subscription_type_id
JOIN business_units u ON u.id = t.business_unit_id WHERE p.status = 'OPTED_OUT'
"""


def long_jobs(bench: Bench, of: Installation) -> list[Line]:
    """Three jobs on all contacts of an installation. Each writes new rows."""
    return asyncio.run(_measured(bench, of))


async def _measured(bench: Bench, of: Installation) -> list[Line]:
    async with opened(of.settings):
        await _make_types()
    lines = []
    for name, what, bare, at_most in (
        ("bulk", "opt in of {:,} contacts / one SQL statement", _bulk, 1.4),
        ("import", "import of {:,} opt-outs / COPY and one statement", _taken_in, 1.5),
        ("export", "export of all suppressions of {:,} contacts / COPY TO STDOUT", _written_out, 1.0),
    ):
        task = bench.progress.add_task(what.format(of.contacts), total=2)
        theirs = await _by_hand(of, bare)
        bench.progress.advance(task)
        ours = await asyncio.to_thread(_in_a_process, of, name)
        bench.progress.advance(task)
        lines += _lines(what.format(of.contacts), ours, theirs, at_most)
    return lines


def _lines(what: str, ours: dict[str, float], theirs: float, at_most: float) -> list[Line]:
    seconds, megabytes = ours["seconds"], ours["megabytes"]
    memory = Line(
        "    its memory, MB / the most it may take",
        f"{megabytes:,.0f} MB",
        f"{MOST_MEGABYTES} MB",
        megabytes / MOST_MEGABYTES,
        at_most=1,
    )
    return [Line(what, f"{seconds:,.1f} s", f"{theirs:,.1f} s", seconds / theirs, at_most=at_most), memory]


async def _make_types() -> None:
    """A business unit of its own, without decisions and with the privacy setting off."""
    try:
        await create_unit(key="jobs", name="Jobs", data_privacy=False)
        for key in ("jobs-ours", "jobs-bare"):
            await create_type(key=key, business_unit="jobs", name={"en": key})
    except Invalid as error:
        raise SystemExit("long jobs need a database of their own: run them without --keep") from error


async def _by_hand(of: Installation, act: Callable[[Any, Installation], Awaitable[float]]) -> float:
    db = await asyncpg.connect(of.dsn)
    try:
        await db.execute("CHECKPOINT")
        taken = await act(db, of)
        await db.execute("VACUUM ANALYZE")
        await db.execute("CHECKPOINT")
        return taken
    finally:
        await db.close()


async def _bulk(db: Any, of: Installation) -> float:
    return await _seconds(db.execute(_BULK))


async def _taken_in(db: Any, of: Installation) -> float:
    """Parse and fingerprint the rows before measuring, which leaves the share of the database."""
    key = of.settings.fingerprint_key
    addresses = (parse_email(f"bare.{number}@elsewhere.example.com") for number in range(of.contacts))
    rows = [(address.value, keyed_fingerprint(address, key)) for address in addresses]

    async def act() -> None:
        async with db.transaction():
            await db.execute("CREATE TEMP TABLE staging (address text, fingerprint bytea) ON COMMIT DROP")
            await db.copy_records_to_table("staging", records=rows)
            await db.execute(_IMPORT)

    return await _seconds(act())


async def _written_out(db: Any, of: Installation) -> float:
    async def sink(_piece: bytes) -> None:
        return None

    return await _seconds(db.copy_from_query(_EXPORT, output=sink, format="csv", header=True))


def _in_a_process(of: Installation, name: str) -> dict[str, float]:
    """Run Sayso's job in a process of its own, which measures its memory."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.job", name, str(of.contacts)],
        env={**os.environ, **of.environ},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    took: dict[str, float] = json.loads(result.stdout.splitlines()[-1])
    assert took["done"] >= of.contacts, took
    return took


async def _seconds(act: Awaitable[object]) -> float:
    begin = time.perf_counter()
    await act
    return time.perf_counter() - begin
