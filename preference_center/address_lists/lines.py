"""Lists of addresses as their bytes arrive: one address a line.

A line that cannot be read is a fault of its own: it ends nothing, and keeps its place and number.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

MAX_LINE_BYTES: Final = 64 * 1024
TOO_LONG: Final = f"The line is longer than {MAX_LINE_BYTES:,} bytes."
_BYTE_ORDER_MARKS: Final[tuple[tuple[bytes, str | None], ...]] = (
    (codecs.BOM_UTF8, None),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of utf-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(slots=True)
class Lines:
    """Some lines of a list, in order, without blank ones."""

    numbers: Sequence[int] = ()
    """The number of each line, from 1."""
    texts: Sequence[str] = ()
    """The address of each, as it was typed."""
    faults: dict[int, str] = field(default_factory=dict)
    """By index: why a line could not be read. Its text is empty."""

    def parts(self, most: int) -> Iterator[Lines]:
        """Yield the same lines in parts of at most so many."""
        for start in range(0, len(self.texts), most):
            end = start + most
            faults = {index - start: why for index, why in self.faults.items() if start <= index < end}
            yield Lines(self.numbers[start:end], self.texts[start:end], faults)


Read = Callable[[list[str], int, bool], Lines]
"""Reads the addresses of whole lines, the first of which has that number; True with the last lines."""


def text_lines(lines: list[str], first: int, _final: bool) -> Lines:
    """Read plain text: a line is an address."""
    numbers = range(first, first + len(lines))
    if all(map(str.strip, lines)):
        return Lines(numbers, lines)
    kept = [(number, line) for number, line in zip(numbers, lines, strict=True) if line.strip()]
    return Lines([number for number, _ in kept], [line for _, line in kept])


class LineReader:
    """Feed it bytes, and it returns the lines that are complete: in UTF-8 unless `encoding` is given."""

    def __init__(self, read: Read, encoding: str | None = None) -> None:
        self._read = read
        self._decoder = None if encoding is None else codecs.getincrementaldecoder(encoding)("replace")
        self._head: bytes | None = b""
        """The first bytes, until it is known whether they are a byte order mark."""
        self._rest = bytearray()
        """The beginning of a line whose end has not arrived, in UTF-8."""
        self._next = 1
        """The number of that line."""
        self._is_skipping = False
        """Whether the beginning of that line was dropped, because it is too long."""

    def feed(self, data: bytes) -> Lines:
        """Return the lines that end in the next bytes."""
        if self._head is not None:
            self._head += data
            if len(self._head) < len(codecs.BOM_UTF32_LE) and b"\n" not in self._head:
                return Lines()
            data = self._without_mark()
        self._rest += data if self._decoder is None else self._decoder.decode(data).encode(errors="replace")
        return self._complete(_end_of_lines(self._rest), final=False)

    def close(self) -> Lines:
        """Return the last lines, after all bytes were fed."""
        if self._head is not None:
            self._rest += self._without_mark()
        if self._decoder is not None:
            self._rest += self._decoder.decode(b"", final=True).encode(errors="replace")
        if (self._rest and not self._rest.endswith(b"\n")) or self._is_skipping:
            self._rest += b"\n"
        return self._complete(len(self._rest), final=True)

    def _without_mark(self) -> bytes:
        head, self._head = self._head or b"", None
        for mark, encoding in _BYTE_ORDER_MARKS:
            if head.startswith(mark):
                self._decoder = (
                    None if encoding is None else codecs.getincrementaldecoder(encoding)("replace")
                )
                return head[len(mark) :]
        return head

    def _complete(self, end: int, *, final: bool) -> Lines:
        """Take the lines up to `end`, which is after the end of a line."""
        data = bytes(self._rest[:end])
        del self._rest[:end]
        lines = _decoded(data).split("\n")
        lines.pop()
        first, self._next = self._next, self._next + len(lines)
        was_skipping = self._is_skipping
        if lines:
            self._is_skipping = False
        if len(self._rest) > MAX_LINE_BYTES:
            self._rest = bytearray(b"\r" if self._rest.endswith(b"\r") else b"")
            self._is_skipping = True
        too_long = {0} if was_skipping and lines else set()
        if lines and max(map(len, lines)) > MAX_LINE_BYTES:
            too_long |= {index for index, line in enumerate(lines) if len(line) > MAX_LINE_BYTES}
        if too_long:
            return self._with_faults(lines, first, too_long, final=final)
        return self._read(lines, first, final)

    def _with_faults(self, lines: list[str], first: int, too_long: set[int], *, final: bool) -> Lines:
        """Read the lines around those that are too long."""
        read = Lines([], [])
        start = 0
        for index in [*sorted(too_long), len(lines)]:
            _add(read, self._read(lines[start:index], first + start, final and index == len(lines)))
            if index < len(lines):
                _add(read, Lines([first + index], [""], {0: TOO_LONG}))
            start = index + 1
        return read


def _add(lines: Lines, more: Lines) -> None:
    offset = len(lines.texts)
    lines.numbers = [*lines.numbers, *more.numbers]
    lines.texts = [*lines.texts, *more.texts]
    lines.faults |= {offset + index: why for index, why in more.faults.items()}


def _end_of_lines(data: bytearray) -> int:
    """Where the last whole line ends: after LF, CRLF or CR. A CR at the very end may be half of a CRLF."""
    end = data.rfind(b"\n") + 1
    return max(end, data.rfind(b"\r", end, len(data) - 1) + 1)


def _decoded(data: bytes) -> str:
    """Decode UTF-8. Bytes that are not become half surrogate pairs, which no address can have."""
    text = data.decode(errors="surrogateescape")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
