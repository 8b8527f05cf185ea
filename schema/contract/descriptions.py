"""Descriptions of the published schema: docstrings, the scopes that reading needs, and shared texts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Final

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type, is_object_type

from preference_center.access.scopes import Access

SCHEMA: Final = """Sayso: the system of record for communication consent.

Who agreed to receive which messages, on which channel, from which brand, on what legal basis, since when,
and what proves it. Preferences belong to an address (`Recipient`), not to the person in your records
(`Contact`). Before every message, ask `eligibility`.

Every request needs an API token: `Authorization: Bearer sayso_…`. Descriptions name the scopes that a token
needs; `admin` includes all of them. A field that the token may not read answers with the error code
`FORBIDDEN`, which names the missing scope. What a caller can correct in a mutation is in the `userErrors`
of its payload. Lists are connections: `first` and `after` read on, at most 100 items at a time. An
operation has at most 15 levels and a cost of 100,000, which every response reports in `extensions.cost`."""
"""The description of the schema as a whole."""
TYPE_KEY: Final = "The key of the subscription type, such as `weekly-digest`."
UNIT_KEY: Final = "The key of the business unit, such as `acme`."
SET_CHANNEL: Final = "The channel to make the change on."
EXPLANATION: Final = (
    "Why the change is made, in the team's words: at most 2,000 characters. Erasure removes it."
)
PHONE: Final = (
    "The phone number, best in E.164 format such as `+48601234567`. Spaces, hyphens, brackets and a leading"
    " `00` are accepted."
)


def describe_types(schema: GraphQLSchema, access_of: Callable[[GraphQLField], Access | None]) -> None:
    """Complete the descriptions of a schema.

    The schema gets its own, each type without one the docstring of its class, each `input` that of its type,
    and each type that some scope is needed for says so. `access_of` returns what a field needs.
    """
    schema.description = as_description(SCHEMA)
    for type_ in schema.type_map.values():
        definition = type_.extensions.get("strawberry-definition")
        documented = getattr(definition, "origin", None)
        if documented is not None and type_.description is None:
            type_.description = as_description(documented.__doc__)
    mutation = schema.mutation_type
    for field in mutation.fields.values() if mutation is not None else ():
        input = field.args["input"]
        input.description = get_named_type(input.type).description
    for type_, scopes in _scopes_to_read(schema, access_of).items():
        type_.description = _joined(
            type_.description or "",
            f"To read it in a query, a token needs {_in_words(scopes, any_of=False)}.",
        )


def with_scopes(description: str | None, access: Access | None) -> str | None:
    """Return the description of a field, with the scopes that it needs as its last sentence."""
    if description is None or access is None:
        return description
    return _joined(description, f"Needs {_in_words(access.scopes, any_of=access.any_of)}.")


def as_description(docstring: str | None) -> str | None:
    """Return a docstring with each paragraph on one line; None for none."""
    if docstring is None:
        return None
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _joined(description: str, sentence: str) -> str:
    """Add a sentence: to the line of a short description, else as a paragraph of its own."""
    return f"{description}\n\n{sentence}" if "\n" in description else f"{description} {sentence}"


def _in_words(scopes: tuple[str, ...], *, any_of: bool) -> str:
    names = (" or " if any_of else " and ").join(f"`{scope}`" for scope in scopes)
    return f"the scope {names}" if len(scopes) == 1 or any_of else f"the scopes {names}"


def _scopes_to_read(
    schema: GraphQLSchema, access_of: Callable[[GraphQLField], Access | None]
) -> dict[GraphQLObjectType, tuple[str, ...]]:
    """Return the scopes without which no query reaches a type, for each type that has such scopes.

    A type that can be reached in different ways has those that all ways need.
    """
    roots = [root for root in (schema.query_type, schema.subscription_type) if root is not None]
    needed: dict[GraphQLObjectType, frozenset[str]] = {root: frozenset() for root in roots}
    waiting = list(roots)
    while waiting:
        type_ = waiting.pop()
        for leads_to, access in _ways_from(type_, access_of):
            required = frozenset() if access is None or access.any_of else frozenset(access.scopes)
            on_this_way = needed[type_] | required
            before = needed.get(leads_to)
            needed[leads_to] = on_this_way if before is None else before & on_this_way
            if needed[leads_to] != before:
                waiting.append(leads_to)
    return {type_: tuple(sorted(scopes)) for type_, scopes in needed.items() if scopes}


def _ways_from(
    type_: GraphQLObjectType, access_of: Callable[[GraphQLField], Access | None]
) -> Iterator[tuple[GraphQLObjectType, Access | None]]:
    for field in type_.fields.values():
        named = get_named_type(field.type)
        if is_object_type(named):
            yield named, access_of(field)
