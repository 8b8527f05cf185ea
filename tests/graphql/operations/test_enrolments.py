"""Enrolments over GraphQL: who was enrolled by what, with which results (R10, R14, R18)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from preference_center.catalog.changes import archive_type
from tests.graphql.conftest import Api, token
from tests.graphql.operations.test_operations import OPERATION
from tests.graphql.operations.workflows import (
    DIGEST,
    ENROLL,
    ENROLMENTS,
    UPDATE,
    create_contact,
    create_workflow,
    user_errors,
)
from tests.graphql.paging import read_all
from tests.graphql.statements import CountedStatements
from tests.use_cases.workflows.enrolling import run_all

OPT_OUT = """mutation ($c: ID!) { updatePreferences(input: {recipient: {contact: $c}, explanation: "By phone."
  changes: [{subscriptionType: "weekly-digest", status: OPTED_OUT}]}) { userErrors { code } } }"""
HISTORY = """query ($e: String!) { contact(by: {email: $e}) { history(first: 1) { nodes {
  subscriptionType { key } after origin actor legalBasis explanation } } } }"""
PL = {"properties": {"country": "PL"}}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def result(outcome: str, code: str | None = None) -> dict[str, Any]:
    """Return the result for the digest."""
    type_ = {"key": "weekly-digest"}
    action = {"channel": "EMAIL", "subscriptionType": type_, "status": "OPTED_IN"}
    return {**action, "outcome": outcome, "code": code}


async def enrolments(api: Api, workflow_id: str, **page: Any) -> list[dict[str, Any]]:
    found = (await api.execute(ENROLMENTS, id=workflow_id, **page))["enrolmentRecords"]
    assert page or (found["totalCount"], found["totalCountIsEstimate"]) == (len(found["nodes"]), False)
    return list(found["nodes"])


async def last_event(api: Api, email: str) -> dict[str, Any] | None:
    """Return the latest event of a contact."""
    events = (await api.execute(HISTORY, e=email))["history"]["nodes"]
    return events[0] if events else None


async def test_a_new_contact_is_enrolled_and_opted_in(api: Api) -> None:
    """R6, R14"""
    workflow_id = (await create_workflow(api))["id"]
    await create_contact(api, "zofia@example.com", **PL)
    await create_contact(api, "sven@example.com", properties={"country": "SE"})
    await run_all()
    (only,) = await enrolments(api, workflow_id)
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


async def test_enrolling_by_filter_does_not_opt_in_recipients_who_opted_out(api: Api) -> None:
    """R10, R14"""
    contact_ids = [await create_contact(api, f"p{n}@example.com", **PL) for n in range(3)]
    await create_contact(api, "elsewhere@example.com", properties={"country": "DE"})
    await api.execute(OPT_OUT, c=contact_ids[1])
    workflow = await create_workflow(api)
    input = {"workflow": workflow["id"], "contacts": {"filter": {}}}

    rehearsal = (await api.execute(ENROLL, i={**input, "dryRun": True}))["operation"]
    assert (rehearsal["kind"], rehearsal["state"]) == ("WORKFLOW_ENROLMENT", "QUEUED")
    await run_all()
    rehearsed = await api.execute(OPERATION, id=rehearsal["id"])
    refusals = [{"code": "PREVIOUSLY_OPTED_OUT", "count": 1}]
    assert (rehearsed["total"], rehearsed["changed"], rehearsed["refused"]) == (3, 2, 1)
    assert rehearsed["refusals"] == refusals
    assert await enrolments(api, workflow["id"]) == []

    keyed = {**input, "idempotencyKey": "once"}
    operation = (await api.execute(ENROLL, i=keyed))["operation"]
    assert (await api.execute(ENROLL, i=keyed))["operation"]["id"] == operation["id"]
    await run_all()
    done = await api.execute(OPERATION, id=operation["id"])
    assert (done["state"], done["changed"], done["refused"]) == ("COMPLETED", 2, 1)
    came = await enrolments(api, workflow["id"])
    assert {each["trigger"] for each in came} == {"MANUAL"}
    assert {each["operation"]["id"] for each in came} == {operation["id"]}
    assert {each["contact"]["email"]: each["results"] for each in came} == {
        "p0@example.com": [result("CHANGED")],
        "p1@example.com": [result("REFUSED", "PREVIOUSLY_OPTED_OUT")],
        "p2@example.com": [result("CHANGED")],
    }
    counts = (await api.execute(ENROLMENTS, id=workflow["id"]))["counts"]
    assert counts == {"enrolled": 3, "changed": 2, "unchanged": 0, "refused": 1, "failed": 0, "cut": 0}
    assert (await last_event(api, "p1@example.com") or {})["after"] == "OPTED_OUT"


async def test_contacts_are_enrolled_by_id_but_not_in_a_disabled_workflow(api: Api) -> None:
    contact_ids = [await create_contact(api, f"p{n}@example.com", **PL) for n in range(2)]
    workflow = await create_workflow(api, enabled=False, triggers=["MANUAL"])
    input = {"workflow": workflow["id"], "contacts": {"ids": contact_ids[:1]}}
    assert await user_errors(api, ENROLL, **input) == [("INVALID_VALUE", ["workflow"])]
    await api.execute(UPDATE, i={"id": workflow["id"], "enabled": True})
    await api.execute(ENROLL, i=input)
    await run_all()
    assert [each["contact"]["email"] for each in await enrolments(api, workflow["id"])] == ["p0@example.com"]
    wrong = {"workflow": workflow["id"], "contacts": {"ids": ["nonsense"]}}
    assert await user_errors(api, ENROLL, **wrong) == [("INVALID_VALUE", ["contacts", "ids", "0"])]


async def test_an_enrolment_names_the_event_that_started_it(api: Api) -> None:
    """R18"""
    when = {"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}
    action = {"subscriptionTypes": ["offers"], "status": "OPTED_OUT"}
    workflow = await create_workflow(
        api, triggers=["PREFERENCE_CHANGED"], whenPreference=when, filter=None, actions=[action]
    )
    await api.execute(OPT_OUT, c=await create_contact(api, "anna@example.com"))
    await run_all()
    (only,) = await enrolments(api, workflow["id"])
    assert (only["trigger"], only["event"]) == ("PREFERENCE_CHANGED", {"after": "OPTED_OUT", "actor": "crm"})
    assert [each["outcome"] for each in only["results"]] == ["CHANGED"]
    reader = api.using(await token("contacts:read"))
    node = "query ($id: ID!) { node(id: $id) { ... on WorkflowEnrolment { trigger workflow { name } } } }"
    assert (await reader.first_error(ENROLMENTS, id=workflow["id"]))[0] == "FORBIDDEN"
    assert (await reader.first_error(node, id=only["id"]))[0] == "FORBIDDEN"
    both = api.using(await token("contacts:read", "preferences:read"))
    assert await both.execute(node, id=only["id"]) == {
        "trigger": "PREFERENCE_CHANGED",
        "workflow": {"name": "Polish digest"},
    }


async def test_an_archived_type_fails_the_enrolment_with_a_reason(api: Api) -> None:
    broken, sound = await create_workflow(api), await create_workflow(
        api, name="Letters", actions=[{**DIGEST, "subscriptionTypes": ["letters"]}]
    )  # fmt: skip
    await archive_type("weekly-digest", archived=True)
    await create_contact(api, "zofia@example.com", **PL)
    await run_all()
    (failed,) = await enrolments(api, broken["id"])
    assert failed["state"] == "FAILED"
    assert failed["reason"].startswith("The subscription type is archived.")
    assert failed["results"] == [result("REFUSED", "TYPE_ARCHIVED")]
    (done,) = await enrolments(api, sound["id"])
    assert [each["outcome"] for each in done["results"]] == ["CHANGED"]


async def test_enrolments_outlive_changes_of_the_workflow_and_deleted_contacts(api: Api) -> None:
    """R1"""
    workflow = await create_workflow(api)
    someone = await create_contact(api, "zofia@example.com", **PL)
    await run_all()
    before = await enrolments(api, workflow["id"])
    action = {"subscriptionTypes": ["letters"], "status": "OPTED_OUT"}
    await api.execute(UPDATE, i={"id": workflow["id"], "actions": [action], "enabled": False})
    assert await enrolments(api, workflow["id"]) == before
    await api.execute(
        "mutation ($id: ID!) { deleteContact(input: {id: $id}) { userErrors { code } } }", id=someone
    )
    assert await enrolments(api, workflow["id"]) == [{**before[0], "contact": None}]


async def test_enrolments_are_paged_newest_first_in_both_directions(api: Api) -> None:
    workflow, other = await create_workflow(api), await create_workflow(api, name="Other", actions=[
        {**DIGEST, "subscriptionTypes": ["letters"]}
    ])  # fmt: skip
    for n in range(7):
        await create_contact(api, f"p{n}@example.com", **PL)
    await run_all()
    emails = [f"p{n}@example.com" for n in reversed(range(7))]
    for each in (workflow, other):
        read_page = partial(page, api, each["id"])
        assert await read_all(read_page, 3) == emails
        assert await read_all(read_page, 3, backwards=True) == emails
    assert (await page(api, workflow["id"], first=0))[0] == []
    assert await api.first_error(ENROLMENTS, id=workflow["id"], after="!") == ("BAD_USER_INPUT", ["after"])


async def page(api: Api, workflow_id: str, **arguments: Any) -> tuple[list[str], dict[str, Any]]:
    found = (await api.execute(ENROLMENTS, id=workflow_id, **arguments))["enrolmentRecords"]
    assert [each["node"]["id"] for each in found["edges"]] == [each["id"] for each in found["nodes"]]
    return [each["contact"]["email"] for each in found["nodes"]], found["pageInfo"]


async def test_the_number_of_statements_does_not_depend_on_the_number_of_enrolments(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        actions = [{**DIGEST, "subscriptionTypes": ["letters", "weekly-digest"]}]
        await create_workflow(api, name=f"Workflow {n}", actions=actions)
    for n in range(6):
        await create_contact(api, f"p{n}@example.com", **PL)
    await run_all()
    await api.execute("{ viewer { name } }")
    counted = CountedStatements(monkeypatch)
    query = """query ($n: Int) { workflows { actions { subscriptionTypes { key } }
      enrolmentRecords(first: $n) { nodes { contact { email } workflow { name } operation { id } event { id }
        results { subscriptionType { key } } } } } }"""
    counts = []
    for size in (1, 6):
        counted.take()
        found = await api.execute(query, n=size)
        assert [len(each["enrolmentRecords"]["nodes"]) for each in found] == [size] * 4
        counts.append(counted.take())
    assert counts[0] == counts[1] < 12
