"""The rules as dictionaries: the model that Sayso is compared with, written from the rules alone.

It has no tables, locks or pages. Its decisions come from the truth tables of `tests.rules`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from preference_center.rules.decisions import (
    Accepted,
    Change,
    Decision,
    Pending,
    PriorState,
    Refused,
    Superseded,
    TypeFacts,
    UnitFacts,
    timing_of,
)
from preference_center.rules.eligibility import BlockReason, SendFacts
from preference_center.rules.types import (
    Channel,
    ConsentOrigin,
    Maker,
    PreferenceStatus,
    Purpose,
)
from tests.journeys.values import (
    IN,
    LAPSES_AFTER,
    NEITHER,
    OUT,
    ChangeRequest,
    Contact,
    Event,
    HeldStatus,
    Key,
    Type,
    Unit,
)
from tests.rules import consent_tables, test_eligibility


@dataclass
class ConsentModel:
    """All decisions, opt-outs of all, pauses and contacts, by address."""

    types: dict[str, Type]
    statuses: dict[Key, HeldStatus] = field(default_factory=dict)
    opt_outs_of_all: dict[Key, HeldStatus] = field(default_factory=dict)
    pending: dict[Key, datetime] = field(default_factory=dict)
    paused: dict[Key, datetime] = field(default_factory=dict)
    own_pauses: set[Key] = field(default_factory=set)
    """The pauses that the person made; the team cannot change them."""
    archived: set[str] = field(default_factory=set)
    contacts: dict[str, Contact] = field(default_factory=dict)
    """By the id of the GraphQL schema."""
    unusable: set[str] = field(default_factory=set)
    events: dict[str, int] = field(default_factory=dict)
    effects: list[Event] = field(default_factory=list)
    newest: dict[tuple[Key, bool], int] = field(default_factory=dict)
    """The index of the effect that made the current state, by key and whether it is an opt-out of all."""
    ever_opted_in: set[Key] = field(default_factory=set)
    undoable_until: dict[Key, datetime] = field(default_factory=dict)
    """Own opt-outs, on a page, of what was opted in: until when they can be undone there (R4)."""
    own_decisions: set[Key] = field(default_factory=set)
    """The units for which an address made a decision of its own (R38)."""

    def change(
        self, address: str, channel: Channel, type_: Type, request: ChangeRequest, now: datetime
    ) -> Decision:
        """Change the status of a type: decide by the rules, and store the result."""
        key, request = (address, channel, type_.key), request.decided_by(now)
        held = self._held(address, channel, type_, request, now)
        decision = self._decide(request, self._facts(type_, channel), held, type_.unit, now)
        if request.status is OUT and not isinstance(decision, Refused | Superseded):
            self.pending.pop(key, None)
        if isinstance(decision, Pending):
            self.pending[key] = now + LAPSES_AFTER
        if isinstance(decision, Accepted):
            self._accept(key, type_.unit, request, now, lifts_all=decision.lifts_all)
        if isinstance(decision, Superseded):
            self._count(address)
        self._note_own_decision((address, channel, type_.unit.key), request, decision)
        self._keep_basis(address, request, decision)
        return decision

    def pause(self, key: Key, until: datetime | None, now: datetime, *, own: bool) -> bool:
        """Pause, or end a pause with None. False if the team may not, as the pause is the person's own."""
        held = self.paused.get(key)
        if held is not None and held <= now:
            held = None
        if held is not None and key in self.own_pauses and not own:
            return until == held
        if until != held or (held is not None and own and key not in self.own_pauses):
            self._count(key[0])
            self.paused.pop(key, None)
            self.own_pauses.discard(key)
            if until is not None:
                self.paused[key] = until
                self.own_pauses |= {key} if own else set()
        return True

    def change_of_all(
        self, address: str, channel: Channel, unit: Unit, request: ChangeRequest, now: datetime
    ) -> Decision:
        """Opt out of all (OUT), or remove the opt-out of all (NEITHER)."""
        key, request = (address, channel, unit.key), request.decided_by(now)
        held_status = self.opt_outs_of_all.get(key, HeldStatus())
        held = PriorState(
            status=held_status.status,
            made_by=held_status.by,
            timing=timing_of(request.occurred_at, held_status.at),
            timing_to_own_opt_in=timing_of(
                request.occurred_at, self._newest_own_opt_in(address, channel, unit)
            ),
            has_processing_basis=self.may_be_processed(address),
        )
        decision = self._decide(request, None, held, unit, now)
        if isinstance(decision, Accepted):
            self._set_all(key, unit, request, now)
        if request.status is OUT and not isinstance(decision, Refused | Superseded):
            self._drop_pending(address, channel, unit)
        if isinstance(decision, Superseded):
            self._count(address)
        self._note_own_decision(key, request, decision)
        self._keep_basis(address, request, decision)
        return decision

    def carry(self, old: str, new: str, now: datetime) -> list[tuple[Channel, Type | Unit]]:
        """R38: the person's own opt-outs of an old address are recorded for a new one; returns them.

        Not for a unit and channel for which the new address made a decision of its own.
        """
        units = {type_.unit.key: type_.unit for type_ in self.types.values()}
        carried: list[tuple[Channel, Type | Unit]] = []
        for holder, about_by_key in ((self.opt_outs_of_all, units), (self.statuses, self.types)):
            for (address, channel, name), held in list(holder.items()):
                about: Type | Unit = about_by_key[name]  # type: ignore[index]
                unit = about.unit if isinstance(about, Type) else about
                own = (address, held.status, held.by) == (old, OUT, Maker.RECIPIENT)
                if own and (new, channel, unit.key) not in self.own_decisions:
                    carried.append((channel, about))
                    request = ChangeRequest(
                        OUT, ConsentOrigin.PREFERENCE_PAGE, occurred_at=held.at, carried=True
                    )
                    if isinstance(about, Type):
                        self.change(new, channel, about, request, now)
                    else:
                        self.change_of_all(new, channel, about, request, now)
        return carried

    def undo_on_page(self, address: str, channel: Channel, type_: Type, now: datetime) -> bool:
        """Take back the person's own opt-out of an internal type (R4). False if that cannot be undone."""
        if not self.can_undo_on_page(address, channel, type_, now):
            return False
        self.change(address, channel, type_, ChangeRequest(IN, ConsentOrigin.REVERSAL), now)
        return True

    def can_undo_on_page(self, address: str, channel: Channel, type_: Type, now: datetime) -> bool:
        """Whether the person left an internal type on a page less than a day ago (R4)."""
        until = self.undoable_until.get((address, channel, type_.key), now)
        return not type_.public and now < until and not self.is_opted_out_of_all(address, channel, type_.unit)

    def has_box(self, address: str, channel: Channel, type_: Type, now: datetime) -> bool:
        """Whether the preference page has a box for a type, not nothing or a fixed state (R4, R24)."""
        opted_in = self.status(address, channel, type_) is IN
        opted_out_of_all = self.is_opted_out_of_all(address, channel, type_.unit)
        if not type_.public:
            can_leave = opted_in and not opted_out_of_all
            return can_leave or self.can_undo_on_page(address, channel, type_, now)
        if type_.purpose is Purpose.MARKETING:
            return True
        return channel is not Channel.EMAIL and (opted_out_of_all or not opted_in)

    def undo(self, effects: list[int], now: datetime) -> list[Event]:
        """Undo opt-outs that nothing has changed since (R31). Returns those that are undone."""
        restored = [self.effects[number] for number in effects if self._can_be_undone(number)]
        for event in restored:
            request = ChangeRequest(event.before, ConsentOrigin.REVERSAL)
            address, channel, _ = event.key
            if isinstance(event.about, Type):
                self.change(address, channel, event.about, request, now)
            else:
                self.change_of_all(address, channel, event.about, request, now)
        return restored

    def erase(self, address: str, now: datetime) -> None:
        """R36: opt-outs and pauses stay for good; consent, contacts, pending opt-ins and undos go."""
        for (owner, channel, kind), held_status in list(self.statuses.items()):
            if owner == address and held_status.status is IN:
                self.change(
                    address, channel, self.types[kind], ChangeRequest(NEITHER, ConsentOrigin.REVERSAL), now
                )
        for by_key in (self.pending, self.undoable_until):
            for key in [key for key in by_key if key[0] == address]:
                del by_key[key]
        self.newest = {key: number for key, number in self.newest.items() if key[0][0] != address}
        for number in self.contacts_with(address):
            del self.contacts[number]
        self.unusable.add(address)

    def contacts_with(self, address: str) -> list[str]:
        """The ids of the contacts with an address. Two may share a phone number."""
        return [n for n, contact in self.contacts.items() if address in (contact.email, contact.phone)]

    def may_be_processed(self, address: str) -> bool:
        """Whether a contact with that address has a basis to process and store (R6)."""
        return any(self.contacts[number].processing_basis for number in self.contacts_with(address))

    def phone_shown_with(self, email: str) -> str | None:
        """The phone number that the page of an email address shows: of its contact, if no other has it."""
        [phone] = [contact.phone for contact in self.contacts.values() if contact.email == email] or [None]
        return phone if phone and len(self.contacts_with(phone)) == 1 else None

    def places(self, address: str, channel: Channel) -> list[tuple[str, Channel]]:
        """Each (address, channel) on the page of an address, by the channel of its link."""
        if channel is Channel.EMAIL:
            phone = self.phone_shown_with(address)
            return [(address, channel), *(self.places(phone, Channel.SMS) if phone else [])]
        return [(address, Channel.SMS), (address, Channel.WHATSAPP)]

    def is_opted_out_of_all(self, address: str, channel: Channel, unit: Unit) -> bool:
        """Whether the address is opted out of all of the unit."""
        return self.opt_outs_of_all.get((address, channel, unit.key), HeldStatus()).status is OUT

    def has_left(self, address: str, channel: Channel, target: Type | Unit) -> bool:
        """Whether the person opted out of a type, or of all of its unit, themselves (R11)."""
        unit = target.unit if isinstance(target, Type) else target
        held = [self.opt_outs_of_all.get((address, channel, unit.key), HeldStatus())]
        if isinstance(target, Type):
            held.append(self.statuses.get((address, channel, target.key), HeldStatus()))
        return any(each.status is OUT and each.by is Maker.RECIPIENT for each in held)

    def status(self, address: str, channel: Channel, type_: Type) -> PreferenceStatus:
        return self.statuses.get((address, channel, type_.key), HeldStatus()).status

    def is_pending(self, address: str, channel: Channel, type_: Type, now: datetime) -> bool:
        """Whether an opt-in is pending (R19)."""
        return now < self.pending.get((address, channel, type_.key), now)

    def reason(self, address: str, channel: Channel, type_: Type, now: datetime) -> BlockReason | None:
        """Why a message may not be sent now, None if it may (R21)."""
        until = self.paused.get((address, channel, type_.unit.key))
        facts = SendFacts(
            channel=channel,
            usable=address not in self.unusable,
            purpose=type_.purpose,
            offered=channel in type_.channels,
            archived=type_.key in self.archived,
            data_privacy=type_.unit.privacy,
            opted_out_of_all=self.is_opted_out_of_all(address, channel, type_.unit),
            status=self.status(address, channel, type_),
            paused_until=until if until is not None and now < until else None,
            pending=self.is_pending(address, channel, type_, now),
        )
        return test_eligibility.expected_reason(facts)

    def shown_as_on(self, address: str, channel: Channel, type_: Type, now: datetime) -> bool:
        """Whether the preference page ticks a type: whether it may be sent, pauses aside (R21)."""
        if self.is_opted_out_of_all(address, channel, type_.unit):
            return False
        opted_in = self.status(address, channel, type_) is IN
        return opted_in or self.is_sent_by_default(address, channel, type_, now)

    def is_sent_by_default(self, address: str, channel: Channel, type_: Type, now: datetime) -> bool:
        """Whether a type needs no opt-in and none was decided about (R22)."""
        open_to_all = not type_.unit.privacy and channel is Channel.EMAIL
        undecided = self.status(address, channel, type_) is NEITHER
        return open_to_all and undecided and not self.is_pending(address, channel, type_, now)

    def _facts(self, type_: Type, channel: Channel) -> TypeFacts:
        return TypeFacts(
            purpose=type_.purpose,
            offered=channel in type_.channels,
            public=type_.public,
            double_opt_in=type_.double_opt_in,
            archived=type_.key in self.archived,
        )

    def _held(
        self, address: str, channel: Channel, type_: Type, request: ChangeRequest, now: datetime
    ) -> PriorState:
        held_status = self.statuses.get((address, channel, type_.key), HeldStatus())
        all_ = self.opt_outs_of_all.get((address, channel, type_.unit.key), HeldStatus())
        opted_out_of_all = all_.status is OUT
        return PriorState(
            status=held_status.status,
            made_by=held_status.by,
            timing=timing_of(request.occurred_at, held_status.at),
            all_made_by=all_.by if opted_out_of_all else Maker.NOBODY,
            timing_to_all=timing_of(request.occurred_at, all_.at if opted_out_of_all else None),
            pending=self.is_pending(address, channel, type_, now),
            has_processing_basis=self.may_be_processed(address),
        )

    def _decide(
        self, request: ChangeRequest, facts: TypeFacts | None, prior: PriorState, unit: Unit, now: datetime
    ) -> Decision:
        change = Change(
            status=request.status,
            origin=request.origin,
            facts=facts,
            has_legal_basis=request.legal_basis,
            has_processing_basis=request.processing_basis,
            has_explanation=request.explanation,
            in_future=request.occurred_at is not None and request.occurred_at > now,
            through_own_link=request.own_link,
            carried=request.carried,
        )
        question = consent_tables.Question(change, prior, UnitFacts(unit.privacy, unit.resubscribe))
        return consent_tables.expected_row(question).decision

    def _accept(
        self, key: Key, unit: Unit, request: ChangeRequest, now: datetime, *, lifts_all: bool
    ) -> None:
        """R18: one event for the change, one for the opt-out of all that it lifts.

        R12: and one for each opt-out of the unit's other public types that were opted in. By email
        transactional types have no box.
        """
        address, channel, _ = key
        held_status = self.statuses.get(key, HeldStatus())
        if held_status.status is not request.status or request.status is OUT:
            self._set(key, request, now)
        if request.status is IN:
            self.pending.pop(key, None)
        if lifts_all:
            self._set_all((address, channel, unit.key), unit, replace(request, status=NEITHER), now)
        if lifts_all and request.origin in (ConsentOrigin.PREFERENCE_PAGE, ConsentOrigin.CONFIRMATION):
            for other in self.types.values():
                has_box = other.purpose is Purpose.MARKETING or channel is not Channel.EMAIL
                left_unticked = other.key not in {key[2], *request.along_with} and other.public and has_box
                if other.unit == unit and left_unticked and self.status(address, channel, other) is IN:
                    self._set((address, channel, other.key), replace(request, status=OUT), now)

    def _set(self, key: Key, request: ChangeRequest, now: datetime) -> None:
        held_status = self.statuses.get(key, HeldStatus())
        self.statuses[key] = held_status.followed_by(request, now)
        self._note(key, self.types[key[2]], held_status.status)
        self.undoable_until.pop(key, None)
        if request.status is IN:
            self.ever_opted_in.add(key)
        own = request.origin.maker is Maker.RECIPIENT and not request.carried
        if own and (held_status.status, request.status) == (IN, OUT):
            self.undoable_until[key] = now + timedelta(hours=24)

    def _note_own_decision(self, unit_key: Key, request: ChangeRequest, decision: Decision) -> None:
        own = request.origin.maker is Maker.RECIPIENT and not request.carried
        if own and isinstance(decision, Accepted | Superseded):
            self.own_decisions.add(unit_key)

    def _set_all(self, key: Key, unit: Unit, request: ChangeRequest, now: datetime) -> None:
        held_status = self.opt_outs_of_all.get(key, HeldStatus())
        self.opt_outs_of_all[key] = held_status.followed_by(request, now)
        self._note(key, unit, held_status.status)

    def _note(self, key: Key, about: Type | Unit, before: PreferenceStatus) -> None:
        self.newest[key, isinstance(about, Unit)] = len(self.effects)
        self.effects.append(Event(key, about, before))
        self._count(key[0])

    def _can_be_undone(self, number: int) -> bool:
        event = self.effects[number]
        address, channel, _ = event.key
        of_all = isinstance(event.about, Unit)
        if event.before is OUT or self.newest.get((event.key, of_all)) != number:
            return False
        return isinstance(event.about, Unit) or not self.is_opted_out_of_all(
            address, channel, event.about.unit
        )

    def _newest_own_opt_in(self, address: str, channel: Channel, unit: Unit) -> datetime | None:
        own = [
            held_status.at
            for key, held_status in self.statuses.items()
            if key[:2] == (address, channel)
            and self.types[key[2]].unit == unit
            and (held_status.status, held_status.by) == (IN, Maker.RECIPIENT)
            and held_status.at is not None
        ]
        return max(own, default=None)

    def _keep_basis(self, address: str, request: ChangeRequest, decision: Decision) -> None:
        """Store the basis to process and store with the contacts, if none has one (R6)."""
        given = request.processing_basis and isinstance(decision, Accepted | Pending)
        if given and not self.may_be_processed(address):
            for number in self.contacts_with(address):
                self.contacts[number].processing_basis = True

    def _drop_pending(self, address: str, channel: Channel, unit: Unit) -> None:
        for key in list(self.pending):
            if key[:2] == (address, channel) and self.types[key[2]].unit == unit:
                del self.pending[key]

    def _count(self, address: str) -> None:
        self.events[address] = self.events.get(address, 0) + 1
