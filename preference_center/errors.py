"""The exception for input that the caller can correct, and how all faults of an input are collected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, ParamSpec, Self, TypeVar

from preference_center.rules.types import ErrorCode

__all__ = ["ErrorCode", "Faults", "Invalid", "below"]

P = ParamSpec("P")
T = TypeVar("T")
_MOST_FAULTS: Final = 1_000
"""How many faults of one input are kept. An input can have a thousand changes."""


class Invalid(Exception):
    """Input that the caller can correct; nothing was changed. `field` is the path below `input`."""

    def __init__(self, code: ErrorCode, message: str, *field: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field or None
        self.others: tuple[Invalid, ...] = ()
        """The other faults of the same input."""

    @property
    def faults(self) -> tuple[Invalid, ...]:
        """This fault, then the others of the same input."""
        return (self, *self.others)


class Faults:
    """Collects the faults of an input, so that its caller learns all of them at once.

        with Faults() as faults:
            name = faults.of(check_text, given.name, "name", max_length=200)
            unit = faults.of(unit_by_key, given.unit)
        save(name, unit)

    The end of the block raises Invalid if there was a fault. Within the block, a value whose check failed is
    None, whatever its type says: what depends on it asks `faults` first whether there are any.
    """

    def __init__(self) -> None:
        self._found: list[Invalid] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise Invalid with all faults, one that ends the block included. Other errors pass."""
        if isinstance(error, Invalid):
            self.add(error)
        elif error is not None:
            return
        if self._found:
            first, *others = self._found
            first.others = tuple(others)
            raise first

    def add(self, error: Invalid) -> None:
        """Add the faults of an error."""
        room = _MOST_FAULTS - len(self._found)
        self._found += error.faults[: max(room, 0)]

    def of(self, check: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a check returns; None if it raises Invalid, whose faults are added."""
        try:
            return check(*args, **kwargs)
        except Invalid as error:
            self.add(error)
            return None  # type: ignore[return-value]

    async def awaited(self, check: Awaitable[T]) -> T:
        """Do the same as `of` for a check that is awaited."""
        try:
            return await check
        except Invalid as error:
            self.add(error)
            return None  # type: ignore[return-value]


@contextmanager
def below(*path: str) -> Iterator[None]:
    """Put the path of an enclosing field before the fields of all faults that the block raises."""
    try:
        yield
    except Invalid as error:
        for fault in error.faults:
            fault.field = (*path, *(fault.field or ()))
        raise
