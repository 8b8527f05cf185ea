"""Attacks on a server, and how long an opt-out waits meanwhile: at most 250 ms, on both databases."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from preference_center.config.settings import Settings
from preference_center.storage import migration
from tests.attacks.attack import LONG, ONCE, Attack, Effort
from tests.attacks.catalog import ATTACKS
from tests.attacks.installation import Installation, furnish
from tests.attacks.measurement import LONGEST_WAIT, Range, attacked
from tests.benchmarks.harness.databases import SERVER, opened
from tests.benchmarks.harness.report import Line, milliseconds
from tests.benchmarks.harness.side_by_side import Bench
from tests.conftest import settings_for


def attacking(bench: Bench) -> list[Line]:
    """Every attack, one after another, with a line for each.

    It has the longest wait, the growth of the server in memory, and the wait as a part of what is allowed.
    """
    lines: list[Line] = []
    effort = ONCE if bench.effort.quick else LONG
    for database in ("sqlite", "postgres"):
        with _database(database, bench.folder) as settings:
            of = asyncio.run(_furnished(settings))
            with attacked(of) as range_:
                for kind, attacks in ATTACKS.items():
                    bench.progress.console.print(f"attacking {database} by {kind} …")
                    lines += [_line(range_, f"{database}: {kind}", each, effort) for each in attacks]
    return lines


def _line(range_: Range, where: str, attack: Attack, effort: Effort) -> Line:
    measured = range_.measure(attack, effort)
    others = [words for words in measured.exceeded() if "waited" not in words]
    what = f"{where}: {attack.name}" + "".join(f"; {words}" for words in others)
    ratio = math.inf if others else measured.waits.longest / LONGEST_WAIT
    return Line(what, milliseconds(measured.waits.longest), f"+{measured.memory} MB", ratio, at_most=1.0)


async def _furnished(settings: Settings) -> Installation:
    async with opened(settings):
        await migration.migrate(settings)
    return await furnish(settings)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[Settings]:
    """Settings of a new database, which is dropped at the end."""
    data = folder / f"attacked-{kind}"
    if kind == "sqlite":
        yield settings_for(f"sqlite://{data / 'sayso.db'}", data)
        return
    name = f"sayso_attacked_{secrets.token_hex(4)}"
    asyncio.run(_on_server(f'CREATE DATABASE "{name}"'))
    try:
        yield settings_for(f"{SERVER.rpartition('/')[0]}/{name}", data)
    finally:
        asyncio.run(_on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _on_server(sql: str) -> None:
    admin = await asyncpg.connect(SERVER)
    try:
        await admin.execute(sql)
    finally:
        await admin.close()
