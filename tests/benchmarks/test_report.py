"""A bound that is missed is seen, and is what the run fails on."""

from __future__ import annotations

import pytest
from rich.console import Console

from tests.benchmarks.harness.report import Line, show


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (Line("list", "", "", 0.09, at_least=0.09), "yes"),
        (Line("list", "", "", 0.0899, at_least=0.09), "NO"),
        (Line("growth", "", "", 1.3, at_most=1.3), "yes"),
        (Line("growth", "", "", 1.31, at_most=1.3), "NO"),
        (Line("recording", "", "", 99.0), ""),
    ],
)
def test_each_ratio_is_held_against_its_bound(line: Line, verdict: str) -> None:
    assert line.verdict == verdict
    assert line.kept is (verdict != "NO")


def test_the_table_names_what_was_missed() -> None:
    console = Console(width=120)
    with console.capture() as printed:
        show([Line("one-click", "300/s", "700/s", 0.43, at_least=0.5)], console)
    row = next(line for line in printed.get().splitlines() if "one-click" in line)
    assert all(word in row for word in ("300/s", "700/s", "0.43", "≥ 0.5", "NO"))
