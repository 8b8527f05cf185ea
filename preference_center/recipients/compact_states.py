"""What is current for a recipient, inside a statement that reads something else besides: as compact rows.

`of` is the SQL expression with the id of the recipient, and `now` the placeholder of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from preference_center.recipients.states import (
    OptOutOfAllState,
    PauseState,
    PendingOptInState,
    PreferenceState,
    RecipientState,
)
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.compact import Column, Kind, nested, rows_of

_CHANNELS = {each.value: each for each in Channel}
_STATUSES = {each.value: each for each in PreferenceStatus}
_ORIGINS = {each.value: each for each in ConsentOrigin}
_LEGAL_BASES: dict[str | None, LegalBasis | None] = {None: None, **{each.value: each for each in LegalBasis}}
EXPLANATION: Final = "COALESCE(e.explanation, j.explanation)"
"""Of a preference `p` or an opt-out of all `o`."""
TYPE_AND_CHANNEL: Final = (
    Column("p.subscription_type_id", Kind.NUMBER, nullable=False),
    Column("p.channel", Kind.WORD, nullable=False),
)
"""What each compact preference begins with."""
_PREFERENCE: Final = (
    *TYPE_AND_CHANNEL,
    Column("p.status", Kind.WORD, nullable=False),
    Column("p.origin", Kind.WORD, nullable=False),
    Column("p.legal_basis", Kind.WORD),
)
_REST_OF_PREFERENCE: Final = (
    Column("p.occurred_at", Kind.INSTANT, nullable=False),
    Column("p.changed_at", Kind.INSTANT, nullable=False),
    Column("p.event_id", Kind.NUMBER, nullable=False),
    Column(EXPLANATION, Kind.TEXT),
)
_OPT_OUT_OF_ALL: Final = (
    Column("o.business_unit_id", Kind.NUMBER, nullable=False),
    Column("o.channel", Kind.WORD, nullable=False),
    Column("o.origin", Kind.WORD, nullable=False),
)
_REST_OF_OPT_OUT: Final = (
    Column("o.occurred_at", Kind.INSTANT, nullable=False),
    Column("o.event_id", Kind.NUMBER, nullable=False),
    Column(EXPLANATION, Kind.TEXT),
)
_PAUSE: Final = (
    Column("business_unit_id", Kind.NUMBER, nullable=False),
    Column("channel", Kind.WORD, nullable=False),
    Column("until", Kind.INSTANT, nullable=False),
    Column("origin", Kind.WORD, nullable=False),
    Column("event_id", Kind.NUMBER),
)
_PENDING_OPT_IN: Final = (
    Column("subscription_type_id", Kind.NUMBER, nullable=False),
    Column("channel", Kind.WORD, nullable=False),
    Column("requested_at", Kind.INSTANT, nullable=False),
    Column("expires_at", Kind.INSTANT, nullable=False),
    Column("origin", Kind.WORD, nullable=False),
    Column("confirmations", Kind.NUMBER, nullable=False),
    Column("COALESCE(sent_again_at, requested_at)", Kind.INSTANT, nullable=False),
)
_REFUSAL: Final = (
    Column("refused_at", Kind.INSTANT, nullable=False),
    Column("answer", Kind.TEXT, nullable=False),
)


@dataclass(frozen=True, slots=True)
class CompactState:
    """The compact rows of one recipient, each list as JSON text without its brackets; None if it is empty."""

    preferences: str | None = None
    opt_outs_of_all: str | None = None
    pauses: str | None = None
    pending_opt_ins: str | None = None
    refusal: str | None = None


_UNREAD: Final = datetime.fromtimestamp(0, UTC)
"""Stands for the times of what was decided where nothing asks for them."""


def preferences_sql(of: str, columns: Sequence[Column] = (*_PREFERENCE, *_REST_OF_PREFERENCE)) -> str:
    """Return SQL for the preferences of a recipient, which begin with TYPE_AND_CHANNEL."""
    explained = any(column.sql == EXPLANATION for column in columns)
    return nested(columns, f"preferences p{_explained('p') if explained else ''} WHERE p.recipient_id = {of}")


def statuses_sql(of: str) -> str:
    """Return SQL for the preferences of a recipient without what is another for each: times and texts."""
    return preferences_sql(of, _PREFERENCE)


def opt_outs_of_all_sql(of: str) -> str:
    """Return SQL for the opt-outs of all that stand."""
    source = f"opt_outs_of_all o{_explained('o')} WHERE o.active AND o.recipient_id = {of}"
    return nested((*_OPT_OUT_OF_ALL, *_REST_OF_OPT_OUT), source)


def standing_opt_outs_sql(of: str) -> str:
    """Return SQL for the opt-outs of all that stand, without times and texts."""
    return nested(_OPT_OUT_OF_ALL, f"opt_outs_of_all o WHERE o.active AND o.recipient_id = {of}")


def pauses_sql(of: str, now: str) -> str:
    """Return SQL for the pauses that have not ended."""
    return nested(_PAUSE, f"pauses WHERE recipient_id = {of} AND until > {now}")


def pending_opt_ins_sql(of: str, now: str) -> str:
    """Return SQL for the opt-ins that wait for confirmation."""
    return nested(_PENDING_OPT_IN, f"pending_opt_ins WHERE recipient_id = {of} AND expires_at > {now}")


def refusal_sql(of: str) -> str:
    """Return SQL for the report that the mailbox does not exist."""
    return nested(_REFUSAL, f"address_refusals WHERE recipient_id = {of}")


def _explained(alias: str) -> str:
    return (
        f" LEFT JOIN evidence e ON e.event_id = {alias}.event_id"
        f" LEFT JOIN operations j ON j.id = {alias}.operation_id"
    )


def state_of(compact: CompactState) -> RecipientState:
    """Return the state of a recipient, with all that was read of it."""
    instant, state = database.instant, RecipientState()
    for type_id, channel, status, origin, basis, *more in rows_of(compact.preferences):
        occurred_at, changed_at, event_id, explanation = more or (_UNREAD, _UNREAD, 0, None)
        state.preferences[type_id, _CHANNELS[channel]] = PreferenceState(
            _STATUSES[status],
            _ORIGINS[origin],
            _LEGAL_BASES[basis],
            instant(occurred_at),
            instant(changed_at),
            event_id,
            explanation,
        )
    for unit_id, channel, origin, *more in rows_of(compact.opt_outs_of_all):
        since, event_id, explanation = more or (_UNREAD, 0, None)
        held = OptOutOfAllState(_ORIGINS[origin], instant(since), event_id, explanation)
        state.opt_outs_of_all[unit_id, _CHANNELS[channel]] = held
    for unit_id, channel, until, origin, event_id in rows_of(compact.pauses):
        state.pauses[unit_id, _CHANNELS[channel]] = PauseState(instant(until), _ORIGINS[origin], event_id)
    _add_rest(state, compact)
    return state


def _add_rest(state: RecipientState, compact: CompactState) -> None:
    instant = database.instant
    for row in rows_of(compact.pending_opt_ins):
        type_id, channel, requested_at, expires_at, origin, confirmations, asked_at = row
        state.pending_opt_ins[type_id, _CHANNELS[channel]] = PendingOptInState(
            instant(requested_at), instant(expires_at), _ORIGINS[origin], confirmations, instant(asked_at)
        )
    for refused_at, answer in rows_of(compact.refusal):
        state.refused_at, state.refused_with = instant(refused_at), answer
