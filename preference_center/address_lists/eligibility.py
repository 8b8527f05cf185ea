"""May it be sent to each address of a long list? One statement for some thousand addresses (R21).

The statement returns a number for each address about which something is known, whose bits are the facts. The
rules decide once for each combination of facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from preference_center.address_lists.written import Writer
from preference_center.catalog.catalog import SubscriptionType, exact_catalog
from preference_center.exports.stream import Format
from preference_center.rules.eligibility import BlockReason, Eligibility, SendFacts, may_send
from preference_center.rules.types import Channel, PreferenceStatus, RecipientKind
from preference_center.storage import database

_UNUSABLE, _OUT_OF_ALL, _PENDING, _PAUSED, _OPTED_IN, _OPTED_OUT = 1, 2, 4, 8, 16, 32
_BITS: Final = 6
"""How many bits the facts about an address have."""
_MASK: Final = (1 << _BITS) - 1
_ID: Final = "COALESCE(r.merged_into_id, r.id)"
# Subqueries, not joins: PostgreSQL looks each recipient up, where for joins it reads whole tables each time.
_KNOWN: Final = f"""
SELECT place,
  CASE WHEN (CASE WHEN r.merged_into_id IS NULL THEN r.erased_at
      ELSE (SELECT m.erased_at FROM recipients m WHERE m.id = r.merged_into_id) END) IS NOT NULL
    OR ($2 = 'EMAIL' AND EXISTS (SELECT 1 FROM address_refusals f WHERE f.recipient_id = {_ID}))
  THEN {_UNUSABLE} ELSE 0 END
  + CASE WHEN EXISTS (SELECT 1 FROM opt_outs_of_all o WHERE o.recipient_id = {_ID}
    AND o.business_unit_id = $3 AND o.channel = $2 AND o.active) THEN {_OUT_OF_ALL} ELSE 0 END
  + CASE WHEN EXISTS (SELECT 1 FROM pending_opt_ins q WHERE q.recipient_id = {_ID}
    AND q.subscription_type_id = $1 AND q.channel = $2 AND q.expires_at > $4) THEN {_PENDING} ELSE 0 END
  + CASE (SELECT p.status FROM preferences p WHERE p.recipient_id = {_ID}
    AND p.subscription_type_id = $1 AND p.channel = $2)
  WHEN '{PreferenceStatus.OPTED_IN.value}' THEN {_OPTED_IN}
  WHEN '{PreferenceStatus.OPTED_OUT.value}' THEN {_OPTED_OUT} ELSE 0 END AS facts,
  (SELECT s.until FROM pauses s WHERE s.recipient_id = {_ID}
    AND s.business_unit_id = $3 AND s.channel = $2 AND s.until > $4) AS paused_until
""".strip()
_NAMED: Final = """
SELECT id, erased_at, merged_into_id FROM recipients WHERE kind = $5 AND fingerprint = wanted.fingerprint
""".strip()
# Both arrays of pauses have one order. The last OFFSET keeps PostgreSQL from reading a pause for each use.
_ON_POSTGRES: Final = f"""
SELECT array_agg(place::int << {_BITS} | facts | CASE WHEN paused_until IS NULL THEN 0 ELSE {_PAUSED} END)
    FILTER (WHERE facts > 0 OR paused_until IS NOT NULL) AS known,
  array_agg(place::int) FILTER (WHERE paused_until IS NOT NULL) AS paused,
  array_agg(paused_until) FILTER (WHERE paused_until IS NOT NULL) AS pauses
