"""The consent columns of a contact file, and what they mean in a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports.encodings.unreadable import shown
from preference_center.imports.opt_out_columns.cells import AmbiguousCell, CellMeaning, meaning_of
from preference_center.imports.opt_out_columns.headers import KnownColumn, Reading, known_column
from preference_center.imports.opt_out_columns.words import Verdict
from preference_center.rules.types import Channel

OPT_OUT: Final = re.compile(
    r"opt[ _-]?out\s*:\s*([^:@\s]+)\s*(?:@\s*([^:@\s]+)\s*)?(?::\s*(\w+)\s*)?", re.IGNORECASE
)
"""`opt_out:TYPE`, `opt_out:TYPE:CHANNEL`, `opt_out:all`, `opt_out:all@UNIT:CHANNEL`."""
_ALL: Final = "all"
_KEPT: Final = frozenset(
    {
        Reading.STATUS,
        Reading.STATE,
        Reading.CONSENT,
        Reading.REASON,
        Reading.CALL,
        Reading.OF_ONE_TYPE,
        Reading.TAGS,
    }
)
"""Columns that say more than yes and no."""
_SHOWN_VALUE: Final = re.compile(r"[^\W_]+(?:[ _-][^\W_]+){0,2}")
_SHOWN_LENGTH: Final = 30
_COLUMN_LENGTH: Final = 200
_MOST_COLUMNS: Final = 100
"""Columns that say no. Each is compared with the others, in each row."""
_HINT: Final = (
    "Say yes or no under opt_out:all or opt_out:TYPE, import the address with /imports/opt-outs, or name the"
    " column property:NAME if it is not about consent."
)
_UNCONFIRMED: Final = "The person has not confirmed: the row opts nobody in."
_NO_CALLS: Final = "Sayso keeps no opt-outs of calls: this was not recorded."
NO_UNUSABLE_PHONES: Final = "Only email addresses can be marked as unusable. Leave the phone number out."
"""Refuses a row whose phone number is reported as unusable."""


class OptOutTarget(NamedTuple):
    """What a column opts out of. The rows refer to it by its index in the parameters."""

    column: str
    """The name of the column, for reports."""
    key: str | None
    """The subscription type; None for all of the business units."""
    channel: str | None
    """None for every channel on which the row has an address."""
    units: Sequence[str]
    """The keys of the business units, if there is no type."""
    is_required: bool = False
    """Whether a row without an address on the channel is reported."""


class RowOptOut(NamedTuple):
    """A row says no: the index of the target, and the time as ISO 8601 in UTC, or None for now."""

    target: int
    occurred_at: str | None = None


class Note(NamedTuple):
    """What is reported about a cell."""

    column: str
    message: str


class NotOptedIn(NamedTuple):
    """Why a row does not opt in, although a cell says so."""

    code: ErrorCode
    message: str


class RowRefused(Exception):
    """A row that may say no, or may not: it is refused with a hint."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


@dataclass(slots=True)
class RowObjections:
    """The objections in one row."""

    opt_outs: list[RowOptOut] = field(default_factory=list)
    unusable: str | None = None
    """The column that says that the email address cannot be reached."""
    unconfirmed: list[str | None] = field(default_factory=list)
    """Channels on which the person has not confirmed; None for all."""
    notes: list[Note] = field(default_factory=list)

    @property
    def latest_time(self) -> str | None:
        """The latest time that the row has for an opt-out."""
        return max((time for _, time in self.opt_outs if time), default=None)

    @property
    def has_objection(self) -> bool:
        """Whether the row opts out, or has not confirmed."""
        return bool(self.opt_outs or self.unconfirmed)


class _Column(NamedTuple):
    """A column that says no."""

    position: int
    name: str
    known: KnownColumn
    target: int


