"""Reads the changes from the preference page's form: only what the person touched.

Each box has a hidden `was` field that says how it was shown. If box and `was` agree the person left it alone,
and a change made meanwhile, in another tab or by the team, stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from api.pages.frame.copy import channel_name, channel_names
from api.pages.frame.forms import Fault, Form, FormProblem
from api.pages.preferences import copy, pauses
from api.pages.preferences.pauses import PauseChange
from api.pages.preferences.scope import PageScope, TypeOnChannel, UnitOnChannel
from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.ledger.types import Intent, PauseIntent
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class BoxChange:
    """A box that was touched, and whether it is ticked now."""

    subscription_type: SubscriptionType
    channel: Channel
    ticked: bool

    @property
    def unit_on_channel(self) -> UnitOnChannel:
        """The opt-out of all that would cover it."""
        return (self.subscription_type.business_unit.id, self.channel)

    def intent(self, recipient_id: int, *, own_link: bool) -> Intent:
        """The change for a recipient."""
        status = PreferenceStatus.OPTED_IN if self.ticked else PreferenceStatus.OPTED_OUT
        type_ = self.subscription_type
        return Intent(
            recipient_id, self.channel, status, type_.business_unit, type_, through_own_link=own_link
        )


@dataclass(frozen=True, slots=True)
class UnitChange:
    """All of a unit on a channel: opt out of it, or remove that opt-out."""

    unit: BusinessUnit
    channel: Channel
    opt_out: bool

    @property
    def place(self) -> UnitOnChannel:
        """What it covers."""
        return (self.unit.id, self.channel)

    def intent(self, recipient_id: int, *, own_link: bool) -> Intent:
        """The change for a recipient."""
        status = PreferenceStatus.OPTED_OUT if self.opt_out else PreferenceStatus.NOT_OPTED
        return Intent(recipient_id, self.channel, status, self.unit, through_own_link=own_link)


Label = Callable[[Translator], str]
"""What the person read on and beside the button that was pressed, by language."""


@dataclass(frozen=True, slots=True)
class FormChanges:
    """What a person changed on the page."""

    boxes: tuple[BoxChange, ...]
    units: tuple[UnitChange, ...]
    label: Label
    """Of the pressed button, whichever part of the page it belongs to."""
    pauses: tuple[PauseChange, ...] = ()
    day_left_out: bool = False
    """Whether a day was typed that no pause can last until, beside another button."""

    def __bool__(self) -> bool:
        return bool(self.boxes or self.units or self.pauses)

    def on(self, channels: Collection[Channel]) -> FormChanges:
        """The changes on these channels."""
        return replace(
            self,
            boxes=tuple(box for box in self.boxes if box.channel in channels),
            units=tuple(change for change in self.units if change.channel in channels),
            pauses=tuple(kept for pause in self.pauses if (kept := pause.on(channels))),
        )

    def opt_outs(self) -> FormChanges:
        """The opt-outs alone, which count even if the link is inactive (R34)."""
        boxes = tuple(box for box in self.boxes if not box.ticked)
        units = tuple(change for change in self.units if change.opt_out)
        return replace(self, boxes=boxes, units=units, pauses=())

    def without_opt_ins(self, places: Collection[UnitOnChannel]) -> FormChanges:
        """The same without opt-ins on these units' channels."""
        kept = tuple(box for box in self.boxes if not box.ticked or box.unit_on_channel not in places)
        return replace(self, boxes=kept)

    def returns(self) -> set[UnitOnChannel]:
        """Where boxes are ticked and no button covers them: after an opt-out of all they come back."""
        by_button = {change.place for change in self.units}
        return {box.unit_on_channel for box in self.boxes if box.ticked} - by_button

    def intents(self, recipient_id: int, *, own_link: bool = True) -> list[Intent]:
        """The changes for a recipient: first the boxes, then the opt-outs of all.

        A box that is ticked while its unit is opted out of all is dropped: the recipient wants out. The
        removal of an opt-out of all comes before the boxes: it leaves every other status as it was (R12).
        """
        left = {change.place for change in self.units if change.opt_out}
        kept = (box for box in self.boxes if not (box.ticked and box.unit_on_channel in left))
        boxes = [box.intent(recipient_id, own_link=own_link) for box in kept]
        of_all = {
            opt_out: [
                change.intent(recipient_id, own_link=own_link)
                for change in self.units
                if change.opt_out is opt_out
            ]
            for opt_out in (False, True)
        }
        return of_all[False] + boxes + of_all[True]

    def pause_intents(self, recipient_id: int) -> list[PauseIntent]:
        """The pauses for a recipient."""
        return [intent for pause in self.pauses for intent in pause.intents(recipient_id)]


