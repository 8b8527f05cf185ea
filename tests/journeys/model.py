"""A dictionary that does what the rules say: the model that Sayso is held against.

It knows nothing of tables, locks or pages; what it decides it reads in the tables of `tests.rules`.
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
    ResubscribePolicy,
)
from tests.rules import consent_tables, test_eligibility

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
LAPSES_AFTER = timedelta(days=7)
Key = tuple[str, Channel, str]
"""(address, channel, key of a type or of a unit)."""


@dataclass(frozen=True)
class Unit:
    key: str
    privacy: bool
    resubscribe: ResubscribePolicy = ResubscribePolicy.WITH_LEGAL_BASIS


@dataclass(frozen=True)
class Type:
    key: str
    unit: Unit
    channels: tuple[Channel, ...] = (Channel.EMAIL,)
    purpose: Purpose = Purpose.MARKETING
    public: bool = True
    double_opt_in: bool = False


@dataclass(frozen=True)
class Said:
    """What holds: a status, by whom, decided when."""

    status: PreferenceStatus = NEITHER
    by: Maker = Maker.NOBODY
    at: datetime | None = None

    def followed_by(self, wish: Wish, now: datetime) -> Said:
        """What holds after it; an older opt-out that takes over doesn't turn the time back (R11)."""
        at = wish.occurred_at or now
        return Said(wish.status, wish.origin.maker, max(at, self.at or at))


@dataclass(frozen=True)
class Wish:
    """A change somebody asks for, with what they give for it."""

    status: PreferenceStatus
    origin: ConsentOrigin
    legal_basis: bool = False
    processing_basis: bool = False
    explanation: bool = False
    occurred_at: datetime | None = None
    own_link: bool = True


@dataclass
class Contact:
    """A contact as far as preferences go: its addresses, and whether it may be processed."""

    email: str | None
    phone: str | None
    processing_basis: bool


@dataclass(frozen=True)
class Event:
    """A row of the ledger, as far as undoing goes: what it was about, and what was before it."""

    key: Key
    about: Type | Unit
    before: PreferenceStatus


