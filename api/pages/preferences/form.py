"""From the preference page's form to changes: only what the person touched, and told from what was shown.

Each box comes with a hidden `was` that says how it was shown. Where the two agree the person left it alone,
and whatever happened to it meanwhile, in another tab or by the team, stays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.pages.frame import texts
from api.pages.frame.forms import Fault, Form, FormProblem
from api.pages.preferences import pauses as rests
from api.pages.preferences.pauses import Rest
from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.ledger.record import Intent
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.translations import Translator

Place = tuple[SubscriptionType, Channel]
Whole = tuple[int, Channel]
"""A unit's id and a channel: what an opt-out of all is about."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A box that was touched, and what it says now."""

    type: SubscriptionType
    channel: Channel
    on: bool


@dataclass(frozen=True, slots=True)
class Sweep:
    """A button about all of a unit on a channel: out of it, or back."""

    unit: BusinessUnit
    channel: Channel
    out: bool

    def covers(self, choice: Choice) -> bool:
        """Whether the choice is about the same unit and channel."""
        return choice.type.business_unit.id == self.unit.id and choice.channel is self.channel


@dataclass(frozen=True, slots=True)
class FormChanges:
    """What somebody wants of a page: the boxes that they touched, and a whole unit."""

    touched: tuple[Choice, ...]
    swept: Sweep | None
    pressed: Sweep | None
    """The button, whichever part of the page it was about; None for the one that saves."""
    rests: tuple[Rest, ...] = ()
    """The silences that are set or ended."""

    def __bool__(self) -> bool:
        return bool(self.touched or self.swept or self.rests)

    def on(self, channels: Collection[Channel]) -> FormChanges:
        """Those about these channels."""
        return replace(
            self,
            touched=tuple(choice for choice in self.touched if choice.channel in channels),
            swept=self.swept if self.swept and self.swept.channel in channels else None,
            rests=tuple(rest for rest in self.rests if rest.channel in channels),
        )

    def withdrawals(self) -> FormChanges:
        """The part that opts out, which is good whatever became of the link (R34)."""
        touched = tuple(choice for choice in self.touched if not choice.on)
        swept = self.swept if self.swept and self.swept.out else None
        return replace(self, touched=touched, swept=swept, rests=())

    def as_told(self, unsaid: Collection[Whole]) -> FormChanges:
        """The same without opt-ins that would lift an opt-out of all which the page left unsaid (R12)."""
        touched = tuple(
            c for c in self.touched if not c.on or (c.type.business_unit.id, c.channel) not in unsaid
        )
        return replace(self, touched=touched)

    def intents(self, recipient_id: int, *, own_link: bool = True) -> list[Intent]:
        """What goes to the door: the boxes, and then the whole unit.

        Whoever ticks a box and presses "unsubscribe from all" of the same unit wants out: the tick is left
        aside.
        """
        wanted = [_intent(recipient_id, choice, own_link) for choice in self.touched if self._keeps(choice)]
        if self.swept:
            status = PreferenceStatus.OPTED_OUT if self.swept.out else PreferenceStatus.NOT_OPTED
            all_of_it = Intent(recipient_id, self.swept.channel, status, self.swept.unit, own_link=own_link)
            wanted.append(all_of_it)
        return wanted

    def _keeps(self, choice: Choice) -> bool:
        given_up = choice.on and self.swept is not None and self.swept.out and self.swept.covers(choice)
        return not given_up


def read(form: Form, do: str, catalog: Catalog, channels: Sequence[Channel], now: datetime) -> FormChanges:
    """What was touched, in the page's order, and the button that was pressed.

    Raises FormProblem for what no page with these channels sends, RestProblem for a day that does not do.
    """
    swept = _sweep(do, catalog, channels)
    if swept is None and do != "save" and not rests.is_button(do):
        raise FormProblem(Fault.BAD_VALUE, "do")
    silences = rests.read(form, do, catalog, channels, now)
    return FormChanges(touched(form, catalog, channels), swept, swept, silences)


