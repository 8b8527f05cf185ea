"""A document asked again is answered by the plan kept from before, and by nothing else of that request."""

from __future__ import annotations

import pytest

from preference_center.catalog.changes import update_type
from tests.conftest import Brands
from tests.graphql.conftest import Api, token
from tests.graphql.crowd import crowd

HELD = "{ contacts { nodes { email preferences { subscriptionType { key name } } } } }"
ON = """query ($on: Channel, $named: Boolean = true) { contacts { nodes {
  firstName @include(if: $named) preferences(channel: $on) { channel } } } }"""

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
async def test_a_token_with_fewer_scopes_is_refused_what_another_has_just_read(
    api: Api, brands: Brands
) -> None:
    await crowd(brands, 1)
    full = await api.ask(HELD)
    answer = await api.using(await token("contacts:read")).run(HELD)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await api.ask(HELD) == full


@on_sqlite
async def test_variables_decide_anew_each_time(api: Api, brands: Brands) -> None:
    await crowd(brands, 1)
    [everywhere] = (await api.ask(ON))["nodes"]
    [none] = (await api.ask(ON, on="SMS", named=False))["nodes"]
    [by_email] = (await api.ask(ON, on="EMAIL"))["nodes"]
    assert everywhere["preferences"]
    assert none == {"preferences": []}
    assert {one["channel"] for one in by_email["preferences"]} == {"EMAIL"}
    assert by_email["firstName"] == "P0"


@on_sqlite
async def test_a_type_that_was_renamed_has_its_new_name(api: Api, brands: Brands) -> None:
    await crowd(brands, 1)
    await api.ask(HELD)
    await update_type(brands.digest.key, name={"en": "Friday letter"})
    [contact] = (await api.ask(HELD))["nodes"]
    names = {
        one["subscriptionType"]["key"]: one["subscriptionType"]["name"] for one in contact["preferences"]
    }
    assert names[brands.digest.key] == "Friday letter"
