"""Whether a message may be sent: one function decides (R21-R24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from preference_center.rules.types import Channel, DomainEnum, PreferenceStatus, Purpose


class BlockReason(DomainEnum):
    """Why a message may not be sent, in the order of R21."""

    ADDRESS_UNUSABLE = "ADDRESS_UNUSABLE"
    TYPE_UNAVAILABLE = "TYPE_UNAVAILABLE"
    OPTED_OUT_OF_ALL = "OPTED_OUT_OF_ALL"
    OPTED_OUT = "OPTED_OUT"
    PAUSED = "PAUSED"
    CONFIRMATION_PENDING = "CONFIRMATION_PENDING"
    NOT_OPTED_IN = "NOT_OPTED_IN"


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a message may be sent (R21): the first reason that blocks it, and the end of a pause."""

    reason: BlockReason | None = None
    until: datetime | None = None

    @property
    def allowed(self) -> bool:
        """Whether nothing blocks the message."""
        return self.reason is None


_ALLOWED = Eligibility()


@dataclass(frozen=True, slots=True)
class SendFacts:
    """What is known about (recipient, channel, type) now."""

    channel: Channel
    usable: bool = True
    purpose: Purpose = Purpose.MARKETING
    offered: bool = True
    archived: bool = False
    data_privacy: bool = True
    opted_out_of_all: bool = False
    status: PreferenceStatus = PreferenceStatus.NOT_OPTED
    paused_until: datetime | None = None
    """The end of the current pause; None without a pause."""
    pending: bool = False


def may_send(facts: SendFacts) -> Eligibility:
    """Return *allowed*, or *blocked* with the first reason that applies, in the order of R21."""
    reason = _reason(facts)
    if reason is None:
        return _ALLOWED
    return Eligibility(reason, facts.paused_until if reason is BlockReason.PAUSED else None)


def _reason(facts: SendFacts) -> BlockReason | None:
    if not facts.usable:
        return BlockReason.ADDRESS_UNUSABLE
    if facts.archived or not facts.offered:
        return BlockReason.TYPE_UNAVAILABLE
    if facts.purpose is Purpose.TRANSACTIONAL:
        return _transactional(facts)
    if facts.opted_out_of_all:
        return BlockReason.OPTED_OUT_OF_ALL
    if facts.status is PreferenceStatus.OPTED_OUT:
        return BlockReason.OPTED_OUT
    if facts.paused_until is not None:
        return BlockReason.PAUSED
    return _not_opted_in(facts, required=facts.data_privacy or facts.channel is not Channel.EMAIL)


def _transactional(facts: SendFacts) -> BlockReason | None:
    """R24: marketing opt-outs and pauses do not apply. On SMS and WhatsApp an opt-out of all does."""
    by_email = facts.channel is Channel.EMAIL
    if facts.opted_out_of_all and not by_email:
        return BlockReason.OPTED_OUT_OF_ALL
    if facts.status is PreferenceStatus.OPTED_OUT:
        return BlockReason.OPTED_OUT
    return None if by_email else _not_opted_in(facts, required=True)


def _not_opted_in(facts: SendFacts, *, required: bool) -> BlockReason | None:
    """R22, R23: whether a missing opt-in blocks. An unconfirmed one always does (R19)."""
    if facts.status is PreferenceStatus.OPTED_IN:
        return None
    if facts.pending:
        return BlockReason.CONFIRMATION_PENDING
    return BlockReason.NOT_OPTED_IN if required else None
