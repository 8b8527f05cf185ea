"""Refusals of changes as an error code with a message."""

from __future__ import annotations

from preference_center.rules.decisions import Decision, Refused, Superseded
from preference_center.rules.types import ErrorCode

_MESSAGES = {
    ErrorCode.NOT_FOUND: "There is nothing to change.",
    ErrorCode.ADDRESS_MISSING: "The contact has no address on this channel.",
    ErrorCode.LEGAL_BASIS_REQUIRED: "Add a legal basis to communicate.",
    ErrorCode.PROCESSING_BASIS_REQUIRED: "The contact needs a legal basis to process and store.",
    ErrorCode.EXPLANATION_REQUIRED: "Add an explanation.",
    ErrorCode.OPTED_OUT_BY_RECIPIENT: "The recipient opted out. Only the recipient can reverse that.",
    ErrorCode.OPTED_OUT_OF_ALL: "The recipient is opted out of all. Remove that opt-out first.",
    ErrorCode.PREVIOUSLY_OPTED_OUT: "The recipient is opted out. This kind of change cannot reverse that.",
    ErrorCode.CHANNEL_NOT_OFFERED: "The subscription type is not offered on this channel.",
    ErrorCode.TYPE_ARCHIVED: "The subscription type is archived.",
    ErrorCode.TYPE_IS_TRANSACTIONAL: "Nobody can opt out of transactional messages alone.",
    ErrorCode.SUPERSEDED: "A newer decision is on record. This one was recorded without effect.",
    ErrorCode.OCCURRED_IN_FUTURE: "`occurredAt` is later than now. Only an opt-out may be: it counts as now.",
}


def refusal_message(code: ErrorCode) -> str:
    """The message of a refusal's code. Raises KeyError for a code that no refusal has."""
    return _MESSAGES[code]


def refusal_of(decision: Decision) -> tuple[ErrorCode, str] | None:
    """The code and message of a refused or superseded change; None for any other decision."""
    if isinstance(decision, Refused):
        return decision.code, _MESSAGES[decision.code]
    if isinstance(decision, Superseded):
        return ErrorCode.SUPERSEDED, _MESSAGES[ErrorCode.SUPERSEDED]
    return None


def refusals_of(decision: Decision) -> list[tuple[ErrorCode, str]]:
    """All that is wrong with a refused or superseded change, as `refusal_of`; nothing for other decisions."""
    first = refusal_of(decision)
    if first is None:
        return []
    also = decision.also if isinstance(decision, Refused) else ()
    return [first, *((code, _MESSAGES[code]) for code in also)]


def pause_refusal() -> tuple[ErrorCode, str]:
    """The code and message of a team's change to a pause that the recipient set."""
    return ErrorCode.OPTED_OUT_BY_RECIPIENT, "The recipient set this pause. Only the recipient can change it."
