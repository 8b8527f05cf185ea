"""The parts that pages, most of all the preference page, are put together from, as templates take them."""

from __future__ import annotations

from dataclasses import dataclass

from preference_center.rules.types import Channel


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the catalogue; `lang` names its language where it is not the page's."""

    text: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class BoxView:
    """A type on a channel that can be ticked; `was` is what the page showed, so that untouched is known."""

    channel: Channel
    label: str
    on: bool
    value: str
    was: str
    state: str | None


@dataclass(frozen=True, slots=True)
class FixedView:
    """A transactional type on a channel: shown, not chosen (R24)."""

    channel: Channel
    label: str
    on: bool
    state: str
    why: str | None


@dataclass(frozen=True, slots=True)
class TypeView:
    """One subscription type, with a box or a fixed state for each of its channels."""

    key: str
    name: Said
    about: Said
    channels: tuple[Channel, ...]
    boxes: tuple[BoxView, ...]
    fixed: tuple[FixedView, ...]
    plain: bool
    """Whether the page has one channel only, which needs no name beside the box."""


@dataclass(frozen=True, slots=True)
class RestView:
    """How long a unit may be told to be silent on a channel: buttons, and a field for a day."""

    heading: str
    lengths: tuple[tuple[str, str], ...]
    """Value and label of each button."""
    field: str
    field_id: str
    first: str
    last: str
    day_value: str
    typed: str
    error: str | None


@dataclass(frozen=True, slots=True)
class ChannelView:
    """What holds for a whole unit on a channel: the opt-out of all, its two buttons, a pause."""

    channel: Channel
    out: bool
    stopped: str
    notice: str | None
    since: str | None
    """Since when the opt-out of all stands, and by whom."""
    paused: str | None
    resume: str | None
    resume_value: str
    rest: RestView | None
    stop: str
    stop_value: str
    back: str
    back_value: str


@dataclass(frozen=True, slots=True)
class WayView:
    """An address that the page is about, masked, and the channels on which it is written to."""

    channels: str
    address: str


@dataclass(frozen=True, slots=True)
class UnitView:
    """One business unit's part of the page."""

    key: str
    name: str
    heading: str
    initial: str
    css: str
    types: tuple[TypeView, ...]
    channels: tuple[ChannelView, ...]

    @property
    def stops(self) -> list[ChannelView]:
        """The channels that can still be opted out of altogether."""
        return [on for on in self.channels if not on.out]


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A button that says why somebody left, and whether it is the one that was pressed."""

    value: str
    label: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class WhyView:
    """The block that asks why somebody left: its buttons, and the token that they post."""

    token: str
    reasons: tuple[ReasonView, ...]
