"""A ContactFilter that came as JSON and not within a document, held to the same contract."""

from __future__ import annotations

from typing import Any, cast

from graphql import GraphQLError, GraphQLInputType
from graphql.utilities import coerce_input_value, validate_input_value
from strawberry.types.arguments import convert_argument

from preference_center.contacts import filter as plain
from preference_center.errors import ErrorCode, Invalid
from schema.contacts.filter import ContactFilter, plain_filter
from schema.engine.context import Context


def filter_from_json(given: Any, context: Context) -> plain.ContactFilter:
    """Read a filter by the contract's names. Raises Invalid naming the field that is wrong."""
    # Building the whole schema takes a while, which commands without a filter are spared.
    from schema.root import graphql_schema, schema

    contract = cast(GraphQLInputType, graphql_schema.type_map["ContactFilter"])
    if not isinstance(given, dict):
        raise Invalid(ErrorCode.INVALID_VALUE, "A filter is a JSON object.", "filter")
    try:
        validate_input_value(given, contract, _refuse)
    except RecursionError:
        raise Invalid(ErrorCode.INVALID_VALUE, "The filter is nested too deep.", "filter") from None
    values = coerce_input_value(given, contract)
    converter = schema.schema_converter
    made = convert_argument(values, ContactFilter, converter.scalar_registry, converter.config)
    return plain_filter(cast(ContactFilter, made), context) or plain.ContactFilter()


def _refuse(error: GraphQLError, path: Any) -> None:
    raise Invalid(ErrorCode.INVALID_VALUE, error.message, "filter", *map(str, path))
