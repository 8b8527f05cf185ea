"""What does not grow with the contacts: point query, list, page and one-click, with few and with many."""

from __future__ import annotations

import asyncio

from tests.benchmarks.harness import messages
from tests.benchmarks.harness.databases import Installation, still_opted_in
from tests.benchmarks.harness.report import Line, milliseconds
from tests.benchmarks.harness.side_by_side import Bench, compare, spread
from tests.benchmarks.reading import by_email, page_of_contacts
from tests.benchmarks.recipient_pages import clicks, openings

_MOST = 5_000


def growing(bench: Bench, few: Installation, many: Installation) -> list[Line]:
    """All on one connection, so that the time includes the database and nothing overlaps."""
    lines = []
    for what, requests in (
        ("point query", lambda of: by_email(of, _some(of))),
        ("list", lambda of: [page_of_contacts(of)]),
        ("preference page", lambda of: openings(of, _some(of))),
        ("one-click", _clicks),
    ):
        targets = []
        for of in (many, few):
            asked = requests(of)
            once = what == "one-click"
            assert messages.exchange(bench.ours(of), asked[0]).status == 200
            targets.append(bench.load.target(bench.ours(of), asked[1:] if once else asked, once=once))
        result = compare(bench, f"{what}, growing", *targets, connections=1)
        name = f"{what} at {many.contacts:,} contacts / at {few.contacts:,}"
        times = milliseconds(1 / result.ours), milliseconds(1 / result.bare)
        lines.append(Line(name, *times, 1 / result.ratio, at_most=1.25))
    return lines


def _some(of: Installation) -> list[int]:
    return spread(range(1, of.contacts + 1), min(of.contacts, _MOST))


def _clicks(of: Installation) -> list[bytes]:
    return clicks(of, asyncio.run(still_opted_in(of))[: 2 * _MOST])
