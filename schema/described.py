"""What is added to the descriptions of a schema once it is built: its own, those of inputs, and scopes.

Fields name their entry in the table of scopes. Sentences about scopes are made from it, and never written by
hand, so that descriptions and what is enforced agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_input_object_type,
    is_object_type,
)

from preference_center.access.scopes import Access
from schema.contract.descriptions import as_description
from schema.contract.fields import Requirements, requirements_of

_SCHEMA: Final = """
    Sayso: the system of record for communication consent.

    Who agreed to receive which messages, on which channel, from which brand, on what legal basis, since when,
    and what proves it. Preferences belong to an address (`Recipient`), not to the person in your records
    (`Contact`). Before every message, ask `eligibility`.

    Every request needs an API token: `Authorization: Bearer sayso_…`. Descriptions name the scopes that a
    token needs; `admin` includes all of them. A field that the token may not read is null, with an error of
    the code `FORBIDDEN` that names the missing scope; other fields are answered.

    What a caller can correct in a mutation is in the `userErrors` of its payload. Lists are connections:
    `first` and `after` read on, at most 100 items at a time. An operation has at most 15 levels and a cost of
    100,000, which every response reports in `extensions.cost`.
"""
_GUARDED: Final = "Null where the token may not read it."


def complete_descriptions(schema: GraphQLSchema) -> None:
    """Complete the descriptions of a schema.

    The schema gets its own, and each type without one the docstring of its class. Fields and conditions that
    need scopes say so, and each type that no query reaches without scopes. Each `input` gets what its type
    says.
    """
    schema.description = as_description(_SCHEMA)
    for type_ in schema.type_map.values():
        definition = type_.extensions.get("strawberry-definition")
        documented = getattr(definition, "origin", None)
        if documented is not None and type_.description is None:
            type_.description = as_description(documented.__doc__)
        if is_object_type(type_) or is_input_object_type(type_):
            for field in type_.fields.values():
                _add(field, _about_access(field, of_mutation=type_ is schema.mutation_type))
    for type_, scopes in _scopes_to_read(schema).items():
        _add(type_, f"To read it in a query, a token needs {_in_words(Access('', scopes))}.")
    mutation = schema.mutation_type
    for field in mutation.fields.values() if mutation is not None else ():
        input = field.args["input"]
        input.description = get_named_type(input.type).description


def _about_access(field: GraphQLField | GraphQLInputField, *, of_mutation: bool) -> str | None:
    """Return the sentence about what a token needs for a field or condition; None if it needs nothing."""
    needed = _requirements(field)
    if needed.access is None:
        return _GUARDED if needed.guarded else None
    needs = f"Needs {_in_words(needed.access)}"
    if isinstance(field, GraphQLInputField):
        return f"{needs}."
    without = "without them" if "the scopes" in needs else "without it"
    return f"{needs}; {without}, nothing is changed." if of_mutation else f"{needs}; null {without}."


def _in_words(access: Access) -> str:
    names = (" or " if access.any_of else " and ").join(f"`{scope}`" for scope in access.scopes)
    return f"the scope {names}" if len(access.scopes) == 1 or access.any_of else f"the scopes {names}"


def _add(described: GraphQLField | GraphQLInputField | GraphQLObjectType, sentence: str | None) -> None:
    """Add a sentence: to the line of a short description, else as a paragraph of its own."""
    if sentence is not None:
        text = described.description or ""
        described.description = f"{text}\n\n{sentence}" if "\n" in text else f"{text} {sentence}"


def _scopes_to_read(schema: GraphQLSchema) -> dict[GraphQLObjectType, tuple[str, ...]]:
    """Return the scopes without which no query reaches a type, for each type that has such scopes.

    A type that can be reached in different ways has those that all ways need.
    """
    roots = [root for root in (schema.query_type, schema.subscription_type) if root is not None]
    needed: dict[GraphQLObjectType, frozenset[str]] = {root: frozenset() for root in roots}
    waiting = list(roots)
    while waiting:
        type_ = waiting.pop()
        for leads_to, scopes in _ways_from(type_):
            on_this_way, before = needed[type_] | scopes, needed.get(leads_to)
            needed[leads_to] = on_this_way if before is None else before & on_this_way
            if needed[leads_to] != before:
                waiting.append(leads_to)
    return {type_: tuple(sorted(scopes)) for type_, scopes in needed.items() if scopes}


def _ways_from(type_: GraphQLObjectType) -> Iterator[tuple[GraphQLObjectType, frozenset[str]]]:
    """Return the types that fields lead to, each with the scopes that the field cannot do without."""
    for field in type_.fields.values():
        named, access = get_named_type(field.type), _requirements(field).access
        if is_object_type(named):
            yield named, frozenset() if access is None or access.any_of else frozenset(access.scopes)


def _requirements(field: GraphQLField | GraphQLInputField) -> Requirements:
    return requirements_of(field.extensions.get("strawberry-definition"))
