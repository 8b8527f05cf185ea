"""How often a recipient is asked to confirm an opt-in (R19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from preference_center.rules.types import DomainEnum

RESEND_INTERVAL = timedelta(minutes=10)
"""The shortest time between two messages about the same opt-in."""
MAX_MESSAGES = 5
"""How many messages a pending opt-in gets, the first included."""


class ResendResult(DomainEnum):
    """The result of resending a confirmation message."""

    QUEUED = "QUEUED"
    TOO_SOON = "TOO_SOON"
    LIMIT_REACHED = "LIMIT_REACHED"
    """All messages that a pending opt-in gets were sent."""
    NOT_PENDING = "NOT_PENDING"


@dataclass(frozen=True, slots=True)
class Asked:
    """How often and when last a recipient was asked about a pending opt-in."""

    messages: int
    last_at: datetime


def decide_resending(asked: Asked | None, at: datetime) -> ResendResult:
    """Decide about another message at an instant; `asked` is None where no opt-in is pending."""
    if asked is None:
        return ResendResult.NOT_PENDING
    if asked.messages >= MAX_MESSAGES:
        return ResendResult.LIMIT_REACHED
    return ResendResult.TOO_SOON if asked.last_at > at - RESEND_INTERVAL else ResendResult.QUEUED
