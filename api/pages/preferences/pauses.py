"""Pauses on the preference page: for 30, 60 or 90 days or until a day, and ending them.

A button sets a pause, on the channels that are chosen beside it. A day that was typed also counts when
another button is pressed; one that is no day never keeps that button from its work.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from api.pages.frame.copy import channel_names
from api.pages.frame.forms import Fault, Form, FormProblem
from api.pages.frame.parts import Button, ChoiceView, PauseView
from api.pages.preferences import copy
from api.pages.preferences.scope import PageScope, joined_channels
from preference_center.catalog.catalog import BusinessUnit, Catalog
from preference_center.ledger.types import PauseIntent
from preference_center.rules.types import Channel
from preference_center.translations import Translator

DAYS = (30, 60, 90)
_MAX_PAUSE = timedelta(days=731)
"""A later day is treated as a typo: a person who means years unsubscribes."""
_MAX_TYPED = 40
_LAST_SECOND = time(23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PauseChange:
    """A pause that is set, or ended (`until` None), on some of a unit's channels."""

    unit: BusinessUnit
    channels: tuple[Channel, ...]
    until: datetime | None
    days: int | None = None
    pressed: bool = False
    """Whether its own button was pressed, rather than another one of the page."""

    def intents(self, recipient_id: int) -> list[PauseIntent]:
        """The changes for a recipient."""
        return [PauseIntent(recipient_id, channel, self.unit, self.until) for channel in self.channels]

    def on(self, channels: Collection[Channel]) -> PauseChange | None:
        """The same on those of the channels that it is about; None if it is about none."""
        kept = tuple(channel for channel in self.channels if channel in channels)
        return replace(self, channels=kept) if kept else None


class PauseDayError(Exception):
    """A day that a pause cannot last until. The page says so at its field, and nothing is saved."""

    def __init__(self, unit: BusinessUnit) -> None:
        super().__init__("not a day that a pause can last until")
        self.unit = unit


@dataclass(frozen=True, slots=True)
class PauseField:
    """What a unit can be paused and stopped on, and what was typed and chosen for that before."""

    unit: BusinessUnit
    channels: tuple[Channel, ...]
    now: datetime
    typed: str = ""
    chosen: str = ""
    has_error: bool = False
    offers_pause: bool = True
    """False where a pause would hold nothing back: that leaves stopping."""


def field_name(unit: BusinessUnit) -> str:
    """The name of the field for the day."""
    return f"until:{unit.key}"


def typed_fields(form: Form, catalog: Catalog) -> dict[str, str]:
    """The days that were typed and the channels that were chosen, by field name, to show the form again."""
    names = [name for unit in catalog.units for name in (field_name(unit), PageScope.channels_field(unit))]
    return {name: value[:_MAX_TYPED] for name in names if (value := form.optional(name))}


def is_pause_button(do: str) -> bool:
    """Whether the pressed button sets or ends a pause."""
    return do.startswith(("pause:", "resume:"))


def read_pauses(form: Form, do: str, scope: PageScope) -> tuple[tuple[PauseChange, ...], bool]:
    """The pauses that a form sets or ends, by its button and by typed days; and whether a day was left out.

    A wrong day beside another button is left out. Raises PauseDayError for the button that needs it, if the
    day is past, too far off or no day; FormProblem for a form that no page has.
    """
    pressed = (_pressed(form, do, scope),) if is_pause_button(do) else ()
    if not pressed and do != "save":
        return (), False
    typed, left_out = [], False
    for unit in scope.catalog.units:
        text = (form.optional(field_name(unit)) or "").strip()
        if not text or any(change.unit is unit for change in pressed):
            continue
        try:
            typed.append(PauseChange(unit, scope.chosen_channels(form, unit), _until(unit, text, scope.now)))
        except PauseDayError:
            left_out = True
    return (*pressed, *typed), left_out


def _pressed(form: Form, do: str, scope: PageScope) -> PauseChange:
    action, unit_key, *rest = do.split(":")
    length = rest.pop() if action == "pause" and rest else ""
    if len(rest) > 1:
        raise FormProblem(Fault.BAD_VALUE, "do")
    unit, channels = scope.unit_and_channels(form, ":".join((unit_key, *rest)), field="do")
    if action == "resume":
        return PauseChange(unit, channels, None, pressed=True)
    if length == "day":
        typed = (form.optional(field_name(unit)) or "").strip()
        return PauseChange(unit, channels, _until(unit, typed, scope.now), pressed=True)
    days = next((days for days in DAYS if str(days) == length), None)
    if days is None:
        raise FormProblem(Fault.BAD_VALUE, "do")
    return PauseChange(unit, channels, scope.now + timedelta(days=days), days, pressed=True)


