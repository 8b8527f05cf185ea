"""Contacts over GraphQL."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from schema.contract.ids import global_id
from tests.conftest import ALICE, ALICE_PHONE, BOB
from tests.graphql.conftest import Api

SHOWN = """contact { id email phone firstName lastName locale properties processingBasis }
  userErrors { code field }"""
CREATE = f"mutation ($i: CreateContactInput!) {{ createContact(input: $i) {{ {SHOWN} }} }}"
UPDATE = f"mutation ($i: UpdateContactInput!) {{ updateContact(input: $i) {{ {SHOWN} }} }}"
DELETE = (
    "mutation ($i: DeleteContactInput!) { deleteContact(input: $i) { deletedId userErrors { code field } } }"
)
OPT_OUT = """mutation ($a: String!) { updatePreferences(input: {recipient: {email: $a},
  changes: [{subscriptionType: "weekly-digest", status: OPTED_OUT}]}) { outcomes { changed } } }"""
STATUS = """query ($a: String!) { contact(by: {email: $a}) {
  optedOutOfEmail(subscriptionType: "weekly-digest") unsubscribedFromAllEmail } }"""


async def create_contact(api: Api, **input: Any) -> dict[str, Any]:
    contact: dict[str, Any] = (await api.execute(CREATE, i=input))["contact"]
    return contact


async def test_a_new_contact_is_found_by_its_address_and_its_id(api: Api) -> None:
    contact = await create_contact(
        api, email=" Alice@Example.com ", firstName="Alice", properties={"plan": "pro"}
    )
    assert (contact["email"], contact["properties"]) == (ALICE, {"plan": "pro"})
    by_email = "query ($a: String!) { contact(by: {email: $a}) { id firstName } }"
    found = await api.execute(by_email, a="ALICE@example.com")
    assert found == {"id": contact["id"], "firstName": "Alice"}
    again = await api.execute("query ($id: ID!) { node(id: $id) { __typename id } }", id=found["id"])
    assert again == {"__typename": "Contact", "id": found["id"]}


async def test_an_update_changes_the_given_fields_and_null_clears_a_field(api: Api) -> None:
    contact = await create_contact(api, email=ALICE, phone=ALICE_PHONE, firstName="Alice", lastName="Liddell")
    input = {"id": contact["id"], "firstName": None, "processingBasis": "PROCESS_AND_STORE"}
    changed = (await api.execute(UPDATE, i=input))["contact"]
    assert (changed["firstName"], changed["lastName"], changed["phone"]) == (None, "Liddell", ALICE_PHONE)
    assert changed["processingBasis"] == "PROCESS_AND_STORE"
    cleared = await api.execute(UPDATE, i={"id": contact["id"], "email": None, "phone": None})
    assert cleared["userErrors"] == [{"code": "ADDRESS_MISSING", "field": ["email"]}]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"properties": {"plan": "team"}},
         {"plan": "team", "city": "Łódź", "address": {"zip": "1", "no": 2}}),
        ({"properties": {"age": 7}},
         {"plan": "pro", "city": "Łódź", "address": {"zip": "1", "no": 2}, "age": 7}),
        ({"properties": {"city": None, "unknown": None}}, {"plan": "pro", "address": {"zip": "1", "no": 2}}),
        ({"properties": {"address": {"no": None, "street": "A"}}},
         {"plan": "pro", "city": "Łódź", "address": {"zip": "1", "street": "A"}}),
        ({"properties": {"address": [1]}}, {"plan": "pro", "city": "Łódź", "address": [1]}),
        ({"properties": {}}, {"plan": "pro", "city": "Łódź", "address": {"zip": "1", "no": 2}}),
        ({"properties": None}, {}),
        ({"replaceProperties": {"age": 7, "left": None}}, {"age": 7, "left": None}),
        ({"replaceProperties": {}}, {}),
        ({"replaceProperties": None}, {"plan": "pro", "city": "Łódź", "address": {"zip": "1", "no": 2}}),
        ({"properties": {"plan": None}, "replaceProperties": None},
         {"city": "Łódź", "address": {"zip": "1", "no": 2}}),
    ],
)  # fmt: skip
async def test_properties_are_merged_and_replaced_on_request(
    api: Api, change: dict[str, Any], left: dict[str, Any]
) -> None:
    had = {"plan": "pro", "city": "Łódź", "address": {"zip": "1", "no": 2}}
    contact = await create_contact(api, email=ALICE, properties=had)
    payload = await api.execute(UPDATE, i={"id": contact["id"], **change})
    assert (payload["contact"]["properties"], payload["userErrors"]) == (left, [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"properties": {"a": 1}, "replaceProperties": {"b": 1}}, "replaceProperties"),
        ({"properties": [1]}, "properties"),
        ({"properties": "plan"}, "properties"),
        ({"properties": False}, "properties"),
        ({"replaceProperties": [1]}, "replaceProperties"),
        ({"properties": {"large": "x" * 40_000}}, "properties"),
        ({"replaceProperties": {"large": "x" * 70_000}}, "replaceProperties"),
        ({"properties": {"a": "\x00"}}, "properties"),
    ],
)
async def test_properties_that_cannot_be_changed_stay_as_they_are(
    api: Api, change: dict[str, Any], field: str
) -> None:
    had = {"note": "x" * 40_000}
    contact = await create_contact(api, email=ALICE, properties=had)
    payload = await api.execute(UPDATE, i={"id": contact["id"], **change})
    assert payload["userErrors"] == [{"code": "INVALID_VALUE", "field": [field]}]
    shown = "query ($a: String!) { contact(by: {email: $a}) { properties } }"
    assert await api.execute(shown, a=ALICE) == {"properties": had}


async def test_properties_changed_at_the_same_time_are_all_kept(api: Api) -> None:
    contact = await create_contact(api, email=ALICE, properties={"a": 0})
    changes = ({"id": contact["id"], "properties": {name: 1}} for name in "bcde")
    await asyncio.gather(*(api.execute(UPDATE, i=change) for change in changes))
    shown = "query ($a: String!) { contact(by: {email: $a}) { properties } }"
    assert await api.execute(shown, a=ALICE) == {"properties": {"a": 0, "b": 1, "c": 1, "d": 1, "e": 1}}


async def test_two_contacts_can_share_a_phone_number_but_not_an_email_address(api: Api) -> None:
    await create_contact(api, email=ALICE, phone=ALICE_PHONE)
    bob = await create_contact(api, email=BOB, phone=ALICE_PHONE)
    for mutation, input in ((CREATE, {"email": ALICE}), (UPDATE, {"id": bob["id"], "email": ALICE})):
        payload = await api.execute(mutation, i=input)
        assert payload["userErrors"] == [{"code": "ALREADY_EXISTS", "field": ["email"]}]
    by_phone = "query ($p: String!) { recipient(by: {phone: $p}) { contacts { email } } }"
    shared = await api.execute(by_phone, p=ALICE_PHONE)
    assert shared["contacts"] == [{"email": ALICE}, {"email": BOB}]


async def test_an_opt_out_survives_deleting_and_recreating_the_contact(api: Api) -> None:
    """R1."""
    contact = await create_contact(api, email=ALICE)
    await api.execute(OPT_OUT, a=ALICE)
    assert await api.execute(DELETE, i={"id": contact["id"]}) == {
        "deletedId": contact["id"],
        "userErrors": [],
    }
    await create_contact(api, email=ALICE)
    assert await api.execute(STATUS, a=ALICE) == {"optedOutOfEmail": True, "unsubscribedFromAllEmail": False}


async def test_a_new_address_has_its_own_preferences(api: Api) -> None:
    """R1."""
    contact = await create_contact(api, email=ALICE)
    await api.execute(OPT_OUT, a=ALICE)
    await api.execute(UPDATE, i={"id": contact["id"], "email": BOB})
    assert (await api.execute(STATUS, a=BOB))["optedOutOfEmail"] is False
    by_email = "query ($a: String!) { recipient(by: {email: $a}) { preferences { status } contacts { id } } }"
    old = await api.execute(by_email, a=ALICE)
    assert (old["preferences"][0]["status"], old["contacts"]) == ("OPTED_OUT", [])


async def test_changing_an_unknown_contact_is_a_user_error(api: Api) -> None:
    for id_ in ("nonsense", global_id("Contact", 99), global_id("Recipient", 1)):
        for mutation in (UPDATE, DELETE):
            refused = await api.execute(mutation, i={"id": id_})
            assert refused["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    assert await api.execute('{ contact(by: {email: "alice@example.com"}) { id } }') is None
    assert await api.execute("query ($id: ID!) { node(id: $id) { id } }", id=global_id("Contact", 99)) is None
