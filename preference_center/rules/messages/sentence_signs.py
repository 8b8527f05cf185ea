"""What the wordings in one sentence indicate, considering negations, questions and limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from preference_center.rules.messages.grammars import MASKED_KINDS, REQUEST_KINDS, Grammar, PatternKind, index
from preference_center.rules.messages.message_text import Sentence
from preference_center.rules.messages.phrases import Match

MASK: Final = "*"
"""Replaces a word that is about something else."""


class Sign(Enum):
    """What a part of a message indicates."""

    PLAIN = "a withdrawal"
    UNCLEAR = "perhaps a withdrawal"
    REFUSED = "a withdrawal, negated"


@dataclass(frozen=True, slots=True)
class _Finding:
    """A request or a hint found in a sentence."""

    match: Match
    kind: PatternKind
    grammar: Grammar
    negation: int | None
    asked: bool
    """A question or a condition precedes it."""
    limited: bool

    @property
    def doubted(self) -> bool:
        """Whether a person has to decide what it means."""
        return self.asked or self.limited

    def uses_word_at(self, places: set[int | None]) -> bool:
        """Whether one of its words is at one of these positions."""
        return not places.isdisjoint(self.match.literal())


def masked(sentence: Sentence) -> tuple[list[str], bool]:
    """Mask the words about something else; also returns whether there was an unquoted instruction."""
    words = list(sentence.words)
    instructed = False
    for match, (kind, grammar) in index(MASKED_KINDS).matches(sentence.words):
        start, end = match.start, match.end
        if kind is PatternKind.INNOCENT and grammar.mentions_messages(
            [sentence.words[at] for at in match.skipped]
        ):
            continue
        if kind is PatternKind.INSTRUCTION:
            instructed |= not any(sentence.quoted[start:end])
            start, end = _quotation(sentence.quoted, start, end)
        words[start:end] = [MASK] * (end - start)
    return words, instructed


def signs(words: Sequence[str], quoted: Sequence[bool]) -> Iterator[tuple[Sign, Grammar]]:
    """Yield the sign of each request and hint that is not part of a negated one."""
    findings = _findings(words, quoted)
    refused = [each for each in findings if each.kind is PatternKind.REQUEST and each.negation is not None]
    negations = {each.negation for each in refused}
    covered = {at for each in refused for at in range(each.match.start, each.match.end)}
    doubted: set[int | None] = {
        at
        for each in findings
        if each.kind is PatternKind.REQUEST and each.doubted
        for at in each.match.literal()
    }
    yield from ((Sign.UNCLEAR if each.asked else Sign.REFUSED, each.grammar) for each in refused)
    for each in findings:
        negated = each.negation is not None or each.match.start in covered
        if not negated and not each.uses_word_at(negations):
            clear = each.kind is PatternKind.REQUEST and not each.doubted and not each.uses_word_at(doubted)
            yield (Sign.PLAIN if clear else Sign.UNCLEAR), each.grammar


def _findings(words: Sequence[str], quoted: Sequence[bool]) -> list[_Finding]:
    """The requests and hints; doubted if a doubt of their language precedes or a limit follows them."""
    found = list(index(REQUEST_KINDS).matches(words))
    doubts: dict[Grammar, int] = {}
    limits: dict[Grammar, int] = {}
    for match, (kind, grammar) in found:
        if kind is PatternKind.DOUBT:
            doubts.setdefault(grammar, match.start)
        elif kind is PatternKind.LIMIT:
            limits[grammar] = match.start
    return [
        _Finding(
            match,
            kind,
            grammar,
            grammar.negation(words, match),
            quoted[match.start] or doubts.get(grammar, match.start) < match.start,
            limits.get(grammar, -1) > match.start,
        )
        for match, (kind, grammar) in found
        if kind in {PatternKind.REQUEST, PatternKind.HINT}
    ]


def _quotation(quoted: Sequence[bool], start: int, end: int) -> tuple[int, int]:
    """Extend a range to the whole quotation that it is part of."""
    while quoted[start] and start > 0 and quoted[start - 1]:
        start -= 1
    while quoted[end - 1] and end < len(quoted) and quoted[end]:
        end += 1
    return start, end
