"""Random GraphQL documents of this schema, with variables: most are valid, and few ask for much."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_required_input_field,
)

from schema.root import graphql_schema

_DEEPEST = 5
_INTROSPECTION = '__schema { queryType { name } } __type(name: "Viewer") { name fields { name } }'


@dataclass
class Values:
    """Scalars that mean something in the database at hand."""

    keys: Sequence[str]
    ids: Sequence[str]
    emails: Sequence[str]


@dataclass
class RandomDocument:
    """One query, written from the schema. `text` has it, `variables` two sets of values for it."""

    chance: random.Random
    values: Values
    definitions: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)
    variables: tuple[dict[str, Any], dict[str, Any]] = field(default_factory=lambda: ({}, {}))
    text: str = ""

    def __post_init__(self) -> None:
        root = graphql_schema.query_type
        assert root is not None
        selected = self._selection(root, 0, fields=self.chance.choice([1, 1, 2]))
        if self.chance.random() < 0.1:
            selected = f"{{ {_INTROSPECTION} {selected[1:]}"
        heading = f"query Q{self._list(self.definitions, '()')} "
        self.text = heading + selected + "".join(self.fragments)

    def _list(self, parts: Sequence[str], brackets: str) -> str:
        return f"{brackets[0]}{', '.join(parts)}{brackets[1]}" if parts else ""

    def _selection(self, parent: Any, depth: int, fields: int | None = None) -> str:
        """Write the selection of a type. All of it may be skipped, or be on another type."""
        parts = [
            self._part(parent, depth)
            for _ in range(fields or self.chance.choice([1, 2, 3, 4] if depth else [1]))
        ]
        if self.chance.random() < 0.2:
            parts.append(parts[0])  # fields that merge
        return f"{{ {' '.join(parts)} }}"

    def _part(self, parent: Any, depth: int) -> str:
        kind = self.chance.random()
        if kind < 0.08:
            return f"kind: __typename{self._directive()}" if kind < 0.04 else "__typename"
        if kind < 0.18 and depth:
            return f"...{self._on(parent, kind)}{self._directive()} {self._selection(self._narrowed, depth)}"
        if kind < 0.26 and depth and depth < _DEEPEST:
            name = f"F{len(self.fragments)}"
            self.fragments.append("")
            self._on(parent, 0)
            on = self._narrowed.name
            self.fragments[int(name[1:])] = (
                f" fragment {name} on {on} {self._selection(self._narrowed, depth)}"
            )
            return f"...{name}{self._directive()}"
        return self._field(parent, depth)

    def _fragment(self, parent: Any, depth: int) -> str:
        name, place = f"F{len(self.fragments)}", len(self.fragments)
        self.fragments.append("")
        heading = f" fragment {name}{self._on(parent, 0)} "
        self.fragments[place] = heading + self._selection(self._narrowed, depth)
        return name

    def _on(self, parent: Any, kind: float) -> str:
        """Choose the type of a fragment: the parent, its interface, or for an interface one of its types."""
        choices = [parent]
        if is_interface_type(parent):
            choices += graphql_schema.get_possible_types(parent)
        elif is_object_type(parent):
            choices += parent.interfaces
        self._narrowed = self.chance.choice(choices)
        return "" if self._narrowed is parent and kind > 0.13 else f" on {self._narrowed.name}"

    def _field(self, parent: Any, depth: int) -> str:
        names = [
            name
            for name, definition in parent.fields.items()
            if depth < _DEEPEST or is_leaf_type(get_named_type(definition.type))
        ]
        if not names:
            return "__typename"
        name = self.chance.choice(names)
        definition = parent.fields[name]
        arguments = self._arguments(definition.args)
        alias = ""
        if arguments:
            # The same response name for the same arguments only, so that the fields can merge.
            alias = f"{name}{zlib.crc32(arguments.encode())}: "
        elif self.chance.random() < 0.15:
            alias = f"the{name}: "
        below = ""
        if not is_leaf_type(get_named_type(definition.type)):
            below = " " + self._selection(get_named_type(definition.type), depth + 1)
        return f"{alias}{name}{arguments}{self._directive()}{below}"

    def _directive(self) -> str:
        kind = self.chance.random()
        if kind > 0.2:
            return ""
        directive = self.chance.choice(["skip", "include"])
        if kind < 0.1:
            return f" @{directive}(if: {self.chance.choice(['true', 'false'])})"
        default = self.chance.choice([" = true", " = false", None])
        has_default = default is not None
        nullable = has_default and self.chance.random() < 0.2
        name = self._variable(
            "Boolean" + (default or "!"), [True, False], may_omit=has_default, nullable=nullable
        )
        return f" @{directive}(if: ${name})"

    def _variable(self, type_: str, choices: Sequence[Any], *, may_omit: bool, nullable: bool) -> str:
        name = f"v{len(self.definitions)}"
        self.definitions.append(f"${name}: {type_}")
        for given in self.variables:
            if may_omit and self.chance.random() < 0.4:
                continue
            value = None if nullable and self.chance.random() < 0.3 else self.chance.choice(choices)
            given[name] = float(value) if type(value) is int and self.chance.random() < 0.3 else value
        return name

    def _arguments(self, arguments: dict[str, Any]) -> str:
        written = [
            f"{name}: {self._argument(argument.type)}"
            for name, argument in arguments.items()
            if is_required_argument(argument) or self.chance.random() < (0.6 if name == "first" else 0.25)
        ]
        return self._list(written, "()")

    def _argument(self, type_: GraphQLInputType) -> str:
        """Write the value of an argument, or a variable for it."""
        if self.chance.random() < 0.6:
            return _literal(self._value(type_), type_)
        if is_non_null_type(type_):
            choices = [self._value(type_), self._value(type_)]
            return "$" + self._variable(str(type_), choices, may_omit=False, nullable=False)
        default = ""
        if self.chance.random() < 0.5:
            default = f" = {_literal(self._value(type_), type_)}"
        return "$" + self._variable(f"{type_}{default}", [self._value(type_)], may_omit=True, nullable=True)

    def _value(self, type_: GraphQLInputType) -> Any:
        if is_non_null_type(type_):
            return self._some(type_.of_type)
        return None if self.chance.random() < 0.2 else self._some(type_)

    def _some(self, type_: Any) -> Any:
        if is_list_type(type_):
            return [self._value(type_.of_type) for _ in range(self.chance.randint(0, 3))]
        if is_enum_type(type_):
            return self.chance.choice(list(type_.values))
        if is_input_object_type(type_):
            return self._input(type_)
        return self._scalar(type_.name)

    def _input(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        if type_.is_one_of:
            name = self.chance.choice(list(type_.fields))
            return {name: self._some(get_named_type(type_.fields[name].type))}
        return {
            name: self._value(each.type)
            for name, each in type_.fields.items()
            if is_required_input_field(each) or self.chance.random() < 0.1
        }

    def _scalar(self, name: str) -> Any:
        values: dict[str, list[Any]] = {
            "Int": [0, 1, 2, 3, 2, 3, 2, 3, 2, 3, 101],
            "Boolean": [True, False],
            "ID": [*self.values.ids] * 4 + ["nonsense"],
            "String": [*self.values.emails, "example", ""],
            "Key": [*self.values.keys] * 3 + ["no-such-key"],
            "Locale": ["en", "pl", "zh-Hant", "x"],
            "JSON": [None, "x", {"a": [1]}],
            "DateTime": ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00+01:00"],
        }
        return self.chance.choice(values[name])


def _literal(value: Any, type_: Any) -> str:
    """Write a JSON value as a literal of a type."""
    named = type_.of_type if is_non_null_type(type_) else type_
    if isinstance(value, list) and is_list_type(named):
        return "[" + ", ".join(_literal(item, named.of_type) for item in value) + "]"
    if isinstance(value, dict):
        fields = named.fields if isinstance(named, GraphQLInputObjectType) else {}
        written = (
            f"{name}: {_literal(item, fields[name].type if fields else None)}" for name, item in value.items()
        )
        return "{" + ", ".join(written) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item, None) for item in value) + "]"
    return value if is_enum_type(named) and value is not None else json.dumps(value)
