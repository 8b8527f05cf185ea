"""Objects by global id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError

from preference_center.access.scopes import (
    READ_CONSENT,
    READ_CONTACTS,
    READ_ENROLMENTS,
    READ_OPERATIONS,
    READ_WORKFLOWS,
    Access,
)
from schema.catalog.sender_numbers import read_sender_numbers
from schema.catalog.view import read_keywords, read_types, read_units
from schema.contacts.types import read_contacts
from schema.contract.api_errors import Forbidden, bad_input
from schema.contract.fields import query
from schema.contract.ids import Node, RowKey, parse_global_id
from schema.engine.context import Context, Info
from schema.inbound.messages import read_messages
from schema.ledger.events import read_events
from schema.ledger.evidence import read_wordings
from schema.operations.types import read_operations
from schema.recipients.states import read_opt_outs_of_all, read_pauses, read_preferences
from schema.recipients.types import read_recipients
from schema.workflows.enrolments import read_enrolments
from schema.workflows.types import read_workflows

_MOST_IDS = 100
Read = Callable[[Context, Sequence[Any]], Awaitable[dict[Any, Node]]]
"""`await read(context, keys)` returns the objects that exist by row id, or by the key of a state.

It takes the same number of statements for any number of objects.
"""

READERS: dict[str, tuple[Access | None, Read]] = {
    "BusinessUnit": (None, read_units),
    "SubscriptionType": (None, read_types),
    "Keyword": (None, read_keywords),
    "Contact": (READ_CONTACTS, read_contacts),
    "Recipient": (READ_CONSENT, read_recipients),
    "Preference": (READ_CONSENT, read_preferences),
    "OptOutOfAll": (READ_CONSENT, read_opt_outs_of_all),
    "Pause": (READ_CONSENT, read_pauses),
    "ConsentEvent": (READ_CONSENT, read_events),
    "ShownWording": (READ_CONSENT, read_wordings),
    "Operation": (READ_OPERATIONS, read_operations),
    "SenderNumber": (None, read_sender_numbers),
    "InboundMessage": (READ_CONSENT, read_messages),
    "Workflow": (READ_WORKFLOWS, read_workflows),
    "WorkflowEnrolment": (READ_ENROLMENTS, read_enrolments),
}
"""What a token has to be allowed, and the reader, for each type that has global ids."""


@strawberry.type
class NodeQueries:
    """Queries by global id."""

    @query()
    async def node(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The id that the object's field `id` has.")
        ],
    ) -> Node | None:
        """The object with an id; null if there is none. It needs the scope that reading the object's type
        needs.
        """
        found: Node | None = (await _nodes(info.context, [(id, ("id",))]))[0]
        return found

    @query()
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="At most 100 ids, of any types.")
        ],
    ) -> list[Node | None]:
        """The objects with these ids, in their order; null in the place of one that does not exist, with
        an error if it is no id.

        Each needs the scope that reading its type needs.
        """
        if len(ids) > _MOST_IDS:
            raise bad_input(f"Pass at most {_MOST_IDS} ids.", "ids")
        return await _nodes(info.context, [(id, ("ids", str(index))) for index, id in enumerate(ids)])


async def _nodes(context: Context, ids: Sequence[tuple[str, tuple[str, ...]]]) -> list[Any]:
    """Read the objects with these ids, those of one type together. Each id comes with the path to it.

    As an item of the list, an error leaves the other items as they are: Forbidden for what is not readable,
    bad input for what is no id.
    """
    parsed = [parse_global_id(text) for text, _ in ids]
    by_type: dict[str, list[RowKey]] = {}
    for type_name, key in filter(None, parsed):
        by_type.setdefault(type_name, []).append(key)
    found: dict[tuple[str, RowKey], Node | GraphQLError] = {}
    for type_name, keys in by_type.items():
        access, read = READERS[type_name]
        scope = access.missing(context.scopes) if access is not None else None
        if scope is not None:
            found |= {(type_name, key): Forbidden(scope) for key in keys}
            continue
        found |= {(type_name, key): node for key, node in (await read(context, keys)).items()}
    no_id = "This is not an id. Pass one as the API gave it."
    return [
        bad_input(no_id, *path) if each is None else found.get(each)
        for each, (_, path) in zip(parsed, ids, strict=True)
    ]
