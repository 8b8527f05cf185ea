"""Decides the changes of one transaction, one after the other, and collects what to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.ledger.confirmations import CONFIRMATION_PERIOD, RESENDING_ORIGINS
from preference_center.ledger.current_state import CurrentPreference, CurrentState, PendingOptIn
from preference_center.ledger.types import (
    RETURNING_ORIGINS,
    Event,
    Intent,
    Outcome,
    PreferenceKey,
    Provenance,
)
from preference_center.rules.consent import decide
from preference_center.rules.decisions import (
    Accepted,
    Change,
    Decision,
    Pending,
    PriorState,
    Superseded,
    Timing,
    Unchanged,
    timing_of,
)
from preference_center.rules.types import Channel, Maker, PreferenceStatus, Purpose

_IN, _NOT_OPTED, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT


@dataclass(slots=True)
class Writes:
    """What a transaction writes."""

    events: list[Event] = field(default_factory=list)
    newest_events: dict[PreferenceKey, Event] = field(default_factory=dict)
    """The last effective event of each key: the new state."""
    pending_opt_ins: dict[PreferenceKey, Intent] = field(default_factory=dict)
    ended_pending_ids: list[int] = field(default_factory=list)
    """Pending opt-ins to delete: confirmed, or ended by another change."""
    requested_again_ids: list[int] = field(default_factory=list)
    """Pending opt-ins that were requested again."""


class _Question(NamedTuple):
    """All that a decision depends on within a batch, where origin, actor and legal basis are the same."""

    subscription_type: SubscriptionType | None
    business_unit: BusinessUnit
    channel: Channel
    status: PreferenceStatus
    through_own_link: bool
    in_future: bool
    prior_status: PreferenceStatus
    made_by: Maker
    timing: Timing
    all_made_by: Maker
    timing_to_all: Timing
    timing_to_own_opt_in: Timing
    pending: bool
    has_processing_basis: bool
    carried: bool


class Batch:
    """The changes of one transaction. Each is decided with the effects of those before it."""

    def __init__(self, current: CurrentState, provenance: Provenance, at: datetime, catalog: Catalog) -> None:
        self.current = current
        self.provenance = provenance
        self.at = at
        self.catalog = catalog
        self.writes = Writes()
        self._decisions: dict[_Question, Decision] = {}
        """Decisions made before in this batch."""

        self._requested: frozenset[PreferenceKey] = frozenset()
        """What the batch itself changes, as far as an opt-in on a page must know it (R12)."""

    def add_all(self, intents: Sequence[Intent]) -> list[Outcome]:
        """Decide changes in order and collect what they write; an outcome for each."""
        if self.provenance.origin in RETURNING_ORIGINS:
            self._requested = frozenset(intent.key for intent in intents)
        return [self._add(intent) for intent in intents]

    def _add(self, intent: Intent) -> Outcome:
        key = intent.key
        prior = self.current.preferences.get(key)
        decision = self._decide(intent, key, prior)
        event = None
        if isinstance(decision, Accepted):
            event = self._accept(intent, key, prior, lifts_all=decision.lifts_all)
            prior = self.current.preferences.get(key)
        elif isinstance(decision, Superseded):
            event = self._add_event(intent, key, prior, superseded=True)
        elif isinstance(decision, Pending):
            self._add_pending_opt_in(intent, key)
        elif isinstance(decision, Unchanged) and intent.status is _OUT:
            self._end_pending_opt_ins(intent)
        elif isinstance(decision, Unchanged) and intent.status is _IN:
            self._request_again(key)
        return Outcome(intent, decision, prior.status if prior else _NOT_OPTED, event)

    def _decide(self, intent: Intent, key: PreferenceKey, prior: CurrentPreference | None) -> Decision:
        question = self._question(intent, key, prior)
        decision = self._decisions.get(question)
        if decision is None:
            decision = decide(self._change(question), _prior_state(question), question.business_unit.facts)
            self._decisions[question] = decision
        return decision

    def _question(self, intent: Intent, key: PreferenceKey, prior: CurrentPreference | None) -> _Question:
        occurred_at = self._decided_at(intent)
        of_all = self._active_opt_out_of_all(intent)
        own_opt_in = None
        if occurred_at and intent.subscription_type is None:
            own_opt_in = self.current.newest_own_opt_in(intent)
        return _Question(
            subscription_type=intent.subscription_type,
            business_unit=intent.business_unit,
            channel=intent.channel,
            status=intent.status,
            through_own_link=intent.through_own_link,
            in_future=occurred_at is not None and occurred_at > self.at,
            prior_status=prior.status if prior else _NOT_OPTED,
            made_by=prior.origin.maker if prior else Maker.NOBODY,
            timing=timing_of(occurred_at, prior.occurred_at if prior else None),
            all_made_by=of_all.origin.maker if of_all else Maker.NOBODY,
            timing_to_all=timing_of(occurred_at, of_all.occurred_at if of_all else None),
            timing_to_own_opt_in=timing_of(occurred_at, own_opt_in),
            pending=self.current.is_pending(key, self.at),
            has_processing_basis=intent.recipient_id in self.current.with_processing_basis,
            carried=intent.carried_from_event_id is not None,
        )

    def _active_opt_out_of_all(self, intent: Intent) -> CurrentPreference | None:
        """The opt-out of all that covers a change of one type."""
        if intent.subscription_type is None:
            return None
        of_all = self.current.preferences.get(intent.key_of_all)
        return of_all if of_all and of_all.status is _OUT else None

    def _change(self, question: _Question) -> Change:
        subscription_type, provenance = question.subscription_type, self.provenance
        legal, processing = provenance.legal_basis, provenance.processing_basis
        return Change(
            status=question.status,
            origin=provenance.origin,
            facts=subscription_type.facts(question.channel) if subscription_type else None,
            has_legal_basis=legal is not None and legal.allows_communication,
            has_processing_basis=processing is not None,
            has_explanation=bool(provenance.explanation),
            in_future=question.in_future,
            through_own_link=question.through_own_link,
            carried=question.carried,
        )

    def _accept(
        self, intent: Intent, key: PreferenceKey, prior: CurrentPreference | None, *, lifts_all: bool
    ) -> Event:
        event = None
        if prior is None or prior.status is not intent.status or intent.status is _OUT:
            event = self._add_event(intent, key, prior)
        if lifts_all:
            removal = intent.removing_opt_out_of_all()
            removed = self._add_event(removal, removal.key, self.current.preferences.get(removal.key))
            event = event or removed
            self._opt_out_of_the_others(intent)
        if intent.status is not _NOT_OPTED and self.current.pending_opt_ins:
            self._end_pending_opt_ins(intent)
        if event is None:
            raise RuntimeError("a change was accepted that changes nothing")
        return event

    def _opt_out_of_the_others(self, opt_in: Intent) -> None:
        """R12: who returns with some boxes ticked is opted out of the others, which they saw unticked.

        By email transactional types have no box and go on (R24).
        """
        if self.provenance.origin not in RETURNING_ORIGINS:
            return
        for type_ in self.catalog.types_of(opt_in.business_unit):
            has_box = type_.purpose is Purpose.MARKETING or opt_in.channel is not Channel.EMAIL
            opt_out = opt_in.opting_out_of(type_)
            prior = self.current.preferences.get(opt_out.key)
            opted_in = prior is not None and prior.status is _IN
            if opted_in and has_box and type_.is_public and opt_out.key not in self._requested:
                self._add_event(opt_out, opt_out.key, prior)

    def _add_event(
        self, intent: Intent, key: PreferenceKey, prior: CurrentPreference | None, *, superseded: bool = False
    ) -> Event:
        """Add an event and, unless it is superseded, make its status current."""
        occurred_at = self._occurred_at(intent, prior)
        event = Event(intent, prior.status if prior else _NOT_OPTED, superseded, occurred_at)
        self.writes.events.append(event)
        if not superseded:
            latest = max(occurred_at, prior.occurred_at) if prior else occurred_at
            self.current.preferences[key] = CurrentPreference(intent.status, self.provenance.origin, latest)
            self.writes.newest_events[key] = event
        return event

    def _occurred_at(self, intent: Intent, prior: CurrentPreference | None) -> datetime:
        """The given time; else now, or the current decision's time if another machine's clock was ahead."""
        given = self._decided_at(intent)
        if given is not None:
            return given
        return max(self.at, prior.occurred_at) if prior else self.at

    def _decided_at(self, intent: Intent) -> datetime | None:
        """The given time; None for now. An opt-out dated later than now counts as now (R17)."""
        given = intent.occurred_at or self.provenance.occurred_at
        in_future = given is not None and given > self.at
        return None if in_future and intent.status is _OUT else given

    def _add_pending_opt_in(self, intent: Intent, key: PreferenceKey) -> None:
        self.writes.pending_opt_ins[key] = intent
        self.current.pending_opt_ins[key] = PendingOptIn(self.at + CONFIRMATION_PERIOD)

    def _request_again(self, key: PreferenceKey) -> None:
        """Another request for a pending opt-in sends another confirmation message, within limits (R19)."""
        pending = self.current.pending_opt_ins.get(key)
        if pending is not None and pending.id is not None and self.provenance.origin in RESENDING_ORIGINS:
            self.writes.requested_again_ids.append(pending.id)

    def _end_pending_opt_ins(self, intent: Intent) -> None:
        """An opt-in, or an opt-out of the type or of all, ends the pending opt-ins that it covers."""
        keys = [intent.key] if intent.subscription_type else self.current.keys_covered_by(intent)
        for key in keys:
            ended = self.current.pending_opt_ins.pop(key, None)
            self.writes.pending_opt_ins.pop(key, None)
            if ended is not None and ended.id is not None:
                self.writes.ended_pending_ids.append(ended.id)


def _prior_state(question: _Question) -> PriorState:
    return PriorState(
        status=question.prior_status,
        made_by=question.made_by,
        timing=question.timing,
        all_made_by=question.all_made_by,
        timing_to_all=question.timing_to_all,
        timing_to_own_opt_in=question.timing_to_own_opt_in,
        pending=question.pending,
        has_processing_basis=question.has_processing_basis,
    )
