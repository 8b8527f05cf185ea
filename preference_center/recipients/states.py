"""What holds for recipients, read: preferences, opt-outs of all, pauses and pending opt-ins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from preference_center.catalog.catalog import SubscriptionType
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database


@dataclass(slots=True)
class HeldPreference:
    """What holds of one type on one channel; not frozen, for pages make hundreds of them."""

    status: PreferenceStatus
    origin: ConsentOrigin
    legal_basis: LegalBasis | None
    occurred_at: datetime
    changed_at: datetime
    event_id: int
    explanation: str | None


@dataclass(frozen=True, slots=True)
class HeldOptOut:
    """An opt-out of all that stands."""

    origin: ConsentOrigin
    since: datetime
    event_id: int
    explanation: str | None


@dataclass(frozen=True, slots=True)
class HeldPause:
    """A silence that has not ended."""

    until: datetime
    origin: ConsentOrigin


@dataclass(frozen=True, slots=True)
class WaitingOptIn:
    """An opt-in that waits for its recipient's confirmation (R19)."""

    requested_at: datetime
    expires_at: datetime
    origin: ConsentOrigin
    confirmations: int
    """How many messages asked for it."""


@dataclass(slots=True)
class RecipientState:
    """All that holds for one recipient: by (type id, channel), or by (unit id, channel)."""

    preferences: dict[tuple[int, Channel], HeldPreference] = field(default_factory=dict)
    opt_outs: dict[tuple[int, Channel], HeldOptOut] = field(default_factory=dict)
    pauses: dict[tuple[int, Channel], HeldPause] = field(default_factory=dict)
    """Pauses that end in the future."""
    pending: dict[tuple[int, Channel], WaitingOptIn] = field(default_factory=dict)
    """Opt-ins that wait for confirmation and have not lapsed (R19)."""
    refused_at: datetime | None = None
    """When a mail server said that there is no such mailbox."""

    def opted_out_of_all(self, channel: Channel) -> bool:
        """Whether the recipient is opted out of all of any business unit on a channel (R26)."""
        return any(on is channel for _, on in self.opt_outs)

    def opted_out(self, subscription_type: SubscriptionType, channel: Channel) -> bool:
        """Whether the recipient is opted out of a type, or of all of its business unit (R26)."""
        if (subscription_type.business_unit.id, channel) in self.opt_outs:
            return True
        held = self.preferences.get((subscription_type.id, channel))
        return held is not None and held.status is PreferenceStatus.OPTED_OUT


_CHANNELS = {channel.value: channel for channel in Channel}
_STATUSES = {status.value: status for status in PreferenceStatus}
_ORIGINS = {origin.value: origin for origin in ConsentOrigin}
_BASES: dict[str | None, LegalBasis | None] = {None: None, **{basis.value: basis for basis in LegalBasis}}


async def read_states(recipient_ids: Iterable[int]) -> dict[int, RecipientState]:
    """The states of recipients by id, in one statement. One who never said anything has an empty state."""
    ids = list(recipient_ids)
    states = {recipient_id: RecipientState() for recipient_id in ids}
    if ids:
        of_ids, given = database.any_of_values(1, ids)
        for row in await database.fetch(states_sql(of_ids), given, database.now()):
            place(row, states[row["recipient_id"]])
    return states


async def read_preferences(recipient_ids: Iterable[int]) -> dict[int, RecipientState]:
    """The states with nothing but the preferences, and these without their explanations: half the work."""
    ids = list(recipient_ids)
    states = {recipient_id: RecipientState() for recipient_id in ids}
    if not ids:
        return states
    of_ids, given = database.any_of_values(1, ids)
    rows = await database.fetch(
        "SELECT recipient_id, channel, subscription_type_id, status, origin, legal_basis, occurred_at,"
        f" changed_at, event_id FROM preferences WHERE recipient_id {of_ids}",
        given,
    )
    instant = database.instant
    for number, channel, kind, status, origin, basis, occurred, changed, event in rows:
        states[number].preferences[kind, _CHANNELS[channel]] = HeldPreference(
            _STATUSES[status],
            _ORIGINS[origin],
            _BASES[basis],
            instant(occurred),
            instant(changed),
            event,
            None,
        )
    return states


def states_sql(of_ids: str) -> str:
    """SQL for the states of the recipients that `of_ids` says, which follows "recipient_id"; $2 is now."""
    return (
        "SELECT 'type' AS what, p.recipient_id, p.channel, p.subscription_type_id AS about, p.status,"
        " p.origin, p.legal_basis, p.occurred_at, p.changed_at, p.event_id,"
        " COALESCE(e.explanation, j.explanation) AS explanation FROM preferences p"
        " LEFT JOIN evidence e ON e.event_id = p.event_id LEFT JOIN operations j ON j.id = p.operation_id"
        f" WHERE p.recipient_id {of_ids}"
        " UNION ALL SELECT 'all', o.recipient_id, o.channel, o.business_unit_id, '', o.origin, NULL,"
        " o.occurred_at, o.changed_at, o.event_id, COALESCE(e.explanation, j.explanation)"
        " FROM opt_outs_of_all o LEFT JOIN evidence e ON e.event_id = o.event_id"
        " LEFT JOIN operations j ON j.id = o.operation_id"
        f" WHERE o.active AND o.recipient_id {of_ids}"
        " UNION ALL SELECT 'pause', recipient_id, channel, business_unit_id, '', origin, NULL, until,"
        f" until, 0, NULL FROM pauses WHERE recipient_id {of_ids} AND until > $2"
        " UNION ALL SELECT 'pending', recipient_id, channel, subscription_type_id, '', origin, NULL,"
        " expires_at, requested_at, confirmations, NULL FROM pending_opt_ins"
        f" WHERE recipient_id {of_ids} AND expires_at > $2"
        " UNION ALL SELECT 'refusal', recipient_id, 'EMAIL', 0, '', '', NULL, refused_at, refused_at, 0, NULL"
        f" FROM address_refusals WHERE recipient_id {of_ids}"
    )


def place(row: database.Row, state: RecipientState) -> None:
    """Put a row of `states_sql` where it belongs."""
    what, about = row["what"], (row["about"], _CHANNELS[row["channel"]])
    occurred = database.instant(row["occurred_at"])
    if what == "type":
        state.preferences[about] = HeldPreference(
            _STATUSES[row["status"]],
            _ORIGINS[row["origin"]],
            _BASES[row["legal_basis"]],
            occurred,
            database.instant(row["changed_at"]),
            row["event_id"],
            row["explanation"],
        )
    elif what == "all":
        state.opt_outs[about] = HeldOptOut(
            _ORIGINS[row["origin"]], occurred, row["event_id"], row["explanation"]
        )
    elif what == "pause":
        state.pauses[about] = HeldPause(occurred, _ORIGINS[row["origin"]])
    elif what == "refusal":
        state.refused_at = occurred
    else:
        requested, origin = database.instant(row["changed_at"]), _ORIGINS[row["origin"]]
        state.pending[about] = WaitingOptIn(requested, occurred, origin, row["event_id"])
