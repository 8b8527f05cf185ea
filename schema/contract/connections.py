"""Keyset pagination in both directions: one page, one edge and one cursor for every list in the schema.

Pages stay correct while rows are added and removed, because a cursor holds the sort key of a row and not an
offset.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, NamedTuple, Protocol, TypeVar

import orjson
import strawberry

from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.storage.counting import Count
from preference_center.storage.keyset import HIGHEST_ID, KeysetRange
from schema.contract.fields import resolver

if TYPE_CHECKING:
    from schema.engine.context import Context

DEFAULT_PAGE = 50
LARGEST_PAGE = 100

NodeT = TypeVar("NodeT")


@strawberry.type
class PageInfo:
    """Where a page of a list lies: its cursors, and whether there are other pages."""

    has_next_page: bool = strawberry.field(
        description="Whether there are items after this page. Read them with `after: endCursor`."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether there are items before this page. Read them with `before: startCursor`."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first item, to pass as `before`; null if the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last item, to pass as `after`; null if the page is empty."
    )


@strawberry.type(description="One item of a connection, with its cursor.")
class Edge(Generic[NodeT]):
    """One item of a connection, with its cursor."""

    cursor: str = strawberry.field(
        description="The position of the item in this order of the list, for `after` and `before`."
        " It stays valid if the item is deleted."
    )
    node: NodeT = strawberry.field(description="The item at this position.")


def _cursor_of_row(node: Any) -> str:
    """Return the cursor of an item whose connection is ordered by row id."""
    return write_cursor(node.row.id)


CountAll = Callable[[Sequence[Any]], Awaitable[Mapping[Any, Count]]]
"""`await count(keys)` counts the items of several connections, in one statement."""


class Counting(NamedTuple):
    """How the items of a connection are counted, if that is asked for."""

    count_all: CountAll
    key: Any
    """Which of them this one is."""


def counted_alone(count: Callable[[], Awaitable[Count]]) -> Counting:
    """Return the counting of the only connection of its kind."""

    async def count_it(keys: Sequence[Any]) -> Mapping[Any, Count]:
        return dict.fromkeys(keys, await count())

    return Counting(count_it, None)


async def load_counts(connections: Sequence[Connection[Any]], context: Context) -> None:
    """Count the items of connections whose count is selected, those of one kind together."""
    together: dict[CountAll, list[tuple[Any, Connection[Any]]]] = {}
    for each in connections:
        if each.counting is not None and each.counted is None:
            together.setdefault(each.counting.count_all, []).append((each.counting.key, each))
    for count_all, alike in together.items():
        counts = await count_all([key for key, _ in alike])
        for key, each in alike:
            each.counted = counts[key]


@strawberry.type(
    description="One page of a list. To read the next page, pass `pageInfo.endCursor` as `after`."
)
class Connection(Generic[NodeT]):
    """One page of a list."""

    nodes: list[NodeT] = strawberry.field(description="The items of the page, in the order of the list.")
    page_info: PageInfo = strawberry.field(
        description="The cursors of the page, and whether there are other pages."
    )
    cursor_of: strawberry.Private[Callable[[Any], str]] = _cursor_of_row
    counting: strawberry.Private[Counting | None] = None
    counted: strawberry.Private[Count | None] = None
    """Set before it is read."""

    @resolver()
    def edges(self) -> list[Edge[NodeT]]:
        """The items of the page, each with its cursor. Without need of cursors, read `nodes`."""
        return [Edge(cursor=self.cursor_of(node), node=node) for node in self.nodes]

    @resolver(load=load_counts)
    def total_count(self) -> int:
        """The number of items on all pages together. It is counted only if it is selected.

        It is exact up to 100,000 items, for contacts and with SQLite up to 1,000,000. Above that it is an
        estimate: with PostgreSQL what its statistics say, with SQLite the bound itself. See
        `totalCountIsEstimate`.
        """
        return self._count.number

    @resolver(load=load_counts)
    def total_count_is_estimate(self) -> bool:
        """Whether `totalCount` is an estimate, because there are too many items to count each."""
        return self._count.is_estimate

    @property
    def _count(self) -> Count:
        if self.counted is None:
            raise RuntimeError("A connection was not counted before its count was read.")
        return self.counted


@dataclass(frozen=True, slots=True)
class PageArguments:
    """Which part of a connection to read: the first or the last items, after and before a cursor.

    Raises BAD_USER_INPUT that names the argument.
    """

    first: Annotated[
        int | None,
        strawberry.argument(description="How many items to read from the start: 0 to 100. Left out: 50."),
    ] = None
    after: Annotated[
        str | None,
        strawberry.argument(
            description="Read only items after this cursor, such as the `endCursor` of the page before."
            " Left out: from the start."
        ),
    ] = None
    last: Annotated[
        int | None,
        strawberry.argument(
            description="How many items to read from the end: 0 to 100. Not together with `first`."
            " Left out: the list is read from the start."
        ),
    ] = None
    before: Annotated[
        str | None,
        strawberry.argument(
            description="Read only items before this cursor, such as the `startCursor` of the page"
            " after. Left out: up to the end."
        ),
    ] = None

    @property
    def backwards(self) -> bool:
        """Whether the page is read from the end."""
        return self.last is not None

    @property
    def size(self) -> int:
        """How many items the page has at most. Raises Invalid as `checked_size` does."""
        return self.checked_size()

    def checked_size(self) -> int:
        """Return how many items the page has at most. Raises Invalid if it is out of range or given twice."""
        size = self.last if self.first is None else self.first
        if size is None:
            return DEFAULT_PAGE
        if 0 <= size <= LARGEST_PAGE and (self.first is None or self.last is None):
            return size
        with Faults() as faults:
            if self.first is not None and self.last is not None:
                message = "Pass `first` or `last`, not both."
                faults.add(Invalid(ErrorCode.INVALID_VALUE, message, "last"))
            for name, given in (("first", self.first), ("last", self.last)):
                if given is not None and not 0 <= given <= LARGEST_PAGE:
                    message = f"`{name}` must be from 0 to {LARGEST_PAGE}."
                    faults.add(Invalid(ErrorCode.INVALID_VALUE, message, name))
        return size

    def keyset_range(self, *, newest_first: bool) -> KeysetRange:
        """Return the rows to read by id: those of the page, and one more to tell whether others follow.

        Raises Invalid for what is not a cursor, and as `checked_size` does.
        """
        with Faults() as faults:
            size = faults.of(self.checked_size)
            after = faults.of(_row_id, self.after, "after")
            before = faults.of(_row_id, self.before, "before")
        above, below = (before, after) if newest_first else (after, before)
        return KeysetRange(
            size=size + 1,
            ascending=newest_first is self.backwards,
            above=-1 if above is None else above,
            below=HIGHEST_ID if below is None else below,
        )

    def page_info(self, cursors: Sequence[str], *, more: bool) -> PageInfo:
        """Describe the page that was read. `more`: other rows follow in the direction of reading."""
        return PageInfo(
            has_next_page=self.before is not None if self.backwards else more,
            has_previous_page=more if self.backwards else self.after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )


class _HasId(Protocol):
    @property
    def id(self) -> int: ...


RowT = TypeVar("RowT", bound=_HasId)


def connection(
    rows: Sequence[RowT], page: PageArguments, to_node: Callable[[RowT], NodeT], counting: Counting
) -> Connection[NodeT]:
    """Build the page of rows that were read by `page.keyset_range`, in the connection's order."""
    kept = list(rows[: page.size])
    if page.backwards:
        kept.reverse()
    ends = [write_cursor(row.id) for row in (kept[:1] + kept[-1:])]
    return Connection(
        nodes=[to_node(row) for row in kept],
        page_info=page.page_info(ends, more=len(rows) > page.size),
        counting=counting,
    )


def write_cursor(*key: Any) -> str:
    """Encode the sort key of a row as an opaque cursor."""
    return urlsafe_b64encode(orjson.dumps(key, option=orjson.OPT_UTC_Z)).rstrip(b"=").decode()


def read_cursor(text: str, argument: str, *types: type) -> list[Any]:
    """Decode a cursor whose key has parts of these types. Raises Invalid that names the argument."""
    try:
        key = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(types):
        raise not_a_cursor(argument)
    return key


def not_a_cursor(argument: str) -> Invalid:
    """Return the error for a cursor of another connection, or of none."""
    message = f"`{argument}` is not a cursor of this list. Pass one that a page of it gave."
    return Invalid(ErrorCode.INVALID_VALUE, message, argument)


def _row_id(cursor: str | None, argument: str) -> int | None:
    if cursor is None:
        return None
    row_id: int = read_cursor(cursor, argument, int)[0]
    if not 0 <= row_id <= HIGHEST_ID:
        raise not_a_cursor(argument)
    return row_id
