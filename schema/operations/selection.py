"""The contacts that an operation works on."""

from __future__ import annotations

import strawberry

from preference_center.contacts.filter import ContactFilter as Selection
from preference_center.errors import ErrorCode, Invalid, below
from schema.contacts.filter import ContactFilter, check_access, contact_ids, parse_filter
from schema.engine.context import Context

_MOST_CONTACTS = 50_000


@strawberry.input(one_of=True)
class ContactSelection:
    """The contacts that an operation works on, by exactly one of these fields."""

    ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The ids of the contacts: at most 50,000. Left out: give a filter.",
    )
    filter: ContactFilter | None = strawberry.field(
        default=strawberry.UNSET,
        description="A filter that selects them when the operation starts, not before. `{}`"
        " selects all contacts. Left out: give ids.",
    )


def parse_selection(input: ContactSelection, context: Context) -> Selection:
    """Return the selection as a filter of the contacts package.

    Raises Invalid that names the field, and Forbidden for conditions that the token may not ask for.
    """
    if input.ids:
        if len(input.ids) > _MOST_CONTACTS:
            message = f"Pass at most {_MOST_CONTACTS:,} ids, or a filter."
            raise Invalid(ErrorCode.INVALID_VALUE, message, "contacts", "ids")
        return Selection(ids=contact_ids(input.ids, "contacts", "ids"))
    if input.filter:
        check_access(input.filter, context, "input", "contacts", "filter")
        with below("contacts"):
            return parse_filter(input.filter, context) or Selection()
    return Selection(ids=[])
