"""Keyset pagination in both directions: pages stay right while rows come and go."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import orjson
import strawberry

from preference_center.storage.keyset import HIGHEST_ID, KeysetRange
from schema.engine.context import bad_input

DEFAULT_PAGE = 50
LARGEST_PAGE = 100


@strawberry.type
class PageInfo:
    """Where a page stands."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """What part of an ordered whole is asked for. `backwards`: the last `size` of it, else the first."""

    size: int
    backwards: bool
    after: str | None
    before: str | None

    def info(self, cursors: list[str], more: bool) -> PageInfo:
        """Describe the page that was found; `more`: there are rows beyond it in the direction of reading."""
        return PageInfo(
            has_next_page=self.before is not None if self.backwards else more,
            has_previous_page=more if self.backwards else self.after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )


def window(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """Check a connection's arguments. Raises BAD_USER_INPUT naming the argument."""
    if first is not None and last is not None:
        raise bad_input("Give `first` or `last`, not both.", "last")
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 0 <= size <= LARGEST_PAGE:
            raise bad_input(f"`{name}` must be from 0 to {LARGEST_PAGE}.", name)
    size = DEFAULT_PAGE if first is None and last is None else first if first is not None else last
    return Window(size or 0, last is not None, after, before)


def write_cursor(*parts: Any) -> str:
    """Write what places a row in its order as an opaque text."""
    return urlsafe_b64encode(orjson.dumps(parts, option=orjson.OPT_UTC_Z)).rstrip(b"=").decode()


def read_cursor(text: str, name: str, *kinds: type) -> list[Any]:
    """Read a cursor back; `kinds` are the types of its parts. Raises BAD_USER_INPUT naming the argument."""
    try:
        parts = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        parts = None
    good = isinstance(parts, list) and len(parts) == len(kinds)
    if not good or not all(type(part) is kind for part, kind in zip(parts, kinds, strict=True)):
        raise bad_input(f"`{name}` is not a cursor of this connection.", name)
    return list(parts)


def read_number(text: str | None, name: str) -> int | None:
    """Read a cursor that holds a row's number."""
    if text is None:
        return None
    number: int = read_cursor(text, name, int)[0]
    if not 0 <= number < 2**63:
        raise bad_input(f"`{name}` is not a cursor of this connection.", name)
    return number


def span_of(wanted: Window, *, newest_first: bool) -> KeysetRange:
    """What a window asks for of rows in the order of their numbers, and a row more, to tell of others.

    Raises BAD_USER_INPUT for what is no cursor.
    """
    after, before = read_number(wanted.after, "after"), read_number(wanted.before, "before")
    above, below = (before, after) if newest_first else (after, before)
    return KeysetRange(
        size=wanted.size + 1,
        ascending=newest_first is wanted.backwards,
        above=-1 if above is None else above,
        below=HIGHEST_ID if below is None else below,
    )


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=_Numbered)


def cut(rows: Sequence[Row], wanted: Window) -> tuple[list[Row], PageInfo]:
    """The page, in the connection's order, of rows that were read in the window's."""
    page = list(rows[: wanted.size])
    if wanted.backwards:
        page.reverse()
    ends = [write_cursor(row.id) for row in (page[:1] + page[-1:])]
    return page, wanted.info(ends, len(rows) > wanted.size)
