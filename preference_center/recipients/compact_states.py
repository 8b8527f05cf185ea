"""What is current for a recipient, inside a statement that reads something else besides: as compact rows.

`of` is the SQL expression with the id of the recipient, and `now` the placeholder of the time. What few
recipients have is read for all addresses of a contact together: `among` is SQL such as "= r.id" or
"IN (a, b)", and each such row begins with the id of its recipient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

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
_RECIPIENT: Final = Column("recipient_id", Kind.NUMBER, nullable=False)
_OPT_OUT_OF_ALL: Final = (
    _RECIPIENT,
    Column("o.business_unit_id", Kind.NUMBER, nullable=False),
    Column("o.channel", Kind.WORD, nullable=False),
    Column("o.origin", Kind.WORD, nullable=False),
    Column("o.occurred_at", Kind.INSTANT, nullable=False),
)
_PAUSE: Final = (
    _RECIPIENT,
    Column("business_unit_id", Kind.NUMBER, nullable=False),
    Column("channel", Kind.WORD, nullable=False),
    Column("until", Kind.INSTANT, nullable=False),
    Column("origin", Kind.WORD, nullable=False),
    Column("event_id", Kind.NUMBER),
)
_PENDING_OPT_IN: Final = (
    _RECIPIENT,
    Column("subscription_type_id", Kind.NUMBER, nullable=False),
    Column("channel", Kind.WORD, nullable=False),
    Column("requested_at", Kind.INSTANT, nullable=False),
    Column("expires_at", Kind.INSTANT, nullable=False),
    Column("origin", Kind.WORD, nullable=False),
    Column("confirmations", Kind.NUMBER, nullable=False),
    Column("COALESCE(sent_again_at, requested_at)", Kind.INSTANT, nullable=False),
)
_REFUSAL: Final = (
    _RECIPIENT,
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


def opt_outs_of_all_sql(among: str) -> str:
    """Return SQL for the opt-outs of all that stand, without their explanations."""
    return nested(_OPT_OUT_OF_ALL, f"opt_outs_of_all o WHERE o.active AND o.recipient_id {among}")


def explained_opt_outs_sql(among: str) -> str:
    """Return SQL for the opt-outs of all that stand, with their explanations."""
    source = f"opt_outs_of_all o{_explained('o')} WHERE o.active AND o.recipient_id {among}"
    return nested((*_OPT_OUT_OF_ALL, Column(EXPLANATION, Kind.TEXT)), source)


def pauses_sql(among: str, now: str) -> str:
    """Return SQL for the pauses that have not ended."""
    return nested(_PAUSE, f"pauses WHERE recipient_id {among} AND until > {now}")


def pending_opt_ins_sql(among: str, now: str) -> str:
    """Return SQL for the opt-ins that wait for confirmation."""
    return nested(_PENDING_OPT_IN, f"pending_opt_ins WHERE recipient_id {among} AND expires_at > {now}")


def refusal_sql(among: str) -> str:
    """Return SQL for the report that the mailbox does not exist."""
    return nested(_REFUSAL, f"address_refusals WHERE recipient_id {among}")


def _explained(alias: str) -> str:
    return (
        f" LEFT JOIN evidence e ON e.event_id = {alias}.event_id"
        f" LEFT JOIN operations j ON j.id = {alias}.operation_id"
    )


def state_of(compact: CompactState, recipient_id: int) -> RecipientState:
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
    for unit_id, channel, origin, since, *explained in _own(compact.opt_outs_of_all, recipient_id):
        held = OptOutOfAllState(_ORIGINS[origin], instant(since), 0, explained[0] if explained else None)
        state.opt_outs_of_all[unit_id, _CHANNELS[channel]] = held
    for unit_id, channel, until, origin, event_id in _own(compact.pauses, recipient_id):
        state.pauses[unit_id, _CHANNELS[channel]] = PauseState(instant(until), _ORIGINS[origin], event_id)
    for row in _own(compact.pending_opt_ins, recipient_id):
        type_id, channel, requested_at, expires_at, origin, confirmations, asked_at = row
        state.pending_opt_ins[type_id, _CHANNELS[channel]] = PendingOptInState(
            instant(requested_at), instant(expires_at), _ORIGINS[origin], confirmations, instant(asked_at)
        )
    for refused_at, answer in _own(compact.refusal, recipient_id):
        state.refused_at, state.refused_with = instant(refused_at), answer
    return state


def _own(text: str | None, recipient_id: int) -> list[list[Any]]:
    """Return the rows of one recipient, without its id."""
    return [row for owner, *row in rows_of(text) if owner == recipient_id] if text else []
