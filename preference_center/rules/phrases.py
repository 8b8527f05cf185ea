"""Patterns of words, found in a sentence in time that grows with its length alone.

A pattern is words with spaces between: `a|b` either, `a_b` one after the other, `un*` any word that begins
so, `word?` it may be missing, `~3` up to three words of any kind, `^` and `$` the sentence's ends, `<name>`
the words defined under that name. Ideographs are words each: 退訂 is 退_訂.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

_IDEOGRAPH: Final = re.compile(r"([\u3041-\u30ff\u3400-\u9fff])")
_WORD: Final = re.compile(r"[^\s|~^$?*<>]+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Term:
    """A word, or the beginning of one."""

    text: str
    open_ended: bool

    def fits(self, word: str) -> bool:
        return word.startswith(self.text) if self.open_ended else word == self.text


@dataclass(frozen=True, slots=True)
class _Step:
    """One of several runs of words; or, without any, a gap of at most `gap` words."""

    choices: tuple[tuple[_Term, ...], ...] = ()
    optional: bool = False
    gap: int = 0

    def ends(self, words: Sequence[str], at: int) -> Iterator[int]:
        """Where the next step may begin, when this one begins `at`."""
        if not self.choices:
            yield from range(at, min(at + self.gap, len(words)) + 1)
            return
        for run in self.choices:
            if _run_fits(run, words, at):
                yield at + len(run)
        if self.optional:
            yield at


@dataclass(frozen=True, slots=True)
class Match:
    """The words from `start` to before `end`; `skipped` are those among them that a gap went over."""

    start: int
    end: int
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, read."""

    steps: tuple[_Step, ...]
    from_first: bool
    to_last: bool

    @property
    def heads(self) -> Iterator[_Term]:
        """What its first word may be."""
        return (run[0] for run in self.steps[0].choices)

    def whole_words(self) -> Iterator[str]:
        """Every word in it that is no mere beginning."""
        runs = (run for step in self.steps for run in step.choices)
        return (term.text for run in runs for term in run if not term.open_ended)

    def match(self, words: Sequence[str], at: int) -> Match | None:
        """The shortest match that begins `at`."""
        if self.from_first and at:
            return None
        return self._match(words, at, at, 0, ())

    def _match(
        self, words: Sequence[str], start: int, at: int, step: int, skipped: tuple[int, ...]
    ) -> Match | None:
        if step == len(self.steps):
            return Match(start, at, skipped) if not self.to_last or at == len(words) else None
        now = self.steps[step]
        for end in now.ends(words, at):
            over = skipped if now.choices else (*skipped, *range(at, end))
            if found := self._match(words, start, end, step + 1, over):
                return found
        return None


def read_pattern(written: str, names: Mapping[str, str]) -> Pattern:
    """Read a pattern; `names` are the words that stand for <name>. Raises ValueError where it makes none."""
    parts = re.sub(r"\s*\|\s*", "|", written).split()
    steps = tuple(_read_step(part, names) for part in parts if part not in "^$")
    if not steps or not steps[0].choices or steps[0].optional:
        raise ValueError(f"{written!r} does not begin with a word")
    return Pattern(steps, parts[0] == "^", parts[-1] == "$")


def words_of(written: str) -> Iterator[str]:
    """Single words out of a list that is parted by spaces, ideographs each for itself."""
    return (word for part in written.split() for word in _split(part))


@dataclass(slots=True)
class Index(Generic[T]):
    """Patterns with what they stand for, found by their first words."""

    _exact: dict[str, list[tuple[Pattern, T]]] = field(default_factory=dict)
    _open: dict[str, list[tuple[Pattern, T]]] = field(default_factory=dict)

    def add(self, pattern: Pattern, meant: T) -> None:
        """Have a pattern found as what it stands for."""
        for term in set(pattern.heads):
            (self._open if term.open_ended else self._exact).setdefault(term.text, []).append(
                (pattern, meant)
            )

    def matches(self, words: Sequence[str]) -> Iterator[tuple[Match, T]]:
        """Every pattern at every word where it begins, its shortest match."""
        for at, word in enumerate(words):
            for pattern, meant in self._beginning_with(word):
                if found := pattern.match(words, at):
                    yield found, meant

    def _beginning_with(self, word: str) -> Iterator[tuple[Pattern, T]]:
        yield from self._exact.get(word, ())
        for length in range(1, len(word) + 1):
            yield from self._open.get(word[:length], ())


def _run_fits(run: tuple[_Term, ...], words: Sequence[str], at: int) -> bool:
    return at + len(run) <= len(words) and all(term.fits(words[at + n]) for n, term in enumerate(run))


def _read_step(part: str, names: Mapping[str, str]) -> _Step:
    if part.startswith("~"):
        return _Step(gap=int(part[1:]))
    optional = part.endswith("?")
    written = _named(part.removesuffix("?"), names)
    return _Step(tuple(_read_run(choice) for choice in written.split("|")), optional)


def _named(part: str, names: Mapping[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda name: "|".join(_choices(names[name[1]], names)), part)


def _choices(listed: str, names: Mapping[str, str]) -> Iterable[str]:
    return _named(listed, names).replace("|", " ").split()


def _read_run(choice: str) -> tuple[_Term, ...]:
    terms = [_Term(word.removesuffix("*"), word.endswith("*")) for word in _split(choice)]
    if not terms or not all(_WORD.fullmatch(term.text) for term in terms):
        raise ValueError(f"{choice!r} is no word")
    return tuple(terms)


def _split(choice: str) -> list[str]:
    return [word for word in _IDEOGRAPH.sub(r"_\1_", choice).split("_") if word]
