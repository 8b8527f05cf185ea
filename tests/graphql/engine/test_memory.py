"""The objects of an answer are freed with it: collecting them as garbage would hold up everybody else."""

from __future__ import annotations

import gc
from collections import Counter

import pytest

from api.graphql.run import Params, run
from api.http.auth import caller_by_token
from schema.contract.ids import global_id
from tests.conftest import Brands
from tests.graphql.conftest import token
from tests.graphql.many_contacts import create_contacts

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_OF_AN_ANSWER = ("schema.", "graphql.execution.", "preference_center.contacts.")
_PREFERENCES = "preferences{status origin eligibility{allowed}} optOutsOfAll{since} pauses{until}"
_CONTACT = f"id email properties {_PREFERENCES} recipients{{id {_PREFERENCES}}}"


def _kept() -> Counter[str]:
    kept = (type(each) for each in gc.get_objects())
    return Counter(each.__qualname__ for each in kept if str(each.__module__).startswith(_OF_AN_ANSWER))


@pytest.mark.parametrize(
    "query",
    [
        "{viewer{name}}",
        f"{{contacts(first:3){{totalCount edges{{cursor node{{{_CONTACT}}}}} pageInfo{{endCursor}}}}}}",
        "{consentEvents(first:3){totalCount nodes{id recipient{address}}}}",
        f'{{nodes(ids:["{global_id("Contact", 1)}"]){{id ...on Contact{{{_CONTACT}}}}}}}',
        '{eligibility(subscriptionType:"weekly-digest",channel:EMAIL,addresses:["a@b.example"]){address}}',
    ],
)
async def test_the_objects_of_an_answer_are_freed_with_it(brands: Brands, query: str) -> None:
    await create_contacts(brands, 3)
    caller = await caller_by_token(await token("admin"), None)
    await run(Params(query, {}), caller)  # its document and plans are kept
    gc.collect()
    gc.disable()
    try:
        before = _kept()
        answer = await run(Params(query, {}), caller)
        assert "errors" not in answer.body
        assert _kept() - before == Counter()
    finally:
        gc.enable()
