"""`python -m tests.benchmarks`: runs every benchmark, prints one table, exits with 1 if a bound is missed."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.benchmarks.address_lists import address_lists
from tests.benchmarks.attacking import attacking
from tests.benchmarks.enrolling import enrolling
from tests.benchmarks.growth import growing
from tests.benchmarks.harness import report
from tests.benchmarks.harness.databases import Installation, installation
from tests.benchmarks.harness.load import generating
from tests.benchmarks.harness.report import Line
from tests.benchmarks.harness.side_by_side import FULL, QUICK, Bench, Effort
from tests.benchmarks.linking import linking
from tests.benchmarks.long_jobs import long_jobs
from tests.benchmarks.opponent import postgraphile
from tests.benchmarks.processes import processes
from tests.benchmarks.reading import listing, point, record
from tests.benchmarks.recipient_pages import one_click, page
from tests.benchmarks.recording import recording

BENCHMARKS: dict[str, Callable[[Bench, Installation], list[Line]]] = {
    "list": listing,
    "point": point,
    "record": record,
    "page": page,
    "links": linking,
    "one-click": one_click,
    "recording": recording,
    "workflows": enrolling,
    "lists": address_lists,
    "processes": processes,
}
GROWTH = "growth"
JOBS = "jobs"
ATTACKS = "attacks"
POSTGRAPHILE = "postgraphile"
NAMES = [*BENCHMARKS, GROWTH, JOBS, ATTACKS]


def main() -> int:
    """Run the benchmarks. Returns 1 if a bound is missed; a quick run is too noisy to check bounds."""
    given = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and databases go too
    effort = QUICK if given.quick else FULL
    sizes = {"contacts": given.contacts or effort.contacts, "many": given.many or effort.many}
    with _bench(replace(effort, **sizes), keep=given.keep) as bench:
        names = [*(given.only or NAMES), *([POSTGRAPHILE] if given.postgraphile else [])]
        lines = _measure(bench, names)
    report.show(lines, Console(width=None if sys.stdout.isatty() else 160))
    if given.json:
        report.write(lines, given.json, _about(given))
    return int(not given.quick and not all(line.kept for line in lines))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, help=f"some of: {','.join(NAMES)}")
    parser.add_argument(
        "--quick", action="store_true", help="a smoke run with little data; bounds are not held"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the databases, and use those of an earlier run"
    )
    parser.add_argument("--contacts", type=int, help="contacts of the usual database, instead of 100,000")
    parser.add_argument("--many", type=int, help="contacts of the large database, instead of 1,000,000")
    parser.add_argument(
        "--postgraphile", action="store_true", help="compare with PostGraphile 5 too, installed by npm"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements to a file too")
    return parser.parse_args()


def _about(given: argparse.Namespace) -> dict[str, object]:
    """What the figures depend on."""
    return {
        "quick": given.quick,
        "contacts": given.contacts,
        "many": given.many,
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = set(names) - set(NAMES)
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}")
    return names


@contextmanager
def _bench(effort: Effort, *, keep: bool) -> Iterator[Bench]:
    with (
        tempfile.TemporaryDirectory(prefix="sayso-bench-") as folder,
        Progress(console=Console(stderr=True)) as progress,
        generating() as load,
    ):
        yield Bench(effort, load, progress, Path(folder), keep)


def _measure(bench: Bench, names: list[str]) -> list[Line]:
    lines: list[Line] = []
    usual = [BENCHMARKS[name] for name in BENCHMARKS if name in names]
    if POSTGRAPHILE in names:
        usual.append(postgraphile)
    if usual:
        with _installed(bench, bench.effort.contacts) as of:
            for benchmark in usual:
                lines += benchmark(bench, of)
    if GROWTH in names:
        with _installed(bench, bench.effort.few) as few, _installed(bench, bench.effort.many) as many:
            lines += growing(bench, few, many)
    if JOBS in names:
        with _installed(bench, bench.effort.many) as many:
            lines += long_jobs(bench, many)
    if ATTACKS in names:
        lines += attacking(bench)
    return lines


@contextmanager
def _installed(bench: Bench, contacts: int) -> Iterator[Installation]:
    """An installation, outside of any event loop, as each benchmark runs its own."""
    with asyncio.Runner() as runner:
        made = installation(contacts, bench.folder, bench.progress, keep=bench.keep)
        of = runner.run(made.__aenter__())
        try:
            yield of
        finally:
            bench.stop_servers()
            runner.run(made.__aexit__(None, None, None))


if __name__ == "__main__":
    sys.exit(main())
