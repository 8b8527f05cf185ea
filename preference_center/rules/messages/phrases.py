"""Patterns of words, and an index that finds them in a sentence without trying every pattern.

A pattern is a list of words with spaces between them. `a|b`: either word. `a_b`: one after the other. `un*`:
any word with that prefix. `word?`: optional. `~3`: up to three words of any kind. `^` and `$`: the start and
the end of the sentence. `<name>`: the words defined under that name. Each ideograph is a word: 退訂 is 退_訂.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Generic, TypeVar

_IDEOGRAPH: Final = re.compile(r"([\u3041-\u30ff\u3400-\u9fff])")
_WORD: Final = re.compile(r"[^\s|~^$?*<>]+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Run:
    """Several words in a row; the last one may be a prefix."""

    words: tuple[str, ...]
    open_ended: bool

    def matches_at(self, words: Sequence[str], at: int) -> bool:
        """Whether the words from `at` on match."""
        here = tuple(words[at : at + len(self.words)])
        if not self.open_ended or len(here) < len(self.words):
            return here == self.words
        return here[:-1] == self.words[:-1] and here[-1].startswith(self.words[-1])


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """One step of a pattern: one of these words, prefixes or runs of words; or up to `gap` words."""

    whole: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    runs: Mapping[str, tuple[_Run, ...]] = field(default_factory=dict)
    """By their first words."""
    optional: bool = False
    gap: int | None = None

    def ends(self, words: Sequence[str], at: int) -> Iterator[int]:
        """Yield where the next step may start if this one starts `at`."""
        if self.gap is not None:
            yield from range(at, min(at + self.gap, len(words)) + 1)
            return
        if at < len(words):
            yield from self._word_ends(words, at)
        if self.optional:
            yield at

    def _word_ends(self, words: Sequence[str], at: int) -> Iterator[int]:
        if words[at] in self.whole or words[at].startswith(self.prefixes):
            yield at + 1
        for run in self.runs.get(words[at], ()):
            if run.matches_at(words, at):
                yield at + len(run.words)

    def first_words(self) -> Iterator[tuple[str, bool]]:
        """Yield the possible first words, each with whether it is only a prefix."""
        yield from ((word, False) for word in self.whole)
        yield from ((word, True) for word in self.prefixes)
        yield from ((word, False) for word in self.runs)

    def whole_words(self) -> Iterator[str]:
        """Yield every complete word."""
        yield from self.whole
        yield from (word for runs in self.runs.values() for run in runs for word in run.words)


@dataclass(frozen=True, slots=True)
class Match:
    """The words from `start` to before `end`; `skipped` are the positions that a gap covers."""

    start: int
    end: int
    skipped: tuple[int, ...] = ()

    def literal(self) -> Iterator[int]:
        """Return the positions of the words that the pattern names."""
        return (at for at in range(self.start, self.end) if at not in self.skipped)


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A parsed pattern."""

    steps: tuple[_Step, ...]
    at_start: bool
    at_end: bool

    def whole_words(self) -> Iterator[str]:
        """Return every complete word of the pattern."""
        return (word for step in self.steps for word in step.whole_words())

    def match(self, words: Sequence[str], at: int, edges: Edges | None = None) -> Match | None:
        """Return the shortest match that starts `at`, or None."""
        known = edges or Edges.of(words)
        if self.at_start and at not in known.firsts:
            return None
        return self._match(words, _Bounds(at, known.ends if self.at_end else None), at, 0, ())

    def _match(
        self, words: Sequence[str], way: _Bounds, at: int, step: int, skipped: tuple[int, ...]
    ) -> Match | None:
        if step == len(self.steps):
            return Match(way.start, at, skipped) if way.ends is None or at in way.ends else None
        now = self.steps[step]
        for end in now.ends(words, at):
            over = skipped if now.gap is None else (*skipped, *range(at, end))
            if found := self._match(words, way, end, step + 1, over):
                return found
        return None


