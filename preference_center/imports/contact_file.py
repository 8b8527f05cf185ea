"""The columns of a contact file, and parsing its rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from preference_center.catalog.catalog import Catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import column_names
from preference_center.imports.csv_encoding import REPLACEMENT_CHARACTER
from preference_center.imports.csv_reader import Record, clean, without_formula_guard
from preference_center.imports.rows import UnreadableRow, unreadable
from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError
from preference_center.rules.types import Channel, LegalBasis
from preference_center.validation import check_locale, check_storable, check_text, storable

_OPT_IN: Final = re.compile(r"opt[ _-]?in\s*:\s*([^:\s]+)\s*(?::\s*(\w+)\s*)?", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"property\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_IGNORED: Final = re.compile(r"id|created_at|updated_at|status:.*|opted_out_of_all:.*", re.IGNORECASE)
"""Columns that exports have and that imports ignore."""
_YES: Final = frozenset("1 true yes y x on tak t ja oui si sí opted_in optedin subscribed".split())  # noqa: SIM905
_NO: Final = frozenset("0 false no n off nie f nein non not_opted opted_out unsubscribed".split())  # noqa: SIM905
_PROPERTY_NAME_MAX_LENGTH: Final = 200


class OptInColumn(NamedTuple):
    """A subscription type's key and a channel's name. The rows refer to it by its index in the parameters."""

    key: str
    channel: str


class ContactFileRow(NamedTuple):
    """One contact. Empty cells are left out; `opt_ins` are indexes of `ContactLayout.opt_ins`."""

    line: int
    email: str
    fields: dict[str, str]
    properties: dict[str, str]
    opt_ins: list[int]


class _Field(NamedTuple):
    """A field of the contact, the names its column may have, and how a cell is parsed."""

    name: str
    column_names: tuple[str, ...]
    parse: Callable[[str], str]


class _CellError(Exception):
    """A cell that cannot be used: its column, and why."""

    def __init__(self, column: str, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.code = code
        self.message = message


def is_column_name(name: str) -> bool:
    """Whether a contact file has a column of this name, other than properties by their own name."""
    return column_names.normalised(name) in _NAMES or bool(
        _OPT_IN.fullmatch(name) or _PROPERTY.fullmatch(name)
    )


class ContactLayout:
    """Which column has what. A column without another meaning is a property. Raises Invalid."""

    group_by_address = False

    def __init__(self, header: list[str], catalog: Catalog) -> None:
        self._width = len(header)
        self._email = column_names.require(header, "an email address", column_names.EMAIL)
        self._fields = _fields(header)
        self._opt_ins: dict[int, OptInColumn] = {}
        self._properties: dict[int, str] = {}
        for index, name in enumerate(header):
            self._add_column(index, name, catalog)

    def _add_column(self, index: int, name: str, catalog: Catalog) -> None:
        opt_in, prop = _OPT_IN.fullmatch(name), _PROPERTY.fullmatch(name)
        if opt_in:
            self._add_opt_in(index, _opt_in_column(opt_in[1], opt_in[2], catalog))
        elif prop:
            self._add_property(index, prop[1])
        elif name and index != self._email and index not in self._fields and not _IGNORED.fullmatch(name):
            self._add_property(index, name)

    def _add_opt_in(self, index: int, column: OptInColumn) -> None:
        if column in self._opt_ins.values():
            raise _invalid(f"Two columns opt in to {column.key!r}. Keep only one of them.")
        self._opt_ins[index] = column

    def _add_property(self, index: int, name: str) -> None:
        is_valid = 0 < len(name) <= _PROPERTY_NAME_MAX_LENGTH and storable(name)
        if not is_valid or REPLACEMENT_CHARACTER in name:
            raise _invalid(f"{name[:40]!r} cannot be the name of a property.")
        if name in self._properties.values():
            raise _invalid(f"Two columns are named {name!r}. Keep only one of them.")
        self._properties[index] = name

    @property
    def opt_ins(self) -> list[OptInColumn]:
        """The opt-ins of the file, in the order of its columns."""
        return list(self._opt_ins.values())

    @property
    def parameters(self) -> dict[str, Any]:
        """The opt-ins, to which the rows refer by index."""
        return {"opt_ins": self.opt_ins}

    def parse(self, record: Record) -> ContactFileRow | UnreadableRow:
        """Parse one record."""
        line, cells = record
        text = cells[self._email] if self._email < len(cells) else ""
        try:
            email = addresses.parse_email(_check_decoded(clean(text)))
        except AddressError as error:
            code = ErrorCode.INVALID_ADDRESS if text.strip() else ErrorCode.ADDRESS_MISSING
            return unreadable(line, code, str(error), "email")
        except Invalid as error:
            return unreadable(line, error.code, error.message, "email")
        if any(cells[self._width :]):
            message = "The row has more cells than the header."
            return unreadable(line, ErrorCode.INVALID_VALUE, message)
        try:
            fields, properties = self._parse_cells(cells)
            return ContactFileRow(line, email.value, fields, properties, self._parse_opt_ins(cells))
        except _CellError as error:
            return unreadable(line, error.code, error.message, error.column)

    def _parse_cells(self, cells: list[str]) -> tuple[dict[str, str], dict[str, str]]:
        fields: dict[str, str] = {}
        properties: dict[str, str] = {}
        for index, cell in enumerate(cells[: self._width]):
            if not cell or cell.isspace():
                continue
            if index in self._fields:
                field = self._fields[index]
                fields[field.name] = _parse_cell(field.name, field.parse, clean(cell))
            elif index in self._properties:
                name = self._properties[index]
                properties[name] = _parse_cell(name, check_storable, without_formula_guard(cell))
        return fields, properties

    def _parse_opt_ins(self, cells: list[str]) -> list[int]:
        found = []
        for number, (index, column) in enumerate(self._opt_ins.items()):
            if index >= len(cells):
                continue
            answer = clean(cells[index]).lower()
            if answer in _YES:
                found.append(number)
            elif answer and answer not in _NO:
                raise _CellError(column.key, ErrorCode.INVALID_VALUE, "This is neither yes nor no.")
        return found


def _parse_cell(column: str, parse: Callable[[str], str], cell: str) -> str:
    try:
        return parse(_check_decoded(cell))
    except AddressError as error:
        raise _CellError(column, ErrorCode.INVALID_ADDRESS, str(error)) from None
    except Invalid as error:
        raise _CellError(column, error.code, error.message) from None


def _check_decoded(text: str) -> str:
    if REPLACEMENT_CHARACTER in text:
        message = "A character cannot be read in the file's encoding."
        raise Invalid(ErrorCode.INVALID_VALUE, message)
    return text


def _fields(header: list[str]) -> dict[int, _Field]:
    """The contact's own fields, by the index of their column."""
    indexes = [(column_names.find(header, field.column_names), field) for field in _FIELDS]
    return {index: field for index, field in indexes if index is not None}


