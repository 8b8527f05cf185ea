"""Walking every combination of facts without asking for each of them.

The facts handed over write down which of their fields were read. What neither side read cannot have
mattered, so one answer stands for the whole block of combinations that differ only there. Every path through
what is read is taken, so every combination of the full product is answered for: `Walk.covered` counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from math import prod
from typing import Any, TypeVar

F = TypeVar("F")


class Case:
    """One block of combinations: the values read so far; a field not read before takes its next value."""

    def __init__(self, domains: Mapping[str, Sequence[Any]], turns: list[tuple[str, int]]) -> None:
        self._domains = domains
        self._turns = turns
        self._values: dict[str, Any] = {}

    def read(self, name: str) -> Any:
        """The value of a field on this path."""
        if name not in self._values:
            place = len(self._values)
            if place == len(self._turns):
                self._turns.append((name, 0))
            planned, turn = self._turns[place]
            assert planned == name, f"the same facts were read in another order: {planned}, then {name}"
            self._values[name] = self._domains[name][turn]
        return self._values[name]

    def has(self, name: str) -> bool:
        """Whether this walk knows such a field at all."""
        return name in self._domains

    def watched(self, kind: type[F], name: str, **fixed: Any) -> F:
        """An instance of the frozen dataclass `kind` whose fields are read from here as `name.field`."""
        names = {f.name for f in fields(kind)}  # type: ignore[arg-type]
        read = self.read

        class Watched(kind):  # type: ignore[misc, valid-type]
            __slots__ = ()

            def __getattribute__(self, attribute: str) -> Any:
                if attribute in fixed:
                    return fixed[attribute]
                return (
                    read(f"{name}.{attribute}")
                    if attribute in names
                    else object.__getattribute__(self, attribute)
                )

        return object.__new__(Watched)

    @property
    def size(self) -> int:
        """How many combinations of the full product this block stands for."""
        return prod(len(values) for name, values in self._domains.items() if name not in self._values)

    def __str__(self) -> str:
        return ", ".join(
            f"{name}={value.name if isinstance(value, Enum) else value}"
            for name, value in self._values.items()
        )


@dataclass
class Walk:
    """What a walk found: how much it covered, in how many blocks, and where the two sides differ."""

    product: int
    covered: int = 0
    blocks: int = 0
    differences: list[str] = field(default_factory=list)


def every_case(domains: Mapping[str, Sequence[Any]]) -> Iterator[Case]:
    """Yield one case after another until all paths are taken; each is read before the next is asked for."""
    turns: list[tuple[str, int]] = []
    while True:
        case = Case(domains, turns)
        yield case
        while turns and turns[-1][1] + 1 == len(domains[turns[-1][0]]):
            turns.pop()
        if not turns:
            return
        name, turn = turns.pop()
        turns.append((name, turn + 1))


def compare(
    domains: Mapping[str, Sequence[Any]],
    found: Callable[[Case], object],
    expected: Callable[[Case], object],
    possible: Callable[[Case], bool],
) -> Walk:
    """Ask both sides in every case; a difference counts where the case can come about at all."""
    walk = Walk(product=prod(len(values) for values in domains.values()))
    for case in every_case(domains):
        answer, wanted = found(case), expected(case)
        if answer != wanted and possible(case) and len(walk.differences) < 20:
            walk.differences.append(f"{answer} instead of {wanted}: {case}")
        walk.covered += case.size
        walk.blocks += 1
    return walk
