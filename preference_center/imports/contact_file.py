"""The columns of a contact file, and parsing its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from preference_center import csv_cells
from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.contacts.fields import PROPERTIES_MAX_BYTES, PROPERTIES_TOO_LARGE
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import column_names, contact_fields
from preference_center.imports.cells.addresses import one_address
from preference_center.imports.cells.emails import emails_in
from preference_center.imports.cells.phones import phone_finder
from preference_center.imports.cells.yes_no import is_blank, is_blank_name, yes_or_no
from preference_center.imports.csv_reader import Record, clean
from preference_center.imports.encodings.unreadable import UNREADABLE, shown
from preference_center.imports.opt_in_columns import OPT_IN, OptInColumn, opt_in_column
from preference_center.imports.opt_out_columns.cells import is_unclear_no
from preference_center.imports.opt_out_columns.headers import known_column
from preference_center.imports.opt_out_columns.layout import (
    NO_UNUSABLE_PHONES,
    OPT_OUT,
    OptOutColumns,
    RowObjections,
    RowOptOut,
    RowRefused,
    refused_property,
)
from preference_center.imports.opt_out_columns.words import Verdict, is_no_anywhere, no_in_opt_in
from preference_center.imports.opted_out_rows import addresses_in
from preference_center.imports.rows import UnreadableRow, unreadable
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.validation import check_storable, storable

_IGNORED: Final = re.compile(r"id|created_at|updated_at|status:.*|opted_out_of_all:.*", re.IGNORECASE)
"""Columns that exports have and that imports ignore."""
_PROPERTY_NAME_MAX_LENGTH: Final = 200
_INVALID: Final = ErrorCode.INVALID_VALUE.value


class CellProblem(NamedTuple):
    """A cell that was left out: its column, or the type it opts in to, and why."""

    column: str
    code: str
    message: str


class ContactFileRow(NamedTuple):
    """One contact. Empty cells are left out; `opt_ins` are indexes of `ContactLayout.opt_ins`."""

    line: int
    address: str
    """The email address; the phone number of a row without one."""
    fields: dict[str, str]
    properties: dict[str, str]
    opt_ins: list[int]
    problems: Sequence[CellProblem] = ()
    """Cells that cannot be used. The rest of the row is."""
    opt_outs: Sequence[RowOptOut] = ()
    is_unusable: bool = False
    """Whether the file says that the email address cannot be reached."""

    @property
    def email(self) -> str | None:
        """The email address, or None."""
        return self.address if "@" in self.address else None


class _RowError(Exception):
    """A row that cannot be used because of one cell."""

    def __init__(self, problem: CellProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def is_column_name(name: str) -> bool:
    """Whether a contact file has a column of this name, other than properties by their own name."""
    return column_names.normalised(name) in _NAMES or bool(
        csv_cells.is_property(name) or OPT_IN.fullmatch(name) or OPT_OUT.fullmatch(name) or known_column(name)
    )


@dataclass(frozen=True, slots=True)
class ContactReading:
    """How the cells of a contact file are read."""

    received_at: datetime
    country: str | None = None
    """The country of phone numbers without a country code."""
    unit: BusinessUnit | None = None
    """The business unit of opt-outs that name none."""


class ContactLayout:
    """Which column has what. A column without another meaning is a property. Raises Invalid."""

    group_by_address = False

    def __init__(self, header: list[str], catalog: Catalog, reading: ContactReading | None = None) -> None:
        self._reading = reading or ContactReading(database.now())
        self._width = len(header)
        self._is_export = csv_cells.is_export(header)
        self._phones_in = phone_finder(self._reading.country)
        self._opt_out_columns = OptOutColumns(catalog, self._reading.unit)
        self._emails = column_names.find_all(header, column_names.EMAIL)
        self._phones = column_names.find_all(header, column_names.PHONE)
        self._spare = {
            "email": column_names.find_others(header, column_names.EMAIL),
            "phone": column_names.find_others(header, column_names.PHONE),
        }
        """Columns with other names for the same: properties, used as the address if the first is empty."""
        if not self._emails and not self._phones:
            column_names.require(header, "an email address or a phone number", column_names.EMAIL)
        self._fields = contact_fields.in_header(header)
        self._opt_ins: dict[int, OptInColumn] = {}
        self._targets: dict[int, int] = {}
        """By the number of an opt-in, the target of its opt-out."""
        self._properties: dict[int, str] = {}
        self._first_duplicate: dict[int, str] = {}
        """By the index of a doubled column, the name that the first one has."""
        self._names = column_names.DifferentNames()
        self._checked: set[int] = set()
        """Properties whose cells must not say no."""
        self._catalog = catalog
        self._uses: list[tuple[str, str | None]] = []
        """The columns and what they are used as; None for those that are ignored."""
        for index, name in enumerate(header):
            self._uses.append((name, self._add_column(index, name)))
        self._opt_out_columns.finish()

    def _add_column(self, index: int, name: str) -> str | None:
        """Add a column; returns what it is used as."""
        opt_in, property_ = OPT_IN.fullmatch(name), csv_cells.property_name(name)
        if opt_in:
            return self._add_opt_in(index, opt_in_column(opt_in[1], opt_in[2], self._catalog))
        if property_ is not None:
            return self._add_property(index, property_, most=csv_cells.MAX_PROPERTY_NAME_LENGTH)
        meaning = self._meaning(index)
        if meaning or not name or _IGNORED.fullmatch(name):
            return meaning
        used = self._opt_out_columns.add(index, name)
        if used is None:
            self._checked.add(index)
        if used is None or self._opt_out_columns.is_property_too(index):
            self._add_property(index, name)
        return used or f"property:{self._properties[index]}"

    def _meaning(self, index: int) -> str | None:
        """The field of the contact that a column has, or None."""
        if index in self._emails or index in self._phones:
            return "email" if index in self._emails else "phone"
        return self._fields[index].name if index in self._fields else None

    def _add_opt_in(self, index: int, column: OptInColumn) -> str:
        if column in self._opt_ins.values():
            raise _invalid(f"Two columns opt in to {column.key!r}. Keep only one of them.")
        self._targets[len(self._opt_ins)] = self._opt_out_columns.add_opt_in(
            self._type(column), column.channel
        )
        self._opt_ins[index] = column
        return f"opt_in:{column.key}:{column.channel}"

    def _type(self, column: OptInColumn) -> SubscriptionType:
        found = self._catalog.type_by_key(column.key)
        if found is None:
            raise RuntimeError(f"there is no type {column.key}")
        return found

    def _add_property(self, index: int, name: str, most: int = _PROPERTY_NAME_MAX_LENGTH) -> str:
        is_empty = not name and not self._is_export
        if is_empty or len(name) > most or not storable(name):
            raise _invalid(f"{shown(name[:40])!r} cannot be the name of a property.")
        new = self._names.add(name)
        if new != name:
            self._first_duplicate[index] = name
        self._properties[index] = new
        return f"property:{new}"

    @property
    def opt_ins(self) -> list[OptInColumn]:
        """The opt-ins of the file, in the order of its columns."""
        return list(self._opt_ins.values())

    @property
    def parameters(self) -> dict[str, Any]:
        """The opt-ins and opt-outs, to which the rows refer by index."""
        return {"opt_ins": self.opt_ins, "opt_outs": self._opt_out_columns.targets}

    @property
    def columns(self) -> dict[str, Any]:
        """What the columns are used as, and those that are ignored."""
        return column_names.report(self._uses)

    def rows(self, records: Iterable[Record]) -> Iterator[ContactFileRow | UnreadableRow]:
        """Parse records. A record that opts out makes a row for each further address that it names."""
        for record in records:
            row = self.parse(record)
            yield row
            if isinstance(row, UnreadableRow) or row.opt_outs:
                yield from self._opted_out_rows(record, row)

    def _opted_out_rows(
        self, record: Record, row: ContactFileRow | UnreadableRow
    ) -> Iterator[ContactFileRow]:
        line, cells = record
        try:
            objections = self._opt_out_columns.read(cells, self._reading.received_at)
            self._parse_opt_ins(cells, objections, [])
        except RowRefused:
            return
        if objections.opt_outs:
            known = () if isinstance(row, UnreadableRow) else (row.address, row.fields.get("phone"))
            for address in self._addresses(cells):
                if address not in known:
                    fields = {} if "@" in address else {"phone": address}
                    yield ContactFileRow(line, address, fields, {}, [], (), objections.opt_outs)

    def _addresses(self, cells: list[str]) -> Iterator[str]:
        """Every address in the columns for addresses, and in properties that are named after email."""
        named = [n for n, name in self._properties.items() if n in self._checked and "mail" in name.lower()]
        yield from addresses_in(cells, {*self._emails, *self._spare["email"], *named}, emails_in)
        yield from addresses_in(cells, {*self._phones, *self._spare["phone"]}, self._phones_in)

    def parse(self, record: Record) -> ContactFileRow | UnreadableRow:
        """Parse one record. A cell that cannot be used is left out and reported, not its row."""
        line, cells = record
        if any(cells[self._width :]):
            message = "The row has more cells than the header."
            return unreadable(line, ErrorCode.INVALID_VALUE, message)
        try:
            return self._parse(line, cells)
        except _RowError as error:
            column, code, message = error.problem
            return unreadable(line, ErrorCode(code), message, column)
        except RowRefused as refused:
            return unreadable(line, ErrorCode.INVALID_VALUE, refused.message, refused.column)

    def _parse(self, line: int, cells: list[str]) -> ContactFileRow | UnreadableRow:
        problems: list[CellProblem] = []
        email = self._parse_address(cells, self._emails, "email", problems)
        phone = self._parse_address(cells, self._phones, "phone", problems)
        address = email or phone
        if address is None:
            return _without_address(line, problems, "email" if self._emails else "phone")
        fields, properties = self._parse_cells(cells, problems)
        if phone:
            fields["phone"] = phone
        objections = self._opt_out_columns.read(cells, self._reading.received_at)
        opt_ins = self._parse_opt_ins(cells, objections, problems)
        if objections.unusable and not email:
            raise RowRefused(objections.unusable, NO_UNUSABLE_PHONES)
        problems += [CellProblem(note.column, _INVALID, note.message) for note in objections.notes]
        usable = [n for n in opt_ins if self._can_opt_in(n, email, objections, problems)]
        return ContactFileRow(
            line,
            address,
            fields,
            properties,
            usable,
            problems,
            objections.opt_outs,
            bool(objections.unusable),
        )

    def _parse_address(
        self, cells: list[str], columns: list[int], name: str, problems: list[CellProblem]
    ) -> str | None:
        """The address in the columns for it; None, and a problem unless they are empty."""
        texts = [cells[n] for n in columns if n < len(cells) and clean(cells[n])]
        values = [text for text in texts if not is_blank(clean(text))] or texts[:1]
        if not values:
            values = [
                cells[n] for n in self._spare[name] if n < len(cells) and not is_blank(clean(cells[n]))
            ][:1]
        try:
            find = emails_in if name == "email" else self._phones_in
            found = {one_address(_check_decoded(text, name), find) for text in values}
            if len(found) > 1:
                raise Invalid(ErrorCode.INVALID_ADDRESS, f"Columns for the {name} have different values.")
        except Invalid as error:
            problems.append(CellProblem(name, error.code.value, error.message))
            return None
        return found.pop() if found else None

    def _parse_cells(
        self, cells: list[str], problems: list[CellProblem]
    ) -> tuple[dict[str, str], dict[str, str]]:
        fields: dict[str, str] = {}
        properties: dict[str, str] = {}
        for index, cell in enumerate(cells[: self._width]):
            if not cell or (cell.isspace() and not self._is_export):
                continue
            try:
                self._parse_cell(index, cell, fields, properties)
            except Invalid as error:
                column = self._properties.get(index) or self._fields[index].name
                problem = CellProblem(column, error.code.value, error.message)
                if column == "processing_basis":  # the file's basis does not stand in for the row's own
                    raise _RowError(problem) from None
                problems.append(problem)
        if sum(len(name) + len(text) for name, text in properties.items()) > PROPERTIES_MAX_BYTES:
            raise _RowError(CellProblem("properties", _INVALID, PROPERTIES_TOO_LARGE))
        return fields, properties

    def _parse_cell(self, index: int, cell: str, fields: dict[str, str], properties: dict[str, str]) -> None:
        if index in self._fields:
            field, text = self._fields[index], clean(cell)
            if text and (self._is_export or not is_blank_name(text)):
                value = field.parse(_check_decoded(text, field.name))
                if fields.setdefault(field.name, value) != value:
                    message = f"Columns for the {field.name} have different values."
                    raise Invalid(ErrorCode.INVALID_VALUE, message)
        elif index in self._properties:
            name, text = self._properties[index], csv_cells.without_guard(cell)
            if index in self._checked and (is_no_anywhere(text) or is_unclear_no(text, name)):
                raise refused_property(name, text)
            first = self._first_duplicate.get(index)
            if first and properties.get(first, text) == text:
                name = first
            properties[name] = check_storable(_check_decoded(text, name))

    def _parse_opt_ins(
        self, cells: list[str], objections: RowObjections, problems: list[CellProblem]
    ) -> list[int]:
        found = []
        for number, (index, column) in enumerate(self._opt_ins.items()):
            text = clean(cells[index]) if index < len(cells) else ""
            answer = False if is_blank(text) else yes_or_no(text)
            if answer:
                found.append(number)
            elif text:
                self._parse_no(number, column, text, objections, problems)
        return found

    def _parse_no(
        self,
        number: int,
        column: OptInColumn,
        text: str,
        objections: RowObjections,
        problems: list[CellProblem],
    ) -> None:
        """A plain no only opts nobody in; "unsubscribed" and the like opt out."""
        verdict = no_in_opt_in(text)
        if verdict is Verdict.OPTED_OUT:
            objections.opt_outs.append(RowOptOut(self._targets[number], objections.latest_time))
        elif verdict is Verdict.UNUSABLE and column.channel == Channel.EMAIL.value:
            objections.unusable = column.key
        elif not is_blank(text) and yes_or_no(text) is None:
            problems.append(CellProblem(column.key, _INVALID, "This is neither yes nor no."))

    def _can_opt_in(
        self, number: int, email: str | None, objections: RowObjections, problems: list[CellProblem]
    ) -> bool:
        """Whether the row has no objection, and names the address itself."""
        key, channel = column = self.opt_ins[number]
        opt_in_refusal = (
            self._opt_out_columns.opt_in_refusal(objections, self._type(column), channel)
            if objections.has_objection
            else None
        )
        if opt_in_refusal:
            problems.append(CellProblem(key, opt_in_refusal.code.value, opt_in_refusal.message))
            return False
        missing = "email" if channel == Channel.EMAIL.value else "phone"
        unusable = any(problem.column == missing for problem in problems)
        if not unusable and (missing == "phone" or email):
            return True
        message = f"The row has no {missing} that can be used on this channel."
        problems.append(CellProblem(key, ErrorCode.ADDRESS_MISSING.value, message))
        return False


def _without_address(line: int, problems: list[CellProblem], column: str) -> UnreadableRow:
    """A row that has neither an email address nor a phone number."""
    if problems:
        return unreadable(line, ErrorCode(problems[0].code), problems[0].message, problems[0].column)
    return unreadable(line, ErrorCode.ADDRESS_MISSING, "An address is missing.", column)


def _check_decoded(text: str, column: str) -> str:
    if UNREADABLE in text:
        message = "A character cannot be read in the file's encoding."
        raise _RowError(CellProblem(column, ErrorCode.INVALID_VALUE.value, message))
    return text


def _invalid(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")


_NAMES: Final = frozenset([*column_names.EMAIL, *column_names.PHONE, *contact_fields.COLUMN_NAMES])