def _opt_in_column(key: str, channel: str | None, catalog: Catalog) -> OptInColumn:
    """The type and channel of an opt-in column; email if it names no channel. Raises Invalid."""
    subscription_type = catalog.type_by_key(key.lower())
    if subscription_type is None:
        raise _invalid(f"There is no subscription type {key[:80]!r} to opt in to.")
    name = (channel or Channel.EMAIL.value).upper()
    offered = [offered.value for offered in subscription_type.channels]
    if name not in offered:
        columns = ", ".join(f"opt_in:{subscription_type.key}:{channel}" for channel in offered)
        message = f"{subscription_type.key!r} is not offered on {name[:20]}: name the column {columns}."
        raise _invalid(message)
    return OptInColumn(subscription_type.key, name)


def _phone(text: str) -> str:
    return addresses.parse_phone(text).value


def _name(text: str) -> str:
    return check_text(text, max_length=200)


def _locale(text: str) -> str:
    try:
        return check_locale(text)
    except Invalid as error:
        message = "This is not a language tag such as en or pt-BR."
        raise Invalid(error.code, message) from None


def _legal_basis(text: str) -> str:
    name = text.upper().replace(" ", "_").replace("-", "_")
    if name not in LegalBasis.__members__:
        raise Invalid(ErrorCode.INVALID_VALUE, f"This must be one of {', '.join(LegalBasis.__members__)}.")
    return name


def _invalid(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")


_FIELDS: Final = (
    _Field("phone", column_names.PHONE, _phone),
    _Field("first_name", column_names.FIRST_NAME, _name),
    _Field("last_name", column_names.LAST_NAME, _name),
    _Field("locale", column_names.LOCALE, _locale),
    _Field("processing_basis", column_names.PROCESSING_BASIS, _legal_basis),
)
_NAMES: Final = frozenset([*column_names.EMAIL, *(name for field in _FIELDS for name in field.column_names)])
