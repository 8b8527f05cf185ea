"""The wordings of all languages, ready to be looked for."""

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


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """A language's lists of words."""

    language: str | None
    negations: frozenset[str]
    negatives: frozenset[str]
    negations_after: frozenset[str]
    bridges: frozenset[str]
    polite: frozenset[str]
    answers: frozenset[str]
    vocabulary: frozenset[str]
    messages: Pattern | None

    def speaks_of_messages(self, words: Sequence[str]) -> bool:
        """True where one of the words is a word for what people get from us."""
        told = self.messages
        return told is not None and any(told.match(words, at) for at in range(len(words)))

    def knows(self, words: Iterable[str]) -> int:
        """How many of the words are of this language."""
        return sum(word in self.vocabulary for word in words)

    def negation(self, words: Sequence[str], match: Match) -> int | None:
        """Where the word stands that turns round what was found; None where there is none."""
        if any(words[at] in self.negatives for at in match.literal()):
            return None
        before = match.start - 1
        while before >= 0 and words[before] in self.bridges:
            before -= 1
        if before >= 0 and words[before] in self.negations:
            return before
        inside = (at for at in match.skipped if words[at] in self.negations)
        return next(inside, None) or self._negation_behind(words, match.end)

    def _negation_behind(self, words: Sequence[str], at: int) -> int | None:
        if words[at : at + 1] and words[at] in self.bridges:
            at += 1
        behind = words[at : at + 2]
        negated = behind and behind[0] in self.negations_after and not _STILL & set(behind[1:])
        return at if negated else None


@cache
def grammars() -> tuple[Grammar, ...]:
    """Every language's."""
    return tuple(_grammar(wordings) for wordings in WORDINGS)


@cache
def index(kinds: tuple[Kind, ...]) -> Index[tuple[Kind, Grammar]]:
    """The patterns of these kinds, of all languages."""
    found: Index[tuple[Kind, Grammar]] = Index(idle=polite() | answers(), pause=COMMA)
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
    """Every word that stands whole in a pattern of these kinds, in any language."""
    return frozenset[str]().union(*(_words(wordings, kinds) for wordings in WORDINGS))


def _patterns(wordings: Wordings, kinds: Iterable[Kind]) -> Iterator[tuple[Kind, Pattern]]:
    for kind in kinds:
        yield from ((kind, pattern) for pattern in _read_patterns(wordings, kind))


@cache
def _read_patterns(wordings: Wordings, kind: Kind) -> tuple[Pattern, ...]:
    names = {name: _spelt(listed) for name, listed in wordings.names.items()}
    lines = _spelt(getattr(wordings, kind.value)).splitlines()
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
        _words(wordings, tuple(Kind)) | negations | polite | answers,
        read_pattern("<msg>", {"msg": _spelt(wordings.names["msg"])}) if "msg" in wordings.names else None,
    )


def _list(listed: str) -> frozenset[str]:
    return frozenset(words_of(_spelt(listed)))


def _words(wordings: Wordings, kinds: Iterable[Kind]) -> frozenset[str]:
    return frozenset(word for _, pattern in _patterns(wordings, kinds) for word in pattern.whole_words())


def _spelt(written: str) -> str:
    return folded(written.casefold())
