"""What people text to a business, labelled with what a reasonable reader understands (R29).

`corpus/<language>.txt`: one wording per line under the heading of its label; `\\n` is a new line and
`\\u200b` the character with that code point. `mixed.txt` mixes languages, `other.txt` has languages without
keyword lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from preference_center.rules.types import DomainEnum

CORPUS = Path(__file__).with_name("corpus")
LANGUAGES = ("en", "pl", "sv", "de", "fr", "es", "it", "pt", "nl", "zh-Hant", "zh-Hans")


class Label(DomainEnum):
    """What a reasonable reader understands (R29)."""

    OUT = "OUT"
    """A withdrawal."""
    UNSURE = "UNSURE"
    """Readers disagree, or would ask."""
    NOT_OUT = "NOT_OUT"
    """Clearly something else."""
    IN = "IN"
    """A request for messages."""
    HELP = "HELP"
    """A request for information."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One text message with its label and the name of its file."""

    language: str
    label: Label
    text: str


def _unescaped(line: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), line).replace(r"\n", "\n")


def _read(path: Path) -> list[Wording]:
    found, label = [], None
    for line in path.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[([A-Z_]+)\]", line):
            label = Label(heading[1])
        else:
            assert label is not None, f"{path.name}: no label above {line!r}"
            assert line, f"{path.name}: an empty line"
            found.append(Wording(path.stem, label, _unescaped(line)))
    return found


@cache
def wordings() -> tuple[Wording, ...]:
    """Every wording of the corpus."""
    return tuple(wording for path in sorted(CORPUS.glob("*.txt")) for wording in _read(path))


def labelled(*labels: Label) -> list[Wording]:
    """The wordings with one of these labels."""
    return [wording for wording in wordings() if wording.label in labels]
