"""A stored contact filter, written as the input ContactFilter so that it can be sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from schema.contract.ids import global_id
from schema.contract.scalars import write_instant

_UNCHANGED = {
    "search": "search",
    "emails": "emails",
    "email_domains": "emailDomains",
    "phones": "phones",
    "has_email": "hasEmail",
    "has_phone": "hasPhone",
    "locale": "locale",
    "processing_bases": "processingBases",
    "has_processing_basis": "hasProcessingBasis",
    "opted_out_of_email": "optedOutOfEmail",
    "unsubscribed_from_all_email": "unsubscribedFromAllEmail",
}
_PREFERENCES = {"preference": "preference", "preference_changed": "preferenceChanged"}


def shown_filter(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the conditions of a filter that `preference_center.contacts.filter_json.to_json` wrote."""
    shown: dict[str, Any] = {}
    if "ids" in stored:
        shown["ids"] = [global_id("Contact", contact_id) for contact_id in stored["ids"]]
    shown |= {name: stored[key] for key, name in _UNCHANGED.items() if key in stored}
    for name in ("created", "updated"):
        if times := _range(stored.get(f"{name}_from"), stored.get(f"{name}_before")):
            shown[f"{name}At"] = times
    if "property" in stored:
        name, value = stored["property"]
        shown["property"] = {"name": name, "value": value}
    if "properties" in stored:
        shown["properties"] = [{"name": name, key: value} for name, key, value in stored["properties"]]
    shown |= _preferences(stored) | _addresses(stored)
    if "any_of" in stored:
        shown["or"] = [shown_filter(each) for each in stored["any_of"]]
    if "negated" in stored:
        shown["not"] = shown_filter(stored["negated"])
    return shown


def _preferences(stored: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, published in _PREFERENCES.items():
        if name in stored:
            key, channel, status, origins, *periods = stored[name]
            times = (_range(*period) if period else None for period in periods)
            shown[published] = {"subscriptionType": key, "channel": channel}
            shown[published] |= _without_null(
                status=status, origins=origins, **dict(zip(("changedAt", "occurredAt"), times, strict=False))
            )
    if "opted_out_of_all" in stored:
        channel, key, origins, value = stored["opted_out_of_all"]
        shown["optedOutOfAll"] = {"channel": channel, **_without_null(businessUnit=key, origins=origins)}
        shown["optedOutOfAll"]["value"] = value
    return shown


def _addresses(stored: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "pending_opt_in" in stored:
        key, channel, value = stored["pending_opt_in"]
        shown["pendingOptIn"] = {**_without_null(subscriptionType=key, channel=channel), "value": value}
    if "paused" in stored:
        key, channel, value = stored["paused"]
        shown["paused"] = {**_without_null(businessUnit=key, channel=channel), "value": value}
    if "deliverability" in stored:
        usable, channel = stored["deliverability"]
        shown["deliverability"] = {"usable": usable, "channel": channel}
    return shown


def _range(first: str | None, before: str | None) -> dict[str, str]:
    ends = _without_null(**{"from": first, "before": before})
    return {name: write_instant(datetime.fromisoformat(at)) for name, at in ends.items()}


def _without_null(**conditions: Any) -> dict[str, Any]:
    return {name: value for name, value in conditions.items() if value is not None}
