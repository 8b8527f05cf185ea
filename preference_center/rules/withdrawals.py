"""R29: withdrawals in words of people's own.

Patterns of words are found in each sentence; a negation turns one round, a question or a limit leaves it to a
person, and so does whatever contradicts itself. UNCLEAR is the answer to every doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Final

from preference_center.rules.message_text import Sentence, sentences
from preference_center.rules.phrases import Index, Match, read_pattern, words_of
from preference_center.rules.types import Meaning
from preference_center.rules.wordings import WORDINGS
from preference_center.rules.wordings.grammar import Wordings

SHORT: Final = 40
"""Words. A request in a longer message is for a person to read."""
_CURT: Final = 6
"""Words. In a message as short as this a keyword among others means something."""
_MASK: Final = ""
_STOP_SIGNS: Final = frozenset("🛑✋🚫⛔🔕📵🙅")


class _Kind(Enum):
    REQUEST = "requests"
    HINT = "hints"
    DOUBT = "doubts"
    LIMIT = "limits"
    INNOCENT = "innocent"
    INSTRUCTION = "instructions"


class _Sign(Enum):
    """What a part of a message points to."""

    PLAIN = "a withdrawal"
    UNCLEAR = "perhaps a withdrawal"
    REFUSED = "a withdrawal, negated"


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language's lists of words, ready to be looked up."""

    language: str | None
    negations: frozenset[str]
    negations_after: frozenset[str]
    bridges: frozenset[str]
    polite: frozenset[str]
    answers: frozenset[str]

    @classmethod
    def of(cls, wordings: Wordings) -> Grammar:
        """Read a language's lists."""
        lists = (
            wordings.negations,
            wordings.negations_after,
            wordings.bridges,
            wordings.polite,
            wordings.answers,
        )
        return cls(wordings.language, *(frozenset(words_of(listed)) for listed in lists))


Meant = tuple[_Kind, Grammar]


def read(text: str) -> tuple[Meaning, str | None]:
    """WITHDRAWAL, UNCLEAR or NOTHING, and the language in which it is said where that is known."""
    said = sentences(text)
    if not said:
        return (Meaning.UNCLEAR if _STOP_SIGNS & set(text[:100]) else Meaning.NOTHING), None
    found = _Found()
    for sentence in said:
        found.look_at(sentence)
    return found.meaning(sum(len(sentence.words) for sentence in said)), found.language


@dataclass(slots=True)
class _Found:
    """What the sentences of a message point to, together."""

    signs: set[_Sign] = field(default_factory=set)
    language: str | None = None

    def look_at(self, sentence: Sentence) -> None:
        """Add what one sentence points to."""
        words, instructed = _masked(sentence)
        if instructed:
            self.signs.add(_Sign.UNCLEAR)
        said = [(match, *meant) for match, meant in _index(_SAYING).matches(words)]
        for match, kind, grammar in said:
            if kind in {_Kind.REQUEST, _Kind.HINT}:
                self._add(_sign(words, match, kind, grammar, _around(said, match, grammar)), grammar)

    def _add(self, sign: _Sign, grammar: Grammar) -> None:
        self.signs.add(sign)
        if sign is not _Sign.REFUSED:
            self.language = self.language or grammar.language

    def meaning(self, length: int) -> Meaning:
        """What all signs come to in a message of so many words."""
        if self.signs <= {_Sign.REFUSED}:
            return Meaning.NOTHING
        if self.signs <= {_Sign.PLAIN, _Sign.UNCLEAR} and _Sign.PLAIN in self.signs and length <= SHORT:
            return Meaning.WITHDRAWAL
        return Meaning.UNCLEAR


def _sign(words: list[str], match: Match, kind: _Kind, grammar: Grammar, around: Iterable[_Kind]) -> _Sign:
    if _is_negated(words, match, grammar):
        return _Sign.UNCLEAR if around else _Sign.REFUSED
    return _Sign.UNCLEAR if around or kind is _Kind.HINT else _Sign.PLAIN


def _around(said: list[tuple[Match, _Kind, Grammar]], match: Match, grammar: Grammar) -> list[_Kind]:
    """The doubts before a match and the limits behind it."""
    return [
        kind
        for other, kind, of in said
        if of is grammar
        and (
            (kind is _Kind.DOUBT and other.start < match.start)
            or (kind is _Kind.LIMIT and other.start >= match.end)
        )
    ]


def _is_negated(words: list[str], match: Match, grammar: Grammar) -> bool:
    before = match.start - 1
    while before >= 0 and words[before] in grammar.bridges:
        before -= 1
    after = match.end
    return (
        (before >= 0 and words[before] in grammar.negations)
        or any(words[at] in grammar.negations for at in match.skipped)
        or (after < len(words) and words[after] in grammar.negations_after)
    )


def _masked(sentence: Sentence) -> tuple[list[str], bool]:
    """The words without what is about something else; and whether an instruction stood there unquoted."""
    words = list(sentence.words)
    instructed = False
    for match, (kind, _) in list(_index(_ELSE).matches(sentence.words)):
        words[match.start : match.end] = [_MASK] * (match.end - match.start)
        instructed |= kind is _Kind.INSTRUCTION and not sentence.quoted[match.start]
    return words, instructed


_SAYING: Final = (_Kind.REQUEST, _Kind.HINT, _Kind.DOUBT, _Kind.LIMIT)
_ELSE: Final = (_Kind.INNOCENT, _Kind.INSTRUCTION)


@cache
def _index(kinds: tuple[_Kind, ...]) -> Index[Meant]:
    index: Index[Meant] = Index()
    for wordings in WORDINGS:
        grammar = Grammar.of(wordings)
        for kind, line in _lines(wordings, kinds):
            index.add(read_pattern(line, wordings.names), (kind, grammar))
    return index


def _lines(wordings: Wordings, kinds: tuple[_Kind, ...]) -> Iterator[tuple[_Kind, str]]:
    for kind in kinds:
        listed: str = getattr(wordings, kind.value)
        yield from ((kind, line) for line in listed.splitlines() if line.strip())
