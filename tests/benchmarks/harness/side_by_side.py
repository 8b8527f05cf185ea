"""Two servers side by side: short slices of load in turns, so that a busy machine slows both equally."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeVar

from rich.progress import Progress

from tests.benchmarks.harness.databases import Installation
from tests.benchmarks.harness.load import Generator, Slice
from tests.benchmarks.harness.servers import OURS, serving

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and with how many connections to measure."""

    rounds: int
    seconds: float
    connections: int
    contacts: int
    few: int
    many: int


FULL = Effort(rounds=15, seconds=0.6, connections=16, contacts=100_000, few=10_000, many=1_000_000)
QUICK = Effort(rounds=3, seconds=0.3, connections=16, contacts=4_000, few=1_000, many=10_000)


@dataclass(slots=True)
class Bench:
    """The installations, servers and load generator of a run. Servers start when they are first used."""

    effort: Effort
    load: Generator
    progress: Progress
    folder: Path
    keep: bool
    _running: ExitStack = field(default_factory=ExitStack)
    _ports: dict[tuple[str, str], int] = field(default_factory=dict)

    def server(self, application: str, of: Installation, **environ: str) -> int:
        """The port of a server that runs an application on an installation."""
        key = (application, of.dsn)
        if key not in self._ports:
            started = serving(application, {**of.environ, **environ})
            self._ports[key] = self._running.enter_context(started)
        return self._ports[key]

    def stop_servers(self) -> None:
        """Stop every server, before its database is dropped."""
        self._running.close()
        self._ports.clear()

    def ours(self, of: Installation) -> int:
        """The port of Sayso, serving an installation."""
        return self.server(OURS, of)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The medians of two targets and of their ratio in each round, where what they share cancels out."""

    ours: float
    bare: float
    ratio: float


def compare(bench: Bench, name: str, ours: int, bare: int, connections: int | None = None) -> Comparison:
    """Measure two targets in turns, in answers a second. The order changes with each round."""
    effort, busy = bench.effort, connections or bench.effort.connections
    task = bench.progress.add_task(name, total=effort.rounds + 1)
    if not bench.progress.console.is_terminal:
        bench.progress.console.print(f"measuring {name} …")
    for target in (ours, bare):
        bench.load.run(target, busy, effort.seconds)
    bench.progress.advance(task)
    rounds: list[tuple[Slice, Slice]] = []
    for number in range(effort.rounds):
        first, second = (ours, bare) if number % 2 else (bare, ours)
        slices = {target: bench.load.run(target, busy, effort.seconds) for target in (first, second)}
        rounds.append((slices[ours], slices[bare]))
        bench.progress.advance(task)
    return Comparison(
        median(mine.rate for mine, _ in rounds),
        median(other.rate for _, other in rounds),
        median(mine.rate / other.rate for mine, other in rounds),
    )


def spread(items: Sequence[T], number: int) -> list[T]:
    """This many of the values, in an order that looks random but is the same in every run."""
    step = 7919 % len(items) or 1
    return [items[(step * n) % len(items)] for n in range(number)]
