"""What people do, on their pages and with their links."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from preference_center.rules.types import (
    Accepted,
    Channel,
    ConsentOrigin,
    Decision,
    PreferenceStatus,
    Purpose,
    RecipientKind,
    Refused,
)
from tests.journeys.book import IN, NEITHER, OUT, Type, Unit, Wish
from tests.journeys.browser import Page
from tests.journeys.cast import EMAIL, TYPES, UNITS
from tests.journeys.scene import Scene, places, types, units

touches = st.lists(st.integers(0, 4), unique=True, max_size=3)
sweeps = st.sampled_from([None, None, None, "out", "back"])


class ThePerson(Scene):
    """Reads and saves the preference page, unsubscribes, takes that back, confirms."""

    @rule(whose=places)
    def a_tab_is_opened(self, whose: str) -> None:  # R33
        address, channel = self.people[whose]
        now = self.tick()
        page = self._manage_page(address, channel, now)
        if address not in self.book.unusable:
            self.agreement.shown(page, address, channel)
            self.tabs.append((whose, page))
        self.agreement.check(now)

    @rule(whose=places, touches=touches, sweep=sweeps, unit=units)
    def a_page_is_opened_and_saved(
        self, whose: str, touches: list[int], sweep: str | None, unit: Unit
    ) -> None:
        self.a_tab_is_opened(whose)
        if self.tabs and self.tabs[-1][0] == whose:
            self._save(*self.tabs.pop(), touches, sweep, unit)

    @precondition(lambda self: self.tabs)
    @rule(touches=touches, sweep=sweeps, unit=units)
    def an_old_tab_is_saved(self, touches: list[int], sweep: str | None, unit: Unit) -> None:
        self._save(*self.tabs.pop(0), touches, sweep, unit)

    def _save(
        self, whose: str, page: Page, touches: list[int], sweep: str | None, unit: Unit
    ) -> None:  # R4 R12
        address, channel = self.people[whose]
        if address in self.book.unusable:
            return
        now, [form] = self.tick(), page.forms
        here = [box for box in form.boxes if box.value.endswith(channel.value)]
        touched = [here[touch] for touch in touches if touch < len(here)]
        for box in touched:
            box.on = not box.on
        button = f"{sweep}:{unit.key}:{channel.value}" if sweep else "save"
        if ("do", button) not in form.buttons:
            button, sweep = "save", None
        after = self.world.press(page, button)
        assert after.status == 200
        for box in (box for box in form.boxes if box in touched):
            kind = TYPES[box.value.partition(":")[0]]
            if not (box.on and sweep == "out" and kind.unit == unit):
                self._person(whose, kind, IN if box.on else OUT, ConsentOrigin.PREFERENCE_PAGE, now)
        if sweep:
            status = OUT if sweep == "out" else NEITHER
            self._person(whose, unit, status, ConsentOrigin.PREFERENCE_PAGE, now)
        self.agreement.shown(after, address, channel)
        self.agreement.check(now)

    @rule(whose=places, about=st.one_of(types, units, st.none()), by_person=st.booleans())
    def somebody_unsubscribes(self, whose: str, about: Type | Unit | None, by_person: bool) -> None:  # R31
        address, channel = self.people[whose]
        now = self.tick()
        kind, unit = (a.key if isinstance(about, k) else None for a, k in ((about, Type), (about, Unit)))
        token = self.world.links.withdraw(self.world.fingerprint(address), channel, kind, unit)
        url = self.world.links.withdraw_url(token)
        before = len(self.book.effects)
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
        effects = list(range(before, len(self.book.effects)))
        if by_person and any(self.book.effects[number].before is not OUT for number in effects):
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
            for event in self.book.undo(effects, now):
                self.agreement.answered((address, channel), event.about, event.before, Accepted())
        self.agreement.check(now)

    @rule(whose=places, kind=types)
    def somebody_confirms(self, whose: str, kind: Type) -> None:  # R19
        address, channel = self.people[whose]
        waiting = [key[2] for key in self.book.pending if key[:2] == (address, channel)]
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
        address, channel = self.people[whose]
        self.agreement.known.add(address)
        if isinstance(about, Type):
            decision = self.book.change(address, channel, about, Wish(status, origin), now)
        else:
            decision = self.book.change_of_all(address, channel, about, Wish(status, origin), now)
        self.agreement.answered((address, channel), about, status, decision)
        return decision


def _aim(about: Type | Unit | None) -> list[Type | Unit]:
    """What a withdraw link is about: a transactional type can't be left, so all of its unit is (R24)."""
    if about is None:
        return list(UNITS)
    if isinstance(about, Type) and about.purpose is Purpose.TRANSACTIONAL:
        return [about.unit]
    return [about]
