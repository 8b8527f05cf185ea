"""Rows to insert: a NamedTuple for each table. Its fields are the columns, annotated with their SQL types."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Annotated, NamedTuple, get_args, get_type_hints

BigInt = Annotated[int, "bigint"]
Int = Annotated[int, "int"]
Bool = Annotated[bool, "bool"]
Text = Annotated[str, "text"]
Bytes = Annotated[bytes, "bytea"]
Instant = Annotated[datetime, "timestamptz"]
Json = Annotated[str, "jsonb"]
"""JSON text."""


@cache
def columns_of(row_type: type[NamedTuple]) -> dict[str, str]:
    """The columns of a row type with their PostgreSQL types, as `database.insert` takes them."""
    hints = get_type_hints(row_type, include_extras=True)
    return {column: _sql_type(hint) for column, hint in hints.items()}


def _sql_type(hint: object) -> str:
    """The SQL type of an annotation, which may be optional. Raises ValueError where it names none."""
    for part in (hint, *get_args(hint)):
        for sql_type in getattr(part, "__metadata__", ()):
            return str(sql_type)
    raise ValueError(f"no SQL type in the annotation {hint!r}: use the types of storage.rows")
