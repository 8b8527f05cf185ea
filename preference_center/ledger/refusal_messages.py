"""What the rules' refusals are called for people."""

from __future__ import annotations

from preference_center.errors import ErrorCode
from preference_center.rules.types import Decision, Refused, Superseded

_WORDS = {
    ErrorCode.NOT_FOUND: "There is nothing to do this to.",
    ErrorCode.ADDRESS_MISSING: "The contact has no address on this channel.",
    ErrorCode.LEGAL_BASIS_REQUIRED: "An opt-in by the team needs a legal basis to communicate (R6).",
    ErrorCode.PROCESSING_BASIS_REQUIRED: "The contact needs a legal basis to process and store (R6).",
    ErrorCode.EXPLANATION_REQUIRED: "An explanation is needed (R6, R8, R13).",
    ErrorCode.OPTED_OUT_BY_RECIPIENT: "The recipient opted out, and alone can take that back (R7-R9).",
    ErrorCode.OPTED_OUT_OF_ALL: "An opt-out of all stands; it must be removed first (R12).",
    ErrorCode.PREVIOUSLY_OPTED_OUT: "The recipient is opted out, which this may not reverse (R9, R10).",
    ErrorCode.CHANNEL_NOT_OFFERED: "The subscription type is not offered on this channel.",
    ErrorCode.TYPE_ARCHIVED: "The subscription type is archived.",
    ErrorCode.TYPE_IS_TRANSACTIONAL: "Transactional messages are not subscribed to (R24).",
    ErrorCode.SUPERSEDED: "A newer decision is held; this one was recorded without effect (R17).",
    ErrorCode.OCCURRED_IN_FUTURE: "`occurredAt` is later than now (R17).",
}


def words_of(code: ErrorCode) -> str:
    """What a refusal's code says to people."""
    return _WORDS[code]


def paused_by_recipient() -> tuple[ErrorCode, str]:
    """The refusal of a team's change to a silence that the person asked for."""
    message = "The recipient asked for this silence, and alone can change or end it."
    return ErrorCode.OPTED_OUT_BY_RECIPIENT, message


def refusal_of(decision: Decision) -> tuple[ErrorCode, str] | None:
    """The code and the words of a refusal, or None where the decision is none."""
    if isinstance(decision, Refused):
        code = ErrorCode(decision.code.value)
    elif isinstance(decision, Superseded):
        code = ErrorCode.SUPERSEDED
    else:
        return None
    return code, _WORDS[code]
