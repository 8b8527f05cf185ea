"""A contact filter as JSON and back: an operation keeps what it selects by until it starts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from preference_center.catalog.catalog import Catalog, SubscriptionType
from preference_center.contacts.filter import ContactFilter, OptedOutOfAllIs, PreferenceIs, PropertyEquals
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus

_PLAIN = ("ids", "search", "emails", "locale", "unsubscribed_from_all_email")
_TIMES = ("created_from", "created_before")


def to_json(wanted: ContactFilter) -> dict[str, Any]:
    """The filter as JSON; types and units by their keys."""
    said: dict[str, Any] = {name: getattr(wanted, name) for name in _PLAIN}
    for name in _TIMES:
        at = getattr(wanted, name)
        said[name] = at.isoformat() if at else None
    if wanted.property is not None:
        said["property"] = [wanted.property.name, wanted.property.value]
    if wanted.preference is not None:
        p = wanted.preference
        said["preference"] = [p.type.key, p.channel.value, p.status.value, _values(p.origins)]
    if wanted.opted_out_of_email is not None:
        said["opted_out_of_email"] = wanted.opted_out_of_email.key
    if wanted.opted_out_of_all is not None:
        o = wanted.opted_out_of_all
        said["opted_out_of_all"] = [
            o.channel.value,
            o.unit.key if o.unit else None,
            _values(o.origins),
            o.value,
        ]
    if wanted.any_of is not None:
        said["any_of"] = [to_json(one) for one in wanted.any_of]
    if wanted.negated is not None:
        said["negated"] = to_json(wanted.negated)
    return {name: value for name, value in said.items() if value is not None}


def from_json(said: dict[str, Any], catalog: Catalog) -> ContactFilter:
    """The filter that was kept. Raises Invalid where a type or unit of it is gone."""
    given: dict[str, Any] = {name: said[name] for name in _PLAIN if name in said}
    given |= {name: datetime.fromisoformat(said[name]) for name in _TIMES if name in said}
    if "property" in said:
        given["property"] = PropertyEquals(*said["property"])
    if "preference" in said:
        key, channel, status, origins = said["preference"]
        given["preference"] = PreferenceIs(
            _type(catalog, key), Channel(channel), PreferenceStatus(status), _origins(origins)
        )
    if "opted_out_of_email" in said:
        given["opted_out_of_email"] = _type(catalog, said["opted_out_of_email"])
    if "opted_out_of_all" in said:
        channel, key, origins, value = said["opted_out_of_all"]
        unit = catalog.unit_by_key(key) if key else None
        given["opted_out_of_all"] = OptedOutOfAllIs(Channel(channel), unit, _origins(origins), value)
    if "any_of" in said:
        given["any_of"] = [from_json(one, catalog) for one in said["any_of"]]
    if "negated" in said:
        given["negated"] = from_json(said["negated"], catalog)
    return ContactFilter(**given)


def _values(origins: Any) -> list[str] | None:
    return None if origins is None else [origin.value for origin in origins]


def _origins(values: list[str] | None) -> list[ConsentOrigin] | None:
    return None if values is None else [ConsentOrigin(value) for value in values]


def _type(catalog: Catalog, key: str) -> SubscriptionType:
    kind = catalog.type_by_key(key)
    if kind is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key!r}.", "filter")
    return kind
