"""What an operation could not change, item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from preference_center.access.scopes import READ_REFUSED_CONTACTS
from preference_center.operations import refusals
from preference_center.operations.refusals import RefusedRow
from preference_center.operations.visibility import refusals_shown
from preference_center.storage.counting import Count
from schema.contract.connections import Connection, Counting, PageArguments, connection
from schema.contract.enums import ErrorCode
from schema.contract.fields import loaded, restricted
from schema.engine.context import Context

if TYPE_CHECKING:
    from schema.contacts.types import Contact
    from schema.operations.types import Operation

PageKey = tuple[PageArguments, tuple[ErrorCode, ...] | None]
"""What a page of refusals was asked for with: the page, and the codes or all."""


@strawberry.type
class RefusedItem:
    """A contact, a row of a file or a preference that an operation could not change, and why."""

    line: int | None = strawberry.field(
        description="The line of the imported file, counted from 1 with the header; null otherwise."
    )
    about: str | None = strawberry.field(
        description="The key of the subscription type or business unit, or the column of the file, that was"
        " refused; null if the whole contact or row was."
    )
    code: ErrorCode = strawberry.field(description="Why it was refused, for programs.")
    message: str = strawberry.field(description="Why it was refused, in words.")
    address: str | None = restricted(
        "The email address or phone number, as it is now; null if there is none or it was erased.",
        READ_REFUSED_CONTACTS,
    )
    row: strawberry.Private[RefusedRow]
    contact: Annotated[Contact, strawberry.lazy("schema.contacts.types")] | None = loaded(
        "The contact; null if none was involved, or it was deleted since.",
        access=READ_REFUSED_CONTACTS,
    )


async def load_refused_items(
    operations: Sequence[Operation],
    context: Context,
    codes: Sequence[ErrorCode] | None = None,
    **arguments: Any,
) -> None:
    """Load one page of each operation's refusals, in one statement."""
    page, asked = PageArguments(**arguments), None if codes is None else tuple(codes)
    shown = {each.row.id: _shown(each, asked) for each in operations}
    pages = await refusals.pages(shown, page.keyset_range(newest_first=False))
    counts = {id_: Count(sum(by_code.values())) for id_, by_code in shown.items()}

    async def count(keys: Sequence[int]) -> Mapping[int, Count]:
        return {key: counts[key] for key in keys}

    for each in operations:
        counting = Counting(count, each.row.id)
        each.refusal_pages[page, asked] = connection(pages[each.row.id], page, _item, counting)


def _shown(operation: Operation, asked: Sequence[ErrorCode] | None) -> dict[ErrorCode, int]:
    """Return how many refusals there are for each code that was asked for and that the token may read."""
    readable = refusals_shown(operation.row, operation.context.scopes)
    return {code: count for code, count in readable.items() if asked is None or code in asked}


def _item(row: RefusedRow) -> RefusedItem:
    return RefusedItem(
        line=row.line, about=row.about, code=row.code, message=row.message, address=row.address, row=row
    )


def refused_items(
    operation: Operation, page: PageArguments, codes: Sequence[ErrorCode] | None
) -> Connection[RefusedItem]:
    """Return a page that was loaded."""
    return operation.refusal_pages[page, None if codes is None else tuple(codes)]
