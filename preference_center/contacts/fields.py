"""The fields of a contact that callers set: checking them, and naming them as the table does."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any, Final, TypedDict

from preference_center.errors import ErrorCode, Invalid
from preference_center.rules import addresses
from preference_center.rules.addresses import Address, AddressError
from preference_center.rules.types import LegalBasis
from preference_center.validation import check_locale, check_text, storable

PROPERTIES_MAX_BYTES: Final = 64 * 1024
"""Size of all properties of a contact, as JSON in UTF-8."""
_PROPERTIES_MAX_DEPTH: Final = 20
_NAME_MAX_LENGTH: Final = 200


class ContactFields(TypedDict, total=False):
    """What can be set of a contact. In an update, a field that is absent stays as it is; None clears it."""

    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    locale: str | None
    properties: dict[str, Any] | None
    processing_basis: LegalBasis | None


def folded(name: str | None) -> str:
    """A name as it is sorted and searched by: case-folded, in composed form, at most 200 characters."""
    return unicodedata.normalize("NFKC", name or "").casefold()[:200]


def addresses_of(fields: ContactFields) -> dict[str, Address | None]:
    """The given email address and phone number, normalised (R3); None clears. Raises Invalid."""
    found: dict[str, Address | None] = {}
    if "email" in fields:
        found["email"] = _address(fields["email"], "email", addresses.parse_email)
    if "phone" in fields:
        found["phone"] = _address(fields["phone"], "phone", addresses.parse_phone)
    return found


def columns_of(fields: ContactFields) -> dict[str, Any]:
    """The given fields other than addresses, by column. Raises Invalid naming the field."""
    columns: dict[str, Any] = {}
    if "first_name" in fields:
        columns |= _name(fields["first_name"], "first_name", "firstName")
    if "last_name" in fields:
        columns |= _name(fields["last_name"], "last_name", "lastName")
    if "locale" in fields:
        columns["locale"] = check_locale(fields["locale"], "locale") if fields["locale"] else None
    if "properties" in fields:
        columns["properties"] = _properties(fields["properties"])
    if "processing_basis" in fields:
        basis = fields["processing_basis"]
        columns["processing_basis"] = basis.value if basis else None
    return columns


def _address(text: str | None, field: str, parse: Callable[[str], Address]) -> Address | None:
    if text is None or not text.strip():
        return None
    try:
        return parse(text)
    except AddressError as error:
        raise Invalid(ErrorCode.INVALID_ADDRESS, str(error), field) from None


def _name(value: str | None, column: str, field: str) -> dict[str, str | None]:
    text = check_text(value, field, max_length=_NAME_MAX_LENGTH) if value else None
    return {column: text or None, f"folded_{column}": folded(text)}


def _properties(value: Any) -> str:
    """The properties as JSON text. Raises Invalid if they are no object, too large, or cannot be stored."""
    if value is None:
        return "{}"
    if not isinstance(value, dict):
        raise Invalid(ErrorCode.INVALID_VALUE, "Properties must be a JSON object.", "properties")
    _check_json(value, 0)
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except ValueError:
        message = "Properties contain a number that JSON does not have."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "properties") from None
    if len(text.encode()) > PROPERTIES_MAX_BYTES:
        message = f"Properties may have at most {PROPERTIES_MAX_BYTES // 1024} KiB."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "properties")
    return text


def _check_json(value: Any, depth: int) -> None:
    if depth > _PROPERTIES_MAX_DEPTH:
        message = f"Properties may be nested at most {_PROPERTIES_MAX_DEPTH} levels deep."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "properties")
    if isinstance(value, str) and not storable(value):
        message = "Properties contain a character that cannot be stored."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "properties")
    for inner in [*value.keys(), *value.values()] if isinstance(value, dict) else []:
        _check_json(inner, depth + 1)
    for inner in value if isinstance(value, list) else []:
        _check_json(inner, depth + 1)
