"""A bound that is missed is seen, and is what the run fails on."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from rich.console import Console

from tests.benchmarks.harness.report import Line, show, write


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


def test_the_report_as_json_has_each_ratio_with_its_bound_and_the_cpu(tmp_path: Path) -> None:
    line = Line("point", "2,000/s", "3,000/s", 0.66, at_least=0.55, cpu_ours=290.0, cpu_bare=160.5)
    write([line, Line("export", "3 s", "2 s", 1.5, at_most=1.0)], tmp_path / "report.json", {"quick": False})
    report = orjson.loads((tmp_path / "report.json").read_bytes())
    point, export = report.pop("lines")
    assert report == {"quick": False}
    assert (point["what"], point["ratio"], point["bound"], point["kept"]) == ("point", 0.66, "≥ 0.55", True)
    assert (point["cpu_ours"], point["cpu_bare"]) == (290.0, 160.5)
    assert (export["bound"], export["kept"], export["cpu_ours"]) == ("≤ 1", False, None)
