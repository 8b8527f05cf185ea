"""A parameter of an export needs the scope that reads what it tells."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from preference_center.access.tokens import create_token

CONTACTS_READ, CONSENT = "contacts:read", "preferences:read"
PARAMETERS = {
    "filter": ('{"locale": "en"}', None),
    "search": ("ali", None),
    "subscription_type": ("weekly-digest", CONSENT),
    "status": ("OPTED_OUT", CONSENT),
    "channel": ("EMAIL", CONSENT),
    "unsubscribed_from_all_email": ("true", CONSENT),
}
"""A value of each parameter of `/exports/contacts`, and the scope that it needs besides contacts:read."""
ABOUT_CONSENT = (
    {"preference": {"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}},
    {"optedOutOfEmail": "weekly-digest"},
    {"unsubscribedFromAllEmail": True},
    {"optedOutOfAll": {}},
)


async def bearing(*scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {await create_token(' '.join(scopes), scopes)}"}


async def test_every_parameter_of_contacts_needs_its_scope(reader: httpx.AsyncClient) -> None:
    headers = await bearing(CONTACTS_READ)
    unknown = (await reader.get("/exports/contacts?x=1", headers=headers)).json()["message"]
    assert set(re.findall(r"\w+", unknown.split("Known parameters: ")[1])) == PARAMETERS.keys()
    for name, (value, scope) in PARAMETERS.items():
        answer = await reader.get("/exports/contacts", params={name: value}, headers=headers)
        if scope is None:
            assert answer.status_code == 200, name
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), name
            assert scope in answer.json()["message"]


@pytest.mark.parametrize("condition", ABOUT_CONSENT, ids=lambda each: next(iter(each)))
async def test_a_filter_as_json_is_refused_like_that_of_graphql(
    reader: httpx.AsyncClient, condition: dict[str, object]
) -> None:
    both, plain = await bearing(CONTACTS_READ, CONSENT), await bearing(CONTACTS_READ)
    for filter_ in (condition, {"not": condition}, {"or": [{"ids": []}, {"not": {"or": [condition]}}]}):
        for form in ("csv", "ndjson"):
            params = {"filter": json.dumps(filter_), "format": form}
            refused = await reader.get("/exports/contacts", params=params, headers=plain)
            assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
            assert CONSENT in refused.json()["message"]
            assert (await reader.get("/exports/contacts", params=params, headers=both)).status_code == 200


async def test_a_refused_parameter_is_refused_whatever_its_value(reader: httpx.AsyncClient) -> None:
    headers = await bearing(CONTACTS_READ)
    for query in ("status=NEVER", "subscription_type=none", "unsubscribed_from_all_email=perhaps"):
        assert (await reader.get(f"/exports/contacts?{query}", headers=headers)).status_code == 403
