"""Columns of an export, written the same by PostgreSQL itself and from SQLite's rows."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

_FORMULA_STARTS = "\t\r+-=@"
"""What makes a spreadsheet take a text for a formula."""
_FORMULA_CODES = ", ".join(str(ord(character)) for character in _FORMULA_STARTS)
_E164 = r"^\+[0-9]{7,15}$"
_FORMULA = re.compile(f"'*[{re.escape(_FORMULA_STARTS)}]")
_PHONE = re.compile(r"\+[0-9]{7,15}", re.ASCII)
_QUOTED = re.compile(r'[",\r\n]')
_MOST_ARGUMENTS = 90
"""PostgreSQL's functions take a hundred."""


class Kind(Enum):
    """What a column holds, and so how it is written."""

    TEXT = "text"
    """What people typed: may look like a formula."""
    WORD = "word"
    """Keys, enums, hexadecimals: nothing in it needs escaping."""
    NUMBER = "number"
    FLAG = "flag"
    INSTANT = "instant"
    JSON = "json"
    CONTACT = "Contact"
    OPERATION = "Operation"
    """Row numbers, written as the API's global ids of that type."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name in the header, or as the key of an object, and what it holds."""

    name: str
    kind: Kind = Kind.WORD


def header(columns: Sequence[Column]) -> bytes:
    """The first line of a CSV file."""
    return (",".join(_quoted(column.name) for column in columns) + "\n").encode()


def csv_sql(kind: Kind, value: str) -> str:
    """PostgreSQL's expression for a CSV field; empty and null are the same there."""
    if kind is Kind.TEXT:
        # One character decides, but for phone numbers: a pattern for each row would cost more.
        first = f"ascii(ltrim({value}, ''''))"
        defused = f"{first} IN ({_FORMULA_CODES}) AND {value} !~ '{_E164}'"
        return f"CASE WHEN {defused} THEN '''' || {value} ELSE NULLIF({value}, '') END"
    return _plain_sql(kind, value)


def json_sql(columns: Sequence[Column], values: Sequence[str]) -> str:
    """PostgreSQL's expression for a row as a JSON object on one line."""
    parts: list[str] = []
    for column, value in zip(columns, values, strict=True):
        key = "," + orjson.dumps(column.name).decode() + ":"
        parts += [_literal(key), _json_value_sql(column.kind, value)]
    parts[0] = _literal("{" + orjson.dumps(columns[0].name).decode() + ":")
    groups = [", ".join(parts[n : n + _MOST_ARGUMENTS]) for n in range(0, len(parts), _MOST_ARGUMENTS)]
    return f"concat({', '.join(f'concat({group})' for group in groups)}, '}}')"


def _json_value_sql(kind: Kind, value: str) -> str:
    if kind is Kind.TEXT:
        return f"COALESCE(to_json({value})::text, 'null')"
    plain = _plain_sql(kind, value)
    if kind in (Kind.NUMBER, Kind.FLAG, Kind.JSON):
        return f"COALESCE(({plain})::text, 'null')"
    return f"COALESCE('\"' || {plain} || '\"', 'null')"


def _plain_sql(kind: Kind, value: str) -> str:
    if kind is Kind.FLAG:
        return f"CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' END"
    if kind is Kind.INSTANT:
        return f"to_char({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    if kind in (Kind.CONTACT, Kind.OPERATION):
        named = f"encode(convert_to('{kind.value}:' || {value}, 'UTF8'), 'base64')"
        return f"rtrim(translate({named}, '+/', '-_'), '=')"
    return f"{value}::text" if kind is Kind.JSON else value


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def csv_line(columns: Sequence[Column], row: Sequence[Any]) -> str:
    """A row of SQLite's as a line of CSV."""
    return ",".join([_csv_field(c.kind, value) for c, value in zip(columns, row, strict=True)]) + "\n"


def _csv_field(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    text = _PLAIN[kind](value)
    return _quoted(_defused(text) if kind is Kind.TEXT else text)


def _defused(text: str) -> str:
    """The text behind an apostrophe where it, or what stands behind apostrophes already, begins a formula.

    Counting those that are there too, whoever reads the file can take one off and has what was written.
    """
    return "'" + text if _FORMULA.match(text) and not _PHONE.fullmatch(text) else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def json_line(columns: Sequence[Column], row: Sequence[Any]) -> bytes:
    """A row of SQLite's as a JSON object on one line."""
    values = {c.name: _json_value(c.kind, value) for c, value in zip(columns, row, strict=True)}
    return orjson.dumps(values) + b"\n"


def _json_value(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind is Kind.FLAG:
        return bool(value)
    if kind is Kind.JSON:
        return orjson.Fragment(value)
    return value if kind is Kind.NUMBER else _PLAIN[kind](value)


def _instant(value: str) -> str:
    """SQLite's text of an instant, which is in UTC and to the microsecond, as RFC 3339 has it."""
    return f"{value[:10]}T{value[11:26]}Z"


def _global_id(type_name: str) -> Callable[[int], str]:
    return lambda number: urlsafe_b64encode(f"{type_name}:{number}".encode()).rstrip(b"=").decode()


_PLAIN: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: str,
    Kind.WORD: str,
    Kind.NUMBER: str,
    Kind.JSON: str,
    Kind.FLAG: lambda value: "true" if value else "false",
    Kind.INSTANT: _instant,
    Kind.CONTACT: _global_id("Contact"),
    Kind.OPERATION: _global_id("Operation"),
}
