"""Contact filters as JSON: operations and workflows store a filter and apply it later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.contacts.conditions import (
    DeliverabilityIs,
    Operator,
    OptedOutOfAllIs,
    PausedIs,
    PendingOptInIs,
    Period,
    PreferenceIs,
    PropertyComparison,
    PropertyEquals,
)
from preference_center.contacts.filter import ContactFilter
from preference_center.errors import ErrorCode, Invalid, below
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.validation import check_storable_json

_SIMPLE = (
    *("ids", "search", "emails", "email_domains", "phones", "has_email", "has_phone", "locale"),
    *("has_processing_basis", "unsubscribed_from_all_email"),
)
_PUBLISHED = {"email_domains": "emailDomains"}
"""Names in the API of conditions on text, where they are others."""
_PREFERENCES = ("preference", "preference_changed")
_INSTANTS = ("created_from", "created_before", "updated_from", "updated_before")


def to_json(contact_filter: ContactFilter, *path: str) -> dict[str, Any]:
    """The filter as JSON, with the keys of types and units. `path` leads to the field that holds the filter.

    Raises Invalid for text that cannot be stored.
    """
    with below(*path, "filter"):
        return _to_json(contact_filter)


def _to_json(f: ContactFilter, *path: str) -> dict[str, Any]:
    stored: dict[str, Any] = {name: getattr(f, name) for name in _SIMPLE}
    stored |= {name: at.isoformat() for name in _INSTANTS if (at := getattr(f, name))}
    if f.property is not None:
        stored["property"] = [f.property.name, f.property.value]
    if f.properties is not None:
        stored["properties"] = [[each.name, each.operator.value, each.value] for each in f.properties]
    stored["processing_bases"] = _values(f.processing_bases)
    for name, value in stored.items():
        check_storable_json(value, *path, _PUBLISHED.get(name, name))
    stored |= _consent_to_json(f)
    if f.any_of is not None:
        stored["any_of"] = [_to_json(inner, *path, "or", str(index)) for index, inner in enumerate(f.any_of)]
    if f.negated is not None:
        stored["negated"] = _to_json(f.negated, *path, "not")
    return {name: value for name, value in stored.items() if value is not None}


def from_json(stored: dict[str, Any], catalog: Catalog) -> ContactFilter:
    """The filter that was stored. Raises Invalid if one of its types does not exist any more."""
    values: dict[str, Any] = {name: stored[name] for name in _SIMPLE if name in stored}
    values |= {name: datetime.fromisoformat(stored[name]) for name in _INSTANTS if name in stored}
    if "property" in stored:
        values["property"] = PropertyEquals(*stored["property"])
    if "properties" in stored:
        values["properties"] = [
            PropertyComparison(name, Operator(operator), value)
            for name, operator, value in stored["properties"]
        ]
    if "processing_bases" in stored:
        values["processing_bases"] = [LegalBasis(value) for value in stored["processing_bases"]]
    values |= _consent_from_json(stored, catalog)
    if "any_of" in stored:
        values["any_of"] = [from_json(inner, catalog) for inner in stored["any_of"]]
    if "negated" in stored:
        values["negated"] = from_json(stored["negated"], catalog)
    return ContactFilter(**values)


def _consent_to_json(f: ContactFilter) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    for name in _PREFERENCES:
        if (wanted := getattr(f, name)) is not None:
            stored[name] = _preference_to_json(wanted)
    if f.opted_out_of_email is not None:
        stored["opted_out_of_email"] = f.opted_out_of_email.key
    if f.opted_out_of_all is not None:
        stored["opted_out_of_all"] = _opted_out_of_all_to_json(f.opted_out_of_all)
    if f.pending_opt_in is not None:
        pending = f.pending_opt_in
        stored["pending_opt_in"] = [_key(pending.type), _channel_value(pending.channel), pending.value]
    if f.paused is not None:
        stored["paused"] = [_key(f.paused.unit), _channel_value(f.paused.channel), f.paused.value]
    if f.deliverability is not None:
        stored["deliverability"] = [f.deliverability.usable, f.deliverability.channel.value]
    return stored


def _consent_from_json(stored: dict[str, Any], catalog: Catalog) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in _PREFERENCES:
        if name in stored:
            values[name] = _preference_from_json(stored[name], catalog)
    if "opted_out_of_email" in stored:
        values["opted_out_of_email"] = _type(catalog, stored["opted_out_of_email"])
    if "opted_out_of_all" in stored:
        values["opted_out_of_all"] = _opted_out_of_all_from_json(stored["opted_out_of_all"], catalog)
    if "pending_opt_in" in stored:
        key, channel, value = stored["pending_opt_in"]
        type_ = _type(catalog, key) if key else None
        values["pending_opt_in"] = PendingOptInIs(type_, _channel(channel), value)
    if "paused" in stored:
        key, channel, value = stored["paused"]
        unit = catalog.unit_by_key(key) if key else None
        values["paused"] = PausedIs(unit, _channel(channel), value)
    if "deliverability" in stored:
        usable, channel = stored["deliverability"]
        values["deliverability"] = DeliverabilityIs(usable, Channel(channel))
    return values


def _preference_to_json(wanted: PreferenceIs) -> list[Any]:
    status = wanted.status.value if wanted.status else None
    periods = [_period_to_json(wanted.changed), _period_to_json(wanted.occurred)]
    return [wanted.type.key, wanted.channel.value, status, _values(wanted.origins), *periods]


def _preference_from_json(stored: list[Any], catalog: Catalog) -> PreferenceIs:
    key, channel, status, origins, *periods = stored  # older filters have no periods
    return PreferenceIs(
        _type(catalog, key),
        Channel(channel),
        PreferenceStatus(status) if status else None,
        _origins(origins),
        *map(_period_from_json, periods),
    )


def _period_to_json(period: Period | None) -> list[str | None] | None:
    return None if period is None else [at.isoformat() if at else None for at in period]


def _period_from_json(stored: list[str | None] | None) -> Period | None:
    if stored is None:
        return None
    return Period(*(datetime.fromisoformat(at) if at else None for at in stored))


def _opted_out_of_all_to_json(wanted: OptedOutOfAllIs) -> list[Any]:
    return [wanted.channel.value, _key(wanted.unit), _values(wanted.origins), wanted.value]


def _opted_out_of_all_from_json(stored: list[Any], catalog: Catalog) -> OptedOutOfAllIs:
    channel, unit_key, origins, value = stored
    unit = catalog.unit_by_key(unit_key) if unit_key else None
    return OptedOutOfAllIs(Channel(channel), unit, _origins(origins), value)


def _key(kept: SubscriptionType | BusinessUnit | None) -> str | None:
    return kept.key if kept else None


def _channel_value(channel: Channel | None) -> str | None:
    return channel.value if channel else None


def _channel(value: str | None) -> Channel | None:
    return Channel(value) if value else None


def _values(members: Any) -> list[str] | None:
    return None if members is None else [member.value for member in members]


def _origins(values: list[str] | None) -> list[ConsentOrigin] | None:
    return None if values is None else [ConsentOrigin(value) for value in values]


def _type(catalog: Catalog, key: str) -> SubscriptionType:
    subscription_type = catalog.type_by_key(key)
    if subscription_type is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key!r}.", "filter")
    return subscription_type
