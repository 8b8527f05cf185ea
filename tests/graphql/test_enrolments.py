"""Enrolments over GraphQL: who came by what, and what became of each (R10, R14, R18)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.catalog.changes import archive_type
from preference_center.storage import database
from tests.graphql.conftest import Api, token
from tests.graphql.test_operations import WATCH
from tests.graphql.workflows import DIGEST, ENROLL, RECORDS, UPDATE, contact, made, refused
from tests.use_cases.enrolling import run_all

OPT_OUT = """mutation ($c: ID!) { updatePreferences(input: {recipient: {contact: $c}, explanation: "By phone."
  changes: [{subscriptionType: "weekly-digest", status: OPTED_OUT}]}) { userErrors { code } } }"""
HISTORY = """query ($e: String!) { contact(by: {email: $e}) { history(first: 1) { nodes {
  subscriptionType { key } after origin actor legalBasis explanation } } } }"""
PL = {"properties": {"country": "PL"}}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def result(outcome: str, code: str | None = None) -> dict[str, Any]:
    """What came of the digest."""
    kind = {"key": "weekly-digest"}
    asked = {"channel": "EMAIL", "subscriptionType": kind, "status": "OPTED_IN"}
    return {**asked, "outcome": outcome, "code": code}


async def records(api: Api, number: str, **page: Any) -> list[dict[str, Any]]:
    found = (await api.ask(RECORDS, id=number, **page))["enrolmentRecords"]["nodes"]
    return list(found)


async def last_event(api: Api, email: str) -> dict[str, Any] | None:
    """The newest of what was said about somebody's preferences."""
    events = (await api.ask(HISTORY, e=email))["history"]["nodes"]
    return events[0] if events else None


async def test_a_contact_that_is_created_is_enrolled_and_opted_in(api: Api) -> None:
    """R6, R14"""
    number = (await made(api))["id"]
    await contact(api, "zofia@example.com", **PL)
    await contact(api, "sven@example.com", properties={"country": "SE"})
    await run_all()
    (only,) = await records(api, number)
    assert only.pop("id")
    assert only == {
        "trigger": "CONTACT_CREATED", "state": "DONE", "reason": None, "operation": None, "event": None,
        "contact": {"email": "zofia@example.com"}, "results": [result("CHANGED")],
    }  # fmt: skip
    assert await last_event(api, "zofia@example.com") == {
        "subscriptionType": {"key": "weekly-digest"}, "after": "OPTED_IN", "origin": "WORKFLOW",
        "actor": "Polish digest", "legalBasis": DIGEST["legalBasis"], "explanation": DIGEST["explanation"],
    }  # fmt: skip
    assert await last_event(api, "sven@example.com") is None


async def test_enrolling_by_filter_leaves_out_who_opted_out(api: Api) -> None:
    """R10, R14"""
    people = [await contact(api, f"p{n}@example.com", **PL) for n in range(3)]
    await contact(api, "elsewhere@example.com", properties={"country": "DE"})
    await api.ask(OPT_OUT, c=people[1])
    workflow = await made(api)
    wanted = {"workflow": workflow["id"], "contacts": {"filter": {}}}

    rehearsal = (await api.ask(ENROLL, i={**wanted, "dryRun": True}))["operation"]
    assert (rehearsal["kind"], rehearsal["state"]) == ("WORKFLOW_ENROLMENT", "QUEUED")
    await run_all()
    said = await api.ask(WATCH, id=rehearsal["id"])
    refusals = [{"code": "PREVIOUSLY_OPTED_OUT", "count": 1}]
    assert (said["total"], said["changed"], said["refused"]) == (3, 2, 1)
    assert said["refusals"] == refusals
    assert await records(api, workflow["id"]) == []

    keyed = {**wanted, "idempotencyKey": "once"}
    operation = (await api.ask(ENROLL, i=keyed))["operation"]
    assert (await api.ask(ENROLL, i=keyed))["operation"]["id"] == operation["id"]
    await run_all()
    done = await api.ask(WATCH, id=operation["id"])
    assert (done["state"], done["changed"], done["refused"]) == ("COMPLETED", 2, 1)
    came = await records(api, workflow["id"])
    assert {one["trigger"] for one in came} == {"MANUAL"}
    assert {one["operation"]["id"] for one in came} == {operation["id"]}
    assert {one["contact"]["email"]: one["results"] for one in came} == {
        "p0@example.com": [result("CHANGED")],
        "p1@example.com": [result("REFUSED", "PREVIOUSLY_OPTED_OUT")],
        "p2@example.com": [result("CHANGED")],
    }
    counts = (await api.ask(RECORDS, id=workflow["id"]))["counts"]
    assert counts == {"enrolled": 3, "changed": 2, "unchanged": 0, "refused": 1, "failed": 0, "cut": 0}
    assert (await last_event(api, "p1@example.com") or {})["after"] == "OPTED_OUT"


async def test_whom_ids_name_is_enrolled_and_a_disabled_workflow_enrols_nobody(api: Api) -> None:
    people = [await contact(api, f"p{n}@example.com", **PL) for n in range(2)]
    workflow = await made(api, enabled=False, triggers=["MANUAL"])
    wanted = {"workflow": workflow["id"], "contacts": {"ids": people[:1]}}
    assert await refused(api, ENROLL, **wanted) == [("INVALID_VALUE", ["workflow"])]
    await api.ask(UPDATE, i={"id": workflow["id"], "enabled": True})
    await api.ask(ENROLL, i=wanted)
    await run_all()
    assert [one["contact"]["email"] for one in await records(api, workflow["id"])] == ["p0@example.com"]
    wrong = {"workflow": workflow["id"], "contacts": {"ids": ["nonsense"]}}
    assert await refused(api, ENROLL, **wrong) == [("INVALID_VALUE", ["contacts", "ids"])]


