"""Resting: silence on a channel of a unit for 30, 60 or 90 days or until a day, and its end by hand.

A button says for how long; a day that was typed counts too where the page's own button saves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from api.pages.frame import texts
from api.pages.frame.forms import Fault, Form, FormProblem
from api.pages.frame.parts import RestView
from preference_center.catalog.catalog import BusinessUnit, Catalog
from preference_center.ledger.pauses import PauseIntent
from preference_center.rules.types import Channel
from preference_center.translations import Translator

DAYS = (30, 60, 90)
_LONGEST_DAYS = 731
"""A day further off is a slip of the finger: whoever means years unsubscribes."""
_LATEST = timedelta(days=_LONGEST_DAYS)
_LONGEST_TYPED = 40
_LAST_SECOND = time(23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rest:
    """A silence that somebody wants, or its end (`until` None), and the button that says so."""

    unit: BusinessUnit
    channel: Channel
    until: datetime | None
    days: int | None = None
    pressed: bool = False
    """Whether its own button was pressed, not the page's that saves."""

    def intent(self, recipient_id: int) -> PauseIntent:
        """What goes to the door."""
        return PauseIntent(recipient_id, self.channel, self.unit, self.until)


class RestProblem(Exception):
    """A day that does not do: it is told beside its field, and nothing is saved."""

    def __init__(self, unit: BusinessUnit, channel: Channel) -> None:
        super().__init__("the day of a pause does not do")
        self.unit = unit
        self.channel = channel


def field_name(unit: BusinessUnit, channel: Channel) -> str:
    """The name of the field in which the day is typed."""
    return f"until:{unit.key}:{channel.value}"


def field_names(catalog: Catalog, channels: Iterable[Channel]) -> list[str]:
    """Those of all units."""
    return [field_name(unit, channel) for channel in channels for unit in catalog.units]


def typed_days(form: Form, catalog: Catalog, channels: Iterable[Channel]) -> dict[str, str]:
    """The days that were typed, by field, for a form that is shown again."""
    names = field_names(catalog, channels)
    return {name: value[:_LONGEST_TYPED] for name in names if (value := form.one(name))}


def is_button(do: str) -> bool:
    """Whether the pressed button is one of a rest."""
    return do.startswith(("pause:", "resume:"))


def read(
    form: Form, do: str, catalog: Catalog, channels: Sequence[Channel], now: datetime
) -> tuple[Rest, ...]:
    """The silences that a form asks for: by its button, or by days that were typed before it was saved.

    Raises RestProblem for a day that is past, too far off or none; FormProblem for what no page sends.
    """
    pressed = (_pressed(form, do, catalog, channels, now),) if is_button(do) else ()
    if not pressed and do != "save":
        return ()
    told = {(rest.unit.id, rest.channel) for rest in pressed}
    return pressed + tuple(
        Rest(unit, channel, _day(unit, channel, typed, now))
        for unit in catalog.units
        for channel in channels
        if (typed := (form.one(field_name(unit, channel)) or "").strip()) and (unit.id, channel) not in told
    )


def _pressed(form: Form, do: str, catalog: Catalog, channels: Sequence[Channel], now: datetime) -> Rest:
    act, key, name, *length = do.split(":") + [""] * 2
    unit = catalog.unit_by_key(key)
    channel = next((channel for channel in channels if channel.value == name), None)
    if unit is None or channel is None:
        raise FormProblem(Fault.BAD_VALUE, "do")
    if act == "resume":
        return Rest(unit, channel, None, pressed=True)
    if length[0] == "day":
        typed = form.one(field_name(unit, channel)) or ""
        return Rest(unit, channel, _day(unit, channel, typed.strip(), now), pressed=True)
    days = next((days for days in DAYS if str(days) == length[0]), None)
    if days is None:
        raise FormProblem(Fault.BAD_VALUE, "do")
    return Rest(unit, channel, now + timedelta(days=days), days, pressed=True)


def _day(unit: BusinessUnit, channel: Channel, typed: str, now: datetime) -> datetime:
    """The end of the day that was typed (2026-12-24): "until the 24th" is silent on the 24th too."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise RestProblem(unit, channel) from None
    until = datetime.combine(day, _LAST_SECOND)
    if not now.date() < day <= (now + _LATEST).date():
        raise RestProblem(unit, channel)
    return until


def wording(translator: Translator, rest: Rest) -> str:
    """What the person read and pressed, for the evidence."""
    if rest.until is None:
        return f"[{texts.resume_button(translator)}]"
    heading = texts.rest_heading(translator, rest.channel, rest.unit.name)
    chosen = texts.rest_days(translator, rest.days) if rest.days else translator.date(rest.until)
    return f"{heading}\n{texts.rest_meaning(translator)}\n[{chosen}]"


def shown(
    translator: Translator,
    unit: BusinessUnit,
    channel: Channel,
    now: datetime,
    problem: RestProblem | None = None,
    typed: str = "",
) -> RestView:
    """The buttons and the field of one channel; with what was typed, and why it does not do."""
    place = f"{unit.key}:{channel.value}"
    mine = problem is not None and problem.unit.id == unit.id and problem.channel is channel
    first, last = (now + timedelta(days=1)).date(), (now + _LATEST).date()
    return RestView(
        heading=texts.rest_heading(translator, channel, unit.name),
        lengths=tuple((f"pause:{place}:{days}", texts.rest_days(translator, days)) for days in DAYS),
        field=field_name(unit, channel),
        field_id=f"until-{unit.key}-{channel.value}",
        first=first.isoformat(),
        last=last.isoformat(),
        day_value=f"pause:{place}:day",
        typed=typed,
        error=texts.rest_problem(translator, translator.date(now + _LATEST)) if mine else None,
    )
