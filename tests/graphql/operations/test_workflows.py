"""Workflows over GraphQL: created, changed, listed, deleted; errors name their fields (R6, R13)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.catalog.changes import archive_type, update_type, update_unit
from preference_center.catalog.sender_numbers import create as create_number
from preference_center.rules.types import Channel
from schema.contract.ids import global_id
from tests.conftest import Clock
from tests.graphql.conftest import Api, token
from tests.graphql.operations.workflows import (
    CREATE,
    DELETE,
    DIGEST,
    ENROLL,
    POLISH,
    SHOWN,
    UPDATE,
    create_contact,
    create_workflow,
    user_errors,
)

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ACTION = {
    "channel": "EMAIL",
    "subscriptionTypes": [{"key": "weekly-digest"}],
    "status": "OPTED_IN",
    "legalBasis": "CONSENT_WITH_NOTICE",
    "explanation": DIGEST["explanation"],
}
OFFERS_BY_SMS = {"subscriptionTypes": ["offers"], "channel": "SMS"}
BASIS = {"legalBasis": "CONSENT_WITH_NOTICE", "explanation": "Asked at the fair."}
NONE = {"enrolled": 0, "changed": 0, "unchanged": 0, "refused": 0, "failed": 0, "cut": 0}


async def test_a_new_workflow_is_returned_with_all_its_fields(api: Api) -> None:
    workflow = await create_workflow(api)
    assert workflow.pop("id")
    assert workflow == {
        "name": "Polish digest", "enabled": True, "reenroll": False, "triggers": ["CONTACT_CREATED"],
        "whenProperty": None, "whenPreference": None, "filter": POLISH, "enrolments": 0,
        "actions": [ACTION], "counts": NONE,
    }  # fmt: skip


async def test_workflows_are_listed_and_fetched_by_id(api: Api) -> None:
    first = await create_workflow(api)
    second = await create_workflow(api, name="Asleep", enabled=False)
    assert [each["name"] for each in await api.execute("{ workflows { name } }")] == [
        "Polish digest",
        "Asleep",
    ]
    by_id = f"query ($id: ID!) {{ workflow(id: $id) {{ {SHOWN} }} }}"
    assert await api.execute(by_id, id=first["id"]) == first
    node = f"query ($id: ID!) {{ node(id: $id) {{ ... on Workflow {{ {SHOWN} }} }} }}"
    assert await api.execute(node, id=second["id"]) == second
    for unknown in (999, 2**31, 2**63 - 1):
        assert await api.execute(by_id, id=global_id("Workflow", unknown)) is None
        assert await api.execute(node, id=global_id("Workflow", unknown)) is None
    assert await api.first_error(by_id, id=global_id("Contact", 1)) == ("BAD_USER_INPUT", ["id"])


async def test_an_update_keeps_fields_that_are_left_out_and_null_clears_conditions(api: Api) -> None:
    workflow = await create_workflow(
        api,
        triggers=["CONTACT_UPDATED", "PREFERENCE_CHANGED", "MANUAL"],
        whenProperty="country",
        whenPreference={"subscriptionType": "letters", "channel": "EMAIL", "status": "OPTED_IN"},
    )
    when = {"subscriptionType": {"key": "letters"}, "channel": "EMAIL", "status": "OPTED_IN"}
    assert (workflow["whenProperty"], workflow["whenPreference"]) == ("country", when)
    asleep = {"name": "Digest", "enabled": False}
    changed = (await api.execute(UPDATE, i={"id": workflow["id"], **asleep}))["workflow"]
    assert changed == {**workflow, **asleep}
    cleared = {"filter": None, "whenProperty": None, "whenPreference": None}
    kept = {"name": None, "triggers": None, "actions": None, "reenroll": None, "enabled": None}
    again = (await api.execute(UPDATE, i={"id": workflow["id"], **cleared, **kept}))["workflow"]
    assert again == {**changed, **cleared}
    wanted = {"triggers": ["MANUAL"], "reenroll": True, "enabled": True, "filter": {"locale": "pl"}}
    answer = await api.execute(
        UPDATE, i={"id": workflow["id"], **wanted, "actions": [{**DIGEST, "subscriptionTypes": ["letters"]}]}
    )
    assert answer["userErrors"] == []
    assert answer["workflow"] == {
        **again,
        **wanted,
        "actions": [{**ACTION, "subscriptionTypes": [{"key": "letters"}]}],
    }


async def test_a_filter_is_returned_as_it_was_sent(api: Api) -> None:
    someone = await create_contact(api, "someone@example.com")
    wanted: dict[str, Any] = {
        "ids": [someone],
        "search": "zo",
        "emails": ["someone@example.com"],
        "locale": "pl",
        "createdAt": {"from": "2026-01-01T00:00:00Z", "before": "2027-01-01T12:30:00Z"},
        "property": {"name": "tags", "value": ["a", {"b": None}]},
        "preference": {
            "subscriptionType": "offers", "channel": "EMAIL", "status": "NOT_OPTED", "origins": ["IMPORT"],
        },
        "optedOutOfEmail": "letters",
        "unsubscribedFromAllEmail": False,
        "optedOutOfAll": {"channel": "SMS", "businessUnit": "acme", "origins": ["KEYWORD"], "value": False},
        "or": [{"locale": "en"}, {"not": {"property": {"name": "vip", "value": None}}}],
        "not": {"or": []},
    }  # fmt: skip
    workflow = await create_workflow(api, filter=wanted)
    assert workflow["filter"] == wanted
    again = await create_workflow(api, name="Again", filter=workflow["filter"])
    assert again["filter"] == wanted
    assert (await create_workflow(api, name="Everybody", filter=None))["filter"] is None
    assert (await create_workflow(api, name="Everybody too", filter={}))["filter"] == {}


def _of_action(*path: str, **input: Any) -> tuple[dict[str, Any], list[str]]:
    """The second of two actions with a fault, and the path to it."""
    return {"actions": [DIGEST, {**DIGEST, **input}]}, ["actions", "1", *path]


@on_sqlite
@pytest.mark.parametrize(
    ("code", "input", "at"),
    [
        ("INVALID_VALUE", {"name": "  "}, ["name"]),
        ("INVALID_VALUE", {"name": "n" * 201}, ["name"]),
        ("INVALID_VALUE", {"triggers": []}, ["triggers"]),
        ("INVALID_VALUE", {"actions": []}, ["actions"]),
        ("INVALID_VALUE", *_of_action("subscriptionTypes", subscriptionTypes=[])),
        ("NOT_FOUND", *_of_action("subscriptionTypes", "0", subscriptionTypes=["no"])),
        (
            "CHANNEL_NOT_OFFERED",
            *_of_action("subscriptionTypes", "0", subscriptionTypes=["offers"], channel="SMS"),
        ),
        ("LEGAL_BASIS_REQUIRED", *_of_action("legalBasis", legalBasis=None)),
        ("EXPLANATION_REQUIRED", *_of_action("explanation", explanation=" ")),
        ("EXPLANATION_REQUIRED", *_of_action("explanation", explanation=None, status="NOT_OPTED")),
        ("INVALID_VALUE", {"whenProperty": "country"}, ["whenProperty"]),
        (
            "INVALID_VALUE",
            {"whenPreference": {"subscriptionType": "letters", "status": "OPTED_IN"}},
            ["whenPreference"],
        ),
        ("NOT_FOUND", {"filter": {"optedOutOfEmail": "no"}}, ["filter", "optedOutOfEmail"]),
        ("INVALID_VALUE", {"filter": {"ids": ["nonsense"]}}, ["filter", "ids", "0"]),
    ],
)
async def test_an_invalid_workflow_is_a_user_error_that_names_the_field(
    api: Api, code: str, input: dict[str, Any], at: list[str]
) -> None:
    """R6, R13"""
    wrong = [(code, at)]
    whole = {"name": "New", "triggers": ["CONTACT_CREATED"], "actions": [DIGEST]}
    assert await user_errors(api, CREATE, **{**whole, **input}) == wrong
    assert await api.execute("{ workflows { id } }") == []
    workflow = await create_workflow(api)
    assert await user_errors(api, UPDATE, id=workflow["id"], **input) == wrong
    assert await api.execute(f"{{ workflows {{ {SHOWN} }} }}") == [workflow]


async def test_names_are_unique_and_actions_cannot_set_archived_types(api: Api) -> None:
    workflow = await create_workflow(api)
    other = await create_workflow(api, name="Other", enabled=False)
    taken = [("ALREADY_EXISTS", ["name"])]
    assert await user_errors(api, CREATE, name="Other", triggers=["MANUAL"], actions=[DIGEST]) == taken
    assert await user_errors(api, UPDATE, id=workflow["id"], name="Other") == taken
    await archive_type("weekly-digest", archived=True)
    archived = [("TYPE_ARCHIVED", ["actions", "0", "subscriptionTypes", "0"])]
    assert await user_errors(api, CREATE, name="New", triggers=["MANUAL"], actions=[DIGEST]) == archived
    assert await user_errors(api, UPDATE, id=other["id"], enabled=True) == archived
    renamed = (await api.execute(UPDATE, i={"id": workflow["id"], "name": "Still there"}))["workflow"]
    assert renamed["actions"] == [ACTION]


async def test_a_workflow_can_be_deleted_once_it_is_disabled(api: Api) -> None:
    number = (await create_workflow(api))["id"]
    assert await user_errors(api, DELETE, id=number) == [("INVALID_VALUE", ["id"])]
    await api.execute(UPDATE, i={"id": number, "enabled": False})
    assert await api.execute(DELETE, i={"id": number}) == {"deletedId": number, "userErrors": []}
    assert await api.execute("{ workflows { id } }") == []
    gone = [("NOT_FOUND", ["id"])]
    assert await user_errors(api, DELETE, id=number) == gone
    assert await user_errors(api, UPDATE, id=number, name="Gone") == gone


@on_sqlite
async def test_an_unknown_workflow_id_is_a_user_error(api: Api) -> None:
    for unknown in (
        global_id("Contact", 1),
        "nonsense",
        global_id("Workflow", 9),
        global_id("Workflow", 2**40),
    ):
        assert await user_errors(api, UPDATE, id=unknown, name="New") == [("NOT_FOUND", ["id"])]
        assert await user_errors(api, DELETE, id=unknown) == [("NOT_FOUND", ["id"])]
        wanted = {"workflow": unknown, "contacts": {"filter": {}}}
        assert await user_errors(api, ENROLL, **wanted) == [("NOT_FOUND", ["workflow"])]


@on_sqlite
async def test_a_workflow_has_the_times_of_its_creation_and_last_update(api: Api, clock: Clock) -> None:
    number = (await create_workflow(api))["id"]
    clock.forward(days=1)
    await api.execute(UPDATE, i={"id": number, "name": "Later"})
    times = await api.execute("query ($id: ID!) { workflow(id: $id) { createdAt updatedAt } }", id=number)
    assert times == {"createdAt": "2026-05-04T12:00:00Z", "updatedAt": "2026-05-05T12:00:00Z"}


@on_sqlite
async def test_reading_and_changing_workflows_need_their_scopes(api: Api) -> None:
    workflow = await create_workflow(api)
    reader, writer = api.using(await token("contacts:read")), api.using(await token("workflows:write"))
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await reader.first_error("{ workflows { enrolmentRecords { nodes { id } } } }"))[0] == "FORBIDDEN"
    assert await reader.execute(node, id=workflow["id"]) == {"id": workflow["id"]}
    assert (await writer.first_error("{ workflows { id } }"))[0] == "FORBIDDEN"
    assert (await writer.first_error(node, id=workflow["id"]))[0] == "FORBIDDEN"
    for query, input in (
        (CREATE, {"name": "New", "triggers": ["MANUAL"], "actions": [DIGEST]}),
        (UPDATE, {"id": workflow["id"], "name": "New"}),
        (DELETE, {"id": workflow["id"]}),
        (ENROLL, {"workflow": workflow["id"], "contacts": {"filter": {}}}),
    ):
        assert (await reader.first_error(query, i=input))[0] == "FORBIDDEN"
    assert await reader.execute("{ workflows { name } }") == [{"name": "Polish digest"}]
    renaming = UPDATE.replace(SHOWN, "name")
    renamed = await writer.execute(renaming, i={"id": workflow["id"], "name": "New"})
    assert renamed["workflow"] == {"name": "New"}


async def test_a_workflow_names_all_that_would_stop_it(api: Api) -> None:
    """R10, R19. What was right when it was saved may have changed since."""
    opt_in = {"channel": "SMS", "subscriptionTypes": ["weekly-digest"], "status": "OPTED_IN", **BASIS}
    letters = {"subscriptionTypes": ["letters"], "status": "OPTED_IN"}
    workflow = await create_workflow(api, actions=[opt_in, letters], enabled=True)
    problems = "query ($id: ID!) { workflow(id: $id) { problems { code field message } } }"

    async def found() -> list[tuple[str, str]]:
        shown = (await api.execute(problems, id=workflow["id"]))["problems"]
        assert all(problem["message"] for problem in shown)
        return [(problem["code"], ".".join(problem["field"])) for problem in shown]

    assert await found() == []
    await update_type("weekly-digest", double_opt_in=True)
    assert await found() == [("NOT_FOUND", "actions.0.channel")]
    await create_number(number="+48601000100", channel=Channel.SMS, business_unit="acme")
    assert await found() == []
    await archive_type("weekly-digest")
    await update_type("weekly-digest", channels=[Channel.EMAIL])
    await update_unit("bazaar", data_privacy=True)
    assert await found() == [
        ("CHANNEL_NOT_OFFERED", "actions.0.subscriptionTypes.0"),
        ("TYPE_ARCHIVED", "actions.0.subscriptionTypes.0"),
        ("LEGAL_BASIS_REQUIRED", "actions.1.legalBasis"),
        ("EXPLANATION_REQUIRED", "actions.1.explanation"),
    ]
    assert await api.execute("{ workflows { problems { code } } }") == [
        {"problems": [{"code": code} for code, _ in await found()]}
    ]