FROM ({_KNOWN} FROM unnest($6::bytea[]) WITH ORDINALITY AS wanted (fingerprint, place)
CROSS JOIN LATERAL ({_NAMED} OFFSET 0) r OFFSET 0) AS known
""".strip()


class ListedEligibility:
    """Answers lists of addresses: may a message of a type be sent to each, and if not, why not?

    Each statement sees what is committed when it begins.
    """

    def __init__(self, type_key: str, channel: Channel, file_format: Format) -> None:
        """`type_key` is that of a subscription type that exists."""
        self.kind = RecipientKind.EMAIL if channel is Channel.EMAIL else RecipientKind.PHONE
        unusable = _values(Eligibility(BlockReason.ADDRESS_UNUSABLE))
        self.writer = Writer(file_format, ("allowed", "reason", "until"), unusable)
        self._type_key, self._channel = type_key, channel

    async def ends(self, fingerprints: Sequence[bytes]) -> Sequence[str]:
        """Return the decision about each address, as the end of its line."""
        type_ = (await exact_catalog()).type_by_key(self._type_key)  # it may have been archived just now
        assert type_ is not None
        now = database.now()
        known, pauses = await self._read(type_, fingerprints, now)

        def end(facts: int, until: datetime) -> str:
            return self.writer.end(_values(_decision(type_, self._channel, facts, until)))

        of_facts = {facts: end(facts, now) for facts in {each & _MASK for each in known} | {0}}
        ends = [of_facts[0]] * len(fingerprints)
        for each in known:
            place, facts = each >> _BITS, each & _MASK
            ends[place - 1] = end(facts, pauses[place]) if facts & _PAUSED else of_facts[facts]
        return ends

    async def _read(
        self, type_: SubscriptionType, fingerprints: Sequence[bytes], now: datetime
    ) -> tuple[Sequence[int], dict[int, datetime]]:
        """The places of addresses about which something is known, from 1, with the facts in their last bits;
        and until when those are paused that are, by place."""
        about = (type_.id, self._channel.value, type_.business_unit.id, now, self.kind.value)
        if database.dialect() == "postgres":
            (row,) = await database.fetch(_ON_POSTGRES, *about, list(fingerprints))
            return row["known"] or [], dict(zip(row["paused"] or [], row["pauses"] or [], strict=True))
        rows = await database.fetch(_on_sqlite(len(fingerprints)), *about, *fingerprints)
        until = {row["place"]: database.optional_instant(row["paused_until"]) for row in rows}
        pauses = {place: end for place, end in until.items() if end}
        known = [
            row["place"] << _BITS | row["facts"] | (_PAUSED if row["place"] in pauses else 0) for row in rows
        ]
        return known, pauses


@lru_cache(maxsize=8)
def _on_sqlite(number: int) -> str:
    """SQLite has no arrays: a parameter for each fingerprint."""
    places = ", ".join(f"({place}, ${place + 5})" for place in range(1, number + 1))
    return (
        f"WITH wanted (place, fingerprint) AS (VALUES {places}) {_KNOWN} FROM wanted"
        " JOIN recipients r ON r.kind = $5 AND r.fingerprint = wanted.fingerprint"
    )


def _decision(
    type_: SubscriptionType, channel: Channel, facts: int, paused_until: datetime | None
) -> Eligibility:
    offer = type_.facts(channel)
    status = PreferenceStatus.NOT_OPTED
    if facts & (_OPTED_IN | _OPTED_OUT):
        status = PreferenceStatus.OPTED_IN if facts & _OPTED_IN else PreferenceStatus.OPTED_OUT
    return may_send(
        SendFacts(
            channel=channel,
            usable=not facts & _UNUSABLE,
            purpose=type_.purpose,
            offered=offer.offered,
            archived=offer.archived,
            data_privacy=type_.business_unit.data_privacy,
            opted_out_of_all=bool(facts & _OUT_OF_ALL),
            status=status,
            paused_until=paused_until if facts & _PAUSED else None,
            pending=bool(facts & _PENDING),
        )
    )


def _values(decision: Eligibility) -> dict[str, object]:
    return {
        "allowed": decision.allowed,
        "reason": decision.reason.value if decision.reason else None,
        "until": decision.until.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if decision.until else None,
    }
