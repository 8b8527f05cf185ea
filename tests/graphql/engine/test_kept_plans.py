"""Plans are kept with a document. Nothing else of an earlier request affects a later one."""

from __future__ import annotations

import pytest

from preference_center.catalog.changes import update_type
from tests.conftest import Brands
from tests.graphql.conftest import Api, token
from tests.graphql.many_contacts import create_contacts

PREFERENCES = "{ contacts { nodes { email preferences { subscriptionType { key name } } } } }"
FILTERED = """query ($on: Channel, $named: Boolean = true) { contacts { nodes {
  firstName @include(if: $named) preferences(channel: $on) { channel } } } }"""

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
async def test_a_kept_plan_does_not_show_a_token_what_its_scopes_forbid(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 1)
    full = await api.execute(PREFERENCES)
    answer = await api.using(await token("contacts:read")).run(PREFERENCES)
    assert answer["data"] == {
        "contacts": {"nodes": [{"email": full["nodes"][0]["email"], "preferences": None}]}
    }
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await api.execute(PREFERENCES) == full


@on_sqlite
async def test_a_selection_with_variables_is_planned_for_each_request(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 1)
    [everywhere] = (await api.execute(FILTERED))["nodes"]
    [none] = (await api.execute(FILTERED, on="SMS", named=False))["nodes"]
    [by_email] = (await api.execute(FILTERED, on="EMAIL"))["nodes"]
    assert everywhere["preferences"]
    assert none == {"preferences": []}
    assert {each["channel"] for each in by_email["preferences"]} == {"EMAIL"}
    assert by_email["firstName"] == "P0"


@on_sqlite
async def test_a_kept_plan_shows_the_new_name_of_a_renamed_type(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 1)
    await api.execute(PREFERENCES)
    await update_type(brands.digest.key, name={"en": "Friday letter"})
    [contact] = (await api.execute(PREFERENCES))["nodes"]
    names = {
        each["subscriptionType"]["key"]: each["subscriptionType"]["name"] for each in contact["preferences"]
    }
    assert names[brands.digest.key] == "Friday letter"
