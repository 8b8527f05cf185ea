"""Objects by global id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import strawberry

from preference_center.access.scopes import (
    READ_CONSENT,
    READ_CONTACTS,
    READ_ENROLMENTS,
    READ_OPERATIONS,
    READ_WORKFLOWS,
    Access,
)
from schema.catalog.sender_numbers import read_sender_numbers
from schema.catalog.view import read_types, read_units
from schema.contacts.types import read_contacts
from schema.contract.api_errors import bad_input
from schema.contract.fields import query
from schema.contract.ids import Node, parse_global_id
from schema.engine.context import Context, Info
from schema.inbound.messages import read_messages
from schema.ledger.events import read_events
from schema.ledger.evidence import read_wordings
from schema.operations.types import read_operations
from schema.recipients.types import read_recipients
from schema.workflows.enrolments import read_enrolments
from schema.workflows.types import read_workflows

_MOST_IDS = 100
Read = Callable[[Context, Sequence[int]], Awaitable[dict[int, Node]]]
"""`await read(context, row_ids)` returns the rows that exist, in one statement."""

READERS: dict[str, tuple[Access | None, Read]] = {
    "BusinessUnit": (None, read_units),
    "SubscriptionType": (None, read_types),
    "Contact": (READ_CONTACTS, read_contacts),
    "Recipient": (READ_CONSENT, read_recipients),
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
class Viewer:
    """The token that sends the request."""

    name: str = strawberry.field(description="The name of the token.")
    scopes: list[str] = strawberry.field(description="The scopes of the token.")


@strawberry.type
class NodeQueries:
    """Queries by global id."""

    @query()
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The id.")]
    ) -> Node | None:
        """The object with an id; null if there is none."""
        return (await _nodes(info.context, [id], "id"))[0]

    @query()
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")],
    ) -> list[Node | None]:
        """The objects with these ids, in their order; null where there is none."""
        if len(ids) > _MOST_IDS:
            raise bad_input(f"Pass at most {_MOST_IDS} ids.", "ids")
        return await _nodes(info.context, ids, "ids")

    @query()
    async def viewer(self, info: Info) -> Viewer:
        """The token that sends the request, and its scopes."""
        return Viewer(name=info.context.actor.name, scopes=sorted(info.context.scopes))


async def _nodes(context: Context, ids: Sequence[str], argument: str) -> list[Node | None]:
    """Read the objects with these ids, in one statement for each type."""
    parsed = [_parse(text, argument) for text in ids]
    by_type: dict[str, list[int]] = {}
    for type_name, row_id in parsed:
        by_type.setdefault(type_name, []).append(row_id)
    found: dict[tuple[str, int], Node] = {}
    for type_name, row_ids in by_type.items():
        access, read = READERS[type_name]
        if access is not None:
            context.require(access)
        found |= {(type_name, row_id): node for row_id, node in (await read(context, row_ids)).items()}
    return [found.get(each) for each in parsed]


def _parse(text: str, argument: str) -> tuple[str, int]:
    parsed = parse_global_id(text)
    if parsed is None:
        raise bad_input("This is not an id.", argument)
    return parsed