def told_out(form: Form, catalog: Catalog, channels: Sequence[Channel]) -> set[Whole]:
    """The units and channels whose opt-out of all the page showed, with what ends it. Raises FormProblem."""
    told = set()
    for value in form.all("out"):
        key, _, name = value.partition(":")
        unit, channel = catalog.unit_by_key(key), _channel(name, channels)
        if unit is None or channel is None:
            raise FormProblem(Fault.BAD_VALUE, "out")
        told.add((unit.id, channel))
    return told


def wording(translator: Translator, wishes: FormChanges, before: Sequence[str]) -> str:
    """What the person read with what they pressed: what stood before, names and descriptions, the button."""
    lines = [*before]
    for choice in wishes.touched:
        name, about = choice.type.name(translator.language), choice.type.description(translator.language)
        mark = "☑" if choice.on else "☐"
        channel = texts.channel_name(translator, choice.channel)
        lines.append(f"{mark} {name} ({channel})" + (f" – {about}" if about else ""))
    lines += [rests.wording(translator, rest) for rest in wishes.rests]
    if not any(rest.pressed for rest in wishes.rests):
        lines.append(f"[{_button(translator, wishes.pressed)}]")
    return "\n".join(lines)


def _button(translator: Translator, pressed: Sweep | None) -> str:
    if pressed is None:
        return texts.save_button(translator)
    label = texts.stop_button if pressed.out else texts.back_button
    return label(translator, pressed.channel, pressed.unit.name)


def touched(form: Form, catalog: Catalog, channels: Sequence[Channel]) -> tuple[Choice, ...]:
    """The boxes that say now what they did not say when they were shown. Raises FormProblem."""
    shown = dict(_was(value, catalog, channels) for value in form.all("was"))
    if len(shown) != len(form.all("was")):
        raise FormProblem(Fault.REPEATED_FIELD, "was")
    ticked = [_place("on", value, catalog, channels) for value in form.all("on")]
    on = set(ticked)
    if len(on) != len(ticked):
        raise FormProblem(Fault.REPEATED_FIELD, "on")
    if not shown.keys() >= on:
        raise FormProblem(Fault.MISSING_FIELD, "was")
    return tuple(Choice(*place, place in on) for place, was in shown.items() if was is not (place in on))


def _sweep(do: str, catalog: Catalog, channels: Sequence[Channel]) -> Sweep | None:
    act, _, rest = do.partition(":")
    if act not in ("out", "back"):
        return None
    key, _, name = rest.partition(":")
    unit, channel = catalog.unit_by_key(key), _channel(name, channels)
    if unit is None or channel is None:
        raise FormProblem(Fault.BAD_VALUE, "do")
    return Sweep(unit, channel, act == "out")


def _intent(recipient_id: int, choice: Choice, own_link: bool) -> Intent:
    status = PreferenceStatus.OPTED_IN if choice.on else PreferenceStatus.OPTED_OUT
    return Intent(
        recipient_id, choice.channel, status, choice.type.business_unit, choice.type, own_link=own_link
    )


def _was(value: str, catalog: Catalog, channels: Sequence[Channel]) -> tuple[Place, bool]:
    place, _, flag = value.rpartition(":")
    if flag not in ("0", "1"):
        raise FormProblem(Fault.BAD_VALUE, "was")
    return _place("was", place, catalog, channels), flag == "1"


def _place(field: str, value: str, catalog: Catalog, channels: Sequence[Channel]) -> Place:
    key, _, name = value.partition(":")
    type_, channel = catalog.type_by_key(key), _channel(name, channels)
    if type_ is None or channel is None:
        raise FormProblem(Fault.BAD_VALUE, field)
    return type_, channel


def _channel(name: str, channels: Sequence[Channel]) -> Channel | None:
    return next((channel for channel in channels if channel.value == name), None)
