"""The data of the parts that pages are made of, as templates read them."""

from __future__ import annotations

from dataclasses import dataclass

from preference_center.rules.types import Channel


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
class BoxView:
    """A checkbox for a subscription type on a channel."""

    channel: Channel
    label: str
    checked: bool
    value: str
    was: str
    """The hidden field that says how the box was shown, so that an untouched box is recognised."""
    state: str | None


@dataclass(frozen=True, slots=True)
class FixedView:
    """A transactional type on a channel: shown, without a choice (R24)."""

    channel: Channel
    label: str
    state: str
    explanation: str | None


@dataclass(frozen=True, slots=True)
class TypeView:
    """One subscription type, with a box or a fixed state for each of its channels."""

    key: str
    name: LocalizedText
    description: LocalizedText
    channels: tuple[Channel, ...]
    boxes: tuple[BoxView, ...]
    fixed: tuple[FixedView, ...]
    single_channel: bool
    """Whether the page has one channel only, whose name is then left out."""


@dataclass(frozen=True, slots=True)
class PauseView:
    """The choice of a pause for a unit's channel: buttons for lengths, and a field for a day."""

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
    """The state of a whole unit on a channel: its opt-out of all, its pause, and their buttons."""

    channel: Channel
    opted_out: bool
    opted_out_notice: str
    return_notice: str | None
    """What an opt-in does while the opt-out of all is active (R12)."""
    opted_out_since: str | None
    paused: str | None
    resume_label: str | None
    resume_value: str
    pause: PauseView | None
    opt_out_label: str
    opt_out_value: str
    return_label: str
    return_value: str


@dataclass(frozen=True, slots=True)
class AddressView:
    """A masked address of the page, and the channels it is reached on."""

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
    def can_opt_out(self) -> list[ChannelView]:
        """The channels without an opt-out of all."""
        return [channel for channel in self.channels if not channel.opted_out]


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
