"""Contacts over GraphQL."""

from __future__ import annotations

from typing import Any

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


async def made(api: Api, **given: Any) -> dict[str, Any]:
    contact: dict[str, Any] = (await api.ask(CREATE, i=given))["contact"]
    return contact


async def test_a_contact_that_was_made_is_found_by_its_address_and_by_its_id(api: Api) -> None:
    contact = await made(api, email=" Alice@Example.com ", firstName="Alice", properties={"plan": "pro"})
    assert (contact["email"], contact["properties"]) == (ALICE, {"plan": "pro"})
    by_email = "query ($a: String!) { contact(by: {email: $a}) { id firstName } }"
    found = await api.ask(by_email, a="ALICE@example.com")
    assert found == {"id": contact["id"], "firstName": "Alice"}
    again = await api.ask("query ($id: ID!) { node(id: $id) { __typename id } }", id=found["id"])
    assert again == {"__typename": "Contact", "id": found["id"]}


async def test_an_update_changes_what_is_given_and_null_clears(api: Api) -> None:
    contact = await made(api, email=ALICE, phone=ALICE_PHONE, firstName="Alice", lastName="Liddell")
    given = {"id": contact["id"], "firstName": None, "processingBasis": "PROCESS_AND_STORE"}
    changed = (await api.ask(UPDATE, i=given))["contact"]
    assert (changed["firstName"], changed["lastName"], changed["phone"]) == (None, "Liddell", ALICE_PHONE)
    assert changed["processingBasis"] == "PROCESS_AND_STORE"
    cleared = await api.ask(UPDATE, i={"id": contact["id"], "email": None, "phone": None})
    assert cleared["userErrors"] == [{"code": "ADDRESS_MISSING", "field": ["email"]}]


async def test_two_contacts_share_a_phone_number_and_never_an_email_address(api: Api) -> None:
    await made(api, email=ALICE, phone=ALICE_PHONE)
    bob = await made(api, email=BOB, phone=ALICE_PHONE)
    for mutation, given in ((CREATE, {"email": ALICE}), (UPDATE, {"id": bob["id"], "email": ALICE})):
        taken = await api.ask(mutation, i=given)
        assert taken["userErrors"] == [{"code": "ALREADY_EXISTS", "field": ["email"]}]
    by_phone = "query ($p: String!) { recipient(by: {phone: $p}) { contacts { email } } }"
    shared = await api.ask(by_phone, p=ALICE_PHONE)
    assert shared["contacts"] == [{"email": ALICE}, {"email": BOB}]


async def test_an_opt_out_holds_for_the_next_contact_with_the_address(api: Api) -> None:
    """R1."""
    contact = await made(api, email=ALICE)
    await api.ask(OPT_OUT, a=ALICE)
    assert await api.ask(DELETE, i={"id": contact["id"]}) == {"deletedId": contact["id"], "userErrors": []}
    await made(api, email=ALICE)
    assert await api.ask(STATUS, a=ALICE) == {"optedOutOfEmail": True, "unsubscribedFromAllEmail": False}


async def test_another_address_has_its_own_preferences(api: Api) -> None:
    """R1."""
    contact = await made(api, email=ALICE)
    await api.ask(OPT_OUT, a=ALICE)
    await api.ask(UPDATE, i={"id": contact["id"], "email": BOB})
    assert (await api.ask(STATUS, a=BOB))["optedOutOfEmail"] is False
    by_email = "query ($a: String!) { recipient(by: {email: $a}) { preferences { status } contacts { id } } }"
    old = await api.ask(by_email, a=ALICE)
    assert (old["preferences"][0]["status"], old["contacts"]) == ("OPTED_OUT", [])


async def test_what_is_not_there_cannot_be_changed(api: Api) -> None:
    for number in ("nonsense", global_id("Contact", 99), global_id("Recipient", 1)):
        for mutation in (UPDATE, DELETE):
            refused = await api.ask(mutation, i={"id": number})
            assert refused["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    assert await api.ask('{ contact(by: {email: "alice@example.com"}) { id } }') is None
    assert await api.ask("query ($id: ID!) { node(id: $id) { id } }", id=global_id("Contact", 99)) is None
