"""Which fields a token can reach: every field of the schema, from every root, for every scope."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from graphql import GraphQLObjectType, get_named_type, is_interface_type, is_object_type

from preference_center.access.scopes import ADMIN, SCOPES, TABLE
from schema.engine.executor import access_of
from schema.nodes import READERS
from schema.root import graphql_schema
from tests.graphql.access.documents import document
from tests.graphql.conftest import Api, token

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EXPECTED = Path(__file__).with_name("fields.txt")
"""Each field with the scopes that reach it: `+` joins scopes that are needed together, `|` alternatives."""
ALONE = sorted(SCOPES - {ADMIN})
Held = frozenset[str]
SETS: list[Held] = [frozenset(scopes) for size in range(4) for scopes in combinations(ALONE, size)]
"""Smaller sets first: no field needs more than three scopes."""


def below(type_: GraphQLObjectType, held: Held) -> Iterator[tuple[str, list[GraphQLObjectType]]]:
    """The fields of a type that a token may read, and the types that each leads to."""
    for name, field in type_.fields.items():
        access = access_of(field)
        if access is not None and access.missing(held) is not None:
            continue
        named = get_named_type(field.type)
        if is_interface_type(named):
            readable = [key for key, (needed, _) in READERS.items() if not needed or not needed.missing(held)]
            yield name, [graphql_schema.type_map[key] for key in readable]  # type: ignore[misc]
        else:
            yield name, [named] if is_object_type(named) else []


def reached(held: Held) -> set[str]:
    """Every field that a token with these scopes can read, on some way."""
    assert graphql_schema.query_type
    assert graphql_schema.mutation_type
    waiting, known, fields = [graphql_schema.query_type, graphql_schema.mutation_type], set(), set()
    while waiting:
        type_ = waiting.pop()
        if type_.name in known:
            continue
        known.add(type_.name)
        for name, types in below(type_, held):
            fields.add(f"{type_.name}.{name}")
            waiting += types
    return fields


def all_fields() -> set[str]:
    return {
        f"{type_.name}.{name}"
        for type_ in graphql_schema.type_map.values()
        if is_object_type(type_) and not type_.name.startswith("__")
        for name in type_.fields
    }


def needed_scopes() -> dict[str, str]:
    """For each field, the smallest sets of scopes that reach it."""
    smallest: dict[str, list[Held]] = {name: [] for name in sorted(all_fields())}
    for held in SETS:
        for name in reached(held):
            if not any(other <= held for other in smallest[name]):
                smallest[name].append(held)
    return {
        name: " | ".join("+".join(sorted(held)) or "any token" for held in sets)
        for name, sets in smallest.items()
    }


def test_every_field_is_reached_with_the_scopes_in_the_table_and_no_others() -> None:
    """A new field fails here until `fields.txt` says which scopes reach it."""
    expected = dict(line.split(": ", 1) for line in EXPECTED.read_text().splitlines())
    actual = needed_scopes()
    differing = {name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name)}
    assert {name: (expected.get(name), actual.get(name)) for name in differing} == {}


def test_every_mutation_needs_a_scope_and_is_named_by_its_entry() -> None:
    assert graphql_schema.mutation_type
    for name, field in graphql_schema.mutation_type.fields.items():
        access = access_of(field)
        assert access in TABLE
        assert f"`{name}`" in access.what, name


def test_types_with_ids_need_by_id_what_their_fields_need() -> None:
    """Whatever is read by id is reached with the same scopes as through lists."""
    for name, (needed, _) in READERS.items():
        if needed is not None:
            held = frozenset(needed.scopes[:1] if needed.any_of else needed.scopes)
            assert f"{name}.id" in reached(held), name


@on_sqlite
@pytest.mark.parametrize("scope", ALONE)
async def test_queries_and_mutations_are_refused_without_their_scopes_and_only_then(
    api: Api, scope: str
) -> None:
    caller = api.using(await token(scope))
    for root in (graphql_schema.query_type, graphql_schema.mutation_type):
        assert root
        for name, field in root.fields.items():
            access = access_of(field)
            missing = access.missing({scope}) if access else None
            answer = await caller.run(document(root, name))
            refused = {error["extensions"].get("scope") for error in answer.get("errors", [])} - {None}
            assert refused == ({missing} if missing else set()), (name, answer)
