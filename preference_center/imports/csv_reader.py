"""CSV as people have it: bytes in, records with their line numbers out, in constant memory.

It accepts any common encoding, `,` `;` tab or `|` as the delimiter, quoted cells with line breaks, a byte
order mark, and the line "sep=;" above the header.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from typing import Final

from preference_center.csv_cells import is_export, without_guard
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports.csv_encoding import Decoder

Record = tuple[int, list[str]]
"""The number of the line in which the record begins, from 1, and its cells."""
BLOCK_BYTES: Final = 64 * 1024
DELIMITERS: Final = (",", ";", "\t", "|")
_MAX_RECORD_LENGTH: Final = 512 * 1024
_MAX_HEADER_LENGTH: Final = 256 * 1024
_MAX_COLUMNS: Final = 500
_MAX_EXPORTED_COLUMNS: Final = 5_000
"""An export has a column for each property, and for each subscription type on each channel."""
_SEPARATOR_LINE: Final = re.compile(r"[\"']?sep=([^\"\r\n])[\"']?[;,|\t ]*[\r\n]*", re.IGNORECASE)
_SPACE: Final = " \t\r\n"
_ALL_SPACE: Final = _SPACE + "\u00a0\u2007\u202f\u3000\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202c"
"""Space, and characters without width, that copying leaves around text."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


