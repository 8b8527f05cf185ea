"""Payloads and references give away nothing that a query would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.contacts import contacts
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from schema.contract.ids import global_id
from tests.conftest import ALICE, ALICE_PHONE, BOB, Brands, by_team, update_preferences
from tests.graphql.conftest import Api, token
from tests.graphql.many_contacts import create_contacts
from tests.graphql.operations.workflows import create_workflow
from tests.use_cases.workflows.enrolling import run_all

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
UPDATE = """mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) {
  recipient { id address } outcomes { status changed pending error { code } } userErrors { code } } }"""
OUTCOMES = """mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) {
  outcomes { status changed } } }"""
UPDATE_CONTACT = """mutation ($i: UpdateContactInput!) { updateContact(input: $i) {
  contact { %s } userErrors { code } } }"""
BULK_UPDATE = """mutation ($i: BulkUpdatePreferencesInput!) { bulkUpdatePreferences(input: $i) {
  operation { id } } }"""
RENAME = """mutation ($i: UpdateWorkflowInput!) { updateWorkflow(input: $i) {
  workflow { name counts { enrolled } } userErrors { code } } }"""
LINKS = """mutation ($i: CreatePreferenceLinksInput!) { createPreferenceLinks(input: $i) {
  links { manageUrl } userErrors { code } } }"""
SEND = """mutation ($i: SendPreferenceLinkInput!) { sendPreferenceLink(input: $i) {
  sent userErrors { code } } }"""
RESEND = """mutation ($i: ResendConfirmationInput!) { resendConfirmation(input: $i) {
  sent userErrors { code } } }"""


@pytest.fixture
async def alice_id(brands: Brands) -> str:
    """The id of the contact Alice."""
    made = await contacts.create(
        email=ALICE, phone=ALICE_PHONE, first_name="Alice", properties={"plan": "pro"}
    )
    return global_id("Contact", made.id)


def scopes_of_errors(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """The path and the missing scope of each error."""
    return [
        (".".join(map(str, error["path"])), error["extensions"]["scope"])
        for error in answer.get("errors", [])
    ]


async def test_a_reference_to_a_contact_tells_no_address_to_who_only_writes(api: Api, alice_id: str) -> None:
    writer = api.using(await token("preferences:write"))
    for reference in ({"contact": alice_id}, {"email": ALICE}):
        answer = await writer.run(UPDATE, i={"recipient": reference, "changes": []})
        assert answer["data"]["updatePreferences"]["recipient"]["address"] is None
        assert scopes_of_errors(answer) == [("updatePreferences.recipient.address", "contacts:read")]
    for scope in ("contacts:read", "preferences:read"):
        reader = api.using(await token("preferences:write", scope))
        shown = await reader.execute(UPDATE, i={"recipient": {"contact": alice_id}, "changes": []})
        assert shown["recipient"]["address"] == ALICE


async def test_a_request_that_cannot_succeed_does_not_tell_the_status(api: Api, alice_id: str) -> None:
    """A change tells its outcome. A request that cannot change anything tells no status."""
    writer = api.using(await token("preferences:write"))
    wanted: dict[str, Any] = {"recipient": {"contact": alice_id}}
    wanted["changes"] = [{"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}]
    assert await writer.execute(OUTCOMES, i=wanted) == {
        "outcomes": [{"status": "OPTED_OUT", "changed": True}]
    }
    for status in ("OPTED_IN", "NOT_OPTED"):  # without a legal basis
        wanted["changes"] = [{"subscriptionType": "weekly-digest", "status": status}]
        assert await writer.first_error(OUTCOMES, i=wanted) == ("FORBIDDEN", None)
        assert (await api.execute(OUTCOMES, i=wanted))["outcomes"][0]["status"] == "OPTED_OUT"


@on_sqlite
async def test_the_payload_of_a_changed_contact_shows_what_was_written(api: Api, alice_id: str) -> None:
    """Without contacts:read, updating a contact does not read it."""
    writer = api.using(await token("contacts:write"))
    fields = "id email phone firstName lastName locale processingBasis"
    answer = await writer.run(UPDATE_CONTACT % fields, i={"id": alice_id, "lastName": "Nowak"})
    shown = answer["data"]["updateContact"]["contact"]
    assert shown == {**dict.fromkeys(fields.split()), "id": alice_id, "lastName": "Nowak"}
    assert {scope for _, scope in scopes_of_errors(answer)} == {"contacts:read"}
    assert len(answer["errors"]) == len(fields.split()) - 2
    for written, readable in (
        ({"properties": {"city": "Kraków"}}, False),
        ({"replaceProperties": None}, False),
        ({"replaceProperties": {"plan": "free"}}, True),
    ):
        answer = await writer.run(UPDATE_CONTACT % "properties", i={"id": alice_id, **written})
        expected = [] if readable else [("updateContact.contact.properties", "contacts:read")]
        assert scopes_of_errors(answer) == expected, written
        assert readable or answer["data"]["updateContact"]["contact"] == {"properties": None}
    created = (
        "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { email properties } } }"
    )
    new = {"email": BOB, "properties": {"a": 1}}
    assert (await writer.execute(created, i=new))["contact"] == new


@on_sqlite
async def test_links_of_contacts_by_id_need_the_scope_that_reads_addresses(api: Api, alice_id: str) -> None:
    """The page of a link shows the address."""
    linker = api.using(await token("links:create"))
    assert await linker.first_error(LINKS, i={"recipients": [{"email": BOB}, {"contact": alice_id}]}) == (
        "FORBIDDEN",
        None,
    )
    assert (await linker.execute(LINKS, i={"recipients": [{"email": BOB}]}))["userErrors"] == []
    both = api.using(await token("links:create", "contacts:read"))
    assert (await both.execute(LINKS, i={"recipients": [{"contact": alice_id}]}))["userErrors"] == []


@on_sqlite
async def test_sending_a_link_does_not_tell_whether_an_address_is_on_record(api: Api, alice_id: str) -> None:
    linker = api.using(await token("links:create"))
    for email in (ALICE, BOB):
        wanted = {"recipient": {"email": email}, "businessUnit": "acme"}
        assert await linker.execute(SEND, i=wanted) == {"sent": True, "userErrors": []}
    reader = api.using(await token("links:create", "preferences:read"))
    wanted = {"recipient": {"email": BOB}, "businessUnit": "acme"}
    assert await reader.execute(SEND, i=wanted) == {"sent": False, "userErrors": [{"code": "NOT_FOUND"}]}
    rows = await database.fetch("SELECT 1 FROM outgoing_mails")
    assert len(rows) == 1


async def test_resending_a_confirmation_does_not_tell_whether_one_is_pending(
    api: Api, brands: Brands, alice: int, bob: int
) -> None:
    await update_preferences(alice, [(brands.offers, Channel.EMAIL, PreferenceStatus.OPTED_IN)], by_team())
    linker = api.using(await token("links:create"))
    for email in (ALICE, BOB):
        wanted = {"recipient": {"email": email}, "subscriptionType": "offers"}
        assert await linker.execute(RESEND, i=wanted) == {"sent": True, "userErrors": []}
    reader = api.using(await token("links:create", "preferences:read"))
    codes = {}
    for email in (ALICE, BOB):
        wanted = {"recipient": {"email": email}, "subscriptionType": "offers"}
        codes[email] = [error["code"] for error in (await reader.execute(RESEND, i=wanted))["userErrors"]]
    assert codes == {ALICE: ["LIMIT_EXCEEDED"], BOB: ["NOT_FOUND"]}


@on_sqlite
async def test_an_event_shows_its_operation_to_who_may_read_operations(
    api: Api, brands: Brands, alice_id: str
) -> None:
    wanted = {
        "contacts": {"ids": [alice_id]},
        "subscriptionTypes": ["letters"],
        "status": "OPTED_OUT",
        "explanation": "The fair is over.",
    }
    await api.execute(BULK_UPDATE, i=wanted)
    await run_all()
    query = "{ consentEvents { nodes { after operation { explanation actor } } } }"
    reader = await api.using(await token("preferences:read")).run(query)
    assert reader["data"]["consentEvents"]["nodes"] == [{"after": "OPTED_OUT", "operation": None}]
    assert scopes_of_errors(reader) == [("consentEvents.nodes.0.operation", "contacts:read")]
    both = api.using(await token("preferences:read", "contacts:read"))
    operation = (await both.execute(query))["nodes"][0]["operation"]
    assert operation == {"explanation": "The fair is over.", "actor": "crm"}


@on_sqlite
async def test_enrolments_that_a_choice_starts_need_the_scope_that_reads_consent(
    api: Api, alice_id: str
) -> None:
    workflow = await create_workflow(
        api,
        triggers=["PREFERENCE_CHANGED"],
        whenPreference={"subscriptionType": "letters", "status": "OPTED_OUT"},
        filter=None,
        actions=[{"subscriptionTypes": ["alerts"], "status": "OPTED_OUT"}],
    )
    change = [{"subscriptionType": "letters", "status": "OPTED_OUT"}]
    await api.execute(UPDATE, i={"recipient": {"contact": alice_id}, "changes": change})
    await run_all()
    reader = api.using(await token("contacts:read", "workflows:write"))
    answer = await reader.run("{ workflows { name counts { enrolled } } }")
    assert answer["data"]["workflows"] == [{"name": "Polish digest", "counts": None}]
    assert scopes_of_errors(answer) == [("workflows.0.counts", "preferences:read")]
    assert (await reader.first_error("{ workflows { enrolments } }"))[0] == "FORBIDDEN"
    records = "{ workflows { enrolmentRecords { nodes { contact { email } } } } }"
    assert (await reader.first_error(records))[0] == "FORBIDDEN"
    renamed = await reader.run(RENAME, i={"id": workflow["id"], "name": "Other"})
    assert renamed["data"]["updateWorkflow"]["workflow"] == {"name": "Other", "counts": None}
    both = api.using(await token("contacts:read", "preferences:read"))
    assert (await both.execute(records))[0]["enrolmentRecords"]["nodes"] == [{"contact": {"email": ALICE}}]


@on_sqlite
async def test_an_answer_holds_a_thousand_errors_at_most(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 100)
    reader = api.using(await token("contacts:read"))
    fields = " ".join(
        f'a{n}: updatedAt p{n}: optedOutOfEmail(subscriptionType: "{brands.digest.key}")' for n in range(11)
    )

    answer = await reader.run(f"{{ contacts(first: 100) {{ nodes {{ {fields} }} }} }}")

    assert (len(answer["errors"]), answer["extensions"]["omittedErrors"]) == (1_000, 100)
    assert [node["a0"] is not None for node in answer["data"]["contacts"]["nodes"]] == [True] * 100
