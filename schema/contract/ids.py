"""Global ids: opaque to clients; inside, the name of a type, and the id of a row or what identifies a state.

What is current for a recipient has no row until something was decided, and its row may be deleted. Its id is
made of what it is the state of, so that it stays the same before and after a change.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Final, NamedTuple

import strawberry

from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Channel
from schema.contract.api_errors import bad_input

_INT32 = 2**31 - 1
_INT64 = 2**63 - 1
LARGEST_ID = {
    "BusinessUnit": _INT32,
    "SubscriptionType": _INT32,
    "Contact": _INT64,
    "Recipient": _INT64,
    "ConsentEvent": _INT64,
    "Keyword": _INT32,
    "ShownWording": _INT64,
    "Operation": _INT64,
    "SenderNumber": _INT32,
    "InboundMessage": _INT64,
    "Workflow": _INT32,
    "WorkflowEnrolment": _INT64,
}
"""The types whose objects are rows, each with the largest id that its column holds."""
STATES: Final = {"Preference": "SubscriptionType", "OptOutOfAll": "BusinessUnit", "Pause": "BusinessUnit"}
"""The types whose objects are states of a recipient on a channel, each with the type of what it is about."""
_LONGEST: Final = 100
_LETTERS: Final = {Channel.EMAIL: "E", Channel.SMS: "S", Channel.WHATSAPP: "W"}
_CHANNELS: Final = {letter: channel for channel, letter in _LETTERS.items()}


class StateKey(NamedTuple):
    """What identifies a state of a recipient."""

    recipient_id: int
    of_id: int
    """The id of the subscription type, or of the business unit."""
    channel: Channel


RowKey = int | StateKey
"""What a global id has besides the name of the type."""


@strawberry.interface
class Node:
    """An object with an id. Fetch it again with `node` or `nodes`."""

    id: strawberry.ID = strawberry.field(
        description="The id of the object, unique among all types. It is opaque and never changes:"
        " use it as a key of a cache."
    )


def global_id(type_name: str, row_id: int) -> strawberry.ID:
    """Return the global id of a row."""
    return _encoded(f"{type_name}:{row_id}")


def state_id(type_name: str, recipient_id: int, of_id: int, channel: Channel) -> strawberry.ID:
    """Return the global id of a state of a recipient: see `STATES`."""
    return _encoded(state_identity(type_name, recipient_id, of_id, channel))


def state_identity(type_name: str, recipient_id: int, of_id: int, channel: Channel) -> str:
    """Return what the global id of a state consists of."""
    return f"{type_name}:{recipient_id}.{of_id}.{_LETTERS[channel]}"


def _encoded(text: str) -> strawberry.ID:
    return strawberry.ID(urlsafe_b64encode(text.encode()).rstrip(b"=").decode())


def parse_global_id(text: str) -> tuple[str, RowKey] | None:
    """Return the type, and the row id or the key of the state, in a global id; None for what is not one."""
    if len(text) > _LONGEST:
        return None
    try:
        name, _, key = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    parsed = _state_key(name, key) if name in STATES else _row_id(key, _INT64)
    return (name, parsed) if parsed is not None and name in LARGEST_ID | STATES else None


def _row_id(digits: str, largest: int) -> int | None:
    if not digits.isascii() or not digits.isdigit() or int(digits) > largest:
        return None
    return int(digits)


def _state_key(type_name: str, text: str) -> StateKey | None:
    parts = text.split(".")
    if len(parts) != 3 or parts[2] not in _CHANNELS:
        return None
    recipient_id = _row_id(parts[0], LARGEST_ID["Recipient"])
    of_id = _row_id(parts[1], LARGEST_ID[STATES[type_name]])
    if recipient_id is None or of_id is None:
        return None
    return StateKey(recipient_id, of_id, _CHANNELS[parts[2]])


def decode_id(text: str, type_name: str) -> int | None:
    """Return the row id in a global id of one type; None for any other text."""
    parsed = parse_global_id(text)
    if parsed is None or parsed[0] != type_name or not isinstance(parsed[1], int):
        return None
    return parsed[1]


def argument_id(text: str, type_name: str, argument: str) -> int:
    """Return the row id in an argument of a query. Raises BAD_USER_INPUT that names the argument."""
    row_id = decode_id(text, type_name)
    if row_id is None:
        raise bad_input(f"This is not the id of a {type_name}. Pass an id as the API gave it.", argument)
    return row_id


def input_id(text: str, type_name: str, *path: str) -> int:
    """Return the row id in a field of an input. Raises Invalid (NOT_FOUND) that names the field."""
    row_id = decode_id(text, type_name)
    if row_id is None or row_id > LARGEST_ID[type_name]:
        raise Invalid(
            ErrorCode.NOT_FOUND, f"This is not the id of a {type_name}. Pass an id as the API gave it.", *path
        )
    return row_id


def ids_in_range(type_name: str, row_ids: Iterable[int]) -> list[int]:
    """Return the ids that rows of a type can have."""
    return [row_id for row_id in row_ids if row_id <= LARGEST_ID[type_name]]
