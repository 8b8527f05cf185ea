"""The lines of an answer to a list of addresses, as CSV or NDJSON.

Each begins with the number of the line and the address as it was typed; what follows is the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from preference_center.address_lists.lines import Lines
from preference_center.csv_cells import FORMULA, guarded
from preference_center.errors import ErrorCode
from preference_center.exports.stream import Format

_MAX_SHOWN: Final = 320
"""Characters of what is no address that are repeated."""
_ESCAPED_IN_JSON: Final = re.compile(r'["\\\x00-\x1f\x7f\ud800-\udfff]')
_ESCAPED_IN_CSV: Final = re.compile(rf'^{FORMULA}|[",\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]', re.MULTILINE)
_ESCAPED: Final = re.compile(r'["\\,\x00-\x1f\x7f-\U0010ffff]')
_QUOTED: Final = re.compile(r'[",\r\n]')


def is_plain(text: str) -> bool:
    """Whether text that is no formula, and every part of it, needs no escaping in any format."""
    return not _ESCAPED.search(text)


class Fault(NamedTuple):
    """Why a line is no address: a code for programs, a message for people."""

    code: ErrorCode
    message: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes answers. `columns` are those between `line`, `address` and `error`, `message`."""

    file_format: Format
    columns: Sequence[str]
    without_address: Mapping[str, object]
    """What the columns have on a line that is no address; null if left out."""

    @property
    def header(self) -> bytes:
        """What comes before the first line."""
        if self.file_format is Format.NDJSON:
            return b""
        return (",".join(["line", "address", *self.columns, "error", "message"]) + "\n").encode()

    def end(self, values: Mapping[str, object], fault: Fault | None = None) -> str:
        """Return what follows the address in a line. Values are text, true, false or null."""
        error = (fault.code.value, fault.message) if fault else (None, None)
        cells = [*(values.get(column) for column in self.columns), *error]
        if self.file_format is Format.CSV:
            return ",".join(["", *map(_csv, cells)]) + "\n"
        names = [*self.columns, "error", "message"]
        return "," + orjson.dumps(dict(zip(names, cells, strict=True))).decode()[1:] + "\n"

    def end_of_plain_texts(self) -> str:
        """Return a template of `end` for texts that need no escaping: `%s` stands for each of the columns."""
        if self.file_format is Format.CSV:
            return ",%s" * len(self.columns) + ",,\n"
        return "".join(f',"{column}":"%s"' for column in self.columns) + ',"error":null,"message":null}\n'

    def lines(self, lines: Lines, ends: Sequence[str], faults: Mapping[int, Fault]) -> bytes:
        """Return the answers to some lines: an end for each valid address, in order, and faults by index."""
        texts = lines.texts
        if faults:
            rest = iter(ends)
            ends = [self._end_of_fault(faults[n]) if n in faults else next(rest) for n in range(len(texts))]
            texts = [text[:_MAX_SHOWN] if n in faults else text for n, text in enumerate(texts)]
        rows = zip(lines.numbers, self._shown(texts), ends, strict=True)
        if self.file_format is Format.CSV:
            return "".join([f"{number},{text}{end}" for number, text, end in rows]).encode()
        return "".join([f'{{"line":{number},"address":"{text}"{end}' for number, text, end in rows]).encode()

    def _end_of_fault(self, fault: Fault) -> str:
        return self.end(self.without_address, fault)

    def _shown(self, texts: Sequence[str]) -> Sequence[str]:
        """The addresses as they are written. Almost none needs escaping, which one search finds out."""
        if self.file_format is Format.CSV:
            joined = "\n".join(texts)
            is_plain = joined.count("\n") == len(texts) - 1 and not _ESCAPED_IN_CSV.search(joined)
            return texts if is_plain else [_csv(text) for text in texts]
        if _ESCAPED_IN_JSON.search("".join(texts)):
            return [orjson.dumps(_encodable(text)).decode()[1:-1] for text in texts]
        return texts


def _csv(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    text = guarded(_encodable(str(value)))
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _encodable(text: str) -> str:
    """The text with a question mark for each byte that was no UTF-8."""
    return text.encode(errors="replace").decode()
