"""The fields of a contact, other than addresses, that a file can have, and parsing their cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from preference_center.contacts.fields import check_name
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import column_names
from preference_center.rules.types import LegalBasis
from preference_center.validation import check_locale


class Field(NamedTuple):
    """A field of the contact, the names its column may have, and how a cell is parsed."""

    name: str
    column_names: tuple[str, ...]
    parse: Callable[[str], str]


def in_header(header: list[str]) -> dict[int, Field]:
    """The contact's own fields, by the index of their column."""
    return {index: field for field in _FIELDS for index in column_names.find_all(header, field.column_names)}


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


_FIELDS: Final = (
    Field("first_name", column_names.FIRST_NAME, check_name),
    Field("last_name", column_names.LAST_NAME, check_name),
    Field("locale", column_names.LOCALE, _locale),
    Field("processing_basis", column_names.PROCESSING_BASIS, _legal_basis),
)
COLUMN_NAMES: Final = frozenset(name for field in _FIELDS for name in field.column_names)
