"""What people do on their pages and with their links."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from preference_center.rules.decisions import Accepted, Decision, Refused
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, Purpose, RecipientKind
from tests.journeys.catalog import EMAIL, SMS, TYPES, UNITS, WHATSAPP
from tests.journeys.comparison import Place
from tests.journeys.driver.browser import Page, button_of
from tests.journeys.journey import Journey, Tab, places, types, units
from tests.journeys.values import IN, NEITHER, OUT, ChangeRequest, Type, Unit

touches = st.lists(st.integers(0, 8), unique=True, max_size=4)
actions = st.sampled_from([None, None, None, "out", "back"])
channels = st.sampled_from([EMAIL, SMS, WHATSAPP])


class PersonRules(Journey):
    """Reads and saves the preference page, unsubscribes, undoes that, pauses and confirms."""

    @rule(recipient=places)
    def a_tab_is_opened(self, recipient: str) -> None:  # R33
        address, channel = self.people[recipient]
        now = self.tick()
        page = self._manage_page(address, channel, now)
        if address not in self.model.unusable:
            self.comparison.shown(page, address, channel)
            phone = self.model.phone_shown_with(address) if channel is EMAIL else None
            shown = {
                (place, on, unit.key)
                for place, on in self.model.places(address, channel)
                for unit in UNITS
                if self.model.is_opted_out_of_all(place, on, unit)
            }
            self.tabs.append(Tab(recipient, page, phone, frozenset(shown)))
        self.comparison.check(now)

    @rule(recipient=places, touches=touches, action=actions, unit=units, on=channels)
    def a_page_is_opened_and_saved(
        self, recipient: str, touches: list[int], action: str | None, unit: Unit, on: Channel
    ) -> None:
        self.a_tab_is_opened(recipient)
        if self.tabs and self.tabs[-1].recipient == recipient:
            self._save(self.tabs.pop(), touches, action, unit, on)

    @precondition(lambda self: self.tabs)
    @rule(touches=touches, action=actions, unit=units, on=channels)
    def an_old_tab_is_saved(
        self, touches: list[int], action: str | None, unit: Unit, on: Channel
    ) -> None:  # R1 R19
        self._save(self.tabs.pop(0), touches, action, unit, on)

    @rule(recipient=places, touches=touches, action=actions, unit=units, on=channels)
    def alices_number_changes_while_her_page_is_open(
        self, recipient: str, touches: list[int], action: str | None, unit: Unit, on: Channel
    ) -> None:  # R1
        self.a_tab_is_opened("alice")
        if self.tabs and self.tabs[-1].recipient == "alice":
            self.alice_gets_another_number(recipient)
            self._save(self.tabs.pop(), touches, action, unit, on)

    def _save(self, tab: Tab, touches: list[int], action: str | None, unit: Unit, on: Channel) -> None:
        # R4 R12
        address, channel = self.people[tab.recipient]
        if address in self.model.unusable:
            return
        now, form = self.tick(), tab.page.choices
        touched = [value for number, value in enumerate(form.boxes) if number in touches]
        for box in touched:
            form.boxes[box] = not form.boxes[box]
        button, covered = (action and tab.page.choose(action, unit.key, on.value)) or ("save", [])
        by_button = {(unit.key, each) for each in covered}
        left_behind = self._left_behind(tab, touched, by_button, now)
        after = self.application.press(tab.page, button)
        assert after.status == 200
        for each in covered if action == "back" else ():
            self._choose(tab, Channel(each), unit, NEITHER, now)
        for box in touched:
            (key, _, where), ticked = box.partition(":"), form.boxes[box]
            opted_out_by_action = action == "out" and (TYPES[key].unit.key, where) in by_button
            if not (ticked and opted_out_by_action):
                along_with = frozenset(other.partition(":")[0] for other in touched if other.endswith(where))
                self._choose(tab, Channel(where), TYPES[key], IN if ticked else OUT, now, along_with)
        for kind in left_behind:
            self._choose(tab, EMAIL, kind, OUT, now)
        for each in covered if action == "out" else ():
            self._choose(tab, Channel(each), unit, OUT, now)
        self.comparison.shown(after, address, channel)
        self.comparison.check(now)

    def _left_behind(
        self, tab: Tab, touched: list[str], by_button: set[tuple[str, str]], now: datetime
    ) -> list[Type]:
        """What stays unticked where ticks end an opt-out of all, and would be sent without an opt-in.

        R12: coming back is what the person can see. The ledger opts out of what was opted in itself.
        """
        address, boxes = self.people[tab.recipient][0], tab.page.choices.boxes
        returning = {
            TYPES[key].unit.key
            for key, _, where in (box.partition(":") for box in touched if boxes[box])
            if where == EMAIL.value
            and (TYPES[key].unit.key, where) not in by_button
            and (address, EMAIL, TYPES[key].unit.key) in tab.opted_out
            and self.model.is_opted_out_of_all(address, EMAIL, TYPES[key].unit)
        }
        return [
            kind
            for kind in TYPES.values()
            if kind.unit.key in returning
            and kind.public
            and boxes.get(f"{kind.key}:{EMAIL.value}") is False
            and f"{kind.key}:{EMAIL.value}" not in touched
            and self.model.is_sent_by_default(address, EMAIL, kind, now)
        ]

    @rule(recipient=places, unit=units, on=channels, days=st.sampled_from([30, 60, 90, None]))
    def a_person_pauses(self, recipient: str, unit: Unit, on: Channel, days: int | None) -> None:  # R24
        address, channel = self.people[recipient]
        now = self.tick()
        page = self._manage_page(address, channel, now)
        if address not in self.model.unusable:
            action, end = ("pause", f":{days}") if days else ("resume", "")
            button, covered = page.choose(action, unit.key, on.value, end) or ("", [])
            if button:
                assert self.application.press(page, button).status == 200
                self.comparison.known.add(address)
            until = now + timedelta(days=days) if days else None
            for each in map(Channel, covered):
                rests = (
                    address if (channel is EMAIL) is (each is EMAIL) else self.model.phone_shown_with(address)
                )
                assert rests is not None
                self.model.pause((rests, each, unit.key), until, now, own=True)
        self.comparison.check(now)

    def _choose(
        self,
        tab: Tab,
        on: Channel,
        about: Type | Unit,
        status: PreferenceStatus,
        now: datetime,
        along_with: frozenset[str] = frozenset(),
    ) -> None:
        """One choice that a page was saved with.

        A phone number that is no longer theirs changes nothing. Neither does a tick where an opt-out of all
        stands that the page did not show: the page explains it instead (R12).
        """
        address, channel = self.people[tab.recipient]
        place = address if channel is not EMAIL or on is EMAIL else tab.phone
        if isinstance(about, Type) and status is IN and place is not None:
            unseen = (place, on, about.unit.key) not in tab.opted_out
            if unseen and self.model.is_opted_out_of_all(place, on, about.unit):
                return
        request = ChangeRequest(status, ConsentOrigin.PREFERENCE_PAGE, along_with=along_with)
        if channel is not EMAIL or on is EMAIL:
            self._apply((address, on), about, request, now)
        elif tab.phone is not None and tab.phone == self.model.phone_shown_with(address):
            self._apply((tab.phone, on), about, replace(request, own_link=False), now)

    @rule(recipient=places, about=st.one_of(types, units, st.none()), by_person=st.booleans())
    def a_person_unsubscribes(
        self, recipient: str, about: Type | Unit | None, by_person: bool
    ) -> None:  # R31
        address, channel = self.people[recipient]
        now = self.tick()
        kind, unit = (a.key if isinstance(about, k) else None for a, k in ((about, Type), (about, Unit)))
        token = self.application.links.withdraw(self.application.fingerprint(address), channel, kind, unit)
        url = self.application.links.withdraw_url(token)
        before = len(self.model.effects)
        if by_person:
            page = self.application.open(url)
            self.comparison.check(now)
            offered = any(button_of(form, "do", "unsubscribe") for form in page.forms)
            left = all(self.model.has_left(address, channel, target) for target in _withdrawal_targets(about))
            assert offered is not left or address in self.model.unusable
            if not offered:
                return
            done = self.application.press(page, "unsubscribe")
            assert done.status == 200
        else:
            answer = self.application.post(url, **{"List-Unsubscribe": "One-Click"})
            assert answer.is_success
        origin = ConsentOrigin.UNSUBSCRIBE_LINK if by_person else ConsentOrigin.ONE_CLICK
        for target in _withdrawal_targets(about):
            self._person(recipient, target, OUT, origin, now)
        effects = list(range(before, len(self.model.effects)))
        if by_person and any(self.model.effects[number].before is not OUT for number in effects):
            self.undos.append((recipient, done, effects, now))
        self.comparison.check(now)

    @precondition(lambda self: self.undos)
    @rule(data=st.data())
    def a_person_presses_undo(self, data: st.DataObject) -> None:
        recipient, page, effects, pressed = self.undos.pop(data.draw(st.integers(0, len(self.undos) - 1)))
        now = self.tick()
        after = self.application.press(page, "undo")
        assert after.status == 200
        if now - pressed <= timedelta(hours=24):
            address, channel = self.people[recipient]
            for event in self.model.undo(effects, now):
                self.comparison.note_answer((address, channel), event.about, event.before, Accepted())
        self.comparison.check(now)

    @rule(recipient=places, kind=types)
    def a_person_confirms(self, recipient: str, kind: Type) -> None:  # R19
        address, channel = self.people[recipient]
        waiting = [key[2] for key in self.model.pending if key[:2] == (address, channel)]
        kind = TYPES[waiting[0]] if waiting else kind
        now = self.tick()
        token = self.application.links.confirm(self.application.fingerprint(address), channel, kind.key, now)
        answer = self.application.post(self.application.links.confirm_url(token), do="confirm")
        if address not in self.comparison.known:
            assert answer.status_code >= 400
            return
        decision = self._person(recipient, kind, IN, ConsentOrigin.CONFIRMATION, now)
        assert answer.is_success is not isinstance(decision, Refused), (decision, answer.text)
        self.comparison.check(now)

    def _manage_page(self, address: str, channel: Channel, now: datetime) -> Page:
        kind = RecipientKind.EMAIL if channel is EMAIL else RecipientKind.PHONE
        token = self.application.links.manage(self.application.fingerprint(address), kind, now)
        page = self.application.open(self.application.links.manage_url(token))
        assert page.status in (200, 410)
        return page

    def _person(
        self,
        recipient: str,
        about: Type | Unit,
        status: PreferenceStatus,
        origin: ConsentOrigin,
        now: datetime,
    ) -> Decision:
        return self._apply(self.people[recipient], about, ChangeRequest(status, origin), now)

    def _apply(self, place: Place, about: Type | Unit, request: ChangeRequest, now: datetime) -> Decision:
        self.comparison.known.add(place[0])
        on_page = request.origin is ConsentOrigin.PREFERENCE_PAGE and request.status is IN
        decision: Decision
        if isinstance(about, Type) and on_page and self.model.undo_on_page(*place, about, now):
            decision = Accepted()
        elif isinstance(about, Type):
            decision = self.model.change(*place, about, request, now)
        else:
            decision = self.model.change_of_all(*place, about, request, now)
        self.comparison.note_answer(place, about, request.status, decision)
        return decision


def _withdrawal_targets(about: Type | Unit | None) -> list[Type | Unit]:
    """What a withdraw link withdraws: all of the unit if its type is transactional (R24)."""
    if about is None:
        return list(UNITS)
    if isinstance(about, Type) and about.purpose is Purpose.TRANSACTIONAL:
        return [about.unit]
    return [about]
