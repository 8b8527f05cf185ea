"""Scopes: a field or mutation answers FORBIDDEN if the token lacks its scope, and does nothing."""

from __future__ import annotations

import pytest

from preference_center.access.tokens import create_token
from tests.conftest import ALICE, Brands
from tests.graphql.conftest import Api
from tests.graphql.many_contacts import create_contacts

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def with_scopes(api: Api, *scopes: str) -> Api:
    return api.using(await create_token("some", scopes))


@on_sqlite
async def test_a_field_without_its_scope_is_forbidden(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 2)
    reader = await with_scopes(api, "contacts:read")
    assert len((await reader.execute("{ contacts { nodes { email } } }"))["nodes"]) == 2
    answer = await reader.run(
        '{ viewer { name } contact(by: {email: "person001@example.com"}) { email preferences { status } } }'
    )
    assert answer["data"] == {
        "viewer": {"name": "some"},
        "contact": {"email": "person001@example.com", "preferences": None},
    }
    (error,) = answer["errors"]
    assert error["path"] == ["contact", "preferences"]
    assert error["extensions"] == {"code": "FORBIDDEN", "scope": "preferences:read"}


@on_sqlite
async def test_a_forbidden_field_is_null_and_leaves_the_rest_of_the_answer(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 3)
    reader = await with_scopes(api, "contacts:read")
    answer = await reader.run(
        "{ businessUnits { key } consentEvents { nodes { id } }"
        " contacts(first: 3) { nodes { email unsubscribedFromAllEmail history { nodes { id } } } } }"
    )
    data = answer["data"]
    assert [unit["key"] for unit in data["businessUnits"]] == ["acme", "bazaar"]
    assert data["consentEvents"] is None
    assert len(data["contacts"]["nodes"]) == 3
    for contact in data["contacts"]["nodes"]:
        assert contact["email"]
        assert (contact["unsubscribedFromAllEmail"], contact["history"]) == (None, None)
    assert {error["extensions"]["scope"] for error in answer["errors"]} == {"preferences:read"}
    assert [error["path"] for error in answer["errors"]] == [
        ["consentEvents"],
        *(
            ["contacts", "nodes", index, field]
            for index in range(3)
            for field in ("unsubscribedFromAllEmail", "history")
        ),
    ]


@on_sqlite
async def test_a_forbidden_mutation_leaves_the_answers_of_the_others(api: Api) -> None:
    clerk = await with_scopes(api, "contacts:write")
    answer = await clerk.run(
        'mutation { made: createContact(input: {email: "a@example.com"}) { contact { email createdAt } }'
        ' refused: optOutOfAll(input: {recipient: {email: "a@example.com"}, businessUnit: "acme"})'
        " { userErrors { code } } }"
    )
    assert answer["data"]["made"]["contact"]["email"] == "a@example.com"
    assert answer["data"]["refused"] is None
    assert [error["path"] for error in answer["errors"]] == [["refused"]]


@on_sqlite
async def test_filtering_contacts_by_preference_needs_the_scope_preferences_read(
    api: Api, brands: Brands
) -> None:
    reader = await with_scopes(api, "contacts:read")
    out = '{preference: {subscriptionType: "weekly-digest", status: OPTED_OUT}}'
    for wanted in (
        "{unsubscribedFromAllEmail: false}",
        "{optedOutOfAll: {}}",
        '{optedOutOfEmail: "weekly-digest"}',
        f"{{not: {out}}}",
        f'{{or: [{{locale: "en"}}, {out}]}}',
    ):
        query = f"{{ contacts(filter: {wanted}) {{ nodes {{ id }} }} }}"
        assert (await reader.first_error(query))[0] == "FORBIDDEN"
        assert await api.execute(query) == {"nodes": []}
    assert await reader.execute('{ contacts(filter: {locale: "en"}) { nodes { id } } }') == {"nodes": []}


@on_sqlite
async def test_acting_on_contacts_selected_by_preference_needs_the_scope_preferences_read(
    api: Api, brands: Brands
) -> None:
    out = '{preference: {subscriptionType: "weekly-digest", status: OPTED_OUT}}'
    action = '{subscriptionTypes: ["letters"], status: OPTED_OUT}'
    making = f'createWorkflow(input: {{name: "A", triggers: [MANUAL], actions: [{action}], filter: {out}}})'
    number = (
        await api.execute(
            f'mutation {{ createWorkflow(input: {{name: "B", triggers: [MANUAL], actions: [{action}]}})'
            " { workflow { id } } }"
        )
    )["workflow"]["id"]
    clerk = await with_scopes(api, "contacts:read", "operations:write", "workflows:write")
    for mutation in (
        f"{making} {{ workflow {{ id }} }}",
        f'updateWorkflow(input: {{id: "{number}", filter: {{not: {out}}}}}) {{ workflow {{ id }} }}',
        f'enrollContacts(input: {{workflow: "{number}", contacts: {{filter: {out}}}}})'
        " { operation { id } }",
        f'bulkUpdatePreferences(input: {{contacts: {{filter: {out}}}, subscriptionTypes: ["letters"],'
        ' status: OPTED_OUT, explanation: "x"}) { operation { id } }',
    ):
        assert (await clerk.first_error(f"mutation {{ {mutation} }}"))[0] == "FORBIDDEN", mutation
    assert (await api.execute("{ operations { nodes { id } } }"))["nodes"] == []
    assert (await clerk.execute("{ workflows { name filter } }")) == [{"name": "B", "filter": None}]


@on_sqlite
async def test_a_mutation_without_its_scope_changes_nothing(api: Api) -> None:
    reader = await with_scopes(api, "contacts:read")
    answer = await reader.run(
        f'mutation {{ createContact(input: {{email: "{ALICE}"}}) {{ contact {{ id }} }} }}'
    )
    assert answer["data"] == {"createContact": None}
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await api.execute("{ contacts { totalCount } }") == {"totalCount": 0}


@on_sqlite
async def test_reading_an_object_by_id_needs_the_scope_of_its_type(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 1)
    page = await api.execute(
        "{ contacts { nodes { id recipients { id } history(first: 1) { nodes { id } } } } }"
    )
    contact = page["nodes"][0]
    unit = (await api.execute("{ businessUnits { id } }"))[0]["id"]
    ids = [contact["id"], contact["recipients"][0]["id"], contact["history"]["nodes"][0]["id"], unit]
    nodes = await api.execute("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)
    assert [each["__typename"] for each in nodes] == ["Contact", "Recipient", "ConsentEvent", "BusinessUnit"]
    assert [each["id"] for each in nodes] == ids
    linker = await with_scopes(api, "links:create")
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert await linker.execute(query, id=unit) == {"id": unit}
    for number in ids[:3]:
        assert (await linker.first_error(query, id=number))[0] == "FORBIDDEN"
    answer = await linker.run("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert answer["data"]["nodes"] == [None, None, None, {"id": unit}]
    assert [error["path"] for error in answer["errors"]] == [["nodes", index] for index in range(3)]


@on_sqlite
async def test_the_catalog_needs_a_token_and_no_scope(api: Api) -> None:
    linker = await with_scopes(api, "links:create")
    units = await linker.execute("{ businessUnits { key subscriptionTypes { key } } }")
    assert [unit["key"] for unit in units] == ["acme", "bazaar"]
