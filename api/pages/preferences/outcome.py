"""Says by name what a press on the page did, as far as it still holds, and what can be done about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from api.pages import leaving_reasons
from api.pages.frame.copy import channel_names
from api.pages.frame.parts import LeavingReasonsView
from api.pages.manage_link import ManageLink
from api.pages.preferences import copy, pauses
from api.pages.preferences.boxes import is_subscribed
from api.pages.preferences.flash import FlashMessage
from preference_center.catalog.catalog import BusinessUnit
from preference_center.config import settings
from preference_center.links.maker import link_maker
from preference_center.links.payloads import MAX_LEAVING_REASON_EVENTS
from preference_center.preferences.own_page.events import PageEvent, current_page_events
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.translations import Translator

_OUT = PreferenceStatus.OPTED_OUT
_MOST_NAMES = 4
"""A longer list is shortened: whoever wants to see all of it looks at the page."""
_MOST_BRANDS = 3


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """The message at the top of the page after a press."""

    good: bool
    text: str
    undo: str | None = None
    """The token that undoes the press; None if there is nothing to undo."""
    undo_label: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A press, and those of its events that still hold."""

    message: FlashMessage
    events: tuple[PageEvent, ...]

    @property
    def is_stale(self) -> bool:
        """Whether something newer holds than all that it did."""
        return bool(self.message.event_ids) and not self.events

    def left(self) -> list[PageEvent]:
        """The opt-outs that a leaving reason can be given for: not those that coming back includes (R12)."""
        back = _lifted(self.events)
        return [event for event in self.events if event.opts_out and event.place not in back]


async def read_outcome(link: ManageLink, message: FlashMessage | None) -> Outcome | None:
    """What a press did, as far as it still holds; None without one, and if the link is somebody else's."""
    if message is None:
        return None
    recipient_ids = {row.id for row in (link.visitor.recipient, link.visitor.phone) if row}
    return Outcome(message, tuple(await current_page_events(message.event_ids, recipient_ids)))


def outcome_view(outcome: Outcome | None, link: ManageLink) -> OutcomeView | None:
    """The message; None if there is none, or if something newer holds."""
    if outcome is None or (outcome.is_stale and outcome.message.result != "thanked"):
        return None
    message, translator = outcome.message, link.translator
    troubles = _troubles(message, link)
    lines = [*_sentences(outcome, link), *troubles]
    if message.result == "saved" and not lines:
        lines = [copy.nothing_to_save(translator)]
    undo = _can_undo(outcome)
    return OutcomeView(
        good=not troubles and message.result != "not undone",
        text=translator.joined(*lines),
        undo=message.token if undo else None,
        undo_label=copy.undo_button(translator),
    )


def reasons_view(outcome: Outcome | None, link: ManageLink) -> LeavingReasonsView | None:
    """The form that asks why the person left, with the reason that was given; None if they did not leave.

    Not asked about units that do not want to know.
    """
    if outcome is None or outcome.message.result not in ("saved", "thanked"):
        return None
    asking = {unit.id for unit in link.catalog.units if unit.appearance.leaving_reasons}
    ids = [event.id for event in outcome.left() if event.business_unit_id in asking]
    if not 0 < len(ids) <= MAX_LEAVING_REASON_EVENTS:
        return None
    token = link_maker(settings.current()).leaving_reason(ids, outcome.message.when)
    return leaving_reasons.reasons_view(link.translator, token, outcome.message.reason)


def _can_undo(outcome: Outcome) -> bool:
    requested = outcome.message.press.requested and not outcome.message.event_ids
    return outcome.message.result in ("saved", "thanked") and bool(outcome.events or requested)


def _sentences(outcome: Outcome, link: ManageLink) -> list[str]:
    translator, message = link.translator, outcome.message
    names = names_of(link, message.requested)
    if message.result == "not undone":
        return [copy.not_undone(translator)]
    if message.result == "sent":
        return [copy.sent_again(translator, names)]
    if message.result == "sent lately":
        return [copy.sent_lately(translator, names)]
    lines = _Sentences(outcome, link).all()
    if message.result == "thanked":
        lines.insert(0, leaving_reasons.thanks(translator))
    if message.result == "undone":
        lines.insert(0, copy.undone(translator))
    if names:
        lines.append(copy.confirm_by_text(translator, names, link.visitor.masked_phone))
    return lines


def _troubles(message: FlashMessage, link: ManageLink) -> list[str]:
    """What was not saved, and why."""
    troubles = [
        (message.refused, copy.no_longer_offered),
        (message.phone_changed, copy.phone_changed),
        (message.opt_in_dropped, copy.opt_in_dropped),
    ]
    lines = [sentence(link.translator) for happened, sentence in troubles if happened]
    if message.day_left_out:
        lines.append(pauses.day_left_out(link.translator, pauses.last_day(link.now)))
    return lines


def _lifted(events: Iterable[PageEvent]) -> set[tuple[int, Channel]]:
    """Where an opt-out of all was lifted."""
    return {event.place for event in events if event.of_all and event.after is not _OUT}


