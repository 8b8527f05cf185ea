"""Descriptions of the published schema: the docstrings of its types."""

from __future__ import annotations

import inspect

from graphql import GraphQLSchema, get_named_type


def describe_types(schema: GraphQLSchema) -> None:
    """Give each type without a description the docstring of its class, and each `input` that of its type."""
    for type_ in schema.type_map.values():
        definition = type_.extensions.get("strawberry-definition")
        documented = getattr(definition, "origin", None)
        if documented is not None and type_.description is None:
            type_.description = as_description(documented.__doc__)
    mutation = schema.mutation_type
    for field in mutation.fields.values() if mutation is not None else ():
        input = field.args["input"]
        input.description = get_named_type(input.type).description


def as_description(docstring: str | None) -> str | None:
    """Return a docstring with each paragraph on one line; None for none."""
    if docstring is None:
        return None
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
