"""What a STOP or a START changes, in whatever order messages come in (R17, R28, R30)."""

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


@dataclass(frozen=True, slots=True)
class Said:
    """A STOP (`out`) or START of a recipient to a unit; START needs the number, for what it carries."""

    recipient_id: int
    channel: Channel
    unit: BusinessUnit
    out: bool
    sender: SenderNumber | None = None
    spare_opted_out: bool = False
    """Whether START leaves the types alone that the recipient is out of singly."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What came of it."""

    outcomes: list[Outcome]
    holds: bool
    """Whether it is what holds now: nothing newer was said."""

    @property
    def changed(self) -> bool:
        """Whether anything took effect, or waits for confirmation."""
        return any(outcome.changed or isinstance(outcome.decision, Pending) for outcome in self.outcomes)


async def apply(said: Said, provenance: Provenance) -> Effect:
    """Take a decision to the ledger, in the transaction that is open.

    A message that comes late leaves what a later one decided as it is, also where the later one changed
    nothing at its own turn and left no event: that one is then applied again, after it.
    """
    await lock_recipients([said.recipient_id])
    at = provenance.occurred_at
    if at is not None and said.out:
        provenance = replace(provenance, occurred_at=await _within_its_second(said, at))
    effect = await _taken(said, provenance)
    later = await _later(said, at) if at is not None and effect.changed else None
    if later is not None:
        await _taken(*later)
        return Effect(effect.outcomes, holds=False)
    return effect


async def _taken(said: Said, provenance: Provenance) -> Effect:
    outcomes = await record_in_transaction(await _intents(said), provenance)
    return Effect(outcomes, holds=not isinstance(outcomes[0].decision, Superseded))


async def _intents(said: Said) -> list[Intent]:
    """R28: out of all; or that lifted first, and in to what the number carries."""
    who = (said.recipient_id, said.channel)
    if said.out:
        return [Intent(*who, _OUT, said.unit)]
    carried = said.sender.carried(await exact_catalog()) if said.sender else []
    spared = await _opted_out(said) if said.spare_opted_out else frozenset()
    kinds = [kind for kind in carried if kind.business_unit.id == said.unit.id and kind.id not in spared]
    return [Intent(*who, _NEITHER, said.unit), *(Intent(*who, _IN, said.unit, kind) for kind in kinds)]


async def _opted_out(said: Said) -> frozenset[int]:
    rows = await database.fetch(
        "SELECT subscription_type_id AS id FROM preferences"
        " WHERE recipient_id = $1 AND channel = $2 AND status = 'OPTED_OUT'",
        *(said.recipient_id, said.channel.value),
    )
    return frozenset(row["id"] for row in rows)


async def _within_its_second(said: Said, at: datetime) -> datetime:
    """Where in its second a STOP stands: providers tell whole seconds, Sayso's own clock microseconds.

    With what was decided in that same second it stands at the same instant, where it wins (R17).
    """
    if at.microsecond:
        return at
    rows = await database.fetch(
        "SELECT occurred_at FROM opt_outs_of_all WHERE NOT active AND recipient_id = $1 AND channel = $2"
        " AND business_unit_id = $3 AND occurred_at > $4 AND occurred_at < $5"
        " UNION ALL SELECT p.occurred_at FROM preferences p"
        " JOIN subscription_types t ON t.id = p.subscription_type_id"
        " WHERE p.status = 'OPTED_IN' AND p.recipient_id = $1 AND p.channel = $2"
        " AND t.business_unit_id = $3 AND p.occurred_at > $4 AND p.occurred_at < $5",
        *(said.recipient_id, said.channel.value, said.unit.id, at, at + _SECOND),
    )
    return max((at, *(database.instant(row["occurred_at"]) for row in rows)))


async def _later(said: Said, at: datetime) -> tuple[Said, Provenance] | None:
    """The newest STOP or START that was said after this one and taken in before it; a START beats no STOP."""
    rows = await database.fetch(
        "SELECT COALESCE(verdict, meaning) IN ('OPT_OUT', 'STOP', 'WITHDRAWAL') AS out, sent_to,"
        " sender_number_id, occurred_at FROM inbound_messages"
        " WHERE recipient_id = $1 AND channel = $2 AND business_unit_id = $3 AND occurred_at >= $4"
        " AND (verdict IN ('OPT_OUT', 'OPT_IN')"
        " OR (verdict IS NULL AND NOT needs_review AND meaning IN ('STOP', 'WITHDRAWAL', 'START')))"
        " ORDER BY occurred_at DESC, 1 DESC, id DESC LIMIT 1",
        *(said.recipient_id, said.channel.value, said.unit.id, at),
    )
    if not rows:
        return None
    newest, occurred = rows[0], database.instant(rows[0]["occurred_at"])
    out = bool(newest["out"])
    if occurred == at and (said.out or not out):
        return None
    sender = None
    if newest["sender_number_id"] is not None:
        number = newest["sender_number_id"]
        sender = (await sender_numbers.get_many([number])).get(number)
    url = evidence_url(said.channel, newest["sent_to"])
    provenance = Provenance(
        ConsentOrigin.KEYWORD, RECIPIENT, occurred_at=occurred, evidence=EvidenceFacts(url=url)
    )
    again = replace(said, out=out, sender=sender, spare_opted_out=True)
    return again, provenance


def evidence_url(channel: Channel, sent_to: str) -> str:
    """Where a message went: "sms:+48…" or "whatsapp:+48…"."""
    return f"{channel.value.lower()}:{sent_to}"
