"""Who may set, change and end a silence: every case of (who, what, what is held, whose), as a table."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from preference_center.rules.pauses import decide_pause
from preference_center.rules.types import Accepted, Decision, ErrorCode, Maker, Refused, Unchanged

JUNE, JULY, AUGUST = (datetime(2026, month, 1, tzinfo=UTC) for month in (6, 7, 8))
WANTED = {"shorter": JUNE, "same": JULY, "longer": AUGUST, "end": None}
MEANING: dict[str, Decision] = {
    "done": Accepted(),
    "nothing": Unchanged(),
    "refused": Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT),
}
# What is held until July, by whom; who wants something; and what comes of it.
TABLE = """
held      | by        | shorter | same    | longer  | end
none      | TEAM      | done    | done    | done    | nothing
none      | RECIPIENT | done    | done    | done    | nothing
TEAM      | TEAM      | done    | nothing | done    | done
TEAM      | RECIPIENT | done    | done    | done    | done
RECIPIENT | TEAM      | refused | nothing | refused | refused
RECIPIENT | RECIPIENT | done    | nothing | done    | done
"""


def cases() -> list[tuple[str, str, str, str]]:
    """(held, by, wanted, what comes of it) for every cell."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    return [(row[0], row[1], *cell) for row in rows for cell in zip(head[2:], row[2:], strict=True)]


@pytest.mark.parametrize(("held", "by", "wanted", "meant"), cases())
def test_a_persons_own_silence_is_theirs_and_a_teams_is_anybodys(
    held: str, by: str, wanted: str, meant: str
) -> None:
    """R4, R11, R16: only a person's word takes a silence over without changing when it ends."""
    until, whose = (None, Maker.NOBODY) if held == "none" else (JULY, Maker[held])
    assert decide_pause(WANTED[wanted], Maker[by], until, whose) == MEANING[meant]


def test_the_table_has_every_case() -> None:
    wanted = itertools.product(("none", "TEAM", "RECIPIENT"), ("TEAM", "RECIPIENT"), WANTED)
    assert sorted(wanted) == sorted(case[:3] for case in cases())


def test_no_silence_is_ever_waited_for_or_superseded() -> None:
    """R19, R17 are about statuses: what is decided of a silence holds at once, or not at all."""
    decided = {
        type(decide_pause(until, by, held, whose))
        for until in WANTED.values()
        for by in (Maker.TEAM, Maker.RECIPIENT)
        for held, whose in ((None, Maker.NOBODY), (JULY, Maker.TEAM), (JULY, Maker.RECIPIENT))
    }
    assert decided == {Accepted, Unchanged, Refused}
