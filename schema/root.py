"""Query and Mutation put together, and the schema."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import strawberry
from graphql import GraphQLSchema, Undefined, is_object_type
from strawberry.schema.config import StrawberryConfig

from preference_center.contacts import contacts
from preference_center.history import events as history
from preference_center.recipients import recipients
from schema.catalog.fields import CatalogMutations, CatalogQueries
from schema.catalog.sender_numbers import (
    IntegrationMutations,
    IntegrationQueries,
    SenderNumber,
    read_sender_numbers,
)
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.contacts.calls import CallMutations
from schema.contacts.fields import ContactMutations, ContactQueries
from schema.contacts.types import Contact, contact_of
from schema.contract.ids import Node, read_id
from schema.contract.scalars import SCALARS
from schema.engine.context import Context, Info, bad_input, forbidden
from schema.engine.resolver import resolver
from schema.inbound.messages import READ as READ_MESSAGES
from schema.inbound.messages import InboundMessage, MessageMutations, MessageQueries, read_messages
from schema.ledger.events import ConsentEvent, event_of, know_catalog
from schema.ledger.evidence import ShownWording, read_wordings
from schema.operations.mutations import OperationMutations
from schema.operations.types import READ as READ_OPERATIONS
from schema.operations.types import Operation, OperationQueries, read_operations
from schema.recipients.confirmations import ConfirmationMutations
from schema.recipients.leaving_reasons import LeavingReasonQueries
from schema.recipients.links import LinkMutations
from schema.recipients.mutations import PreferenceMutations
from schema.recipients.queries import PreferenceQueries
from schema.recipients.types import Recipient, recipient_of
from schema.workflows.enrolments import WorkflowEnrolment, read_enrolments
from schema.workflows.mutations import WorkflowMutations
from schema.workflows.types import READ as READ_WORKFLOWS
from schema.workflows.types import Workflow, WorkflowQueries, read_workflows

_MOST_NODES = 100
Found = dict[int, Node]


@strawberry.type
class Viewer:
    """The token that asks."""

    name: str
    scopes: list[str]


@strawberry.type
class NodeQueries:
    """Fetching again by id."""

    @resolver()
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Whatever has the id, or null."""
        return (await _nodes(info.context, [id], "id"))[0]

    @resolver()
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        """The same for several, in the order asked; null where there is none."""
        if len(ids) > _MOST_NODES:
            raise bad_input(f"At most {_MOST_NODES} ids.", "ids")
        return await _nodes(info.context, ids, "ids")

    @resolver()
    def viewer(self, info: Info) -> Viewer:
        """The token that asks, and what it may do."""
        return Viewer(name=info.context.actor.name, scopes=sorted(info.context.scopes))


async def _contacts(context: Context, numbers: Sequence[int]) -> Found:
    return {n: contact_of(row, context) for n, row in (await contacts.get_many(numbers)).items()}


async def _recipients(context: Context, numbers: Sequence[int]) -> Found:
    return {n: recipient_of(row, context) for n, row in (await recipients.get_many(numbers)).items()}


async def _events(context: Context, numbers: Sequence[int]) -> Found:
    rows = await history.get_many(numbers)
    await know_catalog(context, list(rows.values()))
    return {n: event_of(row, context) for n, row in rows.items()}


async def _units(context: Context, numbers: Sequence[int]) -> Found:
    return dict(context.view.units)


async def _types(context: Context, numbers: Sequence[int]) -> Found:
    return dict(context.view.types)


_READERS: dict[str, tuple[str | None, Callable[[Context, Sequence[int]], Awaitable[Found]]]] = {
    "BusinessUnit": (None, _units),
    "SubscriptionType": (None, _types),
    "Contact": ("contacts:read", _contacts),
    "Recipient": ("preferences:read", _recipients),
    "ConsentEvent": ("preferences:read", _events),
    "ShownWording": ("preferences:read", read_wordings),
    "Operation": (READ_OPERATIONS, read_operations),
    "SenderNumber": (None, read_sender_numbers),
    "InboundMessage": (READ_MESSAGES, read_messages),
    "Workflow": (READ_WORKFLOWS, read_workflows),
    "WorkflowEnrolment": (READ_WORKFLOWS, read_enrolments),
}


async def _nodes(context: Context, ids: Sequence[str], name: str) -> list[Node | None]:
    """Read what ids name, in one statement for each type."""
    named = [read_id(text) for text in ids]
    by_type: dict[str, list[int]] = {}
    for one in named:
        if one is None:
            raise bad_input("This is not an id.", name)
        by_type.setdefault(one[0], []).append(one[1])
    found: dict[tuple[str, int], Node] = {}
    for kind, numbers in by_type.items():
        scope, read = _READERS[kind]
        if scope is not None and not context.may(scope):
            raise forbidden(scope)
        found.update({(kind, n): node for n, node in (await read(context, numbers)).items()})
    return [found.get(one) for one in named if one is not None]


@strawberry.type
class Query(
    NodeQueries,
    CatalogQueries,
    ContactQueries,
    PreferenceQueries,
    LeavingReasonQueries,
    OperationQueries,
    IntegrationQueries,
    MessageQueries,
    WorkflowQueries,
):
    """All that can be asked."""


@strawberry.type
class Mutation(
    CatalogMutations,
    ContactMutations,
    PreferenceMutations,
    LinkMutations,
    ConfirmationMutations,
    OperationMutations,
    IntegrationMutations,
    CallMutations,
    MessageMutations,
    WorkflowMutations,
):
    """All that can be changed. Each takes one `input`, and says in `userErrors` what the caller can mend."""


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[
        BusinessUnit,
        SubscriptionType,
        Contact,
        Recipient,
        ConsentEvent,
        ShownWording,
        Operation,
        SenderNumber,
        InboundMessage,
        Workflow,
        WorkflowEnrolment,
    ],
    config=StrawberryConfig(scalar_map=SCALARS),
)
graphql_schema: GraphQLSchema = schema._schema


def _without_null_defaults(built: GraphQLSchema) -> None:
    """Let an argument that may be left out have no default, as in the contract, rather than Python's None."""
    for kind in built.type_map.values():
        fields = kind.fields.values() if is_object_type(kind) else ()
        for argument in (argument for field in fields for argument in field.args.values()):
            if argument.default_value is None:
                argument.default_value = Undefined


_without_null_defaults(graphql_schema)


def sdl() -> str:
    """The schema in its definition language, as committed in `schema.graphql`."""
    return schema.as_str() + "\n"
