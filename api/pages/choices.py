"""From the preference page's form to changes: only what the person touched, and told from what was shown.

Each box comes with a hidden `was` that says how it was shown. Where the two agree the person left it alone,
and whatever happened to it meanwhile, in another tab or by the team, stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.pages import texts
from api.pages.forms import Fault, Form, FormProblem
from preference_center.catalog import Catalog, Type, Unit
from preference_center.ledger import Intent
from preference_center.rules.types import Channel, PreferenceStatus, RecipientKind
from preference_center.wording import Wording

Place = tuple[Type, Channel]


@dataclass(frozen=True, slots=True)
class Choice:
    """A box that was touched, and what it says now."""

    type: Type
    channel: Channel
    on: bool


@dataclass(frozen=True, slots=True)
class Sweep:
    """A button about all of a unit on a channel: out of it, or back."""

    unit: Unit
    channel: Channel
    out: bool

    def covers(self, choice: Choice) -> bool:
        """Whether the choice is about the same unit and channel."""
        return choice.type.unit.id == self.unit.id and choice.channel is self.channel


def choices(form: Form, catalog: Catalog, kind: RecipientKind) -> list[Choice]:
    """The boxes that were touched, in the page's order. Raises FormProblem for what no page of ours sends."""
    shown = dict(_was(value, catalog, kind) for value in form.all("was"))
    if len(shown) != len(form.all("was")):
        raise FormProblem(Fault.REPEATED_FIELD, "was")
    ticked = [_place("on", value, catalog, kind) for value in form.all("on")]
    if len(set(ticked)) != len(ticked):
        raise FormProblem(Fault.REPEATED_FIELD, "on")
    if not shown.keys() >= set(ticked):
        raise FormProblem(Fault.MISSING_FIELD, "was")
    on = set(ticked)
    return [Choice(*place, place in on) for place, was in shown.items() if was is not (place in on)]


def sweep(do: str, catalog: Catalog, kind: RecipientKind) -> Sweep | None:
    """The button about a whole unit that was pressed, None where it was another. Raises FormProblem."""
    act, _, rest = do.partition(":")
    if act not in ("out", "back"):
        return None
    key, _, name = rest.partition(":")
    unit, channel = catalog.unit_by_key(key), _channel(name, kind)
    if unit is None or channel is None:
        raise FormProblem(Fault.BAD_VALUE, "do")
    return Sweep(unit, channel, act == "out")


def intents(recipient_id: int, touched: Iterable[Choice], swept: Sweep | None) -> list[Intent]:
    """What goes to the door: the boxes, and then the whole unit.

    Whoever ticks a box and presses "unsubscribe from all" of the same unit wants out: the tick is left aside.
    """
    wanted = [_intent(recipient_id, choice) for choice in touched if not _given_up(choice, swept)]
    if swept:
        status = PreferenceStatus.OPTED_OUT if swept.out else PreferenceStatus.NOT_OPTED
        wanted.append(Intent(recipient_id, swept.channel, status, swept.unit))
    return wanted


def withdrawals(touched: Iterable[Choice], swept: Sweep | None) -> tuple[list[Choice], Sweep | None]:
    """The part that opts out, which is good whatever became of the link (R34)."""
    return [choice for choice in touched if not choice.on], swept if swept and swept.out else None


def wording(words: Wording, touched: Sequence[Choice], swept: Sweep | None, notices: Sequence[str]) -> str:
    """What the person read beside what they pressed: notices, names and descriptions, and the button."""
    lines = [*notices]
    for choice in touched:
        name, about = choice.type.name(words.language), choice.type.description(words.language)
        mark = "☑" if choice.on else "☐"
        channel = texts.channel_name(words, choice.channel)
        lines.append(f"{mark} {name} ({channel})" + (f" – {about}" if about else ""))
    if swept is None:
        button = texts.save_button(words)
    else:
        label = texts.stop_button if swept.out else texts.back_button
        button = label(words, swept.channel, swept.unit.name)
    return "\n".join([*lines, f"[{button}]"])


def _given_up(choice: Choice, swept: Sweep | None) -> bool:
    return choice.on and swept is not None and swept.out and swept.covers(choice)


def _intent(recipient_id: int, choice: Choice) -> Intent:
    status = PreferenceStatus.OPTED_IN if choice.on else PreferenceStatus.OPTED_OUT
    return Intent(recipient_id, choice.channel, status, choice.type.unit, choice.type)


def _was(value: str, catalog: Catalog, kind: RecipientKind) -> tuple[Place, bool]:
    place, _, flag = value.rpartition(":")
    if flag not in ("0", "1"):
        raise FormProblem(Fault.BAD_VALUE, "was")
    return _place("was", place, catalog, kind), flag == "1"


def _place(field: str, value: str, catalog: Catalog, kind: RecipientKind) -> Place:
    key, _, name = value.partition(":")
    type_, channel = catalog.type_by_key(key), _channel(name, kind)
    if type_ is None or channel is None:
        raise FormProblem(Fault.BAD_VALUE, field)
    return type_, channel


def _channel(name: str, kind: RecipientKind) -> Channel | None:
    return next((channel for channel in kind.channels if channel.value == name), None)
