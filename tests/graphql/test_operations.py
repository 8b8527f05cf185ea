"""Long jobs over GraphQL: asked for, watched, undone (R8, R9, R14, R20)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from tests.conftest import Brands
from tests.graphql.conftest import Api, token

BULK = """mutation($input: BulkUpdatePreferencesInput!) { bulkUpdatePreferences(input: $input) {
  operation { id kind state dryRun total processed changed unchanged refused refusals { code count } actor
    explanation error finishedAt refusalsUrl revertedBy { id } }
  userErrors { code field } } }"""
WATCH = """query($id: ID!) { operation(id: $id) { id state total processed changed unchanged refused
  refusals { code count } refusalsUrl revertedBy { id state } } }"""
REVERT = """mutation($id: ID!) { revertOperation(input: {id: $id, explanation: "Wrong list."}) {
  operation { id kind } userErrors { code field } } }"""
CREATE = "mutation($email: String) { createContact(input: {email: $email}) { contact { id } } }"
GROUNDS = {
    "explanation": "Moved from the old shop.",
    "legalBasis": "CONSENT_WITH_NOTICE",
    "processingBasis": "PROCESS_AND_STORE",
}


@pytest.fixture
async def people(api: Api) -> list[str]:
    """The ids of three contacts."""
    made = [await api.ask(CREATE, email=f"p{n}@example.com") for n in range(3)]
    return [one["contact"]["id"] for one in made]


async def finish() -> None:
    while await run_next(HANDLERS):
        pass


def wish(**more: Any) -> dict[str, Any]:
    selection = {"contacts": {"filter": {}}, "subscriptionTypes": ["weekly-digest"], "status": "OPTED_IN"}
    return {**selection, **GROUNDS, **more}


async def test_a_bulk_update_is_queued_watched_and_undone(api: Api, people: list[str]) -> None:
    """R9, R20"""
    asked = (await api.ask(BULK, input=wish()))["operation"]
    assert (asked["kind"], asked["state"], asked["total"], asked["actor"]) == (
        "BULK_UPDATE",
        "QUEUED",
        None,
        "crm",
    )
    await finish()
    done = await api.ask(WATCH, id=asked["id"])
    assert (done["state"], done["total"], done["changed"], done["refused"]) == ("COMPLETED", 3, 3, 0)
    events = await api.ask(
        "query($id: ID!) { consentEvents(operation: $id) { nodes { origin explanation operation { id } } } }",
        id=asked["id"],
    )
    assert (
        events["nodes"]
        == [
            {"origin": "BULK_UPDATE", "explanation": GROUNDS["explanation"], "operation": {"id": asked["id"]}}
        ]
        * 3
    )
    undoing = (await api.ask(REVERT, id=asked["id"]))["operation"]
    assert undoing["kind"] == "REVERSAL"
    await finish()
    done = await api.ask(WATCH, id=asked["id"])
    assert done["revertedBy"] == {"id": undoing["id"], "state": "COMPLETED"}
    again = await api.ask(REVERT, id=asked["id"])
    assert again["userErrors"] == [{"code": "NOT_REVERSIBLE", "field": ["id"]}]
    node = await api.ask("query($id: ID!) { node(id: $id) { __typename id } }", id=asked["id"])
    assert node == {"__typename": "Operation", "id": asked["id"]}


async def test_what_was_refused_is_counted_by_code_and_can_be_downloaded(api: Api, people: list[str]) -> None:
    """R14"""
    asked = (await api.ask(BULK, input=wish(processingBasis=None)))["operation"]
    await finish()
    done = await api.ask(WATCH, id=asked["id"])
    assert done["refusals"] == [{"code": "PROCESSING_BASIS_REQUIRED", "count": 3}]
    assert done["refusalsUrl"].endswith(f"/operations/{asked['id']}/refusals")


async def test_contacts_are_selected_by_id(api: Api, people: list[str]) -> None:
    asked = (await api.ask(BULK, input=wish(contacts={"ids": people[:2]})))["operation"]
    await finish()
    assert (await api.ask(WATCH, id=asked["id"]))["changed"] == 2


async def test_operations_are_read_in_pages_newest_first(api: Api, people: list[str]) -> None:
    made = [(await api.ask(BULK, input=wish(dryRun=True)))["operation"]["id"] for _ in range(5)]
    query = """query($after: String, $first: Int, $last: Int, $before: String) {
      operations(kinds: [BULK_UPDATE], first: $first, after: $after, last: $last, before: $before) {
        nodes { id } edges { cursor node { id } } pageInfo { hasNextPage endCursor startCursor } } }"""
    first = await api.ask(query, first=2)
    assert [one["id"] for one in first["nodes"]] == made[:2:-1]
    then = await api.ask(query, first=3, after=first["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in then["edges"]] == made[2::-1]
    assert (first["pageInfo"]["hasNextPage"], then["pageInfo"]["hasNextPage"]) == (True, False)
    back = await api.ask(query, last=2, before=then["pageInfo"]["startCursor"])
    assert back["nodes"] == first["nodes"]
    assert (await api.ask("{ operations(kinds: [REVERSAL]) { nodes { id } } }"))["nodes"] == []


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"explanation": " "}, "EXPLANATION_REQUIRED", ["explanation"]),
        ({"legalBasis": None}, "LEGAL_BASIS_REQUIRED", ["legalBasis"]),
        ({"subscriptionTypes": ["nothing"]}, "NOT_FOUND", ["subscriptionTypes"]),
        ({"businessUnit": "nobody"}, "NOT_FOUND", ["businessUnit"]),
        ({"contacts": {"ids": ["nonsense"]}}, "INVALID_VALUE", ["contacts", "ids"]),
        ({"explanation": "a\x00b"}, "INVALID_VALUE", ["explanation"]),
        ({"idempotencyKey": "k" * 200}, "INVALID_VALUE", ["idempotencyKey"]),
    ],
)
async def test_bad_input_names_its_field_and_queues_nothing(
    api: Api, people: list[str], change: dict[str, Any], code: str, field: list[str]
) -> None:
    answer = await api.ask(BULK, input=wish(**change))
    assert answer == {"operation": None, "userErrors": [{"code": code, "field": field}]}
    assert (await api.ask("{ operations { nodes { id } } }"))["nodes"] == []


async def test_scopes_part_those_who_watch_from_those_who_act(api: Api, brands: Brands) -> None:
    reader = api.using(await token("contacts:read"))
    assert await reader.refused(BULK, input=wish()) == ("FORBIDDEN", None)
    assert (await reader.ask("{ operations { nodes { id } } }"))["nodes"] == []


async def test_cancelling_stops_what_is_queued(api: Api, people: list[str]) -> None:
    asked = (await api.ask(BULK, input=wish()))["operation"]
    cancel = (
        "mutation($id: ID!) { cancelOperation(input: {id: $id}) { operation { state } userErrors { code } } }"
    )
    assert (await api.ask(cancel, id=asked["id"]))["operation"] == {"state": "CANCELLED"}
    assert (await api.ask(cancel, id=asked["id"]))["userErrors"] == [{"code": "INVALID_VALUE"}]
    assert (await api.ask(cancel, id="nonsense"))["userErrors"] == [{"code": "NOT_FOUND"}]
