"""A ContactFilter that comes as JSON, outside a GraphQL document."""

from __future__ import annotations

from typing import Any, cast

import strawberry
from graphql import GraphQLError, GraphQLInputType
from graphql.utilities import coerce_input_value, validate_input_value
from strawberry.types.arguments import convert_argument

from preference_center.contacts import filter as contact_filter
from preference_center.errors import ErrorCode, Invalid
from schema.contacts.filter import ContactFilter, check_access, parse_filter
from schema.engine.context import Context


def filter_from_json(value: Any, context: Context, schema: strawberry.Schema) -> contact_filter.ContactFilter:
    """Return the filter in a JSON value.

    Raises Invalid that names what does not fit the schema, and Forbidden for conditions that the token may
    not ask for.
    """
    input_type = cast(GraphQLInputType, schema._schema.type_map["ContactFilter"])
    if not isinstance(value, dict):
        raise Invalid(ErrorCode.INVALID_VALUE, "A filter is a JSON object.", "filter")
    try:
        validate_input_value(value, input_type, _refuse)
    except RecursionError:
        raise Invalid(ErrorCode.INVALID_VALUE, "The filter is nested too deeply.", "filter") from None
    values, converter = coerce_input_value(value, input_type), schema.schema_converter
    input = convert_argument(values, ContactFilter, converter.scalar_registry, converter.config)
    check_access(cast(ContactFilter, input), context, "filter")
    return parse_filter(cast(ContactFilter, input), context) or contact_filter.ContactFilter()


def _refuse(error: GraphQLError, path: Any) -> None:
    raise Invalid(ErrorCode.INVALID_VALUE, error.message, "filter", *map(str, path))
