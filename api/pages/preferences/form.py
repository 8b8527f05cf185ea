"""Reads the changes from the preference page's form: only what the person touched.

Each box has a hidden `was` field that says how it was shown. If box and `was` agree the person left it alone,
and a change made meanwhile, in another tab or by the team, stays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from api.pages.frame.copy import channel_name, opt_out_button
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
    """A button for all of a unit on a channel: opt out of all, or remove that opt-out."""

    unit: BusinessUnit
    channel: Channel
    opt_out: bool

    def covers(self, box: BoxChange) -> bool:
        """Whether the box is of the same unit and channel."""
        return box.unit_on_channel == (self.unit.id, self.channel)

    def intent(self, recipient_id: int, *, own_link: bool) -> Intent:
        """The change for a recipient."""
        status = PreferenceStatus.OPTED_OUT if self.opt_out else PreferenceStatus.NOT_OPTED
        return Intent(recipient_id, self.channel, status, self.unit, through_own_link=own_link)


@dataclass(frozen=True, slots=True)
class FormChanges:
    """What a person changed on the page."""

    boxes: tuple[BoxChange, ...]
    unit_change: UnitChange | None
    button: UnitChange | None
    """The pressed button, whichever part of the page it belongs to; None for the one that saves."""
    pauses: tuple[PauseChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.boxes or self.unit_change or self.pauses)

    def on(self, channels: Collection[Channel]) -> FormChanges:
        """The changes on these channels."""
        return replace(
            self,
            boxes=tuple(box for box in self.boxes if box.channel in channels),
            unit_change=self.unit_change
            if self.unit_change and self.unit_change.channel in channels
            else None,
            pauses=tuple(pause for pause in self.pauses if pause.channel in channels),
        )

    def opt_outs(self) -> FormChanges:
        """The opt-outs alone, which count even if the link is inactive (R34)."""
        boxes = tuple(box for box in self.boxes if not box.ticked)
        unit_change = self.unit_change if self.unit_change and self.unit_change.opt_out else None
        return replace(self, boxes=boxes, unit_change=unit_change, pauses=())

    def without_opt_ins(self, places: Collection[UnitOnChannel]) -> FormChanges:
        """The same without opt-ins on these units' channels."""
        kept = tuple(box for box in self.boxes if not box.ticked or box.unit_on_channel not in places)
        return replace(self, boxes=kept)

    def intents(self, recipient_id: int, *, own_link: bool = True) -> list[Intent]:
        """The changes for a recipient: first the boxes, then an opt-out of all.

        A box that is ticked while its unit is opted out of all is dropped: the recipient wants out. The
        removal of an opt-out of all comes before the boxes: it leaves every other status as it was (R12).
        """
        kept = (box for box in self.boxes if not (box.ticked and self._opts_out_of(box)))
        intents = [box.intent(recipient_id, own_link=own_link) for box in kept]
        if self.unit_change:
            of_all = self.unit_change.intent(recipient_id, own_link=own_link)
            intents.insert(len(intents) if self.unit_change.opt_out else 0, of_all)
        return intents

    def pause_intents(self, recipient_id: int) -> list[PauseIntent]:
        """The pauses for a recipient."""
        return [pause.intent(recipient_id) for pause in self.pauses]

    def _opts_out_of(self, box: BoxChange) -> bool:
        return self.unit_change is not None and self.unit_change.opt_out and self.unit_change.covers(box)


def read_changes(form: Form, do: str, scope: PageScope) -> FormChanges:
    """What was touched, in the page's order, and the button that was pressed.

    Raises FormProblem for a form that no page with these channels has, PauseDayError for the day of a pause.
    """
    unit_change = _unit_change(do, scope)
    if unit_change is None and do != "save" and not pauses.is_pause_button(do):
        raise FormProblem(Fault.BAD_VALUE, "do")
    changed_pauses = pauses.read_pauses(form, do, scope)
    return FormChanges(touched_boxes(form, scope), unit_change, unit_change, changed_pauses)


def opt_outs_shown(form: Form, scope: PageScope) -> set[UnitOnChannel]:
    """The opt-outs of all that the page showed, with what ends them. Raises FormProblem."""
    shown = (scope.unit_and_channel(value, field="out") for value in form.all("out"))
    return {(unit.id, channel) for unit, channel in shown}


def touched_boxes(form: Form, scope: PageScope) -> tuple[BoxChange, ...]:
    """The boxes that differ from how they were shown. Raises FormProblem."""
    shown = dict(_was(value, scope) for value in form.all("was"))
    if len(shown) != len(form.all("was")):
        raise FormProblem(Fault.REPEATED_FIELD, "was")
    sent = [scope.type_and_channel(value, field="on") for value in form.all("on")]
    ticked = set(sent)
    if len(ticked) != len(sent):
        raise FormProblem(Fault.REPEATED_FIELD, "on")
    if not shown.keys() >= ticked:
        raise FormProblem(Fault.MISSING_FIELD, "was")
    return tuple(
        BoxChange(*place, place in ticked) for place, was in shown.items() if was is not (place in ticked)
    )


def shown_text(translator: Translator, changes: FormChanges, notices: Sequence[str]) -> str:
    """What the person read and pressed: notices, the boxes' names and descriptions, the button."""
    lines = [*notices]
    for box in changes.boxes:
        name = box.subscription_type.name(translator.language)
        description = box.subscription_type.description(translator.language)
        mark = "☑" if box.ticked else "☐"
        channel = channel_name(translator, box.channel)
        lines.append(f"{mark} {name} ({channel})" + (f" – {description}" if description else ""))
    lines += [pauses.shown_text(translator, pause) for pause in changes.pauses]
    if not any(pause.pressed for pause in changes.pauses):
        lines.append(f"[{_button(translator, changes.button)}]")
    return "\n".join(lines)


def _button(translator: Translator, pressed: UnitChange | None) -> str:
    if pressed is None:
        return copy.save_button(translator)
    label = opt_out_button if pressed.opt_out else copy.return_button
    return label(translator, pressed.channel, pressed.unit.name)


def _unit_change(do: str, scope: PageScope) -> UnitChange | None:
    action, _, place = do.partition(":")
    if action not in ("out", "back"):
        return None
    unit, channel = scope.unit_and_channel(place, field="do")
    return UnitChange(unit, channel, action == "out")


def _was(value: str, scope: PageScope) -> tuple[TypeOnChannel, bool]:
    place, _, flag = value.rpartition(":")
    if flag not in ("0", "1"):
        raise FormProblem(Fault.BAD_VALUE, "was")
    return scope.type_and_channel(place, field="was"), flag == "1"
