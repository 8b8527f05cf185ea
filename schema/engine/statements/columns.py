"""How the fields of a type are read from columns and written as JSON: declared next to each type.

`CONTACT = {"email": text("c.email"), …}`: the SQL expression, and how its values are written. What is written
is, byte for byte, what the JSON encoder makes of the values that resolvers return.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring as quoted
from typing import Any, Protocol, TypeAlias

import orjson
from graphql import is_non_null_type

from preference_center.catalog.catalog import Catalog
from preference_center.storage import database
from preference_center.storage.compact import Column, Kind, Reading
from schema.engine.context import Context
from schema.engine.plans import Step

Row: TypeAlias = Any
"""A row of a statement, or of a list inside it: values by their places."""
Write: TypeAlias = Callable[[Row, Context], str]
"""Returns the JSON of a field of a row."""
Encode: TypeAlias = Callable[[Any], str]
"""Returns the JSON of a value."""
NULL = "null"
NOW = object()
"""Stands among the values of a statement for the time of the request."""


class NotByStatement(Exception):
    """What a statement does not read, or not now: the field is answered the ordinary way."""


@dataclass(slots=True)
class Columns:
    """What one SELECT reads, each expression once. The lists inside a statement share its values."""

    catalog: Catalog
    """The catalog when the statement was compiled: keys in arguments stand for ids, which do not change."""
    values: list[Any] = field(default_factory=list)
    read: list[Column] = field(default_factory=list)

    def place(self, sql: str, kind: Kind = Kind.TEXT, *, nullable: bool = True) -> int:
        """Read an expression; returns its place in the row."""
        return self.add(Column(sql, kind, nullable))

    def add(self, column: Column) -> int:
        """Read a column; returns its place in the row."""
        if column not in self.read:
            self.read.append(column)
        return self.read.index(column)

    def placeholder(self, value: Any) -> str:
        """Add a value; returns its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"

    def now(self) -> str:
        """Return the placeholder of the time of the request."""
        return f"${self.values.index(NOW) + 1}" if NOW in self.values else self.placeholder(NOW)

    def inside(self) -> Columns:
        """Return the columns of a list inside this statement."""
        return Columns(self.catalog, self.values)

    def reading(self) -> Reading:
        """Return what the statement reads."""
        return Reading([column.sql for column in self.read], self.values)


class Source(Protocol):
    """Where the fields of an object are read from. Each type has its own."""

    @property
    def columns(self) -> Columns:
        """What the statement reads of the object."""


Read: TypeAlias = Callable[[Step, Any], Write]
"""Plans how a field is read and written. Raises NotByStatement."""
Fields: TypeAlias = Mapping[str, Read]
"""The fields of a type that a statement can read, by their names in the schema."""


def leaf(sql: str, kind: Kind, encode: Encode) -> Read:
    """Read a column and write its value; null where the schema allows it."""

    def read(step: Step, source: Source) -> Write:
        nullable = not is_non_null_type(step.definition.type)
        return at(source.columns.place(sql, kind, nullable=nullable), encode, nullable=nullable)

    return read


@dataclass(frozen=True, slots=True)
class Leaf:
    """Writes the value at a place of the row."""

    place: int
    encode: Encode
    nullable: bool

    def __call__(self, row: Row, _: Context) -> str:
        """Write the value of one row."""
        value = row[self.place]
        return NULL if value is None and self.nullable else self.encode(value)

    def of_all(self, rows: Sequence[Row]) -> list[str]:
        """Write the values of many rows."""
        place, encode = self.place, self.encode
        if not self.nullable:
            return [encode(row[place]) for row in rows]
        return [NULL if (value := row[place]) is None else encode(value) for row in rows]


def at(place: int, encode: Encode, *, nullable: bool) -> Leaf:
    """Return what writes the value at a place of the row."""
    return Leaf(place, encode, nullable)


def text(sql: str) -> Read:
    """Any text."""
    return leaf(sql, Kind.TEXT, quoted)


def word(sql: str) -> Read:
    """The value of an enum."""
    return leaf(sql, Kind.WORD, quoted)


def filled(sql: str) -> Read:
    """Text that counts as null if it is empty."""
    return leaf(sql, Kind.TEXT, lambda value: quoted(value) if value else NULL)


def number(sql: str) -> Read:
    """An integer."""
    return leaf(sql, Kind.NUMBER, str)


def flag(sql: str) -> Read:
    """A boolean."""
    return leaf(sql, Kind.NUMBER, lambda value: "true" if value else "false")


def instant(sql: str) -> Read:
    """A time."""
    return leaf(sql, Kind.INSTANT, instant_json)


def json_text(sql: str) -> Read:
    """JSON, which the drivers return as text."""
    return leaf(sql, Kind.TEXT, lambda value: dumped(orjson.loads(value)))


def row_id(type_name: str, sql: str) -> Read:
    """The global id of a row."""
    return leaf(sql, Kind.NUMBER, lambda value: id_json(f"{type_name}:{value}"))


def id_json(identity: str) -> str:
    """Write a global id: see `schema.contract.ids`."""
    # No "+" or "/" has to be replaced: base64 has them for other characters than those of an id.
    return f'"{b2a_base64(identity.encode(), newline=False).rstrip(b"=").decode()}"'


def instant_json(value: Any) -> str:
    """Write a time: that of a row, or the text that SQLite stores or that a list inside a row has."""
    if isinstance(value, str) and value[10] in "T " and value.endswith("+00:00"):
        seconds, _, fraction = value[11:-6].partition(".")
        if fraction.strip("0"):
            seconds = f"{seconds}.{fraction.ljust(6, '0')}"
        return f'"{value[:10]}T{seconds}Z"'
    return dumped(database.instant(value))


def dumped(value: Any) -> str:
    """Write any value as the encoder of answers does."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()
