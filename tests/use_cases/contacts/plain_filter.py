"""Contact filters the plain way: each contact is read, and compared in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preference_center.contacts.conditions import (
    DeliverabilityIs,
    Operator,
    PausedIs,
    PendingOptInIs,
    Period,
    PreferenceIs,
    PropertyComparison,
)
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.fields import folded
from preference_center.contacts.filter import ContactFilter
from preference_center.recipients.states import RecipientState
from preference_center.rules.types import Channel, PreferenceStatus


@dataclass(frozen=True)
class Known:
    """A contact, with the state of each address that it has."""

    row: ContactRow
    email: RecipientState | None
    phone: RecipientState | None

    def on(self, channel: Channel) -> RecipientState | None:
        return self.email if channel is Channel.EMAIL else self.phone


def holds(f: ContactFilter, known: Known) -> bool:
    """Whether a contact meets a filter."""
    row = known.row
    domain = row.email.partition("@")[2] if row.email else None
    presence = {"has_email": row.email, "has_phone": row.phone, "has_processing_basis": row.processing_basis}
    checks = [
        f.search is None or _search(f.search, row),
        f.email_domains is None or domain in {text.casefold() for text in f.email_domains},
        f.phones is None or row.phone in {text.replace(" ", "") for text in f.phones},
        f.processing_bases is None or row.processing_basis in f.processing_bases,
        _within(row.updated_at, Period(f.updated_from, f.updated_before)),
        *(getattr(f, name) in (None, value is not None) for name, value in presence.items()),
        *(_compares(each, row.properties) for each in f.properties or ()),
        f.preference is None or _preference(f.preference, known),
        f.preference_changed is None or _preference(f.preference_changed, known),
        f.pending_opt_in is None or _pending(f.pending_opt_in, known),
        f.paused is None or _paused(f.paused, known),
        f.deliverability is None or _deliverability(f.deliverability, known),
        f.any_of is None or any(holds(each, known) for each in f.any_of),
        f.negated is None or not holds(f.negated, known),
    ]
    return all(checks)


def _search(text: str, row: ContactRow) -> bool:
    first, last = folded(row.first_name), folded(row.last_name)
    fields = [first, last, row.email or "", row.phone or ""]

    def has(word: str) -> bool:
        if sum(character.isalnum() for character in word) >= 3:
            return any(word in field for field in fields)
        return any(field.startswith(word) for field in fields[:3])

    digits = "".join(filter(str.isdigit, text)).lstrip("0")
    is_number = len(digits) > 2 and all(character in "0123456789 +().-/" for character in text)
    return all(map(has, folded(text).split())) or (is_number and digits in (row.phone or ""))


def _within(at: datetime | None, period: Period | None) -> bool:
    if period is None or period == Period():
        return True
    if at is None:
        return False
    return (period.first is None or period.first <= at) and (period.before is None or at < period.before)


def _compares(wanted: PropertyComparison, properties: dict[str, Any]) -> bool:
    value, other = properties.get(wanted.name), wanted.value
    if wanted.operator is Operator.EXISTS:
        return (value is not None) is other
    if value is None:
        return False
    if wanted.operator is Operator.IN:
        return any(_same(value, each) for each in other)
    if wanted.operator is Operator.CONTAINS:
        if isinstance(value, list):
            return any(_same(item, other) for item in value)
        return isinstance(value, str) and isinstance(other, str) and other in value
    if isinstance(value, bool) or not _comparable(value, other):
        return False
    return {
        Operator.LESS: lambda: value < other,
        Operator.LESS_OR_EQUAL: lambda: value <= other,
        Operator.GREATER: lambda: value > other,
        Operator.GREATER_OR_EQUAL: lambda: value >= other,
    }[wanted.operator]()


def _same(value: Any, other: Any) -> bool:
    return value == other and isinstance(value, bool) is isinstance(other, bool)


def _comparable(value: Any, other: Any) -> bool:
    if isinstance(value, str):
        return isinstance(other, str)
    return isinstance(value, int | float) and isinstance(other, int | float)


def _preference(wanted: PreferenceIs, known: Known) -> bool:
    state = known.on(wanted.channel)
    if state is None:
        return False
    held = state.preferences.get((wanted.type.id, wanted.channel))
    if held is None:
        return wanted == PreferenceIs(wanted.type, wanted.channel, PreferenceStatus.NOT_OPTED)
    return (
        wanted.status in (None, held.status)
        and (wanted.origins is None or held.origin in wanted.origins)
        and _within(held.changed_at, wanted.changed)
        and _within(held.occurred_at, wanted.occurred)
    )


def _pending(wanted: PendingOptInIs, known: Known) -> bool:
    return wanted.value is any(
        wanted.type in (None, type_id) or (wanted.type is not None and wanted.type.id == type_id)
        for channel in _channels(wanted.channel)
        if (state := known.on(channel))
        for type_id, on in state.pending_opt_ins
        if on is channel
    )


def _paused(wanted: PausedIs, known: Known) -> bool:
    return wanted.value is any(
        wanted.unit is None or wanted.unit.id == unit_id
        for channel in _channels(wanted.channel)
        if (state := known.on(channel))
        for unit_id, on in state.pauses
        if on is channel
    )


def _channels(channel: Channel | None) -> Sequence[Channel]:
    return list(Channel) if channel is None else [channel]


def _deliverability(wanted: DeliverabilityIs, known: Known) -> bool:
    state = known.on(wanted.channel)
    return state is not None and (state.refused_at is None) is wanted.usable
