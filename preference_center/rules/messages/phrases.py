"""Patterns of words, found in a sentence in time that grows with its length alone.

A pattern is words with spaces between: `a|b` either, `a_b` one after the other, `un*` any word that begins
so, `word?` it may be missing, `~3` up to three words of any kind, `^` and `$` the sentence's ends, `<name>`
the words defined under that name. Ideographs are words each: 退訂 is 退_訂.
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
    """Several words one after the other; of the last perhaps but the beginning."""

    words: tuple[str, ...]
    open_ended: bool

    def fits(self, words: Sequence[str], at: int) -> bool:
        """True where the words from `at` on are these."""
        here = tuple(words[at : at + len(self.words)])
        if not self.open_ended or len(here) < len(self.words):
            return here == self.words
        return here[:-1] == self.words[:-1] and here[-1].startswith(self.words[-1])


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """One of these words, beginnings or runs of words; or a gap of at most `gap` words."""

    whole: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    runs: Mapping[str, tuple[_Run, ...]] = field(default_factory=dict)
    """By their first words."""
    optional: bool = False
    gap: int | None = None

    def ends(self, words: Sequence[str], at: int) -> Iterator[int]:
        """Where the next step may begin, when this one begins `at`."""
        if self.gap is not None:
            yield from range(at, min(at + self.gap, len(words)) + 1)
            return
        if at < len(words):
            yield from self._word_ends(words, at)
        if self.optional:
            yield at

    def _word_ends(self, words: Sequence[str], at: int) -> Iterator[int]:
        if words[at] in self.whole or words[at].startswith(self.beginnings):
            yield at + 1
        for run in self.runs.get(words[at], ()):
            if run.fits(words, at):
                yield at + len(run.words)

    def heads(self) -> Iterator[tuple[str, bool]]:
        """The first words, each with whether it is but the beginning of one."""
        yield from ((word, False) for word in self.whole)
        yield from ((word, True) for word in self.beginnings)
        yield from ((word, False) for word in self.runs)

    def whole_words(self) -> Iterator[str]:
        """Every word that is no mere beginning."""
        yield from self.whole
        yield from (word for runs in self.runs.values() for run in runs for word in run.words)


@dataclass(frozen=True, slots=True)
class Match:
    """The words from `start` to before `end`; `skipped` are those among them that a gap went over."""

    start: int
    end: int
    skipped: tuple[int, ...] = ()

    def literal(self) -> Iterator[int]:
        """The places of the words that the pattern names."""
        return (at for at in range(self.start, self.end) if at not in self.skipped)


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A pattern, read."""

    steps: tuple[_Step, ...]
    from_first: bool
    to_last: bool

    def whole_words(self) -> Iterator[str]:
        """Every word in it that is no mere beginning."""
        return (word for step in self.steps for word in step.whole_words())

    def match(self, words: Sequence[str], at: int, edges: Edges | None = None) -> Match | None:
        """The shortest match that begins `at`."""
        known = edges or Edges.of(words)
        if self.from_first and at not in known.firsts:
            return None
        return self._match(words, _Way(at, known.ends if self.to_last else None), at, 0, ())

    def _match(
        self, words: Sequence[str], way: _Way, at: int, step: int, skipped: tuple[int, ...]
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
    """Where `^` and `$` are: at the sentence's ends and at pauses, idle words between not counted."""

    firsts: frozenset[int]
    ends: frozenset[int]

    @classmethod
    def of(cls, words: Sequence[str], idle: frozenset[str] = frozenset(), pause: str = "") -> Edges:
        """Find the edges of a sentence."""
        firsts = _reach(words, range(len(words)), idle, pause)
        ends = _reach(words, range(len(words) - 1, -1, -1), idle, pause)
        return cls(frozenset(firsts), frozenset(at + 1 for at in ends))


@dataclass(frozen=True, slots=True)
class _Way:
    """A match on its way: where it began, and where it may end; anywhere where `ends` is None."""

    start: int
    ends: frozenset[int] | None


def _reach(words: Sequence[str], order: Iterable[int], idle: frozenset[str], pause: str) -> Iterator[int]:
    """The words, gone through in this order, before which since a pause nothing was said."""
    nothing_yet = True
    for at in order:
        if nothing_yet:
            yield at
        nothing_yet = words[at] == pause or (nothing_yet and words[at] in idle)


def read_pattern(written: str, names: Mapping[str, str]) -> Pattern:
    """Read a pattern; `names` are the words that stand for <name>. Raises ValueError where it makes none."""
    parts = re.sub(r"\s*\|\s*", "|", written).split()
    steps = tuple(_read_step(part, names) for part in parts if part not in "^$")
    if not steps or steps[0].gap is not None or steps[0].optional:
        raise ValueError(f"{written!r} does not begin with a word")
    return Pattern(steps, parts[0] == "^", parts[-1] == "$")


def words_of(written: str) -> Iterator[str]:
    """Single words out of a list that is parted by spaces, ideographs each for itself."""
    return (word for part in written.split() for word in _split(part))


@dataclass(slots=True)
class Index(Generic[T]):
    """Patterns with what they stand for, found by their first words."""

    idle: frozenset[str] = frozenset()
    """Words that don't count before `^` and behind `$`."""
    pause: str = ""
    """A word at which a sentence begins anew for `^` and `$`."""
    _exact: dict[str, list[tuple[Pattern, T]]] = field(default_factory=dict)
    _open: dict[str, list[tuple[Pattern, T]]] = field(default_factory=dict)

    def add(self, pattern: Pattern, meant: T) -> None:
        """Have a pattern found as what it stands for."""
        for text, open_ended in set(pattern.steps[0].heads()):
            (self._open if open_ended else self._exact).setdefault(text, []).append((pattern, meant))

    def matches(self, words: Sequence[str]) -> Iterator[tuple[Match, T]]:
        """Every pattern at every word where it begins, its shortest match."""
        edges = Edges.of(words, self.idle, self.pause)
        for at, word in enumerate(words):
            for pattern, meant in self._beginning_with(word):
                if found := pattern.match(words, at, edges):
                    yield found, meant

    def _beginning_with(self, word: str) -> Iterator[tuple[Pattern, T]]:
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
        raise ValueError(f"{choice!r} is no word")
    return _Run(words, choice.endswith("*"))


def _split(choice: str) -> list[str]:
    return [word for word in _IDEOGRAPH.sub(r"_\1_", choice).split("_") if word]
