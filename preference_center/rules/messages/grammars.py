"""The wordings of all languages, parsed and indexed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

from preference_center.rules.messages.message_text import COMMA, folded
from preference_center.rules.messages.phrases import Index, Match, Pattern, read_pattern, words_of
from preference_center.rules.messages.wordings import WORDINGS
from preference_center.rules.messages.wordings.grammar import Wordings

_NOT_A_NEGATION: Final = frozenset(
    ["more", "mer", "mehr", "meer", "plus", "mas", "mais", "piu", "langer", "longer"]
)
"""Before these a word is no negation of what precedes it: nicht mehr."""


class PatternKind(Enum):
    """What a pattern indicates. The values are the names of the lists in `Wordings`."""

    REQUEST = "requests"
    HINT = "hints"
    DOUBT = "doubts"
    LIMIT = "limits"
    INNOCENT = "innocent"
    INSTRUCTION = "instructions"


REQUEST_KINDS: Final = (PatternKind.REQUEST, PatternKind.HINT, PatternKind.DOUBT, PatternKind.LIMIT)
MASKED_KINDS: Final = (PatternKind.INNOCENT, PatternKind.INSTRUCTION)


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """The word lists of one language."""

    language: str | None
    negations: frozenset[str]
    negatives: frozenset[str]
    negations_after: frozenset[str]
    bridges: frozenset[str]
    polite: frozenset[str]
    answers: frozenset[str]
    vocabulary: frozenset[str]
    messages: Pattern | None

    def mentions_messages(self, words: Sequence[str]) -> bool:
        """Whether one of the words means messages."""
        pattern = self.messages
        return pattern is not None and any(pattern.match(words, at) for at in range(len(words)))

    def known_words(self, words: Iterable[str]) -> int:
        """Count the words that exist in this language."""
        return sum(word in self.vocabulary for word in words)

    def negation(self, words: Sequence[str], match: Match) -> int | None:
        """Return the position of the word that negates a match, or None."""
        if any(words[at] in self.negatives for at in match.literal()):
            return None
        before = match.start - 1
        while before >= 0 and words[before] in self.bridges:
            before -= 1
        if before >= 0 and words[before] in self.negations:
            return before
        inside = (at for at in match.skipped if words[at] in self.negations)
        return next(inside, None) or self._negation_after(words, match.end)

    def _negation_after(self, words: Sequence[str], at: int) -> int | None:
        if words[at : at + 1] and words[at] in self.bridges:
            at += 1
        after = words[at : at + 2]
        negated = after and after[0] in self.negations_after and not _NOT_A_NEGATION & set(after[1:])
        return at if negated else None


@cache
def grammars() -> tuple[Grammar, ...]:
    """Return the grammars of all languages."""
    return tuple(_grammar(wordings) for wordings in WORDINGS)


@cache
def index(kinds: tuple[PatternKind, ...]) -> Index[tuple[PatternKind, Grammar]]:
    """Return an index of the patterns of these kinds in all languages."""
    found: Index[tuple[PatternKind, Grammar]] = Index(ignored=polite() | answers(), pause=COMMA)
    for wordings, grammar in zip(WORDINGS, grammars(), strict=True):
        for kind, pattern in _patterns(wordings, kinds):
            found.add(pattern, (kind, grammar))
    return found


@cache
def polite() -> frozenset[str]:
    """Return the words of all languages that add nothing to a keyword: please, thanks."""
    return frozenset[str]().union(*(grammar.polite for grammar in grammars()))


@cache
def answers() -> frozenset[str]:
    """Return the words of all languages that mean nothing before a pause: yes, hello."""
    return frozenset[str]().union(*(grammar.answers for grammar in grammars()))


@cache
def vocabulary(kinds: tuple[PatternKind, ...]) -> frozenset[str]:
    """Return every complete word in the patterns of these kinds, in all languages."""
    return frozenset[str]().union(*(_words(wordings, kinds) for wordings in WORDINGS))


def _patterns(wordings: Wordings, kinds: Iterable[PatternKind]) -> Iterator[tuple[PatternKind, Pattern]]:
    for kind in kinds:
        yield from ((kind, pattern) for pattern in _read_patterns(wordings, kind))


@cache
def _read_patterns(wordings: Wordings, kind: PatternKind) -> tuple[Pattern, ...]:
    names = {name: _folded(listed) for name, listed in wordings.names.items()}
    lines = _folded(getattr(wordings, kind.value)).splitlines()
    return tuple(read_pattern(line, names) for line in lines if line.strip())


def _grammar(wordings: Wordings) -> Grammar:
    negations = _list(wordings.negations)
    polite, answers = _list(wordings.polite), _list(wordings.answers)
    return Grammar(
        wordings.language,
        negations,
        negations | _list(wordings.negatives),
        _list(wordings.negations_after),
        _list(wordings.bridges),
        polite,
        answers,
        _words(wordings, tuple(PatternKind)) | negations | polite | answers,
        read_pattern("<msg>", {"msg": _folded(wordings.names["msg"])}) if "msg" in wordings.names else None,
    )


def _list(listed: str) -> frozenset[str]:
    return frozenset(words_of(_folded(listed)))


def _words(wordings: Wordings, kinds: Iterable[PatternKind]) -> frozenset[str]:
    return frozenset(word for _, pattern in _patterns(wordings, kinds) for word in pattern.whole_words())


def _folded(written: str) -> str:
    return folded(written.casefold())
