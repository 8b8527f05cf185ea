"""The formats in which lists of addresses arrive: plain text, CSV and NDJSON."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from enum import Enum
from typing import Final

import orjson

from preference_center.address_lists.lines import MAX_LINE_BYTES, LineReader, Lines, Read, text_lines
from preference_center.csv_cells import without_guard
from preference_center.imports import column_names
from preference_center.rules.types import RecipientKind

_DELIMITERS: Final = ",;\t|"
_UNCLOSED: Final = "The line opens a quote that is not closed."
_NO_JSON: Final = "The line is not valid JSON."
_NO_ADDRESS: Final = "The line has no address."
_KEYS: Final = {RecipientKind.EMAIL: ("email", "address"), RecipientKind.PHONE: ("phone", "address")}


class ListFormat(Enum):
    """How a list of addresses is written."""

    TEXT = "text"
    """One address a line."""
    CSV = "csv"
    """A header names the column of the addresses. Without a header, they are in the first column."""
    NDJSON = "ndjson"
    """A JSON string a line, or an object with the address as `address`, `email` or `phone`."""


def line_reader(list_format: ListFormat, kind: RecipientKind, encoding: str | None = None) -> LineReader:
    """Return what reads a list of addresses of one kind."""
    read: Read = text_lines
    if list_format is ListFormat.CSV:
        read = _CsvLines(kind).read
    elif list_format is ListFormat.NDJSON:
        read = _JsonLines(kind).read
    return LineReader(read, encoding)


class _JsonLines:
    def __init__(self, kind: RecipientKind) -> None:
        self._keys = _KEYS[kind]

    def read(self, lines: list[str], first: int, _final: bool) -> Lines:
        """Read lines of JSON."""
        found = text_lines(lines, first, _final)
        texts: list[str] = []
        for index, line in enumerate(found.texts):
            try:
                text = self._address(orjson.loads(line))
            except (orjson.JSONDecodeError, UnicodeEncodeError):
                text, found.faults[index] = "", _NO_JSON
            if text is None:
                text, found.faults[index] = "", _NO_ADDRESS
            texts.append(text)
        found.texts = texts
        return found

    def _address(self, value: object) -> str | None:
        if isinstance(value, dict):
            value = next((value[key] for key in self._keys if value.get(key) is not None), None)
        return value if isinstance(value, str) else None


class _CsvLines:
    """Lines of CSV. The first decides about the delimiter, and the column of the addresses."""

    def __init__(self, kind: RecipientKind) -> None:
        names = column_names.EMAIL if kind is RecipientKind.EMAIL else column_names.PHONE
        self._names = (*names, *column_names.ANY_ADDRESS)
        self._delimiter = ""
        self._column = 0
        self._open: list[str] = []
        """The lines of a record whose quote is still open."""

    def read(self, lines: list[str], first: int, final: bool) -> Lines:
        """Read lines of CSV. A quoted cell may have several."""
        if self._delimiter and not self._open and not any('"' in line for line in lines):
            return self._unquoted(text_lines(lines, first, final))
        lines, first = [*self._open, *lines], first - len(self._open)
        self._open = []
        found = Lines([], [])
        numbers: list[int] = []
        texts: list[str] = []
        index = 0
        while index < len(lines):
            end = _end_of_record(lines, index)
            if end is None and not final and _is_short(lines[index:]):
                self._open = lines[index:]
                break
            record = "\n".join(lines[index : end or index + 1])
            if record.strip() and not self._is_header(record):
                cells = None if end is None else self._cells(record)
                if cells is None:
                    found.faults[len(texts)] = _UNCLOSED
                numbers.append(first + index)
                texts.append(self._address(cells or []))
            index = end or index + 1
        found.numbers, found.texts = numbers, texts
        return found

    def _unquoted(self, found: Lines) -> Lines:
        found.texts = [self._address(line.split(self._delimiter)) for line in found.texts]
        return found

    def _is_header(self, record: str) -> bool:
        """Whether this is the first record, and names a column of addresses, which is remembered."""
        if self._delimiter:
            return False
        self._delimiter = max(_DELIMITERS, key=record.count)
        names = [column_names.normalised(cell) for cell in self._cells(record) or []]
        column = next((names.index(name) for name in self._names if name in names), None)
        self._column = column or 0
        return column is not None

    def _cells(self, record: str) -> list[str] | None:
        """The cells of a record; None if it cannot be read."""
        try:
            return next(csv.reader(record.splitlines(keepends=True), delimiter=self._delimiter), [])
        except csv.Error:
            return None

    def _address(self, cells: Sequence[str]) -> str:
        cell = cells[self._column] if self._column < len(cells) else ""
        return without_guard(cell) if cell.startswith("'") else cell


def _is_short(lines: Sequence[str]) -> bool:
    return sum(map(len, lines)) <= MAX_LINE_BYTES


def _end_of_record(lines: Sequence[str], start: int) -> int | None:
    """The index after the record that begins at `start`; None if its quote is not closed."""
    quotes = length = 0
    for index in range(start, len(lines)):
        quotes += lines[index].count('"')
        length += len(lines[index])
        if quotes % 2 == 0:
            return index + 1
        if length > MAX_LINE_BYTES:
            return None
    return None
