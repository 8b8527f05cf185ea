"""SQL for conditions on the properties of a contact `c`.

`contact_properties` finds the contacts by an index. It has shortened texts and numbers, so each condition
compares the property itself too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from preference_center.contacts.conditions import Operator, PropertyComparison, PropertyEquals
from preference_center.contacts.placeholders import Placeholders
from preference_center.storage import database
from preference_center.validation import check_storable, check_storable_json

LONGEST_INDEXED: Final = 200
"""Characters of a name that the index has, and of a text at its beginning."""
NUMBER, TEXT, BOOLEAN, OTHER, ITEM = 1, 2, 3, 4, 5
"""The kinds of entries in the index: the values in the order in which they are sorted, and items of lists."""
_LARGEST: Final = 1e308
_SMALLEST: Final = 1e-280
"""Smaller numbers are 0 in the index, and those beyond the largest are the largest."""
_NO_NUMBER: Final = 1.7e308
"""The number of a text in the index: greater than all others."""
_LAST_TEXT: Final = "\U0010fffe"
"""The last text in the index; what has no text comes after it."""
_IS_TEXT: Final = f"i.number = {_NO_NUMBER}"
_SYMBOLS: Final = {
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
}


def equals(given: Placeholders, wanted: PropertyEquals) -> str:
    """A property has a value."""
    name = _name(given, wanted.name)
    if database.dialect() == "postgres":
        return _postgres_equals(given, name, wanted.value)
    exact = _sqlite_equals(given, name, wanted.value)
    if wanted.value is None or not _is_indexed(wanted.name):
        return exact
    return given.among(lambda: _found(name, _one_of(given, [wanted.value])), exact)


def compares(given: Placeholders, wanted: PropertyComparison) -> str:
    """A property compares to a value. Raises Invalid."""
    name, value = _name(given, wanted.name), wanted.value
    check_storable_json(value, "filter", "properties", wanted.operator.value)
    exact = _exact(given, name, wanted)
    if not _is_indexed(wanted.name) or (wanted.operator is Operator.EXISTS and not value):
        return exact
    return given.among(lambda: _found(name, _entries(given, wanted)), exact)


def _exact(given: Placeholders, name: str, wanted: PropertyComparison) -> str:
    operator, value = wanted.operator, wanted.value
    is_postgres = database.dialect() == "postgres"
    if operator is Operator.EXISTS:
        exists = _postgres_exists(name) if is_postgres else _sqlite_exists(name)
        return exists if value else f"NOT {exists}"
    if operator is Operator.IN:
        return (_postgres_in if is_postgres else _sqlite_in)(given, name, value)
    if operator is Operator.CONTAINS:
        return (_postgres_contains if is_postgres else _sqlite_contains)(given, name, value)
    return (_postgres_size if is_postgres else _sqlite_size)(given, name, _SYMBOLS[operator], value)


def _entries(given: Placeholders, wanted: PropertyComparison) -> Sequence[str]:
    """Conditions on entries of the index, one of which holds for all contacts whose property compares."""
    operator, value = wanted.operator, wanted.value
    if operator is Operator.EXISTS:
        return [f"i.kind <= {OTHER}"]
    if operator is Operator.IN:
        return _one_of(given, value)
    if operator is Operator.CONTAINS:
        return _containing(given, value)
    return [_indexed_size(given, _SYMBOLS[operator], value)]


def _is_indexed(name: str) -> bool:
    return len(name) <= LONGEST_INDEXED


def _name(given: Placeholders, name: str) -> str:
    return given.placeholder(check_storable(name, "filter", "property", "name")) + (
        "::text" if database.dialect() == "postgres" else ""
    )


def _found(name: str, conditions: Sequence[str]) -> str:
    """A SELECT of the contacts with an entry of that name in the index that meets one of the conditions."""
    selects = [
        f"SELECT i.contact_id AS id FROM contact_properties i WHERE i.name = {name} AND {condition}"
        for condition in conditions
    ]
    return " UNION ALL ".join(selects) or "SELECT 0 AS id WHERE FALSE"


def _one_of(given: Placeholders, values: Sequence[Any]) -> list[str]:
    """Conditions on entries, one for each kind: that of any of the values."""
    kinds: dict[int, list[Any]] = {}
    for value in values:
        kinds.setdefault(_kind(value), []).append(value)
    conditions = []
    if texts := kinds.get(TEXT):
        shortened = sorted({_shortened(text) for text in texts})
        conditions.append(f"i.kind = {TEXT} AND {_IS_TEXT} AND i.text {given.any_of(shortened)}")
    numbers = sorted({_indexed(number) for number in kinds.get(NUMBER, ())})
    conditions += [f"i.kind = {NUMBER} AND i.number = {given.placeholder(number)}" for number in numbers]
    if BOOLEAN in kinds:
        conditions.append(f"i.kind = {BOOLEAN}")
    if OTHER in kinds:
        conditions.append(f"i.kind = {OTHER}")
    return conditions


def _indexed_size(given: Placeholders, symbol: str, value: float | str) -> str:
    if isinstance(value, str):
        shortened, last = given.placeholder(_shortened(value)), given.placeholder(_LAST_TEXT)
        ends = f"i.text {symbol[0]}= {shortened} AND i.text <= {last}"
        return f"i.kind = {TEXT} AND {_IS_TEXT} AND {ends}"
    ends = f"i.number {symbol[0]}= {given.placeholder(_indexed(value))} AND i.number <= {_LARGEST}"
    return f"i.kind = {NUMBER} AND {ends}"


def _containing(given: Placeholders, value: Any) -> Sequence[str]:
    """Conditions on entries: an item is the value, or a text has it, as far as the index has the text."""
    if isinstance(value, bool):
        return [f"i.kind = {ITEM} AND {_IS_TEXT} AND i.text = {given.placeholder(json.dumps(value))}"]
    if not isinstance(value, str):
        return [f"i.kind = {ITEM} AND i.number = {given.placeholder(_indexed(value))}"]
    item = f"i.kind = {ITEM} AND {_IS_TEXT} AND i.text = {given.placeholder(_shortened(value))}"
    position = "strpos" if database.dialect() == "postgres" else "instr"
    part = f"{position}(i.text, {given.placeholder(value)}) > 0"
    is_shortened = f"length(i.text) >= {LONGEST_INDEXED} OR i.text = {given.placeholder(_LAST_TEXT)}"
    return [item, f"i.kind = {TEXT} AND ({part} OR {is_shortened})"]


def _kind(value: Any) -> int:
    if isinstance(value, bool):
        return BOOLEAN
    return NUMBER if isinstance(value, int | float) else TEXT if isinstance(value, str) else OTHER


def _indexed(value: float) -> float:
    """A number as the index has it, as the migration writes it."""
    try:
        number = float(value)
    except OverflowError:
        return _LARGEST if value > 0 else -_LARGEST
    return 0.0 if abs(number) < _SMALLEST else min(max(number, -_LARGEST), _LARGEST)


def _shortened(text: str) -> str:
    """A text as the index has it."""
    return min(text[:LONGEST_INDEXED], _LAST_TEXT)


def _json(value: Any) -> str:
    check_storable_json(value, "filter", "property", "value")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _postgres_equals(given: Placeholders, name: str, value: Any) -> str:
    stored = f"c.properties -> {name}"
    if value is None:
        return f"COALESCE({stored}, 'null') = 'null'"
    json_text = f"{given.placeholder(_json(value))}::jsonb"
    if isinstance(value, dict | list):
        return f"({stored} = {json_text})"  # @> also matches a part, and compares each item with every other
    # @> finds the rows by their index.
    return f"(c.properties @> jsonb_build_object({name}, {json_text}) AND {stored} = {json_text})"


def _postgres_exists(name: str) -> str:
    return f"(COALESCE(c.properties -> {name}, 'null') <> 'null')"


def _postgres_in(given: Placeholders, name: str, values: Sequence[Any]) -> str:
    texts = given.placeholder([_json(value) for value in values])
    return f"(c.properties -> {name} = ANY({texts}::text[]::jsonb[]))"


def _postgres_size(given: Placeholders, name: str, symbol: str, value: float | str) -> str:
    stored = f"c.properties -> {name}"
    if isinstance(value, str):
        text = f'(c.properties ->> {name}) COLLATE "C" {symbol} {given.placeholder(value)}::text'
        return f"(jsonb_typeof({stored}) = 'string' AND {text})"
    number = f"{stored} {symbol} {given.placeholder(_json(value))}::jsonb"
    return f"(jsonb_typeof({stored}) = 'number' AND {number})"


def _postgres_contains(given: Placeholders, name: str, value: Any) -> str:
    item = f"c.properties -> {name} @> {given.placeholder(_json([value]))}::jsonb"
    if not isinstance(value, str):
        return f"({item})"
    part = f"strpos(c.properties ->> {name}, {given.placeholder(value)}::text) > 0"
    return f"((jsonb_typeof(c.properties -> {name}) = 'string' AND {part}) OR {item})"


def _sqlite_each(name: str) -> str:
    return f"SELECT 1 FROM json_each(c.properties) j WHERE j.key = {name}"


def _sqlite_equals(given: Placeholders, name: str, value: Any) -> str:
    select = _sqlite_each(name)
    if value is None:
        return f"NOT EXISTS ({select} AND j.type <> 'null')"
    if isinstance(value, bool):
        return f"EXISTS ({select} AND j.type = {given.placeholder(json.dumps(value))})"
    json_text = _json(value)
    if isinstance(value, dict | list):
        return f"EXISTS ({select} AND j.value = json({given.placeholder(json_text)}))"
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "FALSE"  # SQLite has no such integers
    json_types = "('text')" if isinstance(value, str) else "('integer', 'real')"
    return f"EXISTS ({select} AND j.type IN {json_types} AND j.atom = {given.placeholder(value)})"


def _sqlite_exists(name: str) -> str:
    return f"EXISTS ({_sqlite_each(name)} AND j.type <> 'null')"


def _sqlite_in(given: Placeholders, name: str, values: Sequence[Any]) -> str:
    return "(" + (" OR ".join(_sqlite_equals(given, name, value) for value in values) or "FALSE") + ")"


def _sqlite_size(given: Placeholders, name: str, symbol: str, value: float | str) -> str:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        value = _indexed(value)
    json_types = "('text')" if isinstance(value, str) else "('integer', 'real')"
    compared = f"j.type IN {json_types} AND j.atom {symbol} {given.placeholder(value)}"
    return f"EXISTS ({_sqlite_each(name)} AND {compared})"


def _sqlite_contains(given: Placeholders, name: str, value: Any) -> str:
    if isinstance(value, bool):
        item = f"e.type = {given.placeholder(json.dumps(value))}"
    elif isinstance(value, str):
        item = f"e.type = 'text' AND e.atom = {given.placeholder(value)}"
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        item = "FALSE"
    else:
        item = f"e.type IN ('integer', 'real') AND e.atom = {given.placeholder(value)}"
    listed = f"j.type = 'array' AND EXISTS (SELECT 1 FROM json_each(j.value) e WHERE {item})"
    if isinstance(value, str):
        listed = f"({listed} OR j.type = 'text' AND instr(j.atom, {given.placeholder(value)}) > 0)"
    return f"EXISTS ({_sqlite_each(name)} AND {listed})"
