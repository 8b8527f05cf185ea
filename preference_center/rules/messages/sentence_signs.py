"""What the wordings found in one sentence point to, after negations, questions and limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from preference_center.rules.messages.grammars import SAYING, SOMETHING_ELSE, Grammar, Kind, index
from preference_center.rules.messages.message_text import Sentence
from preference_center.rules.messages.phrases import Match

MASK: Final = "*"
"""Stands for a word that is about something else."""


class Sign(Enum):
    """What a part of a message points to."""

    PLAIN = "a withdrawal"
    UNCLEAR = "perhaps a withdrawal"
    REFUSED = "a withdrawal, negated"


@dataclass(frozen=True, slots=True)
class _Said:
    """A request or a hint."""

    match: Match
    kind: Kind
    grammar: Grammar
    negation: int | None
    asked: bool
    """A question or a condition comes before it."""
    limited: bool

    @property
    def doubted(self) -> bool:
        """True where a person has to tell what it means."""
        return self.asked or self.limited

    def stands_on(self, places: set[int | None]) -> bool:
        """True where a word that makes it up is in one of these places."""
        return not places.isdisjoint(self.match.literal())


def masked(sentence: Sentence) -> tuple[list[str], bool]:
    """The words without what is about something else; and whether an instruction stood there unquoted."""
    words = list(sentence.words)
    instructed = False
    for match, (kind, grammar) in index(SOMETHING_ELSE).matches(sentence.words):
        start, end = match.start, match.end
        if kind is Kind.INNOCENT and grammar.speaks_of_messages([sentence.words[at] for at in match.skipped]):
            continue
        if kind is Kind.INSTRUCTION:
            instructed |= not any(sentence.quoted[start:end])
            start, end = _quotation(sentence.quoted, start, end)
        words[start:end] = [MASK] * (end - start)
    return words, instructed


def signs(words: Sequence[str], quoted: Sequence[bool]) -> Iterator[tuple[Sign, Grammar]]:
    """Each request's and hint's sign, unless another that is negated takes it in."""
    said = _said(words, quoted)
    refused = [one for one in said if one.kind is Kind.REQUEST and one.negation is not None]
    negations = {one.negation for one in refused}
    taken = {at for one in refused for at in range(one.match.start, one.match.end)}
    doubted: set[int | None] = {
        at for one in said if one.kind is Kind.REQUEST and one.doubted for at in one.match.literal()
    }
    yield from ((Sign.UNCLEAR if one.asked else Sign.REFUSED, one.grammar) for one in refused)
    for one in said:
        negated = one.negation is not None or one.match.start in taken
        if not negated and not one.stands_on(negations):
            clear = one.kind is Kind.REQUEST and not one.doubted and not one.stands_on(doubted)
            yield (Sign.PLAIN if clear else Sign.UNCLEAR), one.grammar


def _said(words: Sequence[str], quoted: Sequence[bool]) -> list[_Said]:
    """The requests and hints; doubted where their language has a doubt before or a limit behind them."""
    found = list(index(SAYING).matches(words))
    doubts: dict[Grammar, int] = {}
    limits: dict[Grammar, int] = {}
    for match, (kind, grammar) in found:
        if kind is Kind.DOUBT:
            doubts.setdefault(grammar, match.start)
        elif kind is Kind.LIMIT:
            limits[grammar] = match.start
    return [
        _Said(
            match,
            kind,
            grammar,
            grammar.negation(words, match),
            quoted[match.start] or doubts.get(grammar, match.start) < match.start,
            limits.get(grammar, -1) > match.start,
        )
        for match, (kind, grammar) in found
        if kind in {Kind.REQUEST, Kind.HINT}
    ]


def _quotation(quoted: Sequence[bool], start: int, end: int) -> tuple[int, int]:
    """All that is quoted together with these words."""
    while quoted[start] and start > 0 and quoted[start - 1]:
        start -= 1
    while quoted[end - 1] and end < len(quoted) and quoted[end]:
        end += 1
    return start, end
