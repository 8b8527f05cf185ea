"""Two server processes against one: what they answer for the time that they are on a processor."""

from __future__ import annotations

from tests.benchmarks.harness import messages
from tests.benchmarks.harness.databases import Installation
from tests.benchmarks.harness.report import Line
from tests.benchmarks.harness.servers import OURS
from tests.benchmarks.harness.side_by_side import Bench, compare, spread
from tests.benchmarks.reading import by_email

PROCESSES = 2


def processes(bench: Bench, of: Installation) -> list[Line]:
    """The point query by two processes and by one.

    The load runs on the same machine and takes a core of two. So it is not the rates that are compared, but
    the answers for each second of CPU: of two processes with a core each there are twice as many seconds.
    """
    asked = by_email(of, spread(range(1, of.contacts + 1), 2000))
    targets = []
    for workers in (PROCESSES, 1):
        port = bench.server(OURS, of, workers)
        assert messages.exchange(port, asked[0]).status == 200
        targets.append(bench.load.target(port, asked))
    result = compare(bench, "processes", *targets, connections=2 * bench.effort.connections)
    ratio = PROCESSES * result.cpu_bare / result.cpu_ours
    what = f"point query by {PROCESSES} processes / by one, for a core each"
    times = f"{PROCESSES * 1e6 / result.cpu_ours:,.0f}/s", f"{1e6 / result.cpu_bare:,.0f}/s"
    return [Line(what, *times, ratio, at_least=1.8, cpu_ours=result.cpu_ours, cpu_bare=result.cpu_bare)]
