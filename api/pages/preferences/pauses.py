"""Pauses on the preference page: for 30, 60 or 90 days or until a day, and ending them.

A button sets a pause. A day that was typed also counts when the page is saved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from api.pages.frame.forms import Fault, Form, FormProblem
from api.pages.frame.parts import PauseView
from api.pages.preferences.scope import PageScope
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
    """A pause that is set, or ended (`until` None)."""

    unit: BusinessUnit
    channel: Channel
    until: datetime | None
    days: int | None = None
    pressed: bool = False
    """Whether its own button was pressed, rather than the one that saves the page."""

    def intent(self, recipient_id: int) -> PauseIntent:
        """The change for a recipient."""
        return PauseIntent(recipient_id, self.channel, self.unit, self.until)


class PauseDayError(Exception):
    """A day that a pause cannot last until. The page says so at its field, and nothing is saved."""

    def __init__(self, unit: BusinessUnit, channel: Channel) -> None:
        super().__init__("not a day that a pause can last until")
        self.unit = unit
        self.channel = channel


@dataclass(frozen=True, slots=True)
class PauseField:
    """The field for the day of a pause, with what was typed and the error of the form, if any."""

    unit: BusinessUnit
    channel: Channel
    now: datetime
    typed: str = ""
    error: PauseDayError | None = None

    @property
    def has_error(self) -> bool:
        """Whether the error is about this field."""
        error = self.error
        return error is not None and error.unit.id == self.unit.id and error.channel is self.channel


def field_name(unit: BusinessUnit, channel: Channel) -> str:
    """The name of the field for the day."""
    return f"until:{unit.key}:{channel.value}"


def field_names(catalog: Catalog, channels: Iterable[Channel]) -> list[str]:
    """The names of the fields of all units."""
    return [field_name(unit, channel) for channel in channels for unit in catalog.units]


def typed_days(form: Form, catalog: Catalog, channels: Iterable[Channel]) -> dict[str, str]:
    """The days that were typed, by field name, to show the form again."""
    names = field_names(catalog, channels)
    return {name: value[:_MAX_TYPED] for name in names if (value := form.optional(name))}


def is_pause_button(do: str) -> bool:
    """Whether the pressed button sets or ends a pause."""
    return do.startswith(("pause:", "resume:"))


def read_pauses(form: Form, do: str, scope: PageScope) -> tuple[PauseChange, ...]:
    """The pauses that a form sets or ends, by its button and by days typed before it was saved.

    Raises PauseDayError for a day that is past, too far off or no day; FormProblem for a form that no page
    has.
    """
    pressed = (_pressed(form, do, scope),) if is_pause_button(do) else ()
    if not pressed and do != "save":
        return ()
    set_by_button = {(change.unit.id, change.channel) for change in pressed}
    return pressed + tuple(
        PauseChange(unit, channel, _until(unit, channel, typed, scope.now))
        for unit in scope.catalog.units
        for channel in scope.channels
        if (typed := (form.optional(field_name(unit, channel)) or "").strip())
        and (unit.id, channel) not in set_by_button
    )


def _pressed(form: Form, do: str, scope: PageScope) -> PauseChange:
    action, unit_key, channel_value, *length = do.split(":") + [""] * 2
    unit, channel = scope.unit_and_channel(f"{unit_key}:{channel_value}", field="do")
    if action == "resume":
        return PauseChange(unit, channel, None, pressed=True)
    if length[0] == "day":
        typed = form.optional(field_name(unit, channel)) or ""
        return PauseChange(unit, channel, _until(unit, channel, typed.strip(), scope.now), pressed=True)
    days = next((days for days in DAYS if str(days) == length[0]), None)
    if days is None:
        raise FormProblem(Fault.BAD_VALUE, "do")
    return PauseChange(unit, channel, scope.now + timedelta(days=days), days, pressed=True)


def _until(unit: BusinessUnit, channel: Channel, typed: str, now: datetime) -> datetime:
    """The end of the day that was typed (2026-12-24): a pause until the 24th includes the 24th."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise PauseDayError(unit, channel) from None
    if not now.date() < day <= (now + _MAX_PAUSE).date():
        raise PauseDayError(unit, channel)
    return datetime.combine(day, _LAST_SECOND)


def shown_text(translator: Translator, change: PauseChange) -> str:
    """What the recipient read and pressed, for the evidence."""
    if change.until is None:
        return f"[{resume_button(translator)}]"
    heading = pause_heading(translator, change.channel, change.unit.name)
    choice = pause_days(translator, change.days) if change.days else translator.date(change.until)
    return f"{heading}\n{pause_effect(translator)}\n[{choice}]"


def pause_view(translator: Translator, field: PauseField) -> PauseView:
    """The buttons and the field of a unit's channel."""
    unit, channel, last = field.unit, field.channel, field.now + _MAX_PAUSE
    place = f"{unit.key}:{channel.value}"
    error = pause_day_error(translator, translator.date(last)) if field.has_error else None
    return PauseView(
        heading=pause_heading(translator, channel, unit.name),
        lengths=tuple((f"pause:{place}:{days}", pause_days(translator, days)) for days in DAYS),
        field=field_name(unit, channel),
        field_id=f"until-{unit.key}-{channel.value}",
        first=(field.now + timedelta(days=1)).date().isoformat(),
        last=last.date().isoformat(),
        day_value=f"pause:{place}:day",
        typed=field.typed,
        error=error,
    )


def paused(translator: Translator, channel: Channel, day: str) -> str:
    """The notice of an active pause."""
    if channel is Channel.EMAIL:
        return translator.gettext("Emails are paused until %(day)s.", day=day)
    if channel is Channel.SMS:
        return translator.gettext("SMS are paused until %(day)s.", day=day)
    return translator.gettext("WhatsApp messages are paused until %(day)s.", day=day)


def pause_heading(translator: Translator, channel: Channel, unit: str) -> str:
    """The heading of the choice of a pause."""
    if channel is Channel.EMAIL:
        return translator.gettext("Take a break from %(unit)s emails", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Take a break from %(unit)s SMS", unit=unit)
    return translator.gettext("Take a break from %(unit)s WhatsApp messages", unit=unit)


def pause_effect(translator: Translator) -> str:
    """What a pause does, and what it does not change."""
    return translator.gettext("During the break only essential messages come. Your choices stay as they are.")


def pause_days(translator: Translator, days: int) -> str:
    """The button for a pause of some days."""
    return translator.ngettext("%(num)d day", "%(num)d days", days)


def pause_day_error(translator: Translator, last: str) -> str:
    """What is wrong with the day of a pause."""
    return translator.gettext("Choose a day after today and no later than %(day)s.", day=last)


def resume_button(translator: Translator) -> str:
    """The button that ends a pause."""
    return translator.gettext("End the break now")
