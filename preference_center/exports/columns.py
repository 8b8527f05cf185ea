"""Columns of an export: PostgreSQL writes them itself, from SQLite they are written here, both the same."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from preference_center.csv_cells import FORMULA, PHONE, guarded

_FORMULA_STARTS = "".join(
    char for char in map(chr, range(1, 0x10000)) if char != "'" and re.match(FORMULA, f"{char}=")
)
"""The first characters that a formula can have, without apostrophes."""
_QUOTED = re.compile(r'[",\r\n]')
_INFINITE = (
    "WHEN '-infinity' THEN '0001-01-01T00:00:00.000000Z' WHEN 'infinity' THEN '9999-12-31T23:59:59.999999Z'"
)
"""What asyncpg reads infinite times as, and SQLite stores. PostgreSQL formats them as null."""
_MAX_ARGUMENTS = 90
"""For each call: a function of PostgreSQL takes up to 100."""


class ColumnType(Enum):
    """What a column contains, which decides how it is written."""

    TEXT = "text"
    """Text that people typed: it may look like a formula."""
    CODE = "code"
    """Keys, enum values, hexadecimal: nothing in them needs escaping."""
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    JSON = "json"
    CONTACT_ID = "Contact"
    OPERATION_ID = "Operation"
    """Row ids, written as the API's global ids of that type."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name in the header, or as the key of an object, and what it contains."""

    name: str
    type: ColumnType = ColumnType.CODE


def header(columns: Sequence[Column]) -> bytes:
    """The header line of a CSV file."""
    return (",".join(_quoted(column.name) for column in columns) + "\n").encode()


def csv_sql(column_type: ColumnType, expression: str) -> str:
    """The SQL of a CSV field, on PostgreSQL; empty text and null are written alike."""
    if column_type is not ColumnType.TEXT:
        return _unescaped_sql(column_type, expression)
    # Almost all texts begin with a letter, which comparing bytes tells; of most others, only the first
    # character is looked at: a pattern costs more.
    begins_with_letter = f"{expression} COLLATE \"C\" >= 'A' AND {expression} COLLATE \"C\" < '{{'"
    first = f"left(ltrim({expression}, ''''), 1)"
    is_formula = (
        f"strpos({_literal(_FORMULA_STARTS)}, {first}) > 0 AND {expression} ~ {_literal('^' + FORMULA)}"
        f" AND {expression} !~ '^{PHONE}$'"
    )
    guarded_text = f"WHEN {is_formula} THEN '''' || {expression}"
    return (
        f"CASE WHEN {begins_with_letter} THEN {expression} {guarded_text} ELSE NULLIF({expression}, '') END"
    )


def json_sql(columns: Sequence[Column], expressions: Sequence[str]) -> str:
    """The SQL of a row as a JSON object on one line, on PostgreSQL."""
    parts: list[str] = []
    for column, expression in zip(columns, expressions, strict=True):
        key = "," + orjson.dumps(column.name).decode() + ":"
        parts += [_literal(key), _json_value_sql(column.type, expression)]
    parts[0] = _literal("{" + orjson.dumps(columns[0].name).decode() + ":")
    groups = [", ".join(parts[n : n + _MAX_ARGUMENTS]) for n in range(0, len(parts), _MAX_ARGUMENTS)]
    return f"concat({', '.join(f'concat({group})' for group in groups)}, '}}')"


def _json_value_sql(column_type: ColumnType, expression: str) -> str:
    if column_type is ColumnType.TEXT:
        return f"COALESCE(to_json({expression})::text, 'null')"
    unescaped = _unescaped_sql(column_type, expression)
    if column_type in (ColumnType.INTEGER, ColumnType.BOOLEAN, ColumnType.JSON):
        return f"COALESCE(({unescaped})::text, 'null')"
    return f"COALESCE('\"' || {unescaped} || '\"', 'null')"


def _unescaped_sql(column_type: ColumnType, expression: str) -> str:
    if column_type is ColumnType.BOOLEAN:
        return f"CASE WHEN {expression} THEN 'true' WHEN NOT {expression} THEN 'false' END"
    if column_type is ColumnType.INSTANT:
        finite = f"to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        return f"COALESCE({finite}, CASE {expression} {_INFINITE} END)"
    if column_type in (ColumnType.CONTACT_ID, ColumnType.OPERATION_ID):
        type_and_id = f"encode(convert_to('{column_type.value}:' || {expression}, 'UTF8'), 'base64')"
        return f"rtrim(translate({type_and_id}, '+/', '-_'), '=')"
    return f"{expression}::text" if column_type is ColumnType.JSON else expression


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def csv_line(columns: Sequence[Column], row: Sequence[Any]) -> str:
    """A row of SQLite as a line of CSV."""
    return (
        ",".join([_csv_field(column.type, value) for column, value in zip(columns, row, strict=True)]) + "\n"
    )


def _csv_field(column_type: ColumnType, value: Any) -> str:
    if value is None:
        return ""
    text = _FORMATS[column_type](value)
    return _quoted(guarded(text) if column_type is ColumnType.TEXT else text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def json_line(columns: Sequence[Column], row: Sequence[Any]) -> bytes:
    """A row of SQLite as a JSON object on one line."""
    values = {
        column.name: _json_value(column.type, value) for column, value in zip(columns, row, strict=True)
    }
    return orjson.dumps(values) + b"\n"


def _json_value(column_type: ColumnType, value: Any) -> Any:
    if value is None:
        return None
    if column_type is ColumnType.BOOLEAN:
        return bool(value)
    if column_type is ColumnType.JSON:
        return orjson.Fragment(value)
    return value if column_type is ColumnType.INTEGER else _FORMATS[column_type](value)


def _instant(value: str) -> str:
    """An instant as SQLite stores it (UTC, to the microsecond), in the form of RFC 3339."""
    return f"{value[:10]}T{value[11:26]}Z"


def _global_id(type_name: str) -> Callable[[int], str]:
    return lambda row_id: urlsafe_b64encode(f"{type_name}:{row_id}".encode()).rstrip(b"=").decode()


_FORMATS: dict[ColumnType, Callable[[Any], str]] = {
    ColumnType.TEXT: str,
    ColumnType.CODE: str,
    ColumnType.INTEGER: str,
    ColumnType.JSON: str,
    ColumnType.BOOLEAN: lambda value: "true" if value else "false",
    ColumnType.INSTANT: _instant,
    ColumnType.CONTACT_ID: _global_id("Contact"),
    ColumnType.OPERATION_ID: _global_id("Operation"),
}
