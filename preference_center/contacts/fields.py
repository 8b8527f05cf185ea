"""The fields of a contact that callers set: checking them, and naming them as the table does."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable
from typing import Any, Final, TypedDict

from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.rules import addresses
from preference_center.rules.addresses import Address, AddressError
from preference_center.rules.types import LegalBasis
from preference_center.rules.unicode_text import normalised
from preference_center.validation import check_locale, check_text, storable

PROPERTIES_MAX_BYTES: Final = 64 * 1024
"""Size of all properties of a contact, as JSON in UTF-8."""
PROPERTIES_TOO_LARGE: Final = f"Properties may have at most {PROPERTIES_MAX_BYTES // 1024} KiB."
_PROPERTIES_MAX_DEPTH: Final = 20
_NAME_MAX_LENGTH: Final = 200
_MAX_COMPARED: Final = 2_000
"""Characters of a text that is searched for. Normalised, it may be shorter."""
_EDGES: Final = "".join(
    char for char in map(chr, range(0x10000)) if char.isspace() or unicodedata.category(char) == "Cf"
)
"""Space, and characters without width that copying leaves around names."""


class ContactFields(TypedDict, total=False):
    """What can be set of a contact. In an update, a field that is absent stays as it is; None clears it."""

    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    locale: str | None
    properties: dict[str, Any] | None
    processing_basis: LegalBasis | None


class ContactChanges(ContactFields, total=False):
    """What can be changed of a contact. `properties` are merged into those it has (`merged_properties`)."""

    replace_properties: dict[str, Any] | None
    """The new properties, in place of all that the contact has. None leaves them as they are."""


def folded(name: str | None) -> str:
    """A name as it is sorted and searched by: case-folded, in composed form, at most 200 characters."""
    return normalised("NFKC", (name or "")[:_MAX_COMPARED]).casefold()[:_NAME_MAX_LENGTH]


def addresses_of(fields: ContactFields) -> dict[str, Address | None]:
    """The given email address and phone number, normalised (R3); None clears. Raises Invalid."""
    found: dict[str, Address | None] = {}
    with Faults() as faults:
        if "email" in fields:
            found["email"] = faults.of(_address, fields["email"], "email", addresses.parse_email)
        if "phone" in fields:
            found["phone"] = faults.of(_address, fields["phone"], "phone", addresses.parse_phone)
    return found


def columns_of(fields: ContactFields) -> dict[str, Any]:
    """The given fields other than addresses, by column. Raises Invalid naming the field."""
    columns: dict[str, Any] = {}
    with Faults() as faults:
        if "first_name" in fields:
            columns |= faults.of(_name, fields["first_name"], "first_name", "firstName") or {}
        if "last_name" in fields:
            columns |= faults.of(_name, fields["last_name"], "last_name", "lastName") or {}
        if "locale" in fields:
            columns["locale"] = (
                faults.of(check_locale, fields["locale"], "locale") if fields["locale"] else None
            )
        if "properties" in fields:
            columns["properties"] = faults.of(properties_column, fields["properties"])
        if "processing_basis" in fields:
            basis = fields["processing_basis"]
            columns["processing_basis"] = basis.value if basis else None
    return columns


def columns_of_changes(changes: ContactChanges) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns that an update sets, and the properties that it merges into those of the contact.

    Raises Invalid as `columns_of` does, and for `properties` together with `replace_properties`.
    """
    properties, replacement = changes.get("properties"), changes.get("replace_properties")
    with Faults() as faults:
        columns = faults.of(columns_of, changes)
        replaced = None
        if replacement is not None:
            replaced = faults.of(properties_column, replacement, "replaceProperties")
        if replacement is not None and properties is not None:
            message = "Pass `properties` to merge or `replaceProperties` to replace, not both."
            faults.add(Invalid(ErrorCode.INVALID_VALUE, message, "replaceProperties"))
    if replaced is not None:
        return {**columns, "properties": replaced}, {}
    if properties is not None:
        del columns["properties"]
    return columns, properties or {}


def merged_properties(properties: Any, changes: Any) -> Any:
    """Merge changes into properties as JSON Merge Patch (RFC 7396): null removes, an object is merged."""
    if not isinstance(changes, dict):
        return changes
    merged = dict(properties) if isinstance(properties, dict) else {}
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merged_properties(merged.get(name), value)
    return merged


def _address(text: str | None, field: str, parse: Callable[[str], Address]) -> Address | None:
    if text is None or not text.strip():
        return None
    try:
        return parse(text)
    except AddressError as error:
        raise Invalid(ErrorCode.INVALID_ADDRESS, str(error), field) from None


def _name(value: str | None, column: str, field: str) -> dict[str, str | None]:
    text = check_name(value, field) if value else None
    return {column: text or None, f"folded_{column}": folded(text)}


def check_name(value: str, *field: str) -> str:
    """Return a person's name without space and invisible characters around it. Raises Invalid."""
    return check_text(value, *field, max_length=_NAME_MAX_LENGTH).strip(_EDGES)


def properties_column(value: Any, field: str = "properties") -> str:
    """The properties as JSON text. Raises Invalid if they are no object, too large, or cannot be stored."""
    if value is None:
        return "{}"
    if not isinstance(value, dict):
        raise Invalid(ErrorCode.INVALID_VALUE, "Properties must be a JSON object.", field)
    _check_json(value, field, 0)
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except ValueError:
        message = "Properties contain NaN or an infinite number, which JSON does not have."
        raise Invalid(ErrorCode.INVALID_VALUE, message, field) from None
    if len(text.encode()) + _zeros(value) > PROPERTIES_MAX_BYTES:
        raise Invalid(ErrorCode.INVALID_VALUE, PROPERTIES_TOO_LARGE, field)
    return text


def _zeros(value: Any) -> int:
    """How many digits more PostgreSQL writes for the numbers in a value: 1e300 without an exponent."""
    if isinstance(value, float):
        return abs(int(math.log10(abs(value)))) if value else 0
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(map(_zeros, parts))


def _check_json(value: Any, field: str, depth: int) -> None:
    if depth > _PROPERTIES_MAX_DEPTH:
        message = f"Properties may be nested at most {_PROPERTIES_MAX_DEPTH} levels deep."
        raise Invalid(ErrorCode.INVALID_VALUE, message, field)
    if isinstance(value, str) and not storable(value):
        message = "Properties contain a character that cannot be stored: NUL, or half of a surrogate pair."
        raise Invalid(ErrorCode.INVALID_VALUE, message, field)
    for inner in [*value.keys(), *value.values()] if isinstance(value, dict) else []:
        _check_json(inner, field, depth + 1)
    for inner in value if isinstance(value, list) else []:
        _check_json(inner, field, depth + 1)