Place = tuple[int, Channel]


class _Sentences:
    """One sentence for each kind of change: what ended, what comes, what is paused."""

    def __init__(self, outcome: Outcome, link: ManageLink) -> None:
        self._link, self._translator, self._events = link, link.translator, outcome.events
        self._back = _lifted(outcome.events)
        """Where an opt-out of all was lifted: unit ids and channels."""
        self._left = {event.place for event in outcome.events if event.of_all and event.after is _OUT}
        self._ticked = outcome.message.ticked

    def all(self) -> list[str]:
        """The sentences, the most important first."""
        return [*self._of_all(), *self._of_types(), *self._of_pauses()]

    def _of_all(self) -> list[str]:
        by_unit = self._by_unit(self._left)
        if len(by_unit) > _MOST_BRANDS:
            return [copy.opted_out_of_brands(self._translator, len(by_unit))]
        if len(by_unit) > 1:
            return [copy.opted_out_of_units(self._translator, self._listed(by_unit))]
        return [
            copy.opted_out_of_all(self._translator, channels, unit.name, whole=self._whole(unit, channels))
            for unit, channels in by_unit.items()
        ]

    def _of_types(self) -> list[str]:
        came, left = self._changed_types()
        lines = self._of_returns()
        if came:
            lines.append(copy.now_received(self._translator, names_of(self._link, came)))
        if left:
            lines.append(copy.no_longer_received(self._translator, names_of(self._link, left)))
        return lines

    def _of_returns(self) -> list[str]:
        """Where everything comes as before, rather than what was ticked (R12)."""
        by_unit = self._by_unit(self._back - {self._place(*place) for place in self._ticked})
        if len(by_unit) > 1:
            return [copy.returned_to_units(self._translator, self._listed(by_unit))]
        return [
            copy.returned(self._translator, channels, unit.name, whole=self._whole(unit, channels))
            for unit, channels in by_unit.items()
        ]

    def _listed(self, units: Iterable[BusinessUnit]) -> str:
        return _shortened(self._translator, [unit.name for unit in units])

    def _changed_types(self) -> tuple[set[Place], set[Place]]:
        """The types that come now, and those that do not, apart from what a change of all covers."""
        catalog, came, left = self._link.catalog, set(self._ticked), set()
        for event in self._events:
            type_id = event.subscription_type_id
            if type_id is None or event.place in self._left:
                continue
            place = (type_id, event.channel)
            if is_subscribed(self._link.state, catalog.type_by_id(type_id), event.channel):
                came.add(place)
            elif event.place not in self._back:
                left.add(place)
        return came, left

    def _of_pauses(self) -> list[str]:
        paused: dict[datetime | None, set[Place]] = {}
        for event in self._events:
            if event.about_pause:
                paused.setdefault(event.paused_until, set()).add(event.place)
        lines = []
        for until, places in paused.items():
            for unit, channels in self._by_unit(places).items():
                whole = self._whole(unit, channels)
                if until is None:
                    lines.append(pauses.no_longer_paused(self._translator, channels, unit.name, whole=whole))
                else:
                    day = self._translator.date(until)
                    lines.append(pauses.paused(self._translator, channels, unit.name, day, whole=whole))
        return lines

    def _place(self, type_id: int, channel: Channel) -> Place:
        return (self._link.catalog.type_by_id(type_id).business_unit.id, channel)

    def _whole(self, unit: BusinessUnit, channels: tuple[Channel, ...]) -> bool:
        """Whether these are all of several channels that the unit has on this page."""
        types = [type_ for type_ in self._link.catalog.types_of(unit) if type_.archived_at is None]
        offered = {channel for type_ in types for channel in type_.channels}
        return len(channels) > 1 and offered.intersection(self._link.visitor.channels) <= set(channels)

    def _by_unit(self, places: Collection[Place]) -> dict[BusinessUnit, tuple[Channel, ...]]:
        """Channels by unit, both in the order of the page."""
        found = {
            unit: tuple(channel for channel in self._link.visitor.channels if (unit.id, channel) in places)
            for unit in self._link.catalog.units
        }
        return {unit: channels for unit, channels in found.items() if channels}


def names_of(link: ManageLink, places: Collection[Place]) -> str:
    """Types by name, with their channels where a type is meant on some of its channels only."""
    translator, labels = link.translator, []
    for type_ in link.catalog.types:
        offered = [channel for channel in link.visitor.channels if channel in type_.channels]
        channels = [channel for channel in offered if (type_.id, channel) in places]
        if not channels:
            continue
        name = type_.name(translator.language)
        by_channel = copy.named_channels(translator, name, channel_names(translator, channels))
        labels.append(name if len(offered) == 1 else by_channel)
    return _shortened(translator, labels)


def _shortened(translator: Translator, labels: list[str]) -> str:
    """A list of at most so many names."""
    if len(labels) <= _MOST_NAMES:
        return translator.listed(labels)
    shown = _MOST_NAMES - 1
    return translator.listed([*labels[:shown], copy.more(translator, len(labels) - shown)])
