"""Applies a STOP or a START to the ledger, in whatever order messages arrive (R17, R28, R30)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import BusinessUnit, exact_catalog
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import EvidenceFacts, Intent, Outcome, Provenance
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.decisions import Pending, Superseded
from preference_center.rules.types import RECIPIENT, Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database

_IN, _NEITHER, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
_SECOND = timedelta(seconds=1)
_OPT_INS_IN_SECOND = (
    "SELECT occurred_at FROM opt_outs_of_all WHERE NOT active AND recipient_id = $1 AND channel = $2"
    " AND business_unit_id = $3 AND occurred_at > $4 AND occurred_at < $5"
    " UNION ALL SELECT p.occurred_at FROM preferences p"
    " JOIN subscription_types t ON t.id = p.subscription_type_id"
    " WHERE p.status = 'OPTED_IN' AND p.recipient_id = $1 AND p.channel = $2"
    " AND t.business_unit_id = $3 AND p.occurred_at > $4 AND p.occurred_at < $5"
)
"""When the recipient came back or opted in to a type of the unit, after $4 and before $5."""
_NEWEST_DECISION = (
    "SELECT COALESCE(verdict, meaning) IN ('OPT_OUT', 'STOP', 'WITHDRAWAL') AS is_opt_out, sent_to,"
    " sender_number_id, by_provider, occurred_at FROM inbound_messages"
    " WHERE recipient_id = $1 AND channel = $2 AND business_unit_id = $3 AND occurred_at >= $4"
    " AND (verdict IN ('OPT_OUT', 'OPT_IN')"
    " OR (verdict IS NULL AND NOT needs_review AND meaning IN ('STOP', 'WITHDRAWAL', 'START')))"
    " ORDER BY occurred_at DESC, is_opt_out DESC, id DESC LIMIT 1"
)
"""The recipient's newest STOP or START to the unit since $4; at the same instant the STOP."""


@dataclass(frozen=True, slots=True)
class KeywordDecision:
    """A recipient's STOP or START to a business unit."""

    recipient_id: int
    channel: Channel
    business_unit: BusinessUnit
    is_opt_out: bool
    """True for STOP, False for START."""
    sender_number: SenderNumber | None = None
    """What a START opts in to: the types that this number carries."""
    keeps_type_opt_outs: bool = False
    """Whether a START leaves the types alone that the recipient individually opted out of."""


@dataclass(frozen=True, slots=True)
class AppliedDecision:
    """The outcomes of a decision."""

    outcomes: list[Outcome]
    is_newest: bool
    """Whether it is in force: the recipient made no newer decision."""

    @property
    def changed(self) -> bool:
        """Whether anything took effect or waits for confirmation."""
        return any(outcome.changed or isinstance(outcome.decision, Pending) for outcome in self.outcomes)


async def apply(decision: KeywordDecision, provenance: Provenance) -> AppliedDecision:
    """Record a decision in the open transaction.

    A message that arrives late does not change what a newer message decided. If the newer one changed nothing
    when it arrived, it left no event to compare with: so it is applied again, after the late one.
    """
    await lock_recipients([decision.recipient_id])
    at = provenance.occurred_at
    if at is not None and decision.is_opt_out:
        provenance = replace(provenance, occurred_at=await _at_end_of_second(decision, at))
    applied = await _record(decision, provenance)
    newer = await _newer_decision(decision, at) if at is not None and applied.changed else None
    if newer is not None:
        await _record(*newer)
        return AppliedDecision(applied.outcomes, is_newest=False)
    return applied


async def _record(decision: KeywordDecision, provenance: Provenance) -> AppliedDecision:
    outcomes = await record_in_transaction(await _intents(decision), provenance)
    return AppliedDecision(outcomes, is_newest=not isinstance(outcomes[0].decision, Superseded))


async def _intents(decision: KeywordDecision) -> list[Intent]:
    """STOP opts out of all; START lifts that, then opts in to what the number carries (R28)."""
    business_unit, recipient = decision.business_unit, (decision.recipient_id, decision.channel)
    if decision.is_opt_out:
        return [Intent(*recipient, _OUT, business_unit)]
    number = decision.sender_number
    carried = number.carried(await exact_catalog()) if number else []
    kept = await _type_opt_outs(decision) if decision.keeps_type_opt_outs else frozenset()
    types = [t for t in carried if t.business_unit.id == business_unit.id and t.id not in kept]
    lift = Intent(*recipient, _NEITHER, business_unit)
    return [lift, *(Intent(*recipient, _IN, business_unit, subscription_type) for subscription_type in types)]


async def _type_opt_outs(decision: KeywordDecision) -> frozenset[int]:
    """The ids of the types that the recipient is opted out of."""
    rows = await database.fetch(
        "SELECT subscription_type_id FROM preferences"
        " WHERE recipient_id = $1 AND channel = $2 AND status = 'OPTED_OUT'",
        decision.recipient_id,
        decision.channel.value,
    )
    return frozenset(row["subscription_type_id"] for row in rows)


async def _at_end_of_second(decision: KeywordDecision, at: datetime) -> datetime:
    """Return the instant of a STOP whose provider reports whole seconds, while Sayso has microseconds.

    It gets the instant of the recipient's last opt-in in that second: at the same instant a STOP wins (R17).
    """
    if at.microsecond:
        return at
    rows = await database.fetch(
        _OPT_INS_IN_SECOND,
        decision.recipient_id,
        decision.channel.value,
        decision.business_unit.id,
        at,
        at + _SECOND,
    )
    return max((at, *(database.instant(row["occurred_at"]) for row in rows)))


async def _newer_decision(
    decision: KeywordDecision, at: datetime
) -> tuple[KeywordDecision, Provenance] | None:
    """Return the newest decision that was sent after this one but arrived before it.

    At the same instant a STOP is newer than a START.
    """
    channel = decision.channel
    rows = await database.fetch(
        _NEWEST_DECISION, decision.recipient_id, channel.value, decision.business_unit.id, at
    )
    if not rows:
        return None
    [newest] = rows
    occurred_at, is_opt_out = database.instant(newest["occurred_at"]), bool(newest["is_opt_out"])
    if occurred_at == at and (decision.is_opt_out or not is_opt_out):
        return None
    newer = replace(
        decision,
        is_opt_out=is_opt_out,
        sender_number=await sender_numbers.find_by_id(newest["sender_number_id"]),
        keeps_type_opt_outs=True,
    )
    evidence = EvidenceFacts(url=evidence_url(channel, newest["sent_to"]))
    origin = ConsentOrigin.PROVIDER if newest["by_provider"] else ConsentOrigin.KEYWORD
    return newer, Provenance(origin, RECIPIENT, occurred_at=occurred_at, evidence=evidence)


def evidence_url(channel: Channel, sent_to: str) -> str:
    """Return where a message was sent, as a URL: "sms:+48…" or "whatsapp:+48…"."""
    return f"{channel.value.lower()}:{sent_to}"
