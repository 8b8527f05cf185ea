"""Refusals of changes as an error code with a message."""

from __future__ import annotations

from preference_center.rules.decisions import Decision, Refused, Superseded
from preference_center.rules.types import ErrorCode

_MESSAGES = {
    ErrorCode.NOT_FOUND: "There is nothing to change: no opt-in waits for confirmation here.",
    ErrorCode.ADDRESS_MISSING: "The contact has no address on this channel."
    " Add one, or choose another channel.",
    ErrorCode.LEGAL_BASIS_REQUIRED: "Give a legal basis to communicate: this change needs one.",
    ErrorCode.PROCESSING_BASIS_REQUIRED: "Give a legal basis to process and"
    " store data: none is on record for this address.",
    ErrorCode.EXPLANATION_REQUIRED: "Give an explanation: this change needs one.",
    ErrorCode.OPTED_OUT_BY_RECIPIENT: "The recipient opted out. Only they can come back: send them a link.",
    ErrorCode.OPTED_OUT_OF_ALL: "The recipient is opted out of everything from the business unit on this"
    " channel. Remove that opt-out of all first.",
    ErrorCode.PREVIOUSLY_OPTED_OUT: "The recipient was opted out. Imports and workflows"
    " cannot reverse that. Opt in this one recipient instead, with `updatePreferences` of the API.",
    ErrorCode.CHANNEL_NOT_OFFERED: "The subscription type is not offered on this"
    " channel. Choose another channel or type.",
    ErrorCode.TYPE_ARCHIVED: "The subscription type is archived. Choose another one, or restore it first.",
    ErrorCode.TYPE_IS_TRANSACTIONAL: "Recipients cannot opt out of transactional types, such as receipts.",
    ErrorCode.SUPERSEDED: "A newer decision is on record. This one was recorded without effect.",
    ErrorCode.OCCURRED_IN_FUTURE: "`occurredAt` is later than now. Give the time of"
    " the decision; only an opt-out may be dated ahead.",
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
