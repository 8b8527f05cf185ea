"""What people text to a business, and what a reasonable reader takes it for (R29).

`corpus/<language>.txt`: one wording a line under the heading of its label; `\\n` stands for a new line and
`\\u200b` for the character of that number. `mixed.txt` mixes languages, `other.txt` has languages without
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
    """What a reasonable reader takes a wording for (R29)."""

    OUT = "OUT"
    """A withdrawal."""
    UNSURE = "UNSURE"
    """Readers differ, or would ask."""
    NOT_OUT = "NOT_OUT"
    """Clearly something else."""
    IN = "IN"
    """A wish to be written to again."""
    HELP = "HELP"
    """A wish to know what this is."""


@dataclass(frozen=True, slots=True)
class Translator:
    """One text message with its label and the file that it is from."""

    language: str
    label: Label
    text: str


def _unescaped(line: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), line).replace(r"\n", "\n")


def _read(path: Path) -> list[Translator]:
    found, label = [], None
    for line in path.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[([A-Z_]+)\]", line):
            label = Label(heading[1])
        else:
            assert label is not None, f"{path.name}: no label stands above {line!r}"
            assert line, f"{path.name}: an empty line"
            found.append(Translator(path.stem, label, _unescaped(line)))
    return found


@cache
def wordings() -> tuple[Translator, ...]:
    """Every wording of the corpus."""
    return tuple(wording for path in sorted(CORPUS.glob("*.txt")) for wording in _read(path))


def labelled(*labels: Label) -> list[Translator]:
    """The wordings that have one of these labels."""
    return [wording for wording in wordings() if wording.label in labels]
