"""The wordings of all languages, ready to be looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

from preference_center.rules.message_text import folded
from preference_center.rules.phrases import Index, Match, Pattern, read_pattern, words_of
from preference_center.rules.wordings import WORDINGS
from preference_center.rules.wordings.grammar import Wordings

_STILL: Final = frozenset(["more", "mer", "mehr", "meer", "plus", "mas", "mais", "piu", "langer", "longer"])
"""Behind these a negation begins something new: nicht mehr."""


class Kind(Enum):
    """What a pattern is there for; by the name of its list in `Wordings`."""

    REQUEST = "requests"
    HINT = "hints"
    DOUBT = "doubts"
    LIMIT = "limits"
    INNOCENT = "innocent"
    INSTRUCTION = "instructions"


SAYING: Final = (Kind.REQUEST, Kind.HINT, Kind.DOUBT, Kind.LIMIT)
SOMETHING_ELSE: Final = (Kind.INNOCENT, Kind.INSTRUCTION)


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language's lists of words."""

    language: str | None
    negations: frozenset[str]
    negations_after: frozenset[str]
    bridges: frozenset[str]
    polite: frozenset[str]
    answers: frozenset[str]

    def negates(self, words: list[str], match: Match) -> bool:
        """True where a negation turns round what was found."""
        before = match.start - 1
        while before >= 0 and words[before] in self.bridges:
            before -= 1
        return (
            (before >= 0 and words[before] in self.negations)
            or any(words[at] in self.negations for at in match.skipped)
            or self._negates_behind(words, match.end)
        )

    def _negates_behind(self, words: list[str], at: int) -> bool:
        behind = words[at : at + 2]
        return bool(behind) and behind[0] in self.negations_after and not _STILL & set(behind[1:])


@cache
def grammars() -> tuple[Grammar, ...]:
    """Every language's."""
    return tuple(_grammar(wordings) for wordings in WORDINGS)


@cache
def index(kinds: tuple[Kind, ...]) -> Index[tuple[Kind, Grammar]]:
    """The patterns of these kinds, of all languages."""
    found: Index[tuple[Kind, Grammar]] = Index()
    for wordings, grammar in zip(WORDINGS, grammars(), strict=True):
        for kind, pattern in _patterns(wordings, kinds):
            found.add(pattern, (kind, grammar))
    return found


@cache
def polite() -> frozenset[str]:
    """Words of any language that say nothing of their own beside a keyword."""
    return frozenset[str]().union(*(grammar.polite for grammar in grammars()))


@cache
def answers() -> frozenset[str]:
    """Words of any language that say nothing of their own before a pause."""
    return frozenset[str]().union(*(grammar.answers for grammar in grammars()))


@cache
def vocabulary(kinds: tuple[Kind, ...]) -> frozenset[str]:
    """Every word that stands whole in a pattern of these kinds."""
    patterns = (pattern for wordings in WORDINGS for _, pattern in _patterns(wordings, kinds))
    return frozenset(word for pattern in patterns for word in pattern.whole_words())


def _patterns(wordings: Wordings, kinds: Iterable[Kind]) -> Iterator[tuple[Kind, Pattern]]:
    names = {name: _spelt(listed) for name, listed in wordings.names.items()}
    for kind in kinds:
        listed: str = getattr(wordings, kind.value)
        lines = (line for line in listed.splitlines() if line.strip())
        yield from ((kind, read_pattern(_spelt(line), names)) for line in lines)


def _grammar(wordings: Wordings) -> Grammar:
    lists = (
        wordings.negations,
        wordings.negations_after,
        wordings.bridges,
        wordings.polite,
        wordings.answers,
    )
    return Grammar(wordings.language, *(frozenset(words_of(_spelt(listed))) for listed in lists))


def _spelt(written: str) -> str:
    return folded(written.casefold())
