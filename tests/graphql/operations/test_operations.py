"""Operations over GraphQL: started, observed, reverted, cancelled (R8, R9, R14, R20)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Brands
from tests.graphql.conftest import Api, token
from tests.graphql.operations.bulk_updates import BASIS, BULK, REVERT, bulk_update, run_operations

OPERATION = """query($id: ID!) { operation(id: $id) { id state total processed changed unchanged refused
  refusals { code count } refusalsUrl revertedBy { id state } } }"""


async def test_a_bulk_update_is_queued_observed_and_reverted(api: Api, contact_ids: list[str]) -> None:
    """R9, R20"""
    operation = (await api.execute(BULK, input=bulk_update()))["operation"]
    assert (operation["kind"], operation["state"], operation["total"], operation["actor"]) == (
        "BULK_UPDATE",
        "QUEUED",
        None,
        "crm",
    )
    await run_operations()
    done = await api.execute(OPERATION, id=operation["id"])
    assert (done["state"], done["total"], done["changed"], done["refused"]) == ("COMPLETED", 3, 3, 0)
    events = await api.execute(
        "query($id: ID!) { consentEvents(operation: $id) { nodes { origin explanation operation { id } } } }",
        id=operation["id"],
    )
    assert (
        events["nodes"]
        == [
            {
                "origin": "BULK_UPDATE",
                "explanation": BASIS["explanation"],
                "operation": {"id": operation["id"]},
            }
        ]
        * 3
    )
    undoing = (await api.execute(REVERT, id=operation["id"]))["operation"]
    assert undoing["kind"] == "REVERSAL"
    await run_operations()
    done = await api.execute(OPERATION, id=operation["id"])
    assert done["revertedBy"] == {"id": undoing["id"], "state": "COMPLETED"}
    again = await api.execute(REVERT, id=operation["id"])
    assert again["userErrors"] == [{"code": "NOT_REVERSIBLE", "field": ["id"]}]
    node = await api.execute("query($id: ID!) { node(id: $id) { __typename id } }", id=operation["id"])
    assert node == {"__typename": "Operation", "id": operation["id"]}


async def test_refusals_are_counted_by_code_and_can_be_downloaded(api: Api, contact_ids: list[str]) -> None:
    """R14"""
    operation = (await api.execute(BULK, input=bulk_update(processingBasis=None)))["operation"]
    await run_operations()
    done = await api.execute(OPERATION, id=operation["id"])
    assert done["refusals"] == [{"code": "PROCESSING_BASIS_REQUIRED", "count": 3}]
    assert f"/operations/{operation['id']}/refusals?access=" in done["refusalsUrl"]


async def test_contacts_are_selected_by_id(api: Api, contact_ids: list[str]) -> None:
    operation = (await api.execute(BULK, input=bulk_update(contacts={"ids": contact_ids[:2]})))["operation"]
    await run_operations()
    assert (await api.execute(OPERATION, id=operation["id"]))["changed"] == 2


async def test_operations_are_paged_newest_first(api: Api, contact_ids: list[str]) -> None:
    payload = [(await api.execute(BULK, input=bulk_update(dryRun=True)))["operation"]["id"] for _ in range(5)]
    query = """query($after: String, $first: Int, $last: Int, $before: String) {
      operations(kinds: [BULK_UPDATE], first: $first, after: $after, last: $last, before: $before) {
        nodes { id } edges { cursor node { id } } pageInfo { hasNextPage endCursor startCursor } } }"""
    first = await api.execute(query, first=2)
    assert [each["id"] for each in first["nodes"]] == payload[:2:-1]
    then = await api.execute(query, first=3, after=first["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in then["edges"]] == payload[2::-1]
    assert (first["pageInfo"]["hasNextPage"], then["pageInfo"]["hasNextPage"]) == (True, False)
    back = await api.execute(query, last=2, before=then["pageInfo"]["startCursor"])
    assert back["nodes"] == first["nodes"]
    assert (await api.execute("{ operations(kinds: [REVERSAL]) { nodes { id } } }"))["nodes"] == []


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"explanation": " "}, "EXPLANATION_REQUIRED", ["explanation"]),
        ({"legalBasis": None}, "LEGAL_BASIS_REQUIRED", ["legalBasis"]),
        ({"subscriptionTypes": ["nothing"]}, "NOT_FOUND", ["subscriptionTypes", "0"]),
        ({"businessUnit": "nobody"}, "NOT_FOUND", ["businessUnit"]),
        ({"contacts": {"ids": ["nonsense"]}}, "INVALID_VALUE", ["contacts", "ids", "0"]),
        ({"explanation": "a\x00b"}, "INVALID_VALUE", ["explanation"]),
        ({"idempotencyKey": "k" * 200}, "INVALID_VALUE", ["idempotencyKey"]),
    ],
)
async def test_bad_input_names_its_field_and_queues_nothing(
    api: Api, contact_ids: list[str], change: dict[str, Any], code: str, field: list[str]
) -> None:
    answer = await api.execute(BULK, input=bulk_update(**change))
    assert answer == {"operation": None, "userErrors": [{"code": code, "field": field}]}
    assert (await api.execute("{ operations { nodes { id } } }"))["nodes"] == []


async def test_reading_and_starting_operations_need_different_scopes(api: Api, brands: Brands) -> None:
    reader = api.using(await token("contacts:read"))
    assert await reader.first_error(BULK, input=bulk_update()) == ("FORBIDDEN", None)
    assert (await reader.execute("{ operations { nodes { id } } }"))["nodes"] == []


async def test_a_queued_operation_is_cancelled(api: Api, contact_ids: list[str]) -> None:
    operation = (await api.execute(BULK, input=bulk_update()))["operation"]
    cancel = (
        "mutation($id: ID!) { cancelOperation(input: {id: $id}) { operation { state } userErrors { code } } }"
    )
    assert (await api.execute(cancel, id=operation["id"]))["operation"] == {"state": "CANCELLED"}
    assert (await api.execute(cancel, id=operation["id"]))["userErrors"] == [{"code": "OPERATION_ENDED"}]
    assert (await api.execute(cancel, id="nonsense"))["userErrors"] == [{"code": "NOT_FOUND"}]


ACTION = "{ allowed code message requires }"
ACTIONS = f"query ($id: ID!) {{ operation(id: $id) {{ cancellable {ACTION} revertible {ACTION} }} }}"
CANCEL = "mutation ($id: ID!) { cancelOperation(input: {id: $id}) { userErrors { code message } } }"
UNDO = """mutation ($id: ID!, $why: String!) { revertOperation(input: {id: $id, explanation: $why}) {
  userErrors { code message } } }"""
MAY = {"allowed": True, "code": None, "message": None, "requires": []}


async def test_an_operation_says_whether_it_can_be_cancelled_and_undone_as_the_mutations_answer(
    api: Api, contact_ids: list[str]
) -> None:
    """R20."""
    queued = (await api.execute(BULK, input=bulk_update()))["operation"]["id"]
    dry = (await api.execute(BULK, input=bulk_update(dryRun=True)))["operation"]["id"]
    actions = await api.execute(ACTIONS, id=queued)
    assert actions["cancellable"] == MAY
    (error,) = (await api.execute(UNDO, id=queued, why="Wrong list."))["userErrors"]
    assert actions["revertible"] == {"allowed": False, "requires": [], **error}
    await run_operations()
    done = await api.execute(ACTIONS, id=queued)
    (error,) = (await api.execute(CANCEL, id=queued))["userErrors"]
    assert error["code"] == "OPERATION_ENDED"
    assert done["cancellable"] == {"allowed": False, "requires": [], **error}
    assert done["revertible"] == {**MAY, "requires": ["EXPLANATION"]}
    (error,) = (await api.execute(UNDO, id=dry, why="Wrong list."))["userErrors"]
    assert (await api.execute(ACTIONS, id=dry))["revertible"] == {"allowed": False, "requires": [], **error}
    assert (await api.execute(UNDO, id=queued, why=""))["userErrors"]
    assert (await api.execute(UNDO, id=queued, why="Wrong list."))["userErrors"] == []
    (error,) = (await api.execute(UNDO, id=queued, why="Wrong list."))["userErrors"]
    assert (await api.execute(ACTIONS, id=queued))["revertible"] == {
        "allowed": False,
        "requires": [],
        **error,
    }


async def test_who_may_not_run_operations_may_not_cancel_or_undo_one(
    api: Api, contact_ids: list[str]
) -> None:
    queued = (await api.execute(BULK, input=bulk_update()))["operation"]["id"]
    actions = await api.using(await token("contacts:read")).execute(ACTIONS, id=queued)
    assert {(each["allowed"], each["code"]) for each in actions.values()} == {(False, "FORBIDDEN")}
