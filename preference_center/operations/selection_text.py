"""Which contacts an operation selects, in one sentence of plain English.

It names nobody: no address, no id, no text that was searched for, no value of a property. So it can stay
when the filter itself is deleted with the end of the operation (R36).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_COMPARISONS: Final = {
    "in": "has one of certain values",
    "less": "is less than a certain value",
    "lessOrEqual": "is at most a certain value",
    "greater": "is greater than a certain value",
    "greaterOrEqual": "is at least a certain value",
    "contains": "contains a certain value",
}
_CHANNELS: Final = {"EMAIL": "by email", "SMS": "by text message", "WHATSAPP": "by WhatsApp"}


def describe_selection(stored: Mapping[str, Any]) -> str:
    """Describe the contacts that a stored filter selects (`contacts.filter_json.to_json`)."""
    clauses = list(_clauses(stored))
    return f"Contacts {_joined(clauses)}." if clauses else "All contacts."


def _clauses(stored: Mapping[str, Any]) -> Iterator[str]:
    for name, value in stored.items():
        if name in _PHRASES:
            yield _PHRASES[name](value)
        elif name not in _PERIODS:
            yield f"for whom the condition {name.replace('_', ' ')!r} holds"
    for first, before, verb in (
        ("created_from", "created_before", "created"),
        ("updated_from", "updated_before", "last updated"),
    ):
        if first in stored or before in stored:
            yield f"{verb} {_period(stored.get(first), stored.get(before))}"


_PERIODS: Final = frozenset({"created_from", "created_before", "updated_from", "updated_before"})


def _joined(clauses: list[str]) -> str:
    *first, last = clauses
    return f"{', '.join(first)} and {last}" if first else last


def _counted(items: list[Any], one: str, many: str) -> str:
    return f"with {one}" if len(items) == 1 else f"with one of {len(items):,} {many}"


def _having(what: str) -> Callable[[bool], str]:
    return lambda has: f"with {what}" if has else f"without {what}"


def _by(channel: str | None) -> str:
    return "" if channel is None else f" {_CHANNELS.get(channel, channel)}"


def _period(first: str | None, before: str | None) -> str:
    ends = [f"{word} {at[:16].replace('T', ' ')}" for word, at in (("from", first), ("until", before)) if at]
    return " ".join(ends)


def _property(stored: list[Any]) -> str:
    name, value = stored
    return f"without the property {name!r}" if value is None else f"with a certain value of {name!r}"


def _properties(comparisons: list[list[Any]]) -> str:
    return _joined([_comparison(*comparison) for comparison in comparisons]) if comparisons else "of any kind"


def _comparison(name: str, operator: str, value: Any) -> str:
    if operator == "exists":
        return f"with the property {name!r}" if value else f"without the property {name!r}"
    return f"whose property {name!r} {_COMPARISONS.get(operator, 'is compared')}"


def _preference(stored: list[Any]) -> str:
    key, channel, status, origins, *periods = stored
    preference = f"whose preference for {key!r}{_by(channel)}"
    words = [] if status is None else [f"is {status}"]
    words += [f"was last changed by {' or '.join(origins)}"] if origins else []
    verbs = ("was changed", "was decided")
    words += [f"{verb} {_period(*each)}" for verb, each in zip(verbs, periods, strict=False) if each]
    return f"{preference} {_joined(words) if words else 'was decided'}"


def _opted_out_of_all(stored: list[Any]) -> str:
    channel, unit, origins, value = stored
    of = f"everything from {unit!r}" if unit else "everything from a business unit"
    made = f", recorded by {' or '.join(origins)}" if origins else ""
    return f"{'' if value else 'not '}opted out of {of}{_by(channel)}{made}"


def _pending_opt_in(stored: list[Any]) -> str:
    key, channel, value = stored
    of = f"an opt-in to {key!r}" if key else "an opt-in"
    return f"with{'' if value else 'out'} {of}{_by(channel)} that waits for confirmation"


def _paused(stored: list[Any]) -> str:
    unit, channel, value = stored
    return f"with{'' if value else 'out'} a pause{f' of {unit!r}' if unit else ''}{_by(channel)}"


def _deliverability(stored: list[Any]) -> str:
    usable, channel = stored
    return f"who can{'' if usable else 'not'} be reached{_by(channel)}"


def _groups(filters: list[Mapping[str, Any]]) -> str:
    groups = [f"({_group(each)})" for each in filters]
    return f"in one of these groups: {' or '.join(groups)}" if groups else "in no group"


def _group(stored: Mapping[str, Any]) -> str:
    clauses = list(_clauses(stored))
    return _joined(clauses) if clauses else "all contacts"


_PHRASES: Final[Mapping[str, Callable[[Any], str]]] = {
    "ids": lambda ids: f"chosen one by one ({len(ids):,})",
    "search": lambda _: "that a search finds",
    "emails": lambda emails: _counted(emails, "a certain email address", "email addresses"),
    "email_domains": lambda domains: _counted(domains, "a certain email domain", "email domains"),
    "phones": lambda phones: _counted(phones, "a certain phone number", "phone numbers"),
    "has_email": _having("an email address"),
    "has_phone": _having("a phone number"),
    "locale": lambda locale: f"whose language is {locale!r}",
    "property": _property,
    "properties": _properties,
    "processing_bases": lambda bases: f"with the processing basis {' or '.join(bases) or 'of no kind'}",
    "has_processing_basis": _having("a processing basis"),
    "preference": _preference,
    "opted_out_of_email": lambda key: f"opted out of {key!r} by email",
    "unsubscribed_from_all_email": lambda out: f"{'' if out else 'not '}opted out of all email",
    "opted_out_of_all": _opted_out_of_all,
    "pending_opt_in": _pending_opt_in,
    "paused": _paused,
    "deliverability": _deliverability,
    "any_of": _groups,
    "negated": lambda stored: f"that are not in this group: ({_group(stored)})",
}
