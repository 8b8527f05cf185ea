"""Global ids: opaque outside, a type's name and a row's number inside."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

import strawberry

from schema.engine.context import bad_input

_LARGEST = 2**63 - 1
TYPES = (
    "BusinessUnit",
    "SubscriptionType",
    "Contact",
    "Recipient",
    "ConsentEvent",
    "ShownWording",
    "Operation",
    "SenderNumber",
    "InboundMessage",
    "Workflow",
    "WorkflowEnrolment",
)


@strawberry.interface(description="What can be fetched again by its id.")
class Node:
    """Whatever has a global id."""

    id: strawberry.ID


def global_id(type_name: str, number: int) -> strawberry.ID:
    """Make the id of a row."""
    return strawberry.ID(urlsafe_b64encode(f"{type_name}:{number}".encode()).rstrip(b"=").decode())


def read_id(text: str) -> tuple[str, int] | None:
    """Take an id apart; None where it is none of ours."""
    if len(text) > 64:
        return None
    try:
        name, _, digits = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    if name not in TYPES or not digits.isascii() or not digits.isdigit() or int(digits) > _LARGEST:
        return None
    return name, int(digits)


def number_of(text: str, type_name: str) -> int | None:
    """The row's number in an id that must be of the given type; None where it is not."""
    read = read_id(text)
    return read[1] if read is not None and read[0] == type_name else None


def argument_id(text: str, type_name: str, *names: str) -> int:
    """The same for a query's argument. Raises BAD_USER_INPUT naming the argument."""
    number = number_of(text, type_name)
    if number is None:
        raise bad_input(f"This is not the id of a {type_name}.", *names)
    return number
