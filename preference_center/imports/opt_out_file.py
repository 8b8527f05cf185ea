"""The columns of an opt-out list, and parsing its rows: an address, and a time if there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from preference_center.errors import ErrorCode
from preference_center.imports import column_names
from preference_center.imports.cells.addresses import Finder, Found
from preference_center.imports.cells.emails import emails_in
from preference_center.imports.cells.phones import phone_finder
from preference_center.imports.cells.times import TimeError, times_in
from preference_center.imports.cells.yes_no import is_blank
from preference_center.imports.csv_reader import Record, clean
from preference_center.imports.encodings.unreadable import UNREADABLE
from preference_center.imports.opt_out_columns.times import is_time_column, time_columns
from preference_center.imports.rows import UnreadableRow, unreadable
from preference_center.rules.types import Channel

_UNREADABLE_TIME: Final = (
    "This is no time that can be read, such as 2024-05-31T14:30:00Z: the opt-out counts as now."
)
_AMBIGUOUS_TIME: Final = "This date can be read in several ways: the opt-out has the latest one."
_NAMES: Final = frozenset([*column_names.EMAIL, *column_names.PHONE, *column_names.ANY_ADDRESS])


class OptOutRow(NamedTuple):
    """An address, normalised, and the time of the opt-out as ISO 8601 in UTC; None is now.

    A time later than the upload is now: an opt-out is never lost for a clock or a time zone (R17).
    """

    line: int
    address: str
    occurred_at: str | None = None
    time_problem: str | None = None
    """What is reported about the time, with which the opt-out is recorded all the same."""


def is_column_name(name: str) -> bool:
    """Whether an opt-out list has a column of this name."""
    return column_names.normalised(name) in _NAMES or is_time_column(name)


class OptOutLayout:
    """Which columns have the address and the time. Raises Invalid for a header without an address."""

    def __init__(
        self, header: list[str], channel: Channel, received_at: datetime, country: str | None = None
    ) -> None:
        """`country` is the country of phone numbers without a country code."""
        by_email = channel is Channel.EMAIL
        self._find: Finder = emails_in if by_email else phone_finder(country)
        content, names = (
            ("an email address", column_names.EMAIL) if by_email else ("a phone number", column_names.PHONE)
        )
        first = column_names.require(header, content, names, column_names.ANY_ADDRESS)
        self._addresses = column_names.find_all(header, names, column_names.ANY_ADDRESS)
        self._spare = [n for n, name in enumerate(header) if column_names.normalised(name) in names]
        """All columns for such an address: used where those of the most specific name are empty."""
        self._times = time_columns(header)
        self._header = header
        self._address_name = header[first]
        self._received_at = received_at

    @property
    def parameters(self) -> dict[str, Any]:
        """No parameters: the rows have everything."""
        return {}

    @property
    def columns(self) -> dict[str, Any]:
        """Which columns have the address and the time, and those that are ignored."""
        uses = dict.fromkeys(self._times, "occurred_at") | dict.fromkeys(self._addresses, "address")
        return column_names.report([(name, uses.get(index)) for index, name in enumerate(self._header)])

    @property
    def group_by_address(self) -> bool:
        """With times, the newest of several rows with one address counts: they must be read together."""
        return bool(self._times)

    def rows(self, records: Iterable[Record]) -> Iterator[OptOutRow | UnreadableRow]:
        """Parse records. A cell with several addresses makes several rows: no opt-out is lost."""
        for record in records:
            yield from self._parse(record)

    def _parse(self, record: Record) -> list[OptOutRow | UnreadableRow]:
        line, cells = record
        found = self._addresses_in(cells)
        occurred_at, problem = self._time(cells) if self._times else (None, None)
        rows: list[OptOutRow | UnreadableRow] = [
            OptOutRow(line, address, occurred_at, problem) for address in found.addresses
        ]
        if found.problem is not None:
            is_empty = not any(cells[n].strip() for n in self._addresses if n < len(cells))
            code = ErrorCode.ADDRESS_MISSING if is_empty else ErrorCode.INVALID_ADDRESS
            rows.append(unreadable(line, code, found.problem, self._address_name))
        return rows

    def _addresses_in(self, cells: list[str]) -> Found:
        first = cells[self._addresses[0]] if self._addresses[0] < len(cells) else ""
        if first.isascii() and len(self._addresses) == 1 and clean(first):
            return self._find(first)  # almost all rows
        return self._addresses_in_any(cells)

    def _addresses_in_any(self, cells: list[str]) -> Found:
        texts = [cells[n] for n in self._addresses if n < len(cells) and clean(cells[n])]
        if not texts and len(self._spare) > 1:
            spare = (cells[n] for n in self._spare if n < len(cells))
            texts = [text for text in spare if not is_blank(clean(text))][:1]
        found: dict[str, None] = {}
        problem = None
        for text in texts or [""]:
            if UNREADABLE in text:
                problem = "The address has a character that cannot be read in the file's encoding."
                continue
            of_cell = self._find(text)
            found.update(dict.fromkeys(of_cell.addresses))
            problem = of_cell.problem or problem
        return Found(list(found), problem)

    def _time(self, cells: list[str]) -> tuple[str | None, str | None]:
        """The time of the opt-out, None for now, and what is reported about it.

        A time later than the upload is now, and so is one that cannot be read (R17).
        """
        texts = [clean(cells[index]) for index in self._times if index < len(cells)]
        try:
            readings = [times_in(text, self._received_at) for text in texts if text]
        except TimeError:
            return None, _UNREADABLE_TIME
        latest = max((reading[-1] for reading in readings if reading), default=None)
        problem = _AMBIGUOUS_TIME if any(len(reading) > 1 for reading in readings) else None
        if latest is None or latest > self._received_at:
            return None, problem
        return latest.isoformat(), problem