async def test_a_changed_preference_is_named_as_what_enrolled(api: Api) -> None:
    """R18"""
    when = {"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}
    action = {"subscriptionTypes": ["offers"], "status": "OPTED_OUT"}
    workflow = await made(
        api, triggers=["PREFERENCE_CHANGED"], whenPreference=when, filter=None, actions=[action]
    )
    await api.ask(OPT_OUT, c=await contact(api, "anna@example.com"))
    await run_all()
    (only,) = await records(api, workflow["id"])
    assert (only["trigger"], only["event"]) == ("PREFERENCE_CHANGED", {"after": "OPTED_OUT", "actor": "crm"})
    assert [one["outcome"] for one in only["results"]] == ["CHANGED"]
    reader = api.using(await token("contacts:read"))
    assert (await reader.refused(RECORDS, id=workflow["id"]))[0] == "FORBIDDEN"
    node = "query ($id: ID!) { node(id: $id) { ... on WorkflowEnrolment { trigger workflow { name } } } }"
    assert await reader.ask(node, id=only["id"]) == {
        "trigger": "PREFERENCE_CHANGED",
        "workflow": {"name": "Polish digest"},
    }


async def test_an_archived_type_fails_enrolments_with_a_reason(api: Api) -> None:
    broken, sound = await made(api), await made(
        api, name="Letters", actions=[{**DIGEST, "subscriptionTypes": ["letters"]}]
    )  # fmt: skip
    await archive_type("weekly-digest", archived=True)
    await contact(api, "zofia@example.com", **PL)
    await run_all()
    (failed,) = await records(api, broken["id"])
    assert (failed["state"], failed["reason"]) == ("FAILED", "The subscription type is archived.")
    assert failed["results"] == [result("REFUSED", "TYPE_ARCHIVED")]
    (done,) = await records(api, sound["id"])
    assert [one["outcome"] for one in done["results"]] == ["CHANGED"]


async def test_what_enrolments_say_outlives_edits_and_contacts(api: Api) -> None:
    """R1"""
    workflow = await made(api)
    someone = await contact(api, "zofia@example.com", **PL)
    await run_all()
    before = await records(api, workflow["id"])
    action = {"subscriptionTypes": ["letters"], "status": "OPTED_OUT"}
    await api.ask(UPDATE, i={"id": workflow["id"], "actions": [action], "enabled": False})
    assert await records(api, workflow["id"]) == before
    await api.ask(
        "mutation ($id: ID!) { deleteContact(input: {id: $id}) { userErrors { code } } }", id=someone
    )
    assert await records(api, workflow["id"]) == [{**before[0], "contact": None}]


async def test_pages_are_newest_first_in_both_directions(api: Api) -> None:
    workflow, other = await made(api), await made(api, name="Other", actions=[
        {**DIGEST, "subscriptionTypes": ["letters"]}
    ])  # fmt: skip
    for n in range(7):
        await contact(api, f"p{n}@example.com", **PL)
    await run_all()
    everybody = [f"p{n}@example.com" for n in reversed(range(7))]
    for one in (workflow, other):
        forwards: list[str] = []
        info: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
        while info["hasNextPage"]:
            found, info = await page(api, one["id"], first=3, after=info["endCursor"])
            assert info["hasPreviousPage"] is bool(forwards)
            forwards += found
        backwards: list[str] = []
        info = {"hasPreviousPage": True, "startCursor": None}
        while info["hasPreviousPage"]:
            found, info = await page(api, one["id"], last=3, before=info["startCursor"])
            assert info["hasNextPage"] is bool(backwards)
            backwards = [*found, *backwards]
        assert forwards == backwards == everybody
    assert (await page(api, workflow["id"], first=0))[0] == []
    assert await api.refused(RECORDS, id=workflow["id"], after="!") == ("BAD_USER_INPUT", ["after"])


async def page(api: Api, number: str, **asked: Any) -> tuple[list[str], dict[str, Any]]:
    found = (await api.ask(RECORDS, id=number, **asked))["enrolmentRecords"]
    assert [one["node"]["id"] for one in found["edges"]] == [one["id"] for one in found["nodes"]]
    return [one["contact"]["email"] for one in found["nodes"]], found["pageInfo"]


async def test_many_workflows_and_enrolments_take_as_many_statements_as_few(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        actions = [{**DIGEST, "subscriptionTypes": ["letters", "weekly-digest"]}]
        await made(api, name=f"Workflow {n}", actions=actions)
    for n in range(6):
        await contact(api, f"p{n}@example.com", **PL)
    await run_all()
    asked: list[str] = []
    fetch = database.fetch

    async def counting(sql: str, *values: Any) -> Any:
        asked.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(database, "fetch", counting)
    query = """query ($n: Int) { workflows { actions { subscriptionTypes { key } }
      enrolmentRecords(first: $n) { nodes { contact { email } workflow { name } operation { id } event { id }
        results { subscriptionType { key } } } } } }"""
    counts = []
    for size in (1, 6):
        asked.clear()
        found = await api.ask(query, n=size)
        assert [len(one["enrolmentRecords"]["nodes"]) for one in found] == [size] * 4
        counts.append(len(asked))
    assert counts[0] == counts[1] < 12
