"""The schema: all queries and mutations put together."""

from __future__ import annotations

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema, Undefined, is_non_null_type, is_object_type
from graphql.utilities.print_schema import print_schema_definition
from strawberry.schema.config import StrawberryConfig

from schema import loaders
from schema.catalog.keywords import KeywordMutations
from schema.catalog.mutations import CatalogMutations
from schema.catalog.previews import PreviewMutations
from schema.catalog.queries import CatalogQueries
from schema.catalog.sender_numbers import SenderNumber, SenderNumberMutations, SenderNumberQueries
from schema.catalog.types import BusinessUnit, Keyword, SubscriptionType
from schema.contacts.calls import CallMutations
from schema.contacts.mutations import ContactMutations
from schema.contacts.queries import ContactQueries
from schema.contacts.types import Contact
from schema.contract.fields import requirements_of
from schema.contract.scalars import SCALARS
from schema.counts.badges import BadgeQueries
from schema.counts.preference_counts import CountQueries
from schema.described import complete_descriptions
from schema.inbound.messages import InboundMessage
from schema.inbound.review import MessageMutations, MessageQueries
from schema.ledger.events import ConsentEvent
from schema.ledger.evidence import ShownWording
from schema.ledger.queries import LedgerQueries
from schema.links.mutations import LinkMutations
from schema.nodes import NodeQueries
from schema.operations.mutations import OperationMutations
from schema.operations.types import Operation, OperationQueries
from schema.recipients.confirmations import ConfirmationMutations
from schema.recipients.erasure import ErasureMutations
from schema.recipients.leaving_reasons import LeavingReasonQueries
from schema.recipients.mutations import PreferenceMutations
from schema.recipients.preferences import OptOutOfAll, Pause, Preference
from schema.recipients.queries import RecipientQueries
from schema.recipients.types import Recipient
from schema.recipients.updates import UpdateMutations
from schema.viewer import ViewerQueries
from schema.workflows.enrolments import WorkflowEnrolment
from schema.workflows.mutations import WorkflowMutations
from schema.workflows.types import Workflow, WorkflowQueries

__all__ = ["graphql_schema", "loaders", "schema", "sdl"]


@strawberry.type
class Query(
    NodeQueries,
    ViewerQueries,
    CatalogQueries,
    ContactQueries,
    RecipientQueries,
    LedgerQueries,
    CountQueries,
    LeavingReasonQueries,
    OperationQueries,
    SenderNumberQueries,
    MessageQueries,
    BadgeQueries,
    WorkflowQueries,
):
    """What can be read: contacts, recipients with their preferences, the ledger, the catalog, operations.

    A query changes nothing. Lists are connections: read on with `first` and `after`.
    """


@strawberry.type
class Mutation(
    CatalogMutations,
    PreviewMutations,
    ContactMutations,
    ErasureMutations,
    UpdateMutations,
    PreferenceMutations,
    LinkMutations,
    ConfirmationMutations,
    OperationMutations,
    SenderNumberMutations,
    KeywordMutations,
    CallMutations,
    MessageMutations,
    WorkflowMutations,
):
    """What can be changed. Each mutation takes one `input`, and returns in `userErrors` what has to be fixed.

    Several mutations of one request run one after another, each in a transaction of its own.
    """


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[
        BusinessUnit,
        SubscriptionType,
        Keyword,
        Contact,
        Recipient,
        Preference,
        OptOutOfAll,
        Pause,
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


def _remove_null_defaults(built: GraphQLSchema) -> None:
    """Give optional arguments no default in place of Python's None."""
    for type_ in built.type_map.values():
        fields = type_.fields.values() if is_object_type(type_) else ()
        for argument in (argument for field in fields for argument in field.args.values()):
            if argument.default_value is None:
                argument.default_value = Undefined


def _let_forbidden_be_null(built: GraphQLSchema) -> None:
    """Make every field nullable that some tokens may not read: it is null then, and not all around it."""
    for type_ in built.type_map.values():
        for field in type_.fields.values() if is_object_type(type_) else ():
            needed = requirements_of(field.extensions.get("strawberry-definition"))
            if needed.can_forbid and is_non_null_type(field.type):
                field.type = field.type.of_type


def _mark_one_of(built: GraphQLSchema) -> None:
    """Let graphql-core check `@oneOf`: its errors have locations, and Strawberry's do not."""
    for type_ in built.type_map.values():
        definition = type_.extensions.get("strawberry-definition")
        if isinstance(type_, GraphQLInputObjectType) and definition is not None:
            type_.is_one_of = definition.is_one_of


_remove_null_defaults(graphql_schema)
_let_forbidden_be_null(graphql_schema)
_mark_one_of(graphql_schema)
complete_descriptions(graphql_schema)


def sdl() -> str:
    """Return the schema in its definition language, as it is committed in `schema.graphql`."""
    # Strawberry does not print the description of the schema itself.
    whole = f"{print_schema_definition(graphql_schema)}\n\n{schema.as_str()}"
    return "\n".join(line.rstrip() for line in whole.splitlines()) + "\n"
