"""May it be sent to each address of a long list? One statement for some thousand addresses (R21).

The statement returns a character for each address, which stands for all that is known about it. The rules
decide once for each character.
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
_NOTHING: Final = ord("0")
"""The character of an address about which nothing is known; the facts are added to it."""
_ID: Final = "COALESCE(r.merged_into_id, r.id)"
# Subqueries, not joins: PostgreSQL looks each recipient up, where for joins it reads whole tables each time.
_KNOWN: Final = f"""
SELECT place, CASE WHEN r.id IS NULL THEN 0 ELSE
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
  WHEN '{PreferenceStatus.OPTED_OUT.value}' THEN {_OPTED_OUT} ELSE 0 END END AS facts,
  (SELECT s.until FROM pauses s WHERE s.recipient_id = {_ID}
    AND s.business_unit_id = $3 AND s.channel = $2 AND s.until > $4) AS paused_until
""".strip()
_NAMED: Final = """
SELECT id, erased_at, merged_into_id FROM recipients WHERE kind = $5 AND fingerprint = wanted.fingerprint
""".strip()
_ON_POSTGRES: Final = f"""
SELECT string_agg(chr({_NOTHING} + facts + CASE WHEN paused_until IS NULL THEN 0 ELSE {_PAUSED} END), ''
  ORDER BY place) AS facts,
  array_agg(paused_until ORDER BY place) FILTER (WHERE paused_until IS NOT NULL) AS pauses
FROM ({_KNOWN} FROM unnest($6::bytea[]) WITH ORDINALITY AS wanted (fingerprint, place)
LEFT JOIN LATERAL ({_NAMED} OFFSET 0) r ON TRUE) AS known
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
        facts, pauses = await self._read(type_, fingerprints, now)

        def end(fact: str, until: datetime | None) -> str:
            return self.writer.end(_values(_decision(type_, self._channel, ord(fact) - _NOTHING, until)))

        ends = {fact: end(fact, now) for fact in set(facts)}
        decided = [ends[fact] for fact in facts]
        paused = (place for place, fact in enumerate(facts) if (ord(fact) - _NOTHING) & _PAUSED)
        for place, until in zip(paused, pauses, strict=True):
            decided[place] = end(facts[place], until)
        return decided

    async def _read(
        self, type_: SubscriptionType, fingerprints: Sequence[bytes], now: datetime
    ) -> tuple[str, list[datetime]]:
        """A character for each address, and the ends of the pauses of those that are paused, in order."""
        about = (type_.id, self._channel.value, type_.business_unit.id, now, self.kind.value)
        if database.dialect() == "postgres":
            (row,) = await database.fetch(_ON_POSTGRES, *about, list(fingerprints))
            return row["facts"], row["pauses"] or []
        rows = await database.fetch(_on_sqlite(len(fingerprints)), *about, *fingerprints)
        ends = [database.optional_instant(row["paused_until"]) for row in rows]
        facts = (row["facts"] + (_PAUSED if end else 0) for row, end in zip(rows, ends, strict=True))
        return "".join([chr(_NOTHING + fact) for fact in facts]), [end for end in ends if end]


@lru_cache(maxsize=8)
def _on_sqlite(number: int) -> str:
    """SQLite has no arrays: a parameter for each fingerprint."""
    places = ", ".join(f"({place}, ${place + 6})" for place in range(number))
    return (
        f"WITH wanted (place, fingerprint) AS (VALUES {places}) {_KNOWN} FROM wanted"
        " LEFT JOIN recipients r ON r.kind = $5 AND r.fingerprint = wanted.fingerprint ORDER BY place"
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
