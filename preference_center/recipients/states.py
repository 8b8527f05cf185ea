"""Reads what is current for recipients: preferences, opt-outs of all, pauses and pending opt-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from preference_center.calculations import calculate
from preference_center.catalog.catalog import SubscriptionType
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database


@dataclass(slots=True)
class PreferenceState:
    """The preference for one type on one channel. Not frozen, because pages create hundreds of them."""

    status: PreferenceStatus
    origin: ConsentOrigin
    legal_basis: LegalBasis | None
    occurred_at: datetime
    changed_at: datetime
    event_id: int
    explanation: str | None


@dataclass(frozen=True, slots=True)
class OptOutOfAllState:
    """An active opt-out of all."""

    origin: ConsentOrigin
    since: datetime
    event_id: int
    explanation: str | None


@dataclass(frozen=True, slots=True)
class PauseState:
    """A pause that has not ended."""

    until: datetime
    origin: ConsentOrigin
    event_id: int


@dataclass(frozen=True, slots=True)
class PendingOptInState:
    """An opt-in that awaits its recipient's confirmation (R19)."""

    requested_at: datetime
    expires_at: datetime
    origin: ConsentOrigin
    confirmations: int
    """How many messages asked for the confirmation."""
    last_asked_at: datetime
    """When the last of these messages was queued."""


@dataclass(slots=True)
class RecipientState:
    """All that is current for one recipient."""

    preferences: dict[tuple[int, Channel], PreferenceState] = field(default_factory=dict)
    """By (subscription type id, channel)."""
    opt_outs_of_all: dict[tuple[int, Channel], OptOutOfAllState] = field(default_factory=dict)
    """Active opt-outs of all, by (business unit id, channel)."""
    pauses: dict[tuple[int, Channel], PauseState] = field(default_factory=dict)
    """Pauses that have not ended, by (business unit id, channel)."""
    pending_opt_ins: dict[tuple[int, Channel], PendingOptInState] = field(default_factory=dict)
    """Opt-ins that await confirmation and have not expired, by (subscription type id, channel)."""
    refused_at: datetime | None = None
    """When a mail server, or an imported file, reported that the mailbox does not exist."""
    refused_with: str | None = None
    """The reply codes of the mail server, or IMPORTED."""

    has_processing_basis: bool = False
    """Whether a contact with the address has a basis to process and store. Set where it is asked for."""

    def opted_out_of_all(self, channel: Channel) -> bool:
        """Whether the recipient is opted out of all of any business unit on a channel (R26)."""
        return any(out_on is channel for _, out_on in self.opt_outs_of_all)

    def opted_out(self, subscription_type: SubscriptionType, channel: Channel) -> bool:
        """Whether the recipient is opted out of a type, or of all of its business unit (R26)."""
        if (subscription_type.business_unit.id, channel) in self.opt_outs_of_all:
            return True
        preference = self.preferences.get((subscription_type.id, channel))
        return preference is not None and preference.status is PreferenceStatus.OPTED_OUT


_CHANNELS = {channel.value: channel for channel in Channel}
_STATUSES = {status.value: status for status in PreferenceStatus}
_ORIGINS = {origin.value: origin for origin in ConsentOrigin}
_LEGAL_BASES: dict[str | None, LegalBasis | None] = {
    None: None,
    **{basis.value: basis for basis in LegalBasis},
}


async def read_states(recipient_ids: Iterable[int]) -> dict[int, RecipientState]:
    """The states of recipients by id, in one statement; empty for a recipient without any decision."""
    ids = list(recipient_ids)
    states = {recipient_id: RecipientState() for recipient_id in ids}
    if ids:
        of_recipients, value = database.any_of_values(1, ids)
        rows = await database.fetch(states_sql(of_recipients), value, database.now())
        await calculate(len(rows), _add_state_rows, rows, states)
    return states


def _add_state_rows(rows: Sequence[database.Row], states: dict[int, RecipientState]) -> None:
    for row in rows:
        add_state_row(row, states[row["recipient_id"]])


_PREFERENCES = """
SELECT recipient_id, channel, subscription_type_id, status, origin, legal_basis, occurred_at, changed_at,
  event_id
FROM preferences WHERE recipient_id {of_recipients}
""".strip()


async def read_preferences(recipient_ids: Iterable[int]) -> dict[int, RecipientState]:
    """The states with preferences only, without explanations: half the work of `read_states`."""
    ids = list(recipient_ids)
    states = {recipient_id: RecipientState() for recipient_id in ids}
    if not ids:
        return states
    of_recipients, value = database.any_of_values(1, ids)
    instant = database.instant
    # Unpacked by position: a list of contacts reads thousands of these rows.
    for (
        recipient_id,
        channel,
        type_id,
        status,
        origin,
        basis,
        occurred_at,
        changed_at,
        event_id,
    ) in await database.fetch(_PREFERENCES.format(of_recipients=of_recipients), value):
        states[recipient_id].preferences[type_id, _CHANNELS[channel]] = PreferenceState(
            _STATUSES[status],
            _ORIGINS[origin],
            _LEGAL_BASES[basis],
            instant(occurred_at),
            instant(changed_at),
            event_id,
            None,
        )
    return states


