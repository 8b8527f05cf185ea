"""Who may set, change and end a pause: every combination, as a table."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from preference_center.rules.decisions import Accepted, Decision, Refused, Unchanged
from preference_center.rules.permissions.pauses import decide_pause
from preference_center.rules.types import ErrorCode, Maker

JUNE, JULY, AUGUST = (datetime(2026, month, 1, tzinfo=UTC) for month in (6, 7, 8))
REQUESTS = {"shorter": JUNE, "same": JULY, "longer": AUGUST, "end": None}
DECISIONS: dict[str, Decision] = {
    "accepted": Accepted(),
    "unchanged": Unchanged(),
    "refused": Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT),
}
# Who made the current pause (until July), who makes the request, and the decision on each request.
TABLE = """
current   | request by | shorter  | same      | longer   | end
none      | TEAM       | accepted | accepted  | accepted | unchanged
none      | RECIPIENT  | accepted | accepted  | accepted | unchanged
TEAM      | TEAM       | accepted | unchanged | accepted | accepted
TEAM      | RECIPIENT  | accepted | accepted  | accepted | accepted
RECIPIENT | TEAM       | refused  | unchanged | refused  | refused
RECIPIENT | RECIPIENT  | accepted | unchanged | accepted | accepted
"""


def cells() -> list[tuple[str, str, str, str]]:
    """(current, request by, request, decision) for every cell of the table."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    return [(row[0], row[1], *cell) for row in rows for cell in zip(head[2:], row[2:], strict=True)]


@pytest.mark.parametrize(("current", "maker", "request_", "decision"), cells())
def test_only_recipients_change_their_own_pause_and_anybody_changes_the_teams(
    current: str, maker: str, request_: str, decision: str
) -> None:
    """R4, R11, R16: only a recipient takes over a pause without changing its end."""
    until, current_maker = (None, Maker.NOBODY) if current == "none" else (JULY, Maker[current])
    assert decide_pause(REQUESTS[request_], Maker[maker], until, current_maker) == DECISIONS[decision]


def test_the_table_has_every_combination() -> None:
    combinations = itertools.product(("none", "TEAM", "RECIPIENT"), ("TEAM", "RECIPIENT"), REQUESTS)
    assert sorted(combinations) == sorted(cell[:3] for cell in cells())