@dataclass(frozen=True, slots=True)
class Edges:
    """Where `^` and `$` match: at the ends of a sentence and at pauses, apart from ignored words."""

    firsts: frozenset[int]
    ends: frozenset[int]

    @classmethod
    def of(cls, words: Sequence[str], ignored: frozenset[str] = frozenset(), pause: str = "") -> Edges:
        """Return the edges of a sentence."""
        firsts = _edge_words(words, range(len(words)), ignored, pause)
        ends = _edge_words(words, range(len(words) - 1, -1, -1), ignored, pause)
        return cls(frozenset(firsts), frozenset(at + 1 for at in ends))


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Where a match starts, and where it may end (None: anywhere)."""

    start: int
    ends: frozenset[int] | None


def _edge_words(
    words: Sequence[str], order: Iterable[int], ignored: frozenset[str], pause: str
) -> Iterator[int]:
    """Yield the positions, in this order, that only ignored words separate from an end or a pause."""
    only_ignored = True
    for at in order:
        if only_ignored:
            yield at
        only_ignored = words[at] == pause or (only_ignored and words[at] in ignored)


def read_pattern(written: str, names: Mapping[str, str]) -> Pattern:
    """Parse a pattern; `names` defines the words of each <name>. Raises ValueError for an invalid pattern."""
    parts = re.sub(r"\s*\|\s*", "|", written).split()
    steps = tuple(_read_step(part, names) for part in parts if part not in "^$")
    if not steps or steps[0].gap is not None or steps[0].optional:
        raise ValueError(f"{written!r} does not start with a word")
    return Pattern(steps, parts[0] == "^", parts[-1] == "$")


def words_of(written: str) -> Iterator[str]:
    """Return the words of a list separated by spaces; each ideograph is a word."""
    return (word for part in written.split() for word in _split(part))


@dataclass(slots=True)
class Index(Generic[T]):
    """Patterns with the values they stand for, looked up by their first words."""

    ignored: frozenset[str] = frozenset()
    """Words that may stand before `^` and after `$`."""
    pause: str = ""
    """A word after which `^` matches, and before which `$` does."""
    _exact: dict[str, list[tuple[Pattern, T]]] = field(default_factory=dict)
    _open: dict[str, list[tuple[Pattern, T]]] = field(default_factory=dict)

    def add(self, pattern: Pattern, value: T) -> None:
        """Add a pattern with its value."""
        for text, open_ended in set(pattern.steps[0].first_words()):
            (self._open if open_ended else self._exact).setdefault(text, []).append((pattern, value))

    def matches(self, words: Sequence[str]) -> Iterator[tuple[Match, T]]:
        """Yield the shortest match of every pattern at every word, with its value."""
        edges = Edges.of(words, self.ignored, self.pause)
        for at, word in enumerate(words):
            for pattern, value in self._starting_with(word):
                if found := pattern.match(words, at, edges):
                    yield found, value

    def _starting_with(self, word: str) -> Iterator[tuple[Pattern, T]]:
        yield from self._exact.get(word, ())
        for length in range(1, len(word) + 1):
            yield from self._open.get(word[:length], ())


def _read_step(part: str, names: Mapping[str, str]) -> _Step:
    if part.startswith("~"):
        return _Step(gap=int(part[1:]))
    return _step(_named(part, names))


@lru_cache(maxsize=4096)
def _step(written: str) -> _Step:
    read = [_run(choice) for choice in written.removesuffix("?").split("|")]
    runs: dict[str, tuple[_Run, ...]] = {}
    for run in read:
        if len(run.words) > 1:
            runs[run.words[0]] = (*runs.get(run.words[0], ()), run)
    return _Step(
        frozenset(run.words[0] for run in read if len(run.words) == 1 and not run.open_ended),
        tuple(run.words[0] for run in read if len(run.words) == 1 and run.open_ended),
        runs,
        written.endswith("?"),
    )


def _named(part: str, names: Mapping[str, str]) -> str:
    if "<" not in part:
        return part
    return re.sub(r"<(\w+)>", lambda name: _named("|".join(names[name[1]].split()), names), part)


def _run(choice: str) -> _Run:
    words = tuple(_split(choice.removesuffix("*")))
    if not words or not all(_WORD.fullmatch(word) for word in words):
        raise ValueError(f"{choice!r} is not a word")
    return _Run(words, choice.endswith("*"))


def _split(choice: str) -> list[str]:
    return [word for word in _IDEOGRAPH.sub(r"_\1_", choice).split("_") if word]