class OptOutColumns:
    """The columns that say no. Add each column of the header, then `finish`. Raises Invalid."""

    def __init__(self, catalog: Catalog, unit: BusinessUnit | None = None) -> None:
        """`unit` is the business unit that columns without a type opt out of, beside those of the types."""
        self.targets: list[OptOutTarget] = []
        self._columns: list[_Column] = []
        self._catalog = catalog
        self._units = dict.fromkeys([unit.key] if unit else [])

    def add(self, index: int, name: str) -> str | None:
        """Add a column if it says no; returns what it is used as."""
        explicit = OPT_OUT.fullmatch(name)
        if explicit:
            target = self._explicit_target(name, *explicit.groups())
            known = KnownColumn(Reading.OPT_OUT, Channel(target.channel) if target.channel else None)
        else:
            found = known_column(name)
            if found is None:
                return None
            known, target = found, _target_of_all(name, found)
        if explicit and any(self._is_duplicate(target, other) for other in self.targets):
            raise _invalid(f"Two columns opt out of {target.key or _ALL!r}. Keep only one of them.")
        if len(self._columns) == _MOST_COLUMNS:
            raise _invalid(f"A file may have {_MOST_COLUMNS} columns that say no, and this one has more.")
        self._columns.append(_Column(index, _shown(name), known, len(self.targets)))
        self.targets.append(target)
        return _use(known, target)

    def is_property_too(self, index: int) -> bool:
        """Whether the cells of a column are kept as a property, too."""
        return any(column.position == index and column.known.reading in _KEPT for column in self._columns)

    def add_opt_in(self, subscription_type: SubscriptionType, channel: str) -> int:
        """Add what a no in an opt-in column opts out of; returns the index of the target."""
        self._units[subscription_type.business_unit.key] = None
        self.targets.append(OptOutTarget(subscription_type.key, subscription_type.key, channel, (), True))
        return len(self.targets) - 1

    def finish(self) -> None:
        """After all columns: those without a unit of their own are about the units of the file, or all."""
        units = list(self._units) or [unit.key for unit in self._catalog.units]
        self.targets = [
            target if target.key or target.units else target._replace(units=units) for target in self.targets
        ]

    def read(self, cells: Sequence[str], now: datetime) -> RowObjections:
        """The objections of a row. Raises RowRefused for a cell that may say no, or may not."""
        objections = RowObjections()
        if not self._columns:
            return objections
        meanings: list[tuple[_Column, CellMeaning]] = []
        for column in self._columns:
            cell = cells[column.position] if column.position < len(cells) else ""
            if cell:
                found = _meaning_of_cell(cell, column, now)
                if found is not None:
                    meanings.append((column, found))
        for column, found in meanings:
            self._add_meaning(objections, column, found, meanings)
        objections.opt_outs = self._different(objections.opt_outs)
        return objections

    def _different(self, opt_outs: Sequence[RowOptOut]) -> list[RowOptOut]:
        """The opt-outs without those that opt out of the same at the same time."""
        kept: dict[tuple[object, ...], RowOptOut] = {}
        for each in opt_outs:
            target = self.targets[each.target]
            same = (target.key, target.channel, *target.units, target.is_required, each.occurred_at)
            kept.setdefault(same, each)
        return list(kept.values())

    def opt_in_refusal(
        self, objections: RowObjections, subscription_type: SubscriptionType, channel: str
    ) -> NotOptedIn | None:
        """Why a row opts nobody in to a type although it says so elsewhere: the no counts."""
        if any(unconfirmed in (None, channel) for unconfirmed in objections.unconfirmed):
            return NotOptedIn(ErrorCode.INVALID_VALUE, _UNCONFIRMED)
        for number, _ in objections.opt_outs:
            target = self.targets[number]
            of_type = target.key == subscription_type.key
            of_unit = target.key is None and subscription_type.business_unit.key in target.units
            if target.channel in (None, channel) and (of_type or of_unit):
                code = ErrorCode.PREVIOUSLY_OPTED_OUT if of_type else ErrorCode.OPTED_OUT_OF_ALL
                return NotOptedIn(code, f"Column {target.column[:80]!r} of the row says no: that counts.")
        return None

    def _add_meaning(
        self,
        objections: RowObjections,
        column: _Column,
        found: CellMeaning,
        meanings: Sequence[tuple[_Column, CellMeaning]],
    ) -> None:
        if column.known.reading is Reading.CALL:
            objections.notes.append(Note(column.name, _NO_CALLS))
        elif found.verdict is Verdict.OPTED_OUT:
            occurred_at = found.occurred_at or _time_of_others(column, meanings)
            objections.opt_outs.append(
                RowOptOut(column.target, occurred_at.isoformat() if occurred_at else None)
            )
            if found.problem:
                objections.notes.append(Note(column.name, found.problem))
        elif found.verdict is Verdict.UNCONFIRMED:
            objections.unconfirmed.append(self.targets[column.target].channel)
            objections.notes.append(Note(column.name, _UNCONFIRMED))
        elif column.known.channel in (None, Channel.EMAIL):
            objections.unusable = column.name
        else:
            raise RowRefused(column.name, NO_UNUSABLE_PHONES)

    def _explicit_target(self, name: str, key: str, unit: str | None, channel: str | None) -> OptOutTarget:
        channel = _channel(channel) if channel else None
        column = _shown(name)
        if key.lower() == _ALL:
            units = [self._unit(unit)] if unit else []
            return OptOutTarget(column, None, channel, units, is_required=True)
        subscription_type = self._catalog.type_by_key(key.lower())
        if subscription_type is None or unit:
            raise _invalid(
                f"There is no subscription type {key[:80]!r} to opt out of. For a whole business unit, name"
                " the column opt_out:all or opt_out:all@UNIT."
            )
        offered = [offered.value for offered in subscription_type.channels]
        if channel and channel not in offered:
            raise _invalid(f"{subscription_type.key!r} is not offered on {channel}.")
        self._units[subscription_type.business_unit.key] = None
        return OptOutTarget(column, subscription_type.key, channel, (), is_required=True)

    def _unit(self, key: str) -> str:
        unit = self._catalog.unit_by_key(key.lower())
        if unit is None:
            raise _invalid(f"There is no business unit {key[:80]!r} to opt out of.")
        return unit.key

    @staticmethod
    def _is_duplicate(target: OptOutTarget, other: OptOutTarget) -> bool:
        return other.is_required and target[1:] == other[1:] and other.key != other.column


