"""What the columns of a contact file mean, and its rows read by them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from preference_center.catalog.catalog import Catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import column_names as import_columns
from preference_center.imports.column_names import folded
from preference_center.imports.csv_encoding import UNREADABLE
from preference_center.imports.csv_reader import Record, defused, plain
from preference_center.imports.rows import Row, unreadable
from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError
from preference_center.rules.types import Channel, LegalBasis
from preference_center.validation import check_locale, check_text, storable

OptIn = tuple[str, str]
"""The key of a subscription type, and a channel's name."""
_OPT_IN: Final = re.compile(r"opt[ _-]?in\s*:\s*([^:\s]+)\s*(?::\s*(\w+)\s*)?", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"property\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_LEFT_ALONE: Final = re.compile(r"id|created_at|updated_at|status:.*|opted_out_of_all:.*", re.IGNORECASE)
"""What an export has beside: of the system that wrote it, so not kept."""
_YES: Final = frozenset("1 true yes y x on tak t ja oui si sí opted_in optedin subscribed".split())  # noqa: SIM905
_NO: Final = frozenset("0 false no n off nie f nein non not_opted opted_out unsubscribed".split())  # noqa: SIM905
_LONGEST_PROPERTY_NAME: Final = 200


def is_known(name: str) -> bool:
    """Whether a word names a column that means something here."""
    return folded(name) in _KNOWN or bool(_OPT_IN.fullmatch(name) or _PROPERTY.fullmatch(name))


class ContactLayout:
    """Which column holds what. Raises Invalid where the header does not do.

    Columns that have no other meaning are properties by their own name.
    """

    together = False

    def __init__(self, header: list[str], catalog: Catalog) -> None:
        self._width = len(header)
        self._email = import_columns.needed(header, "an email address", import_columns.EMAIL)
        self._fields = _fields(header)
        self._opt_ins: dict[int, OptIn] = {}
        self._properties: dict[int, str] = {}
        for place, name in enumerate(header):
            self._place(place, name, catalog)

    def _place(self, place: int, name: str, catalog: Catalog) -> None:
        opt_in, prop = _OPT_IN.fullmatch(name), _PROPERTY.fullmatch(name)
        if opt_in:
            wanted = _offered(opt_in[1], opt_in[2], catalog)
            if wanted in self._opt_ins.values():
                raise _wrong(f"Two columns opt in to {wanted[0]!r}.")
            self._opt_ins[place] = wanted
        elif prop:
            self._add_property(place, prop[1])
        elif name and place != self._email and place not in self._fields and not _LEFT_ALONE.fullmatch(name):
            self._add_property(place, name)

    def _add_property(self, place: int, name: str) -> None:
        if not name or len(name) > _LONGEST_PROPERTY_NAME or not storable(name) or UNREADABLE in name:
            raise _wrong(f"{name[:40]!r} can't be the name of a property.")
        if name in self._properties.values():
            raise _wrong(f"Two columns are named {name!r}: which is meant?")
        self._properties[place] = name

    @property
    def opt_ins(self) -> list[OptIn]:
        """What the file opts in to, in the order of its columns."""
        return list(self._opt_ins.values())

    @property
    def parameters(self) -> dict[str, Any]:
        """The opt-ins: rows name them by their places in this list."""
        return {"opt_ins": self.opt_ins}

    def row(self, record: Record) -> Row:
        """[line, email, {field: value}, {property: text}, [opt-ins]]; what is empty is left out.

        Reasons do not repeat what a cell says: they are kept, and cells may name people.
        """
        line, cells = record
        text = cells[self._email] if self._email < len(cells) else ""
        try:
            email = addresses.parse_email(_readable(plain(text)))
        except AddressError as error:
            code = ErrorCode.INVALID_ADDRESS if text.strip() else ErrorCode.ADDRESS_MISSING
            return unreadable(line, code, str(error), "email")
        except Invalid as wrong:
            return unreadable(line, wrong.code, wrong.message, "email")
        if any(cells[self._width :]):
            message = "The row has more cells than the header."
            return unreadable(line, ErrorCode.INVALID_VALUE, message)
        return self._read(line, email.value, cells)

    def _read(self, line: int, email: str, cells: list[str]) -> Row:
        fields: dict[str, str] = {}
        properties: dict[str, str] = {}
        opt_ins: list[int] = []
        about = ""
        try:
            for place, cell in enumerate(cells[: self._width]):
                if not cell or cell.isspace():
                    continue
                if place in self._fields:
                    about, parse = self._fields[place]
                    fields[about] = parse(_readable(plain(cell)))
                elif place in self._properties:
                    about = self._properties[place]
                    properties[about] = _text(_readable(defused(cell)))
            for number, place in enumerate(self._opt_ins):
                about = self._opt_ins[place][0]
                if place < len(cells) and _is_yes(plain(cells[place])):
                    opt_ins.append(number)
        except AddressError as error:
            return unreadable(line, ErrorCode.INVALID_ADDRESS, str(error), about)
        except Invalid as wrong:
            return unreadable(line, wrong.code, wrong.message, about)
        return [line, email, fields, properties, opt_ins]


def _fields(header: list[str]) -> dict[int, tuple[str, Callable[[str], str]]]:
    """The contact's own columns by place: what each is called, and how it is read."""
    found = {}
    for name, names, parse in _FIELDS:
        place = import_columns.position(header, names)
        if place is not None:
            found[place] = (name, parse)
    return found


def _offered(key: str, channel: str | None, catalog: Catalog) -> OptIn:
    """The type and channel of an opt-in column: email, where the type has that and none is named."""
    kind = catalog.type_by_key(key.lower())
    if kind is None:
        raise _wrong(f"There is no subscription type {key[:80]!r} to opt in to.")
    named = (channel or Channel.EMAIL.value).upper()
    if named not in {offered.value for offered in kind.channels}:
        there = ", ".join(f"opt_in:{kind.key}:{offered.value}" for offered in kind.channels)
        raise _wrong(f"{kind.key!r} is not offered on {named[:20]}: name the column {there}.")
    return kind.key, named


def _phone(text: str) -> str:
    return addresses.parse_phone(text).value


def _name(text: str) -> str:
    return check_text(text, max_length=200)


def _locale(text: str) -> str:
    try:
        return check_locale(text)
    except Invalid as wrong:
        raise Invalid(wrong.code, "This is no language tag such as en or pt-BR.") from None


def _basis(text: str) -> str:
    word = text.upper().replace(" ", "_").replace("-", "_")
    if word not in LegalBasis.__members__:
        raise Invalid(ErrorCode.INVALID_VALUE, f"This is none of {', '.join(LegalBasis.__members__)}.")
    return word


def _text(text: str) -> str:
    if not storable(text):
        raise Invalid(ErrorCode.INVALID_VALUE, "The text has a character that cannot be kept.")
    return text


def _readable(text: str) -> str:
    if UNREADABLE in text:
        message = "A character could not be read in the file's encoding."
        raise Invalid(ErrorCode.INVALID_VALUE, message)
    return text


def _is_yes(text: str) -> bool:
    word = text.lower()
    if word in _YES:
        return True
    if word and word not in _NO:
        raise Invalid(ErrorCode.INVALID_VALUE, "This is neither yes nor no.")
    return False


def _wrong(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")


_FIELDS: Final[tuple[tuple[str, tuple[str, ...], Callable[[str], str]], ...]] = (
    ("phone", import_columns.PHONE, _phone),
    ("first_name", import_columns.FIRST_NAME, _name),
    ("last_name", import_columns.LAST_NAME, _name),
    ("locale", import_columns.LOCALE, _locale),
    ("processing_basis", import_columns.PROCESSING_BASIS, _basis),
)
_KNOWN: Final = frozenset([*import_columns.EMAIL, *(name for _, names, _ in _FIELDS for name in names)])
