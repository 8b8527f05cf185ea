"""Comparing two functions for every combination of facts, without calling them for each.

The facts record which of their fields were read. Fields that neither function read cannot matter, so one
result holds for all combinations that differ only in them. Every path through the fields that are read is
taken, so every combination of the full product is covered: `Walk.covered` counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from math import prod
from typing import Any, TypeVar

F = TypeVar("F")


class Case:
    """One block of combinations: the values of the fields that were read."""

    def __init__(self, domains: Mapping[str, Sequence[Any]], turns: list[tuple[str, int]]) -> None:
        self._domains = domains
        self._turns = turns
        self._values: dict[str, Any] = {}

    def read(self, name: str) -> Any:
        """Return the value of a field on this path."""
        if name not in self._values:
            place = len(self._values)
            if place == len(self._turns):
                self._turns.append((name, 0))
            planned, turn = self._turns[place]
            assert planned == name, f"the fields were read in another order: {planned}, then {name}"
            self._values[name] = self._domains[name][turn]
        return self._values[name]

    def has(self, name: str) -> bool:
        """Return whether the walk has this field."""
        return name in self._domains

    def watched(self, dataclass_: type[F], name: str, **fixed: Any) -> F:
        """Return an instance of a frozen dataclass whose fields are read from here as `name.field`."""
        names = {f.name for f in fields(dataclass_)}  # type: ignore[arg-type]
        read = self.read

        class Watched(dataclass_):  # type: ignore[misc, valid-type]
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
        """The number of combinations in this block."""
        return prod(len(values) for name, values in self._domains.items() if name not in self._values)

    def __str__(self) -> str:
        return ", ".join(
            f"{name}={value.name if isinstance(value, Enum) else value}"
            for name, value in self._values.items()
        )


@dataclass
class Walk:
    """The result of a walk: combinations covered, blocks, and differences between the two functions."""

    product: int
    covered: int = 0
    blocks: int = 0
    differences: list[str] = field(default_factory=list)


def every_case(domains: Mapping[str, Sequence[Any]]) -> Iterator[Case]:
    """Yield cases until all paths are taken. Each case must be read before the next one is requested."""
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
    """Call both functions for every case; differences count only in possible cases."""
    walk = Walk(product=prod(len(values) for values in domains.values()))
    for case in every_case(domains):
        result, wanted = found(case), expected(case)
        if result != wanted and possible(case) and len(walk.differences) < 20:
            walk.differences.append(f"{result} instead of {wanted}: {case}")
        walk.covered += case.size
        walk.blocks += 1
    return walk
