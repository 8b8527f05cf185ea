"""The contract's scalars and enums."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from preference_center.contacts.pages import ContactOrder
from preference_center.errors import ErrorCode
from preference_center.rules.eligibility import BlockReason
from preference_center.rules.types import (
    ActionOutcome,
    Channel,
    ConsentOrigin,
    EnrolmentState,
    LeavingReason,
    LegalBasis,
    Meaning,
    OperationKind,
    OperationState,
    PreferenceStatus,
    Purpose,
    RecipientKind,
    ResubscribePolicy,
    Trigger,
    Verdict,
)

__all__ = [
    "JSON",
    "SCALARS",
    "ActionOutcome",
    "BlockReason",
    "Channel",
    "ConsentOrigin",
    "ContactOrder",
    "EnrolmentState",
    "ErrorCode",
    "Key",
    "LeavingReason",
    "LegalBasis",
    "Locale",
    "Meaning",
    "OperationKind",
    "OperationState",
    "PreferenceStatus",
    "Purpose",
    "RecipientKind",
    "ResubscribePolicy",
    "Trigger",
    "Verdict",
]

DEEPEST_JSON = 32
"""How many levels of lists and objects a JSON value may have."""

Key = NewType("Key", str)
Locale = NewType("Locale", str)
JSON = NewType("JSON", object)
"""Any JSON value."""


def parse_instant(value: Any) -> datetime:
    """Read an RFC 3339 instant; one that names no offset is refused, for it is none."""
    if not isinstance(value, str):
        raise GraphQLError("An instant is a string, such as 2026-03-01T12:00:00Z.")
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise GraphQLError(f"Not an RFC 3339 instant: {value[:40]!r}.") from None
    if instant.tzinfo is None:
        raise GraphQLError(f"The instant {value[:40]!r} needs an offset, such as Z.")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise GraphQLError(f"The instant {value[:40]!r} is out of range.") from None


def write_instant(value: datetime) -> str:
    """Write an instant in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_json(value: Any) -> Any:
    """Take a JSON value that is not too deep and has no number that JSON can't write."""
    level = [value]
    for _ in range(DEEPEST_JSON + 1):
        if not level:
            return value
        if not all(map(_representable, level)):
            raise GraphQLError("This JSON value has a number that is out of range.")
        level = [part for item in level for part in _parts(item)]
    raise GraphQLError(f"This JSON value has more than {DEEPEST_JSON} levels.")


def _representable(value: Any) -> bool:
    """Whether a number comes back as it was given: no infinity, no integer beyond 64 bits."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or -(2**63) <= value < 2**64


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def parse_text(value: Any) -> str:
    """Take a string, as the built-in String does."""
    if not isinstance(value, str):
        raise GraphQLError("Must be a string.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Key: strawberry.scalar(
        name="Key",
        description="A lower-case slug of a business unit or subscription type, unique in the installation.",
        serialize=str,
        parse_value=parse_text,
    ),
    Locale: strawberry.scalar(
        name="Locale", description="A language tag, BCP 47.", serialize=str, parse_value=parse_text
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="A calendar of properties, as JSON.",
        serialize=lambda value: value,
        parse_value=parse_json,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339, answered in UTC.",
        serialize=write_instant,
        parse_value=parse_instant,
    ),
}

for _enum, _description in (
    (Channel, "A way of writing to a person that carries subscriptions."),
    (RecipientKind, "What an address is: a phone number is one recipient on two channels (R3)."),
    (PreferenceStatus, "What holds for an address, a channel and a subscription type."),
    (Purpose, "Why a type of message is sent (R24)."),
    (LegalBasis, "The ground on which somebody may be written to, or their data kept."),
    (ConsentOrigin, "By what way a change came."),
    (BlockReason, "Why a message may not be sent; the first that holds (R21)."),
    (LeavingReason, "Why somebody left: one press of their own, asked for afterwards."),
    (ResubscribePolicy, "Whether the team may resubscribe whom their own opt-out keeps out (R7)."),
    (ContactOrder, "The orders that contacts can be read in."),
    (OperationKind, "What a long job does."),
    (OperationState, "Where a long job stands."),
):
    strawberry.enum(_enum, description=_description)
strawberry.enum(Meaning, name="MessageMeaning", description="What a text message was taken for (R27, R29).")
strawberry.enum(
    Verdict, name="MessageVerdict", description="What a person took a message for that was unclear (R29)."
)
strawberry.enum(
    Trigger, name="WorkflowTrigger", description="What sets a workflow off; any workflow can be by hand too."
)
strawberry.enum(
    EnrolmentState,
    name="WorkflowEnrolmentState",
    description="DONE, FAILED where the workflow itself was broken, CUT where too many set off one another.",
)
strawberry.enum(
    ActionOutcome, name="WorkflowActionOutcome", description="What an action came to for one contact."
)
strawberry.enum(
    ErrorCode, name="UserErrorCode", description="Codes that a program can act on; `message` is for people."
)
