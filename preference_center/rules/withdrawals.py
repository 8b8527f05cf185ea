"""R29: withdrawals in words of people's own.

Patterns of words are found in each sentence; a negation turns one round, a question or a limit leaves it to a
person, and so does whatever contradicts itself. UNCLEAR is the answer to every doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from preference_center.rules import bare_keywords, slips
from preference_center.rules.grammars import (
    SAYING,
    SOMETHING_ELSE,
    Grammar,
    Kind,
    index,
    vocabulary,
)
from preference_center.rules.message_text import COMMA, Sentence, sentences
from preference_center.rules.phrases import Match
from preference_center.rules.types import Meaning

SHORT: Final = 40
"""Words. A request in a longer message is for a person to read."""
_CORRECTABLE: Final = 12
"""Words. In a longer message no slips are looked for."""
_MASK: Final = ""
_STOP_SIGNS: Final = frozenset("🛑✋🚫⛔🔕📵🙅")


class Sign(Enum):
    """What a part of a message points to."""

    PLAIN = "a withdrawal"
    UNCLEAR = "perhaps a withdrawal"
    REFUSED = "a withdrawal, negated"


@dataclass(frozen=True, slots=True)
class _Said:
    """Something found in a sentence."""

    match: Match
    kind: Kind
    grammar: Grammar

    def doubts(self, other: _Said) -> bool:
        """True where this leaves open how the other is meant."""
        if self.grammar is not other.grammar:
            return False
        before = self.kind is Kind.DOUBT and self.match.start < other.match.start
        return before or (self.kind is Kind.LIMIT and self.match.start >= other.match.end)


def read(text: str) -> tuple[Meaning, str | None]:
    """WITHDRAWAL, UNCLEAR or NOTHING, and the language in which it is said where that is known."""
    said = sentences(text)
    if not said:
        return (Meaning.UNCLEAR if _STOP_SIGNS & set(text[:100]) else Meaning.NOTHING), None
    length = sum(word != COMMA for sentence in said for word in sentence.words)
    found = _Found(length)
    for sentence in said:
        found.look_at(sentence)
    if not found.signs and length <= _CORRECTABLE and _is_mended(said, length):
        return Meaning.UNCLEAR, None
    return found.meaning(), found.language


def _is_mended(said: list[Sentence], length: int) -> bool:
    """True where the message would say something if it had no typing slips."""
    known, wanted = vocabulary(tuple(Kind)), vocabulary((Kind.REQUEST,))
    mended = _Found(length)
    for sentence in said:
        words = tuple(slips.corrected(sentence.words, known, wanted))
        if words != sentence.words:
            mended.look_at(Sentence(words, sentence.quoted, sentence.loud))
    return Sign.PLAIN in mended.signs or Sign.UNCLEAR in mended.signs or _is_slip(said)


def _is_slip(said: list[Sentence]) -> bool:
    parts = [part for sentence in said for part in bare_keywords.parts(list(sentence.words)) if part]
    return len(parts) == 1 and bare_keywords.is_slip(parts[0])


@dataclass(slots=True)
class _Found:
    """What the sentences of a message of so many words point to, together."""

    length: int
    signs: set[Sign] = field(default_factory=set)
    language: str | None = None
    keyword: bool = False
    """An opt-out keyword stands for itself between two pauses."""
    unexplained: bool = False
    """Something else is said that points nowhere."""

    def look_at(self, sentence: Sentence) -> None:
        """Add what one sentence points to."""
        words = list(sentence.words)
        for match, (kind, _) in list(index(SOMETHING_ELSE).matches(sentence.words)):
            words[match.start : match.end] = [_MASK] * (match.end - match.start)
            if kind is Kind.INSTRUCTION and not sentence.quoted[match.start]:
                self.signs.add(Sign.UNCLEAR)
        before = len(self.signs)
        self._look_for_wordings(words, sentence)
        self._look_for_keywords(words, sentence, explained=len(self.signs) > before)

    def _look_for_wordings(self, words: list[str], sentence: Sentence) -> None:
        said = [_Said(match, *meant) for match, meant in index(SAYING).matches(words)]
        asked = [one for one in said if one.kind in {Kind.REQUEST, Kind.HINT}]
        refused = [one.match for one in asked if one.grammar.negates(words, one.match)]
        for one in asked:
            if one.match in refused or not any(_goes_over(one.match, other) for other in refused):
                doubted = any(other.doubts(one) for other in said) or sentence.quoted[one.match.start]
                self._add(_sign(one.kind, one.match in refused, doubted), one.grammar.language)

    def _look_for_keywords(self, words: list[str], sentence: Sentence, explained: bool) -> None:
        parts = [part for part in bare_keywords.parts(words) if part]
        keywords = [part for part in parts if bare_keywords.is_keyword(part)]
        self.keyword |= bool(keywords)
        self.unexplained |= len(parts) > len(keywords) and not explained
        if not explained and not keywords:
            curt = self.length <= bare_keywords.CURT
            for negated in bare_keywords.stands_out(sentence, words, curt):
                self._add(Sign.REFUSED if negated else Sign.UNCLEAR, None)

    def _add(self, sign: Sign, language: str | None) -> None:
        self.signs.add(sign)
        if sign is not Sign.REFUSED:
            self.language = self.language or language

    def meaning(self) -> Meaning:
        """What all signs come to."""
        if self.keyword:
            self.signs.add(Sign.UNCLEAR if self.unexplained else Sign.PLAIN)
        if self.signs <= {Sign.REFUSED}:
            return Meaning.NOTHING
        plain = Sign.PLAIN in self.signs and Sign.REFUSED not in self.signs
        return Meaning.WITHDRAWAL if plain and self.length <= SHORT else Meaning.UNCLEAR


def _goes_over(match: Match, refused: Match) -> bool:
    return any(refused.start <= at < refused.end for at in match.skipped)


def _sign(kind: Kind, negated: bool, doubted: bool) -> Sign:
    if negated:
        return Sign.UNCLEAR if doubted else Sign.REFUSED
    return Sign.UNCLEAR if doubted or kind is Kind.HINT else Sign.PLAIN
