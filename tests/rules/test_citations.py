"""Each rule of the domain is proved somewhere: tests name the rules that they prove by their numbers."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
KEPT = set(range(1, 38))


def cited() -> dict[int, list[str]]:
    """The test files that cite each rule, by its number."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("*.py")):
        if path != Path(__file__):
            for number in {int(text) for text in re.findall(r"\bR(\d+)\b", path.read_text())}:
                found.setdefault(number, []).append(str(path.relative_to(TESTS)))
    return found


def test_every_rule_is_cited_where_it_is_proved() -> None:
    assert KEPT - cited().keys() == set()


def test_no_rule_is_cited_that_the_domain_does_not_have() -> None:
    unknown = {number: files for number, files in cited().items() if not 1 <= number <= 37}
    assert unknown == {}
