"""A stored contact filter, written as the input ContactFilter so that it can be sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from schema.contract.ids import global_id
from schema.contract.scalars import write_instant

_UNCHANGED = {
    "search": "search",
    "emails": "emails",
    "locale": "locale",
    "opted_out_of_email": "optedOutOfEmail",
    "unsubscribed_from_all_email": "unsubscribedFromAllEmail",
}


def shown_filter(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the conditions of a filter that `preference_center.contacts.filter_json.to_json` wrote."""
    shown: dict[str, Any] = {}
    if "ids" in stored:
        shown["ids"] = [global_id("Contact", contact_id) for contact_id in stored["ids"]]
    shown |= {name: stored[key] for key, name in _UNCHANGED.items() if key in stored}
    if times := _times(stored):
        shown["createdAt"] = times
    if "property" in stored:
        name, value = stored["property"]
        shown["property"] = {"name": name, "value": value}
    shown |= _preferences(stored)
    if "any_of" in stored:
        shown["or"] = [shown_filter(each) for each in stored["any_of"]]
    if "negated" in stored:
        shown["not"] = shown_filter(stored["negated"])
    return shown


def _preferences(stored: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "preference" in stored:
        key, channel, status, origins = stored["preference"]
        shown["preference"] = {"subscriptionType": key, "channel": channel, "status": status}
        shown["preference"] |= _without_null(origins=origins)
    if "opted_out_of_all" in stored:
        channel, key, origins, value = stored["opted_out_of_all"]
        shown["optedOutOfAll"] = {"channel": channel, **_without_null(businessUnit=key, origins=origins)}
        shown["optedOutOfAll"]["value"] = value
    return shown


def _times(stored: dict[str, Any]) -> dict[str, str]:
    ends = {"from": stored.get("created_from"), "before": stored.get("created_before")}
    return {name: write_instant(datetime.fromisoformat(at)) for name, at in ends.items() if at is not None}


def _without_null(**conditions: Any) -> dict[str, Any]:
    return {name: value for name, value in conditions.items() if value is not None}
