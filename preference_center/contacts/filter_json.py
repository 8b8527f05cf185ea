"""Contact filters as JSON: operations and workflows store a filter and apply it later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from preference_center.catalog.catalog import Catalog, SubscriptionType
from preference_center.contacts.filter import ContactFilter, OptedOutOfAllIs, PreferenceIs, PropertyEquals
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.validation import check_storable_json

_SIMPLE = ("ids", "search", "emails", "locale", "unsubscribed_from_all_email")
_INSTANTS = ("created_from", "created_before")


def to_json(contact_filter: ContactFilter) -> dict[str, Any]:
    """The filter as JSON, with the keys of types and units. Raises Invalid for text that cannot be stored."""
    f = contact_filter
    stored: dict[str, Any] = {name: getattr(f, name) for name in _SIMPLE}
    stored |= {name: at.isoformat() for name in _INSTANTS if (at := getattr(f, name))}
    if f.property is not None:
        stored["property"] = [f.property.name, f.property.value]
    for name, value in stored.items():
        check_storable_json(value, "filter", name)
    if f.preference is not None:
        stored["preference"] = _preference_to_json(f.preference)
    if f.opted_out_of_email is not None:
        stored["opted_out_of_email"] = f.opted_out_of_email.key
    if f.opted_out_of_all is not None:
        stored["opted_out_of_all"] = _opted_out_of_all_to_json(f.opted_out_of_all)
    if f.any_of is not None:
        stored["any_of"] = [to_json(inner) for inner in f.any_of]
    if f.negated is not None:
        stored["negated"] = to_json(f.negated)
    return {name: value for name, value in stored.items() if value is not None}


def from_json(stored: dict[str, Any], catalog: Catalog) -> ContactFilter:
    """The filter that was stored. Raises Invalid if one of its types does not exist any more."""
    values: dict[str, Any] = {name: stored[name] for name in _SIMPLE if name in stored}
    values |= {name: datetime.fromisoformat(stored[name]) for name in _INSTANTS if name in stored}
    if "property" in stored:
        values["property"] = PropertyEquals(*stored["property"])
    if "preference" in stored:
        values["preference"] = _preference_from_json(stored["preference"], catalog)
    if "opted_out_of_email" in stored:
        values["opted_out_of_email"] = _type(catalog, stored["opted_out_of_email"])
    if "opted_out_of_all" in stored:
        values["opted_out_of_all"] = _opted_out_of_all_from_json(stored["opted_out_of_all"], catalog)
    if "any_of" in stored:
        values["any_of"] = [from_json(inner, catalog) for inner in stored["any_of"]]
    if "negated" in stored:
        values["negated"] = from_json(stored["negated"], catalog)
    return ContactFilter(**values)


def _preference_to_json(wanted: PreferenceIs) -> list[Any]:
    return [wanted.type.key, wanted.channel.value, wanted.status.value, _values(wanted.origins)]


def _preference_from_json(stored: list[Any], catalog: Catalog) -> PreferenceIs:
    key, channel, status, origins = stored
    return PreferenceIs(_type(catalog, key), Channel(channel), PreferenceStatus(status), _origins(origins))


def _opted_out_of_all_to_json(wanted: OptedOutOfAllIs) -> list[Any]:
    unit_key = wanted.unit.key if wanted.unit else None
    return [wanted.channel.value, unit_key, _values(wanted.origins), wanted.value]


def _opted_out_of_all_from_json(stored: list[Any], catalog: Catalog) -> OptedOutOfAllIs:
    channel, unit_key, origins, value = stored
    unit = catalog.unit_by_key(unit_key) if unit_key else None
    return OptedOutOfAllIs(Channel(channel), unit, _origins(origins), value)


def _values(origins: Any) -> list[str] | None:
    return None if origins is None else [origin.value for origin in origins]


def _origins(values: list[str] | None) -> list[ConsentOrigin] | None:
    return None if values is None else [ConsentOrigin(value) for value in values]


def _type(catalog: Catalog, key: str) -> SubscriptionType:
    subscription_type = catalog.type_by_key(key)
    if subscription_type is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key!r}.", "filter")
    return subscription_type
