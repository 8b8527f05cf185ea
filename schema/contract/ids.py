"""Global ids: opaque to clients; inside, the name of a type and the id of a row."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

import strawberry

from preference_center.errors import ErrorCode, Invalid
from schema.contract.api_errors import bad_input

_INT32 = 2**31 - 1
_INT64 = 2**63 - 1
LARGEST_ID = {
    "BusinessUnit": _INT32,
    "SubscriptionType": _INT32,
    "Contact": _INT64,
    "Recipient": _INT64,
    "ConsentEvent": _INT64,
    "ShownWording": _INT64,
    "Operation": _INT64,
    "SenderNumber": _INT32,
    "InboundMessage": _INT64,
    "Workflow": _INT32,
    "WorkflowEnrolment": _INT64,
}
"""The types that have global ids, each with the largest id that its column holds."""


@strawberry.interface
class Node:
    """An object with an id. Fetch it again with `node` or `nodes`."""

    id: strawberry.ID = strawberry.field(description="The opaque id of the object.")


def global_id(type_name: str, row_id: int) -> strawberry.ID:
    """Return the global id of a row."""
    return strawberry.ID(urlsafe_b64encode(f"{type_name}:{row_id}".encode()).rstrip(b"=").decode())


def parse_global_id(text: str) -> tuple[str, int] | None:
    """Return the type and the row id in a global id; None for what is not one."""
    if len(text) > 64:
        return None
    try:
        name, _, digits = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    if name not in LARGEST_ID or not digits.isascii() or not digits.isdigit() or int(digits) > _INT64:
        return None
    return name, int(digits)


def decode_id(text: str, type_name: str) -> int | None:
    """Return the row id in a global id of one type; None for any other text."""
    parsed = parse_global_id(text)
    return parsed[1] if parsed is not None and parsed[0] == type_name else None


def argument_id(text: str, type_name: str, argument: str) -> int:
    """Return the row id in an argument of a query. Raises BAD_USER_INPUT that names the argument."""
    row_id = decode_id(text, type_name)
    if row_id is None:
        raise bad_input(f"This is not the id of a {type_name}.", argument)
    return row_id


def input_id(text: str, type_name: str, *path: str) -> int:
    """Return the row id in a field of an input. Raises Invalid (NOT_FOUND) that names the field."""
    row_id = decode_id(text, type_name)
    if row_id is None or row_id > LARGEST_ID[type_name]:
        raise Invalid(ErrorCode.NOT_FOUND, f"This is not the id of a {type_name}.", *path)
    return row_id


def ids_in_range(type_name: str, row_ids: Iterable[int]) -> list[int]:
    """Return the ids that rows of a type can have."""
    return [row_id for row_id in row_ids if row_id <= LARGEST_ID[type_name]]