_WITH_PROCESSING_BASIS = """
SELECT email_recipient_id AS id FROM contacts
WHERE email_recipient_id {of_recipients} AND processing_basis IS NOT NULL
UNION
SELECT phone_recipient_id FROM contacts
WHERE phone_recipient_id {of_recipients} AND processing_basis IS NOT NULL
""".strip()


async def with_processing_basis(recipient_ids: Iterable[int]) -> set[int]:
    """Those of the recipients whose contact has a legal basis to process and store (R6), in one statement."""
    ids = list(recipient_ids)
    if not ids:
        return set()
    of_recipients, value = database.any_of_values(1, ids)
    sql = _WITH_PROCESSING_BASIS.format(of_recipients=of_recipients)
    return {row["id"] for row in await database.fetch(sql, value)}


def states_sql(of_recipients: str) -> str:
    """SQL for the states of recipients: `of_recipients` follows "recipient_id", such as "= $1"; $2 is now.

    Each SELECT is one kind of row, told apart by `source`; columns that do not apply are NULL. A pending
    opt-in has in `changed_at` when its recipient was last asked to confirm it, and a refused address in
    `explanation` the reply codes.
    """
    return f"""
SELECT 'preference' AS source, p.recipient_id, p.channel, p.subscription_type_id,
  CAST(NULL AS int) AS business_unit_id, p.status, p.origin, p.legal_basis, p.occurred_at, p.changed_at,
  p.event_id, COALESCE(e.explanation, j.explanation) AS explanation,
  CAST(NULL AS timestamptz) AS paused_until, CAST(NULL AS timestamptz) AS requested_at,
  CAST(NULL AS timestamptz) AS expires_at, CAST(NULL AS int) AS confirmations,
  CAST(NULL AS timestamptz) AS refused_at
FROM preferences p LEFT JOIN evidence e ON e.event_id = p.event_id
LEFT JOIN operations j ON j.id = p.operation_id
WHERE p.recipient_id {of_recipients}
UNION ALL
SELECT 'opt_out_of_all', o.recipient_id, o.channel, NULL, o.business_unit_id, NULL, o.origin, NULL,
  o.occurred_at, NULL, o.event_id, COALESCE(e.explanation, j.explanation), NULL, NULL, NULL, NULL, NULL
FROM opt_outs_of_all o LEFT JOIN evidence e ON e.event_id = o.event_id
LEFT JOIN operations j ON j.id = o.operation_id
WHERE o.active AND o.recipient_id {of_recipients}
UNION ALL
SELECT 'pause', recipient_id, channel, NULL, business_unit_id, NULL, origin, NULL, NULL, NULL, event_id, NULL,
  until, NULL, NULL, NULL, NULL
FROM pauses WHERE recipient_id {of_recipients} AND until > $2
UNION ALL
SELECT 'pending_opt_in', recipient_id, channel, subscription_type_id, NULL, NULL, origin, NULL, NULL,
  COALESCE(sent_again_at, requested_at), NULL, NULL, NULL, requested_at, expires_at, confirmations, NULL
FROM pending_opt_ins WHERE recipient_id {of_recipients} AND expires_at > $2
UNION ALL
SELECT 'address_refusal', recipient_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, answer, NULL,
  NULL, NULL, NULL, refused_at
FROM address_refusals WHERE recipient_id {of_recipients}""".strip()


def add_state_row(row: database.Row, state: RecipientState) -> None:
    """Add a row of `states_sql` to a state."""
    _ADDERS[row["source"]](row, state)


def _add_preference(row: database.Row, state: RecipientState) -> None:
    state.preferences[row["subscription_type_id"], _CHANNELS[row["channel"]]] = PreferenceState(
        _STATUSES[row["status"]],
        _ORIGINS[row["origin"]],
        _LEGAL_BASES[row["legal_basis"]],
        database.instant(row["occurred_at"]),
        database.instant(row["changed_at"]),
        row["event_id"],
        row["explanation"],
    )


def _add_opt_out_of_all(row: database.Row, state: RecipientState) -> None:
    since = database.instant(row["occurred_at"])
    state.opt_outs_of_all[row["business_unit_id"], _CHANNELS[row["channel"]]] = OptOutOfAllState(
        _ORIGINS[row["origin"]], since, row["event_id"], row["explanation"]
    )


def _add_pause(row: database.Row, state: RecipientState) -> None:
    until = database.instant(row["paused_until"])
    state.pauses[row["business_unit_id"], _CHANNELS[row["channel"]]] = PauseState(
        until, _ORIGINS[row["origin"]], row["event_id"]
    )


def _add_pending_opt_in(row: database.Row, state: RecipientState) -> None:
    state.pending_opt_ins[row["subscription_type_id"], _CHANNELS[row["channel"]]] = PendingOptInState(
        database.instant(row["requested_at"]),
        database.instant(row["expires_at"]),
        _ORIGINS[row["origin"]],
        row["confirmations"],
        database.instant(row["changed_at"]),
    )


def _add_address_refusal(row: database.Row, state: RecipientState) -> None:
    state.refused_at = database.instant(row["refused_at"])
    state.refused_with = row["explanation"]


_ADDERS: dict[str, Callable[[database.Row, RecipientState], None]] = {
    "preference": _add_preference,
    "opt_out_of_all": _add_opt_out_of_all,
    "pause": _add_pause,
    "pending_opt_in": _add_pending_opt_in,
    "address_refusal": _add_address_refusal,
}
