"""What does not grow with the contacts: the point query and the page, with few and with many contacts."""

from __future__ import annotations

from tests.benchmarks.harness import messages
from tests.benchmarks.harness.databases import Installation
from tests.benchmarks.harness.report import Line, milliseconds
from tests.benchmarks.harness.side_by_side import Bench, compare, spread
from tests.benchmarks.reading import by_email
from tests.benchmarks.recipient_pages import openings


def growing(bench: Bench, few: Installation, many: Installation) -> list[Line]:
    """Both on one connection, so that the time includes the database and nothing overlaps."""
    lines = []
    for what, requests in (("point query", by_email), ("preference page", openings)):
        targets = []
        for of in (many, few):
            asked = requests(of, spread(range(1, of.contacts + 1), min(of.contacts, 5000)))
            assert messages.exchange(bench.ours(of), asked[0]).status == 200
            targets.append(bench.load.target(bench.ours(of), asked))
        result = compare(bench, f"{what}, growing", *targets, connections=1)
        name = f"{what} at {many.contacts:,} contacts / at {few.contacts:,}"
        times = milliseconds(1 / result.ours), milliseconds(1 / result.bare)
        lines.append(Line(name, *times, 1 / result.ratio, at_most=1.25))
    return lines
