"""`python -m tests.benchmarks.job bulk|import|export N`: a long job in a process of its own.

Prints JSON: seconds, megabytes at the peak, and how many things it did.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import uvloop

from preference_center.catalog.catalog import exact_catalog
from preference_center.config import settings
from preference_center.contacts.filter import ContactFilter
from preference_center.exports import stream as exports
from preference_center.exports.stream import Format
from preference_center.exports.suppressions import SuppressionFilter, suppressions
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.upload import Upload
from preference_center.jobs import HANDLERS
from preference_center.operations import bulk_updates, operations
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.rules.types import Actor, Channel, LegalBasis, PreferenceStatus
from preference_center.storage.connection import open_database

ACTOR = Actor("bench")


async def bulk(_count: int) -> int:
    """Opt every contact in to one type."""
    catalog = await exact_catalog()
    kind = catalog.type_by_key("jobs-ours")
    assert kind is not None
    asked = await bulk_updates.enqueue(
        BulkUpdate(
            ContactFilter(),
            Channel.EMAIL,
            [kind],
            PreferenceStatus.OPTED_IN,
            explanation="They asked for it.",
            legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        ),
        ACTOR,
    )
    return (await _finished(asked)).changed


async def taken_in(count: int) -> int:
    """Import a list of opt-outs of unknown addresses."""
    unit = (await exact_catalog()).unit_by_key("jobs")
    assert unit is not None
    wish = OptOutImport(unit, Channel.EMAIL, "The list of the provider we left.", False)
    received = await opt_out_imports.receive(wish, Upload(_rows(count), expected_rows=count), ACTOR)
    return (await _finished(received)).changed


async def _rows(count: int) -> AsyncIterator[bytes]:
    yield b"email\n"
    for begin in range(0, count, 1000):
        end = min(begin + 1000, count)
        yield b"".join(b"gone.%d@elsewhere.example.com\n" % number for number in range(begin, end))


async def written_out(_count: int) -> int:
    """Write every suppression as CSV."""
    lines = 0

    async def sink(piece: bytes) -> None:
        nonlocal lines
        lines += piece.count(b"\n")

    await exports.write(suppressions(SuppressionFilter()), Format.CSV, sink)
    return lines - 1


async def _finished(asked: OperationRow) -> OperationRow:
    while await run_next(HANDLERS):
        pass
    done = await operations.get(asked.id)
    assert done is not None
    assert done.processed == done.total == done.changed + done.refused
    return done


JOBS: dict[str, Callable[[int], Awaitable[int]]] = {"bulk": bulk, "import": taken_in, "export": written_out}


async def main(name: str, count: int) -> None:
    """Run one job on the installation of the environment."""
    config = settings.load()
    settings.use(config)
    async with open_database(config):
        begin = time.perf_counter()
        number = await JOBS[name](count)
        seconds = time.perf_counter() - begin
    sys.stdout.write(json.dumps({"seconds": seconds, "megabytes": peak(), "done": number}) + "\n")


def peak() -> float:
    """The most memory that this program used, in megabytes. getrusage would count the parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2])))