def _until(unit: BusinessUnit, typed: str, now: datetime) -> datetime:
    """The end of the day that was typed (2026-12-24): a pause until the 24th includes the 24th."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise PauseDayError(unit) from None
    if not now.date() < day <= (now + _MAX_PAUSE).date():
        raise PauseDayError(unit)
    return datetime.combine(day, _LAST_SECOND)


def shown_text(translator: Translator, change: PauseChange) -> str:
    """What the recipient read and pressed, for the evidence."""
    about = f"{change.unit.name}: {channel_names(translator, change.channels)}"
    if change.until is None:
        return f"{about}\n[{resume_button(translator)}]"
    choice = pause_days(translator, change.days) if change.days else translator.date(change.until)
    return f"{about}\n{pause_effect(translator)}\n{pause_for(translator)} [{choice}]"


def pause_view(translator: Translator, field: PauseField) -> PauseView:
    """What pauses or stops a unit on its channels."""
    unit, last = field.unit, field.now + _MAX_PAUSE
    several = len(field.channels) > 1
    place = unit.key if several else f"{unit.key}:{joined_channels(field.channels)}"
    label = copy.stop_chosen_button if several else None
    return PauseView(
        field=field_name(unit),
        field_id=f"until-{unit.key}",
        first=(field.now + timedelta(days=1)).date().isoformat(),
        last=last.date().isoformat(),
        typed=field.typed,
        error=pause_day_error(translator, translator.date(last)) if field.has_error else None,
        effect=pause_effect(translator),
        lengths=tuple(
            Button(f"pause:{place}:{days}", pause_days(translator, days))
            for days in (DAYS if field.offers_pause else ())
        ),
        until=Button(f"pause:{place}:day", pause_until_button(translator)),
        stop=Button(
            f"out:{place}",
            label(translator) if label else copy.stop_button(translator, field.channels, unit.name),
        ),
        channels_field=PageScope.channels_field(unit),
        channels=_choices(translator, field) if several else (),
    )


def _choices(translator: Translator, field: PauseField) -> tuple[ChoiceView, ...]:
    """All of the channels, and each of them."""
    everything = joined_channels(field.channels)
    choices: Sequence[tuple[str, str]] = [
        (everything, translator.gettext("All")),
        *((channel.value, channel_names(translator, (channel,))) for channel in field.channels),
    ]
    chosen = field.chosen if field.chosen in {value for value, _ in choices} else everything
    return tuple(ChoiceView(value, label, value == chosen) for value, label in choices)


def paused(
    translator: Translator, channels: Collection[Channel], unit: str, day: str, *, whole: bool = False
) -> str:
    """That a pause holds. `whole`: on every channel of several that the unit has."""
    if whole:
        return translator.gettext("Everything from %(unit)s is paused until %(day)s.", unit=unit, day=day)
    channel = copy.only(channels)
    if channel is Channel.EMAIL:
        return translator.gettext("Emails from %(unit)s are paused until %(day)s.", unit=unit, day=day)
    if channel is Channel.SMS:
        return translator.gettext("SMS from %(unit)s are paused until %(day)s.", unit=unit, day=day)
    if channel is Channel.WHATSAPP:
        return translator.gettext(
            "WhatsApp messages from %(unit)s are paused until %(day)s.", unit=unit, day=day
        )
    how = copy.how(translator, channels)
    return translator.gettext(
        "Messages from %(unit)s %(how)s are paused until %(day)s.", unit=unit, how=how, day=day
    )


def no_longer_paused(
    translator: Translator, channels: Collection[Channel], unit: str, *, whole: bool = False
) -> str:
    """That a pause was ended. `whole` as for a pause."""
    if whole:
        return translator.gettext("Nothing from %(unit)s is paused any more.", unit=unit)
    channel = copy.only(channels)
    if channel is Channel.EMAIL:
        return translator.gettext("Emails from %(unit)s are no longer paused.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("SMS from %(unit)s are no longer paused.", unit=unit)
    if channel is Channel.WHATSAPP:
        return translator.gettext("WhatsApp messages from %(unit)s are no longer paused.", unit=unit)
    how = copy.how(translator, channels)
    return translator.gettext("Messages from %(unit)s %(how)s are no longer paused.", unit=unit, how=how)


def pause_for(translator: Translator) -> str:
    """The label of the lengths of a pause."""
    return translator.gettext("Pause for")


def pause_effect(translator: Translator) -> str:
    """What a pause does, and what it does not change."""
    return translator.gettext(
        "During a pause you only get essential messages. Your choices stay as they are."
    )


def pause_days(translator: Translator, days: int) -> str:
    """The button for a pause of some days."""
    return translator.ngettext("%(num)d day", "%(num)d days", days)


def pause_until_button(translator: Translator) -> str:
    """The button for a pause until the day that was typed."""
    return translator.gettext("Pause until then")


def pause_day_error(translator: Translator, last: str) -> str:
    """What is wrong with the day of a pause."""
    return translator.gettext("Choose a day from tomorrow to %(day)s.", day=last)


def day_left_out(translator: Translator, last: datetime) -> str:
    """That a pause was not set, because what was typed is no day that it can last until."""
    return translator.gettext(
        "The pause isn’t set: choose a day from tomorrow to %(day)s.", day=translator.date(last)
    )


def last_day(now: datetime) -> datetime:
    """The last day that a pause can last until."""
    return now + _MAX_PAUSE


def resume_button(translator: Translator) -> str:
    """The button that ends a pause."""
    return translator.gettext("End the pause")
