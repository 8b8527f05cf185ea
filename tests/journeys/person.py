"""What people do, on their pages and with their links."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from preference_center.rules.decisions import Accepted, Decision, Refused
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, Purpose, RecipientKind
from tests.journeys.agreement import Place
from tests.journeys.browser import Page
from tests.journeys.cast import EMAIL, SMS, TYPES, UNITS, WHATSAPP
from tests.journeys.model import IN, NEITHER, OUT, Type, Unit, Wish
from tests.journeys.scene import Scene, Tab, places, types, units

touches = st.lists(st.integers(0, 8), unique=True, max_size=4)
sweeps = st.sampled_from([None, None, None, "out", "back"])
channels = st.sampled_from([EMAIL, SMS, WHATSAPP])


class ThePerson(Scene):
    """Reads and saves the preference page, unsubscribes, takes that back, confirms."""

    @rule(whose=places)
    def a_tab_is_opened(self, whose: str) -> None:  # R33
        address, channel = self.people[whose]
        now = self.tick()
        page = self._manage_page(address, channel, now)
        if address not in self.model.unusable:
            self.agreement.shown(page, address, channel)
            beside = self.model.beside(address) if channel is EMAIL else None
            shown = {
                (place, on, unit.key)
                for place, on in self.model.places(address, channel)
                for unit in UNITS
                if self.model.stands(place, on, unit)
            }
            self.tabs.append(Tab(whose, page, beside, frozenset(shown)))
        self.agreement.check(now)

    @rule(whose=places, touches=touches, sweep=sweeps, unit=units, on=channels)
    def a_page_is_opened_and_saved(
        self, whose: str, touches: list[int], sweep: str | None, unit: Unit, on: Channel
    ) -> None:
        self.a_tab_is_opened(whose)
        if self.tabs and self.tabs[-1].whose == whose:
            self._save(self.tabs.pop(), touches, sweep, unit, on)

    @precondition(lambda self: self.tabs)
    @rule(touches=touches, sweep=sweeps, unit=units, on=channels)
    def an_old_tab_is_saved(
        self, touches: list[int], sweep: str | None, unit: Unit, on: Channel
    ) -> None:  # R1 R19
        self._save(self.tabs.pop(0), touches, sweep, unit, on)

    @rule(whose=places, touches=touches, sweep=sweeps, unit=units, on=channels)
    def alices_number_changes_under_her_page(
        self, whose: str, touches: list[int], sweep: str | None, unit: Unit, on: Channel
    ) -> None:  # R1
        self.a_tab_is_opened("alice")
        if self.tabs and self.tabs[-1].whose == "alice":
            self.alice_gets_another_number(whose)
            self._save(self.tabs.pop(), touches, sweep, unit, on)

    def _save(self, tab: Tab, touches: list[int], sweep: str | None, unit: Unit, on: Channel) -> None:
        # R4 R12
        address, channel = self.people[tab.whose]
        if address in self.model.unusable:
            return
        now, form = self.tick(), tab.page.forms[0]
        touched = [form.boxes[touch] for touch in touches if touch < len(form.boxes)]
        for box in touched:
            box.on = not box.on
        button = f"{sweep}:{unit.key}:{on.value}" if sweep else "save"
        if ("do", button) not in form.buttons:
            button, sweep = "save", None
        after = self.world.press(tab.page, button)
        assert after.status == 200
        for box in (box for box in form.boxes if box in touched):
            key, _, where = box.value.partition(":")
            given_up = box.on and sweep == "out" and (TYPES[key].unit, where) == (unit, on.value)
            if not given_up:
                self._wants(tab, Channel(where), TYPES[key], IN if box.on else OUT, now)
        if sweep:
            self._wants(tab, on, unit, OUT if sweep == "out" else NEITHER, now)
        self.agreement.shown(after, address, channel)
        self.agreement.check(now)

    @rule(whose=places, unit=units, on=channels, days=st.sampled_from([30, 60, 90, None]))
    def somebody_takes_a_break(self, whose: str, unit: Unit, on: Channel, days: int | None) -> None:  # R24
        address, channel = self.people[whose]
        now = self.tick()
        page = self._manage_page(address, channel, now)
        button = f"pause:{unit.key}:{on.value}:{days}" if days else f"resume:{unit.key}:{on.value}"
        offered = any(("do", button) in form.buttons for form in page.forms)
        if address not in self.model.unusable and offered:
            rests = address if channel is not EMAIL or on is EMAIL else self.model.beside(address)
            assert rests is not None
            assert self.world.press(page, button).status == 200
            self.agreement.known.update({address, rests})
            until = now + timedelta(days=days) if days else None
            self.model.silence((rests, on, unit.key), until, now, own=True)
        self.agreement.check(now)

    def _wants(
        self, tab: Tab, on: Channel, about: Type | Unit, status: PreferenceStatus, now: datetime
    ) -> None:
        """One choice that a page was saved with.

        A phone number that is no longer theirs changes nothing. Neither does a tick where an opt-out of all
        stands that the page did not show: the page explains it instead (R12).
        """
        address, channel = self.people[tab.whose]
        place = address if channel is not EMAIL or on is EMAIL else tab.beside
        if isinstance(about, Type) and status is IN and place is not None:
            unseen = (place, on, about.unit.key) not in tab.opted_out
            if unseen and self.model.stands(place, on, about.unit):
                return
        wish = Wish(status, ConsentOrigin.PREFERENCE_PAGE)
        if channel is not EMAIL or on is EMAIL:
            self._said((address, on), about, wish, now)
        elif tab.beside is not None and tab.beside == self.model.beside(address):
            self._said((tab.beside, on), about, replace(wish, own_link=False), now)

    @rule(whose=places, about=st.one_of(types, units, st.none()), by_person=st.booleans())
    def somebody_unsubscribes(self, whose: str, about: Type | Unit | None, by_person: bool) -> None:  # R31
        address, channel = self.people[whose]
        now = self.tick()
        kind, unit = (a.key if isinstance(about, k) else None for a, k in ((about, Type), (about, Unit)))
        token = self.world.links.withdraw(self.world.fingerprint(address), channel, kind, unit)
        url = self.world.links.withdraw_url(token)
        before = len(self.model.effects)
        if by_person:
            page = self.world.open(url)
            self.agreement.check(now)
            done = self.world.press(page, "unsubscribe")
            assert done.status == 200
        else:
            answer = self.world.post(url, **{"List-Unsubscribe": "One-Click"})
            assert answer.is_success
        origin = ConsentOrigin.UNSUBSCRIBE_LINK if by_person else ConsentOrigin.ONE_CLICK
        for target in _aim(about):
            self._person(whose, target, OUT, origin, now)
        effects = list(range(before, len(self.model.effects)))
        if by_person and any(self.model.effects[number].before is not OUT for number in effects):
            self.undos.append((whose, done, effects, now))
        self.agreement.check(now)

    @precondition(lambda self: self.undos)
    @rule(data=st.data())
    def somebody_presses_undo(self, data: st.DataObject) -> None:
        whose, page, effects, pressed = self.undos.pop(data.draw(st.integers(0, len(self.undos) - 1)))
        now = self.tick()
        after = self.world.press(page, "undo")
        assert after.status == 200
        if now - pressed <= timedelta(hours=24):
            address, channel = self.people[whose]
            for event in self.model.undo(effects, now):
                self.agreement.answered((address, channel), event.about, event.before, Accepted())
        self.agreement.check(now)

    @rule(whose=places, kind=types)
    def somebody_confirms(self, whose: str, kind: Type) -> None:  # R19
        address, channel = self.people[whose]
        waiting = [key[2] for key in self.model.pending if key[:2] == (address, channel)]
        kind = TYPES[waiting[0]] if waiting else kind
        now = self.tick()
        token = self.world.links.confirm(self.world.fingerprint(address), channel, kind.key, now)
        answer = self.world.post(self.world.links.confirm_url(token), do="confirm")
        if address not in self.agreement.known:
            assert answer.status_code >= 400
            return
        decision = self._person(whose, kind, IN, ConsentOrigin.CONFIRMATION, now)
        assert answer.is_success is not isinstance(decision, Refused), (decision, answer.text)
        self.agreement.check(now)

    def _manage_page(self, address: str, channel: Channel, now: datetime) -> Page:
        kind = RecipientKind.EMAIL if channel is EMAIL else RecipientKind.PHONE
        token = self.world.links.manage(self.world.fingerprint(address), kind, now)
        page = self.world.open(self.world.links.manage_url(token))
        assert page.status in (200, 410)
        return page

    def _person(
        self, whose: str, about: Type | Unit, status: PreferenceStatus, origin: ConsentOrigin, now: datetime
    ) -> Decision:
        return self._said(self.people[whose], about, Wish(status, origin), now)

    def _said(self, place: Place, about: Type | Unit, wish: Wish, now: datetime) -> Decision:
        self.agreement.known.add(place[0])
        if isinstance(about, Type):
            decision = self.model.change(*place, about, wish, now)
        else:
            decision = self.model.change_of_all(*place, about, wish, now)
        self.agreement.answered(place, about, wish.status, decision)
        return decision


def _aim(about: Type | Unit | None) -> list[Type | Unit]:
    """What a withdraw link is about: a transactional type can't be left, so all of its unit is (R24)."""
    if about is None:
        return list(UNITS)
    if isinstance(about, Type) and about.purpose is Purpose.TRANSACTIONAL:
        return [about.unit]
    return [about]