@dataclass
class ConsentModel:
    """Everything that anybody said, by address."""

    types: dict[str, Type]
    said: dict[Key, Said] = field(default_factory=dict)
    of_all: dict[Key, Said] = field(default_factory=dict)
    pending: dict[Key, datetime] = field(default_factory=dict)
    paused: dict[Key, datetime] = field(default_factory=dict)
    own_breaks: set[Key] = field(default_factory=set)
    """The silences that the person asked for: theirs alone."""
    archived: set[str] = field(default_factory=set)
    contacts: dict[str, Contact] = field(default_factory=dict)
    """By the id that Sayso gave them."""
    unusable: set[str] = field(default_factory=set)
    events: dict[str, int] = field(default_factory=dict)
    effects: list[Event] = field(default_factory=list)
    newest: dict[tuple[Key, bool], int] = field(default_factory=dict)
    """Which effect made what holds, by key and whether that is about all."""

    def change(self, address: str, channel: Channel, type_: Type, wish: Wish, now: datetime) -> Decision:
        """One type's status: decide by the rules, and remember."""
        key = (address, channel, type_.key)
        held = self._held(address, channel, type_, wish, now)
        decision = self._decide(wish, self._facts(type_, channel), held, type_.unit, now)
        if wish.status is OUT and not isinstance(decision, Refused | Superseded):
            self.pending.pop(key, None)
        if isinstance(decision, Pending):
            self.pending[key] = now + LAPSES_AFTER
        if isinstance(decision, Accepted):
            self._accept(key, type_.unit, wish, now, lifts_all=decision.lifts_all)
        if isinstance(decision, Superseded):
            self._count(address)
        self._keep_basis(address, wish, decision)
        return decision

    def silence(self, key: Key, until: datetime | None, now: datetime, *, own: bool) -> bool:
        """Pause, or end that with None; False where the team may not, for the person asked for it."""
        held = self.paused.get(key)
        if held is not None and held <= now:
            held = None
        if held is not None and key in self.own_breaks and not own:
            return until == held
        if until != held or (held is not None and own and key not in self.own_breaks):
            self._count(key[0])
            self.paused.pop(key, None)
            self.own_breaks.discard(key)
            if until is not None:
                self.paused[key] = until
                self.own_breaks |= {key} if own else set()
        return True

    def change_of_all(
        self, address: str, channel: Channel, unit: Unit, wish: Wish, now: datetime
    ) -> Decision:
        """Opt out of all (OUT), or remove that (NEITHER)."""
        key = (address, channel, unit.key)
        said = self.of_all.get(key, Said())
        held = PriorState(
            status=said.status,
            made_by=said.by,
            timing=timing_of(wish.occurred_at, said.at),
            timing_to_own_opt_in=timing_of(wish.occurred_at, self._newest_own_opt_in(address, channel, unit)),
            has_processing_basis=self.may_be_processed(address),
        )
        decision = self._decide(wish, None, held, unit, now)
        if isinstance(decision, Accepted):
            self._set_all(key, unit, wish, now)
        if wish.status is OUT and not isinstance(decision, Refused | Superseded):
            self._forget_pending(address, channel, unit)
        if isinstance(decision, Superseded):
            self._count(address)
        self._keep_basis(address, wish, decision)
        return decision

    def undo(self, effects: list[int], now: datetime) -> list[Event]:
        """Take opt-outs back where nothing has happened since, and no more than they took (R31)."""
        restored = [self.effects[number] for number in effects if self._can_be_undone(number)]
        for event in restored:
            wish = Wish(event.before, ConsentOrigin.REVERSAL)
            address, channel, _ = event.key
            if isinstance(event.about, Type):
                self.change(address, channel, event.about, wish, now)
            else:
                self.change_of_all(address, channel, event.about, wish, now)
        return restored

    def erase(self, address: str, now: datetime) -> None:
        """R36: opt-outs and silences stay, consent goes, and so does all that only a known person has."""
        for (whose, channel, kind), said in list(self.said.items()):
            if whose == address and said.status is IN:
                self.change(address, channel, self.types[kind], Wish(NEITHER, ConsentOrigin.REVERSAL), now)
        for key in [key for key in self.pending if key[0] == address]:
            del self.pending[key]
        for number in self.contacts_with(address):
            del self.contacts[number]
        self.unusable.add(address)

    def contacts_with(self, address: str) -> list[str]:
        """The contacts that have an address; two may share a phone number."""
        return [n for n, contact in self.contacts.items() if address in (contact.email, contact.phone)]

    def may_be_processed(self, address: str) -> bool:
        """Whether a contact with that address has a basis to process and store (R6)."""
        return any(self.contacts[number].processing_basis for number in self.contacts_with(address))

    def beside(self, email: str) -> str | None:
        """The phone number that the page of an email address shows: its contact's, and nobody else's."""
        [phone] = [contact.phone for contact in self.contacts.values() if contact.email == email] or [None]
        return phone if phone and len(self.contacts_with(phone)) == 1 else None

    def places(self, address: str, channel: Channel) -> list[tuple[str, Channel]]:
        """What a page of that address is about, by its link: (address, channel)."""
        if channel is Channel.EMAIL:
            phone = self.beside(address)
            return [(address, channel), *(self.places(phone, Channel.SMS) if phone else [])]
        return [(address, Channel.SMS), (address, Channel.WHATSAPP)]

    def stands(self, address: str, channel: Channel, unit: Unit) -> bool:
        """Whether an opt-out of all stands."""
        return self.of_all.get((address, channel, unit.key), Said()).status is OUT

    def status(self, address: str, channel: Channel, type_: Type) -> PreferenceStatus:
        return self.said.get((address, channel, type_.key), Said()).status

    def waits(self, address: str, channel: Channel, type_: Type, now: datetime) -> bool:
        """Whether an opt-in waits to be confirmed (R19)."""
        return now < self.pending.get((address, channel, type_.key), now)

    def reason(self, address: str, channel: Channel, type_: Type, now: datetime) -> BlockReason | None:
        """Why a message may not be sent now; None where it may (R21)."""
        until = self.paused.get((address, channel, type_.unit.key))
        facts = SendFacts(
            channel=channel,
            usable=address not in self.unusable,
            purpose=type_.purpose,
            offered=channel in type_.channels,
            archived=type_.key in self.archived,
            data_privacy=type_.unit.privacy,
            opted_out_of_all=self.stands(address, channel, type_.unit),
            status=self.status(address, channel, type_),
            paused_until=until if until is not None and now < until else None,
            pending=self.waits(address, channel, type_, now),
        )
        return test_eligibility.by_the_book(facts)

    def shown_as_on(self, address: str, channel: Channel, type_: Type, now: datetime) -> bool:
        """Whether the preference page ticks a type: what the person would get, pauses aside (R21)."""
        if self.stands(address, channel, type_.unit):
            return False
        status = self.status(address, channel, type_)
        open_to_all = not type_.unit.privacy and channel is Channel.EMAIL
        by_default = open_to_all and not self.waits(address, channel, type_, now)
        return status is IN or (status is NEITHER and by_default)

    def _facts(self, type_: Type, channel: Channel) -> TypeFacts:
        return TypeFacts(
            purpose=type_.purpose,
            offered=channel in type_.channels,
            public=type_.public,
            double_opt_in=type_.double_opt_in,
            archived=type_.key in self.archived,
        )

    def _held(self, address: str, channel: Channel, type_: Type, wish: Wish, now: datetime) -> PriorState:
        said = self.said.get((address, channel, type_.key), Said())
        all_ = self.of_all.get((address, channel, type_.unit.key), Said())
        stands = all_.status is OUT
        return PriorState(
            status=said.status,
            made_by=said.by,
            timing=timing_of(wish.occurred_at, said.at),
            all_made_by=all_.by if stands else Maker.NOBODY,
            timing_to_all=timing_of(wish.occurred_at, all_.at if stands else None),
            pending=self.waits(address, channel, type_, now),
            has_processing_basis=self.may_be_processed(address),
        )

    def _decide(self, wish: Wish, facts: TypeFacts | None, prior: PriorState, unit: Unit, now: datetime) -> Decision:
        change = Change(
            status=wish.status,
            origin=wish.origin,
            facts=facts,
            has_legal_basis=wish.legal_basis,
            has_processing_basis=wish.processing_basis,
            has_explanation=wish.explanation,
            in_future=wish.occurred_at is not None and wish.occurred_at > now,
            through_own_link=wish.own_link,
        )
        question = consent_tables.Question(change, held, UnitFacts(unit.privacy, unit.resubscribe))
        return consent_tables.expected_row(question).decision

    def _accept(self, key: Key, unit: Unit, wish: Wish, now: datetime, *, lifts_all: bool) -> None:
        """R18: one event for what changes, one more for the opt-out of all that goes with it (R12)."""
        address, channel, _ = key
        said = self.said.get(key, Said())
        if said.status is not wish.status or wish.status is OUT:
            self.said[key] = said.followed_by(wish, now)
            self._note(key, self.types[key[2]], said.status)
        if wish.status is IN:
            self.pending.pop(key, None)
        if lifts_all:
            self._set_all((address, channel, unit.key), unit, replace(wish, status=NEITHER), now)

    def _set_all(self, key: Key, unit: Unit, wish: Wish, now: datetime) -> None:
        said = self.of_all.get(key, Said())
        self.of_all[key] = said.followed_by(wish, now)
        self._note(key, unit, said.status)

    def _note(self, key: Key, about: Type | Unit, before: PreferenceStatus) -> None:
        self.newest[key, isinstance(about, Unit)] = len(self.effects)
        self.effects.append(Event(key, about, before))
        self._count(key[0])

    def _can_be_undone(self, number: int) -> bool:
        event = self.effects[number]
        address, channel, _ = event.key
        of_all = isinstance(event.about, Unit)
        if event.before is OUT or self.newest[event.key, of_all] != number:
            return False
        return isinstance(event.about, Unit) or not self.stands(address, channel, event.about.unit)

    def _newest_own_opt_in(self, address: str, channel: Channel, unit: Unit) -> datetime | None:
        own = [
            said.at
            for key, said in self.said.items()
            if key[:2] == (address, channel)
            and self.types[key[2]].unit == unit
            and (said.status, said.by) == (IN, Maker.RECIPIENT)
            and said.at is not None
        ]
        return max(own, default=None)

    def _keep_basis(self, address: str, wish: Wish, decision: Decision) -> None:
        """The basis to process and store is kept with the contacts, where none has one (R6)."""
        given = wish.processing_basis and isinstance(decision, Accepted | Pending)
        if given and not self.may_be_processed(address):
            for number in self.contacts_with(address):
                self.contacts[number].processing_basis = True

    def _forget_pending(self, address: str, channel: Channel, unit: Unit) -> None:
        for key in list(self.pending):
            if key[:2] == (address, channel) and self.types[key[2]].unit == unit:
                del self.pending[key]

    def _count(self, address: str) -> None:
        self.events[address] = self.events.get(address, 0) + 1