def refused_property(name: str, text: str) -> RowRefused:
    """The refusal of a row that has a word for a no in a column that is not a consent column."""
    return RowRefused(name, _hint(name, text))


def _meaning_of_cell(cell: str, column: _Column, now: datetime) -> CellMeaning | None:
    try:
        return meaning_of(cell, column.known, now)
    except AmbiguousCell:
        raise RowRefused(column.name, _hint(column.name, cell)) from None


def _hint(name: str, cell: str) -> str:
    """A message with the value, if it is a word or two and not an address, which names somebody."""
    text = cell.strip()
    shown = len(text) <= _SHOWN_LENGTH and _SHOWN_VALUE.fullmatch(text) and sum(map(str.isdigit, text)) <= 4
    value = f"the value {text!r}" if shown else "the value"
    return f"Column {name[:80]!r}: {value} may mean that the person said no. {_HINT}"


def _time_of_others(column: _Column, meanings: Sequence[tuple[_Column, CellMeaning]]) -> datetime | None:
    """The latest time that other columns have for an opt-out on the same channel."""
    times = [
        other.occurred_at
        for of, other in meanings
        if other.occurred_at and (of.known.channel in (None, column.known.channel))
    ]
    return max(times, default=None)


def _target_of_all(name: str, known: KnownColumn) -> OptOutTarget:
    return OptOutTarget(_shown(name), None, known.channel.value if known.channel else None, ())


def _shown(name: str) -> str:
    """The name of a column for reports."""
    return shown(name[:_COLUMN_LENGTH])


def _channel(name: str) -> str:
    value = name.upper()
    if value not in (Channel.EMAIL.value, Channel.SMS.value, Channel.WHATSAPP.value):
        raise _invalid(f"{name[:20]!r} is not a channel. Use EMAIL, SMS or WHATSAPP.")
    return value


def _use(known: KnownColumn, target: OptOutTarget) -> str:
    """What the answer says that a column is used as."""
    if known.reading is Reading.CALL:
        return "opt-out of calls (reported only)"
    if known.reading is Reading.TAGS:
        return f"property:{target.column}"
    if known.reading is Reading.BOUNCE:
        return "unusable address"
    of = f"opt_out:{target.key or _ALL}" + (f":{target.channel}" if target.channel else "")
    return f"{of} (status)" if known.reading in (Reading.STATUS, Reading.STATE) else of


def _invalid(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")
