"""Every element of the schema says what it is, what its limits are, what null means, and who may read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLNamedType,
    Undefined,
    is_enum_type,
    is_input_object_type,
    is_introspection_type,
    is_non_null_type,
    is_object_type,
    is_scalar_type,
    is_specified_scalar_type,
)

from preference_center.access.scopes import SCOPES, Access
from schema.contract.fields import requirements_of
from schema.root import graphql_schema

_REACHED = Path(__file__).parents[1] / "access/fields.txt"
_FILLER = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "by",
        "for",
        "how",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "to",
        "was",
        "what",
        "who",
    }
)
_WITHOUT_VALUE = re.compile(r"\bnull\b|\bleft out\b", re.IGNORECASE)
_TO_READ = re.compile(r"To read it in a query, a token needs the scopes? (.+)\.$")


@dataclass(frozen=True)
class Element:
    """A type, field, argument, input field or enum value of the schema."""

    name: str
    described: Any
    parent: GraphQLNamedType | None = None

    @property
    def text(self) -> str:
        """The description; empty if there is none."""
        return self.described.description or ""

    @property
    def access(self) -> Access | None:
        """What a token needs to read the field or to use the condition."""
        return requirements_of(self.described.extensions.get("strawberry-definition")).access


def elements() -> Iterator[Element]:
    for type_ in graphql_schema.type_map.values():
        if is_introspection_type(type_) or is_specified_scalar_type(type_):
            continue
        yield Element(type_.name, type_)
        values = type_.values if is_enum_type(type_) else getattr(type_, "fields", {})
        for name, described in values.items():
            yield Element(f"{type_.name}.{name}", described, type_)
            for argument, its in getattr(described, "args", {}).items():
                yield Element(f"{type_.name}.{name}({argument})", its, type_)


ELEMENTS = list(elements())


def words(text: str) -> set[str]:
    """The words of a text or a camel-case name, without endings and filler."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text).lower()
    return {word.rstrip("s") for word in re.findall(r"[a-z0-9]+", spaced) if word not in _FILLER}


def test_everything_has_a_description() -> None:
    assert [each.name for each in ELEMENTS if not each.text] == []
    assert graphql_schema.description


def test_descriptions_are_sentences() -> None:
    sentences = re.compile(r"[A-Z0-9`].*[.!?:]\Z", re.DOTALL)
    assert [each.name for each in ELEMENTS if not sentences.match(each.text)] == []
    untidy = re.compile(r"[ \t]{2}|[ \t]\n|\n(?!\n)(?<!\n\n)|\.\.")
    assert [each.name for each in ELEMENTS if untidy.search(each.text)] == []


def test_descriptions_say_rules_in_words() -> None:
    number = re.compile(r"\bR\d+\b|docs/\w+\.md")
    assert [each.name for each in ELEMENTS if number.search(each.text)] == []


def test_descriptions_say_more_than_the_name() -> None:
    """`channel: The channel.` helps nobody."""
    empty = [each.name for each in ELEMENTS if words(each.text) <= words(each.name)]
    assert empty == []


def test_fields_that_can_be_null_say_what_null_means() -> None:
    silent = [
        each.name
        for each in ELEMENTS
        if isinstance(each.described, GraphQLField)
        and not is_non_null_type(each.described.type)
        and each.parent is not graphql_schema.mutation_type
        and not _WITHOUT_VALUE.search(each.text)
    ]
    assert silent == []


def test_inputs_that_can_be_left_out_say_what_that_means() -> None:
    """Unless they have a default, or their type says it for all of its fields."""
    silent = [
        each.name
        for each in ELEMENTS
        if isinstance(each.described, GraphQLArgument | GraphQLInputField)
        and not is_non_null_type(each.described.type)
        and each.described.default_value is Undefined
        and not _WITHOUT_VALUE.search(each.text)
        and not (is_input_object_type(each.parent) and _WITHOUT_VALUE.search(each.parent.description or ""))
    ]
    assert silent == []


def test_fields_and_conditions_name_the_scopes_that_they_need_and_no_others() -> None:
    for each in ELEMENTS:
        if isinstance(each.described, GraphQLField | GraphQLInputField):
            needs = re.findall(r"Needs the scopes? (`[^;.]+`)", each.text)
            access = each.access
            word = " or " if access is not None and access.any_of else " and "
            expected = [word.join(f"`{scope}`" for scope in access.scopes)] if access is not None else []
            assert needs == expected, each.name


def test_types_name_the_scopes_that_every_query_for_them_needs() -> None:
    """The ways through queries need read scopes alone: those in `fields.txt` are found independently."""
    reached = _reached()
    for each in ELEMENTS:
        if is_object_type(each.described) and each.described not in _roots() and each.name in reached:
            stated = _TO_READ.search(each.text)
            named = set(re.findall(r"`([^`]+)`", stated[1])) if stated else set()
            assert named == _common_scopes(reached[each.name]), each.name


def _roots() -> list[GraphQLNamedType | None]:
    return [graphql_schema.query_type, graphql_schema.mutation_type, graphql_schema.subscription_type]


def _reached() -> dict[str, list[set[str]]]:
    """For each type, the sets of scopes that reach one of its fields."""
    reached: dict[str, list[set[str]]] = {}
    for line in _REACHED.read_text().splitlines():
        field, alternatives = line.split(": ", 1)
        sets = [set(each.split("+")) - {"any token"} for each in alternatives.split(" | ")]
        reached.setdefault(field.split(".")[0], []).extend(sets)
    return reached


def _common_scopes(sets: list[set[str]]) -> set[str]:
    """The scopes in each set of read scopes."""
    reading = [scopes for scopes in sets if all(scope.endswith(":read") for scope in scopes)]
    return set.intersection(*reading) if reading else set()


def test_scopes_in_descriptions_exist() -> None:
    named = re.compile(r"scopes? `(\w+:\w+)`")
    unknown = {scope for each in ELEMENTS for scope in named.findall(each.text)} - SCOPES
    assert unknown == set()


def test_scalars_name_what_specifies_them() -> None:
    scalars = [each.described for each in ELEMENTS if is_scalar_type(each.described)]
    assert scalars
    assert [
        type_.name for type_ in scalars if not (type_.specified_by_url or "").startswith("https://")
    ] == []