def read_changes(form: Form, do: str, scope: PageScope) -> FormChanges:
    """What was touched, in the page's order, and the button that was pressed.

    Raises FormProblem for a form that no page with these channels has, PauseDayError for the day of a pause.
    """
    units, label = _pressed(form, do, scope)
    changed_pauses, day_left_out = pauses.read_pauses(form, do, scope)
    return FormChanges(touched_boxes(form, scope), units, label, changed_pauses, day_left_out)


def opt_outs_shown(form: Form, scope: PageScope) -> set[UnitOnChannel]:
    """The opt-outs of all that the page showed, with what ends them. Raises FormProblem."""
    shown = (scope.unit_and_channels(form, value, field="out") for value in form.all("out"))
    return {(unit.id, channel) for unit, channels in shown for channel in channels}


def touched_boxes(form: Form, scope: PageScope) -> tuple[BoxChange, ...]:
    """The boxes that differ from how they were shown. Raises FormProblem."""
    shown, ticked = _boxes(form, scope)
    return tuple(
        BoxChange(*place, place in ticked) for place, was in shown.items() if was is not (place in ticked)
    )


def left_unticked(form: Form, scope: PageScope) -> list[BoxChange]:
    """The boxes that were shown unticked and left so, as opt-outs. Raises FormProblem."""
    shown, ticked = _boxes(form, scope)
    return [BoxChange(*place, False) for place, was in shown.items() if not was and place not in ticked]


def _boxes(form: Form, scope: PageScope) -> tuple[dict[TypeOnChannel, bool], set[TypeOnChannel]]:
    """How each box was shown, and those that are ticked now. Raises FormProblem."""
    shown = dict(_was(value, scope) for value in form.all("was"))
    if len(shown) != len(form.all("was")):
        raise FormProblem(Fault.REPEATED_FIELD, "was")
    sent = [scope.type_and_channel(value, field="on") for value in form.all("on")]
    ticked = set(sent)
    if len(ticked) != len(sent):
        raise FormProblem(Fault.REPEATED_FIELD, "on")
    if not shown.keys() >= ticked:
        raise FormProblem(Fault.MISSING_FIELD, "was")
    return shown, ticked


def shown_text(translator: Translator, changes: FormChanges, notices: Sequence[str]) -> str:
    """What the person read and pressed: notices, the boxes' names, descriptions and notes, the button."""
    lines = [*notices]
    for box in changes.boxes:
        type_, language = box.subscription_type, translator.language
        name = type_.name(language)
        described = " · ".join(filter(None, (type_.description(language), type_.frequency(language))))
        mark = "☑" if box.ticked else "☐"
        channel = channel_name(translator, box.channel)
        lines.append(f"{mark} {name} ({channel})" + (f" – {described}" if described else ""))
    lines += [pauses.shown_text(translator, pause) for pause in changes.pauses]
    if not any(pause.pressed for pause in changes.pauses):
        lines.append(changes.label(translator))
    return "\n".join(lines)


def _pressed(form: Form, do: str, scope: PageScope) -> tuple[tuple[UnitChange, ...], Label]:
    """What the pressed button does with whole units, and what was read on it. Raises FormProblem."""
    if do == "save" or pauses.is_pause_button(do):
        return (), lambda translator: f"[{copy.save_button(translator)}]"
    if do == "out":
        everything = tuple(
            UnitChange(unit, channel, opt_out=True)
            for unit in scope.units
            for channel in scope.channels_of(unit)
        )
        return everything, lambda translator: f"[{copy.stop_everything_button(translator)}]"
    action, _, place = do.partition(":")
    if action not in ("out", "back"):
        raise FormProblem(Fault.BAD_VALUE, "do")
    unit, channels = scope.unit_and_channels(form, place, field="do")
    changes = tuple(UnitChange(unit, channel, action == "out") for channel in channels)
    if ":" not in place:
        return (
            changes,
            lambda translator: (
                f"{unit.name}: {channel_names(translator, channels)}\n[{copy.stop_chosen_button(translator)}]"
            ),
        )
    label = copy.stop_button if action == "out" else copy.return_button
    return changes, lambda translator: f"[{label(translator, channels, unit.name)}]"


def _was(value: str, scope: PageScope) -> tuple[TypeOnChannel, bool]:
    place, _, flag = value.rpartition(":")
    if flag not in ("0", "1"):
        raise FormProblem(Fault.BAD_VALUE, "was")
    return scope.type_and_channel(place, field="was"), flag == "1"
