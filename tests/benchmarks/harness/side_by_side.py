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
from tests.benchmarks.harness.load import Generator
from tests.benchmarks.harness.report import Line, rate
from tests.benchmarks.harness.servers import OURS, Server, serving

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
    quick: bool = False
    """Whether it is a smoke run, too noisy to hold bounds."""


FULL = Effort(rounds=15, seconds=0.6, connections=16, contacts=100_000, few=10_000, many=1_000_000)
QUICK = Effort(rounds=3, seconds=0.3, connections=16, contacts=4_000, few=1_000, many=10_000, quick=True)


@dataclass(slots=True)
class Bench:
    """The installations, servers and load generator of a run. Servers start when they are first used."""

    effort: Effort
    load: Generator
    progress: Progress
    folder: Path
    keep: bool
    _running: ExitStack = field(default_factory=ExitStack)
    _servers: dict[tuple[str, str, int], Server] = field(default_factory=dict)

    def server(self, application: str, of: Installation, workers: int = 1, **environ: str) -> int:
        """The port of a server that runs an application on an installation, in so many processes."""
        key = (application, of.dsn, workers)
        if key not in self._servers:
            started = serving(application, {**of.environ, **environ}, workers)
            self._servers[key] = self._running.enter_context(started)
        return self._servers[key].port

    def watch(self, server: Server) -> None:
        """Measure the CPU of a server that was started elsewhere."""
        self._servers[str(server.port), "", 1] = server

    def stop_servers(self) -> None:
        """Stop every server, before its database is dropped."""
        self._running.close()
        self._servers.clear()

    def cpu_seconds(self, port: int) -> float:
        """How long the server with a port has been on a processor."""
        return next(each.cpu_seconds() for each in self._servers.values() if each.port == port)

    def ours(self, of: Installation) -> int:
        """The port of Sayso, serving an installation."""
        return self.server(OURS, of)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The medians of two targets and of their ratio in each round, where what they share cancels out.

    Rates are answers a second; CPU is microseconds of the server process for each answer.
    """

    ours: float
    bare: float
    ratio: float
    cpu_ours: float
    cpu_bare: float

    def line(self, what: str, at_least: float | None = None) -> Line:
        """The line of the report that compares the rates."""
        return Line(
            what,
            rate(self.ours),
            rate(self.bare),
            self.ratio,
            at_least=at_least,
            cpu_ours=self.cpu_ours,
            cpu_bare=self.cpu_bare,
        )


@dataclass(frozen=True, slots=True)
class _Measured:
    """A slice of load, and the microseconds of CPU that its server took for each answer."""

    rate: float
    cpu: float


def compare(bench: Bench, name: str, ours: int, bare: int, connections: int | None = None) -> Comparison:
    """Measure two targets in turns. The order changes with each round."""
    effort, busy = bench.effort, connections or bench.effort.connections
    task = bench.progress.add_task(name, total=effort.rounds + 1)
    if not bench.progress.console.is_terminal:
        bench.progress.console.print(f"measuring {name} …")
    for target in (ours, bare):
        bench.load.run(target, busy, effort.seconds)
    bench.progress.advance(task)
    rounds: list[tuple[_Measured, _Measured]] = []
    for number in range(effort.rounds):
        first, second = (ours, bare) if number % 2 else (bare, ours)
        slices = {target: _measured(bench, target, busy) for target in (first, second)}
        rounds.append((slices[ours], slices[bare]))
        bench.progress.advance(task)
    return Comparison(
        median(mine.rate for mine, _ in rounds),
        median(other.rate for _, other in rounds),
        median(mine.rate / other.rate for mine, other in rounds),
        median(mine.cpu for mine, _ in rounds),
        median(other.cpu for _, other in rounds),
    )


def _measured(bench: Bench, target: int, connections: int) -> _Measured:
    port = bench.load.port(target)
    before = bench.cpu_seconds(port)
    taken = bench.load.run(target, connections, bench.effort.seconds)
    spent = bench.cpu_seconds(port) - before
    return _Measured(taken.rate, spent / taken.answers * 1e6)


def spread(items: Sequence[T], number: int) -> list[T]:
    """This many of the values, in an order that looks random but is the same in every run."""
    step = 7919 % len(items) or 1
    return [items[(step * n) % len(items)] for n in range(number)]