async def blocks(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in blocks of BLOCK_BYTES, whatever the size of the chunks."""
    buffer = bytearray()
    async for chunk in chunks:
        buffer += chunk
        while len(buffer) >= BLOCK_BYTES:
            yield bytes(buffer[:BLOCK_BYTES])
            del buffer[:BLOCK_BYTES]
    if buffer:
        yield bytes(buffer)


def clean(cell: str) -> str:
    """The cell without surrounding space, and without what keeps spreadsheets from reading text as a number.

    That is the apostrophe that guards a formula, and `="0102"`.
    """
    text = cell.strip(_SPACE if cell.isascii() else _ALL_SPACE)
    if text.startswith('="') and text.endswith('"') and len(text) > len('=""'):
        text = text[2:-1]
    return without_guard(text)


class _Incomplete(Exception):
    """The lines ended within a record."""


class CsvReader:
    """Feed it blocks of bytes, and it returns records. `header` is set before the first record is returned.

    Blank lines, and lines of nothing but delimiters, are skipped. Raises Invalid (field "file") with the line
    number for a file that is not text, is empty, has an unclosed quote, or breaks off in a record.
    `is_column_name` decides which delimiter the header has. Space before a cell is skipped, except in a file
    that an export wrote.
    """

    def __init__(self, is_column_name: Callable[[str], bool], encoding: str | None = None) -> None:
        self.header: list[str] | None = None
        self.delimiter: str | None = None
        self._skips_space = True
        self._is_column_name = is_column_name
        self._decoder = Decoder(encoding)
        self._text = ""
        """Decoded text after the last complete line."""
        self._lines: list[str] = []
        """Complete lines that are not parsed yet."""
        self._line = 1
        """The line number of the first of `_lines`."""
        self._parsed = 0
        """How many of `_lines` belong to complete records."""

    @property
    def encoding(self) -> str:
        """The encoding detected so far; "ascii" before any other character."""
        return self._decoder.encoding or "ascii"

    def feed(self, block: bytes) -> list[Record]:
        """Return the records that end in the next bytes."""
        self._text += self._decoder.feed(block)
        # A carriage return at the very end may be half of a line end.
        end = max(self._text.rfind("\n"), self._text.rfind("\r", 0, -1)) + 1
        self._lines += _split_lines(self._text[:end])
        self._text = self._text[end:]
        if len(self._text) > _MAX_RECORD_LENGTH:
            raise self._invalid("is too long for a line of a CSV file", self._line + len(self._lines))
        return self._records()

    def close(self) -> list[Record]:
        """Return the last records, after all bytes were fed. Raises Invalid if the file is incomplete."""
        self._text += self._decoder.feed(b"", final=True)
        last = self._text
        self._lines += _split_lines(last)
        self._text = ""
        records = self._records()
        if self._lines:
            raise self._invalid("opens a quote that is not closed before the file ends", self._line)
        if self.header is None:
            raise Invalid(ErrorCode.INVALID_VALUE, "The file is empty.", "file")
        has_no_line_end = last != "" and not last.endswith(("\n", "\r"))
        if has_no_line_end and records and len(records[-1][1]) < len(self.header):
            raise self._invalid("ends in the middle: the file is incomplete", records[-1][0])
        return records

    def _records(self) -> list[Record]:
        if self.delimiter is None and not self._find_delimiter():
            return []
        records = list(self._parse(self.delimiter or ","))
        if self.header is None and records:
            most = _MAX_COLUMNS if self._skips_space else _MAX_EXPORTED_COLUMNS
            self.header = _checked_header(records.pop(0), most)
        return records

    def _find_delimiter(self) -> bool:
        """Find the delimiter in the first line with content; False if that has not arrived yet."""
        blank = next((n for n, line in enumerate(self._lines) if line.strip(" \r\n")), len(self._lines))
        self._drop_lines(blank)
        if not self._lines:
            return False
        first = self._lines[0]
        if len(first) > _MAX_HEADER_LENGTH:
            raise self._invalid("is too long for a header", self._line)
        stated = _SEPARATOR_LINE.fullmatch(first)
        if stated:
            self.delimiter = stated[1]
            self._drop_lines(1)
        elif is_export(first.split(",", 3)):
            self.delimiter, self._skips_space = ",", False
        else:
            self.delimiter = self._likeliest_delimiter()
        return True

    def _drop_lines(self, count: int) -> None:
        del self._lines[:count]
        self._line += count

    def _likeliest_delimiter(self) -> str:
        """The delimiter that splits the header into the most known names, else into the most cells."""

        def score(delimiter: str) -> tuple[int, int]:
            cells = self._cells_of_first_line(delimiter)
            return sum(map(self._is_column_name, cells[:_MAX_COLUMNS])), len(cells)

        return max(DELIMITERS, key=score)

    def _cells_of_first_line(self, delimiter: str) -> list[str]:
        try:
            return next(csv.reader(self._lines[:1], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            return []  # a cell is too long

    def _parse(self, delimiter: str) -> Iterator[Record]:
        """Yield the complete records; the lines of an incomplete last one stay in `_lines`."""
        self._parsed = 0
        reader = csv.reader(
            self._lines_of_complete_records(), delimiter=delimiter, skipinitialspace=self._skips_space
        )
        try:
            for cells in reader:
                if any(cells):
                    yield self._line + self._parsed, cells
                self._parsed = reader.line_num
        except _Incomplete:
            pass
        except csv.Error:
            raise self._unclosed_quote() from None
        del self._lines[: self._parsed]
        self._line += self._parsed
        if sum(map(len, self._lines)) > _MAX_RECORD_LENGTH:
            raise self._unclosed_quote()

    def _lines_of_complete_records(self) -> Iterator[str]:
        yield from self._lines
        if self._parsed < len(self._lines):
            raise _Incomplete

    def _unclosed_quote(self) -> Invalid:
        problem = "opens a quote that is not closed, or has a cell longer than 128 KB"
        return self._invalid(problem, self._line + self._parsed)

    def _invalid(self, problem: str, line: int) -> Invalid:
        return Invalid(ErrorCode.INVALID_VALUE, f"Line {line} {problem}.", "file")


def _split_lines(text: str) -> list[str]:
    """Lines with their ends. Only \\n, \\r\\n and \\r end a line, no other character of Unicode."""
    return list(io.StringIO(text, newline="")) if text else []


def _checked_header(record: Record, most: int) -> list[str]:
    names = [clean(cell) for cell in record[1]]
    if len(names) > most:
        message = f"A file may have {most} columns, and this one has {len(names)}."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "file")
    if any(map(_CONTROL.search, names)):
        message = "The first line contains control characters: this is not a CSV file."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "file")
    return names
