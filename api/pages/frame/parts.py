"""The data of the parts that pages are made of, as templates read them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    """A submit button: its label, and the `do` value that it posts. Main buttons are filled."""

    value: str
    label: str
    main: bool = False


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A name or description from the catalog; `lang` is its language if it differs from the page's."""

    text: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class ChannelHead:
    """A channel of a unit: the heading of a column, and a part of the name of each of its checkboxes."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class CellView:
    """A subscription type on one of its unit's channels: a checkbox, a fixed state, or nothing."""

    head: ChannelHead
    value: str = ""
    """Of the checkbox; empty if there is none."""
    checked: bool = False
    was: str = ""
    """The hidden field that says how the box was shown, so that an untouched box is recognised."""
    state: str | None = None
    """The fixed state in words: always on (R24), or off; None for a checkbox, and where not offered."""
    is_on: bool = False
    """Whether the fixed state is on."""


@dataclass(frozen=True, slots=True)
class WaitingView:
    """An opt-in that waits for its confirmation (R19), and the button that has it sent again."""

    text: str
    button: Button | None


@dataclass(frozen=True, slots=True)
class TypeView:
    """One subscription type, with a cell for each channel of its unit."""

    key: str
    name: LocalizedText
    description: LocalizedText
    frequency: LocalizedText | None
    cells: tuple[CellView, ...]
    note: str | None
    """Why something about it cannot be changed."""
    waiting: tuple[WaitingView, ...]
    about: tuple[str, ...]
    """Why it is sent or not, and since when: a sentence for each channel."""

    @property
    def is_received(self) -> bool:
        """Whether it is shown as sent, or as waiting for a confirmation, on any channel."""
        return bool(self.waiting) or any(cell.checked or cell.is_on for cell in self.cells)


@dataclass(frozen=True, slots=True)
class GroupView:
    """Types under a heading of the team; without one where they are in no group."""

    heading: LocalizedText | None
    types: tuple[TypeView, ...]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """That a unit's channels are paused or opted out of all, and the button that ends it."""

    text: str
    button: Button
    since: str | None = None
    """When the team made the opt-out of all, if it did."""
    return_notice: str | None = None
    """What ticking a box does while the opt-out of all holds (R12)."""
    out: tuple[str, ...] = ()
    """The opt-outs of all that the notice is about, for the form to post (R12)."""


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One radio button."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class PauseView:
    """Pausing or stopping a unit: on which channels, for how long or until which day."""

    field: str
    """The name of the field for a day."""
    field_id: str
    first: str
    last: str
    typed: str
    error: str | None
    effect: str
    lengths: tuple[Button, ...]
    """Empty if a pause would hold nothing back (R24)."""
    until: Button
    stop: Button
    channels_field: str
    channels: tuple[ChoiceView, ...]
    """Empty if the unit has one channel only."""


@dataclass(frozen=True, slots=True)
class UnitView:
    """One business unit's part of the page."""

    key: str
    name: str
    initial: str
    css: str
    heads: tuple[ChannelHead, ...]
    groups: tuple[GroupView, ...]
    others: tuple[GroupView, ...]
    """What is folded: types that come back only if they are ticked, after an opt-out of all (R12)."""
    notices: tuple[NoticeView, ...]
    pause: PauseView | None
    stop: Button | None
    """The button that stops all of the link's own channels, unless that is done already."""
    is_folded: bool = False
    """Whether nothing is received from it, and the link is not its own."""
    are_others_open: bool = False
    """Whether the form is shown again, and some of `others` was touched."""

    @property
    def has_boxes(self) -> bool:
        """Whether anything can be ticked or unticked."""
        return any(
            cell.value for group in self.groups + self.others for type_ in group.types for cell in type_.cells
        )


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A button for a leaving reason; `pressed` is the one that was given."""

    value: str
    label: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class LeavingReasonsView:
    """The form that asks for a leaving reason: its buttons, and the token that it posts."""

    token: str
    reasons: tuple[ReasonView, ...]
