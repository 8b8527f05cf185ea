"""May it be sent? One function answers (R21-R24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from preference_center.rules.types import BlockReason, Channel, Eligibility, PreferenceStatus, Purpose

_ALLOWED = Eligibility()


@dataclass(frozen=True, slots=True)
class SendFacts:
    """What is known of (recipient, channel, type) at the moment of asking."""

    channel: Channel
    usable: bool = True
    purpose: Purpose = Purpose.MARKETING
    offered: bool = True
    archived: bool = False
    data_privacy: bool = True
    opted_out_of_all: bool = False
    status: PreferenceStatus = PreferenceStatus.NOT_OPTED
    paused_until: datetime | None = None
    """The end of a pause that stands now; None where none does."""
    pending: bool = False


def may_send(facts: SendFacts) -> Eligibility:
    """Answer *allowed*, or *blocked* with the first reason that holds, in the order of R21."""
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
    return _not_opted_in(facts, asked=facts.data_privacy or facts.channel is not Channel.EMAIL)


def _transactional(facts: SendFacts) -> BlockReason | None:
    """R24: survives opt-outs of marketing and pauses; by SMS and WhatsApp an opt-out of all stops it too."""
    by_email = facts.channel is Channel.EMAIL
    if facts.opted_out_of_all and not by_email:
        return BlockReason.OPTED_OUT_OF_ALL
    if facts.status is PreferenceStatus.OPTED_OUT:
        return BlockReason.OPTED_OUT
    return None if by_email else _not_opted_in(facts, asked=True)


def _not_opted_in(facts: SendFacts, *, asked: bool) -> BlockReason | None:
    """R22, R23: whether the lack of an opt-in blocks. One that waits to be confirmed always does (R19)."""
    if facts.status is PreferenceStatus.OPTED_IN:
        return None
    if facts.pending:
        return BlockReason.CONFIRMATION_PENDING
    return BlockReason.NOT_OPTED_IN if asked else None
