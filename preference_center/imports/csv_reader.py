"""CSV as people have it: bytes in, records with their line numbers out, in memory that does not grow.

Any common encoding, `,` `;` tab or `|` between cells, quoted cells with line ends in them, a mark at the
beginning, "sep=;" above the header.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from typing import Final

from preference_center.errors import ErrorCode, Invalid
from preference_center.imports.csv_encoding import Decoder

Record = tuple[int, list[str]]
"""The number of the line that it begins in, from 1, and its cells."""
BLOCK: Final = 64 * 1024
"""Bytes that are read at a time."""
DELIMITERS: Final = (",", ";", "\t", "|")
_LONGEST_RECORD: Final = 512 * 1024
_LONGEST_HEADER: Final = 64 * 1024
_MOST_COLUMNS: Final = 500
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)[\r\n]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_DEFUSED: Final = re.compile(r"'+[=+\-@\t\r]")


async def blocks(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces of 64 KB, whatever the pieces that they come in."""
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        while len(held) >= BLOCK:
            yield bytes(held[:BLOCK])
            del held[:BLOCK]
    if held:
        yield bytes(held)


def defused(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from computing it."""
    return cell[1:] if cell.startswith("'") and _DEFUSED.match(cell) else cell


def plain(cell: str) -> str:
    """The same without space around it."""
    return defused(cell.strip(" \t\r\n\u00a0"))


class _Unfinished(Exception):
    """The lines ended within a record."""


class CsvReader:
    """Blocks of bytes in, records out. `header` is there before the first record is.

    Blank lines, and lines of nothing but delimiters, are no records. Raises Invalid (field "file"), saying
    what is wrong and where, for files that are no text, empty, without end of a quote, or cut off.
    `known` tells whether a word may be the name of a column: it decides which delimiter it is.
    """

    def __init__(self, known: Callable[[str], bool], encoding: str | None = None) -> None:
        self.header: list[str] | None = None
        self.delimiter: str | None = None
        self._known = known
        self._decoder = Decoder(encoding)
        self._text = ""
        self._lines: list[str] = []
        self._line = 1
        self._done = 0

    @property
    def encoding(self) -> str:
        """What the bytes are taken for, as far as they have come."""
        return self._decoder.encoding or "ascii"

    def feed(self, block: bytes) -> list[Record]:
        """Take the next bytes; the records that end within them."""
        self._text += self._decoder.feed(block)
        # A carriage return at the very end may be half of a line end.
        cut = max(self._text.rfind("\n"), self._text.rfind("\r", 0, -1)) + 1
        self._lines += _split(self._text[:cut])
        self._text = self._text[cut:]
        if len(self._text) > _LONGEST_RECORD:
            raise self._wrong("is too long for a line of a CSV file", self._line + len(self._lines))
        return self._records()

    def close(self) -> list[Record]:
        """The last records, once all bytes have come. Raises Invalid where the file cannot end there."""
        self._text += self._decoder.feed(b"", final=True)
        last = self._text
        self._lines += _split(last)
        self._text = ""
        records = self._records()
        if self._lines:
            raise self._wrong("opens a quote that is not closed before the file ends", self._line)
        if self.header is None:
            raise Invalid(ErrorCode.INVALID_VALUE, "The file is empty.", "file")
        unended = last != "" and not last.endswith(("\n", "\r"))
        if unended and records and len(records[-1][1]) < len(self.header):
            raise self._wrong("ends in the middle: the file was cut off", records[-1][0])
        return records

    def _records(self) -> list[Record]:
        if self.delimiter is None and not self._begin():
            return []
        records = list(self._parsed(self.delimiter or ","))
        if self.header is None and records:
            self.header = _checked_header(records.pop(0))
        return records

    def _begin(self) -> bool:
        """Find the delimiter in the first line that has anything; False where that has not come yet."""
        while self._lines and not self._lines[0].strip(" \r\n"):
            self._drop_line()
        if not self._lines:
            return False
        stated = _SEPARATOR_LINE.fullmatch(self._lines[0])
        if stated:
            self.delimiter = stated[1]
            self._drop_line()
        else:
            self.delimiter = self._likeliest_delimiter()
        return True

    def _drop_line(self) -> None:
        del self._lines[0]
        self._line += 1

    def _likeliest_delimiter(self) -> str:
        """The delimiter that makes the most known names of the first line, else the most cells."""

        def made(delimiter: str) -> tuple[int, int]:
            cells = next(csv.reader(self._lines[:1], delimiter=delimiter, skipinitialspace=True), [])
            return sum(map(self._known, cells)), len(cells)

        if len(self._lines[0]) > _LONGEST_HEADER:
            raise self._wrong("is too long for the names of columns", self._line)
        return max(DELIMITERS, key=made)

    def _parsed(self, delimiter: str) -> Iterator[Record]:
        """Take the records that are complete; the lines of the last one stay where it is not."""
        self._done = 0
        reader = csv.reader(self._until_unfinished(), delimiter=delimiter, skipinitialspace=True)
        try:
            for cells in reader:
                if any(cells):
                    yield self._line + self._done, cells
                self._done = reader.line_num
        except _Unfinished:
            pass
        except csv.Error:
            raise self._unclosed() from None
        del self._lines[: self._done]
        self._line += self._done
        if sum(map(len, self._lines)) > _LONGEST_RECORD:
            raise self._unclosed()

    def _until_unfinished(self) -> Iterator[str]:
        yield from self._lines
        if self._done < len(self._lines):
            raise _Unfinished

    def _unclosed(self) -> Invalid:
        what = "opens a quote that is not closed, or has a cell longer than 128 KB"
        return self._wrong(what, self._line + self._done)

    def _wrong(self, what: str, line: int) -> Invalid:
        return Invalid(ErrorCode.INVALID_VALUE, f"Line {line} {what}.", "file")


def _split(text: str) -> list[str]:
    """Lines with their ends, which are \\n, \\r\\n or \\r and nothing else that Unicode calls one."""
    return list(io.StringIO(text, newline="")) if text else []


def _checked_header(record: Record) -> list[str]:
    names = [plain(cell) for cell in record[1]]
    if len(names) > _MOST_COLUMNS:
        message = f"A file may have {_MOST_COLUMNS} columns; this has {len(names)}."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "file")
    if any(map(_CONTROL.search, names)):
        message = "The first line has characters in it that no text has: this is no CSV."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "file")
    return names
