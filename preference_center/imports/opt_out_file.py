"""The columns of an opt-out list, and parsing its rows: an address, and a time if there is one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from preference_center.errors import ErrorCode
from preference_center.imports import column_names
from preference_center.imports.csv_encoding import REPLACEMENT_CHARACTER
from preference_center.imports.csv_reader import Record, clean
from preference_center.imports.rows import UnreadableRow, unreadable
from preference_center.rules import addresses
from preference_center.rules.addresses import Address, AddressError
from preference_center.rules.types import Channel

_NAMES: Final = frozenset(
    [*column_names.EMAIL, *column_names.PHONE, *column_names.ANY_ADDRESS, *column_names.OCCURRED_AT]
)


class OptOutRow(NamedTuple):
    """An address, normalised, and the time of the opt-out as ISO 8601 in UTC; None is now."""

    line: int
    address: str
    occurred_at: str | None = None


def is_column_name(name: str) -> bool:
    """Whether an opt-out list has a column of this name."""
    return column_names.normalised(name) in _NAMES


class OptOutLayout:
    """Which columns have the address and the time. Raises Invalid for a header without an address."""

    def __init__(self, header: list[str], channel: Channel, received_at: datetime) -> None:
        if channel is Channel.EMAIL:
            content, names, self._parse_address = (
                "an email address",
                column_names.EMAIL,
                addresses.parse_email,
            )
        else:
            content, names, self._parse_address = "a phone number", column_names.PHONE, addresses.parse_phone
        self._address = column_names.require(header, content, names, column_names.ANY_ADDRESS)
        self._time = column_names.find(header, column_names.OCCURRED_AT)
        self._address_name = header[self._address]
        self._received_at = received_at

    @property
    def parameters(self) -> dict[str, Any]:
        """No parameters: the rows have everything."""
        return {}

    @property
    def group_by_address(self) -> bool:
        """With times, the newest of several rows with one address counts: they must be read together."""
        return self._time is not None

    def parse(self, record: Record) -> OptOutRow | UnreadableRow:
        """Parse one record. A time later than the upload is refused (R17)."""
        line, cells = record
        text = cells[self._address] if self._address < len(cells) else ""
        if REPLACEMENT_CHARACTER in text:
            message = "The address has a character that cannot be read in the file's encoding."
            return unreadable(line, ErrorCode.INVALID_ADDRESS, message, self._address_name)
        try:
            address = self._parse_address(clean(text))
        except AddressError as error:
            code = ErrorCode.INVALID_ADDRESS if text.strip() else ErrorCode.ADDRESS_MISSING
            return unreadable(line, code, str(error), self._address_name)
        if self._time is None or self._time >= len(cells) or not cells[self._time].strip():
            return OptOutRow(line, address.value)
        return self._with_time(line, address, clean(cells[self._time]))

    def _with_time(self, line: int, address: Address, text: str) -> OptOutRow | UnreadableRow:
        try:
            parsed = datetime.fromisoformat(text)
            occurred_at = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
        except (ValueError, OverflowError):
            message = "This is not a time such as 2024-05-31 or 2024-05-31T14:30:00+02:00."
            return unreadable(line, ErrorCode.INVALID_VALUE, message, "occurred_at")
        if occurred_at > self._received_at:
            message = "The time is later than now (R17)."
            return unreadable(line, ErrorCode.OCCURRED_IN_FUTURE, message, "occurred_at")
        return OptOutRow(line, address.value, occurred_at.isoformat())
