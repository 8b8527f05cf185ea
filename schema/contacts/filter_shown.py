"""A contact filter that was kept, in the words of the input ContactFilter: it can be sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from schema.contract.ids import global_id
from schema.contract.scalars import write_instant

_PLAIN = {
    "search": "search",
    "emails": "emails",
    "locale": "locale",
    "opted_out_of_email": "optedOutOfEmail",
    "unsubscribed_from_all_email": "unsubscribedFromAllEmail",
}


def shown_filter(said: dict[str, Any]) -> dict[str, Any]:
    """What the input said, without what it left out; `said` as `contact_filter_json` writes it."""
    shown: dict[str, Any] = {}
    if "ids" in said:
        shown["ids"] = [global_id("Contact", number) for number in said["ids"]]
    shown |= {name: said[kept] for kept, name in _PLAIN.items() if kept in said}
    if times := _times(said):
        shown["createdAt"] = times
    if "property" in said:
        name, value = said["property"]
        shown["property"] = {"name": name, "value": value}
    if "preference" in said:
        key, channel, status, origins = said["preference"]
        shown["preference"] = {"subscriptionType": key, "channel": channel, "status": status}
        shown["preference"] |= _given(origins=origins)
    if "opted_out_of_all" in said:
        channel, key, origins, value = said["opted_out_of_all"]
        shown["optedOutOfAll"] = {"channel": channel, **_given(businessUnit=key, origins=origins)}
        shown["optedOutOfAll"]["value"] = value
    if "any_of" in said:
        shown["or"] = [shown_filter(one) for one in said["any_of"]]
    if "negated" in said:
        shown["not"] = shown_filter(said["negated"])
    return shown


def _times(said: dict[str, Any]) -> dict[str, str]:
    ends = {"from": said.get("created_from"), "before": said.get("created_before")}
    return {name: write_instant(datetime.fromisoformat(at)) for name, at in ends.items() if at is not None}


def _given(**parts: Any) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value is not None}
