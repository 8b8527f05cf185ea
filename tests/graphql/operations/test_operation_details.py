"""What an operation says about itself: what it sets, on whom, and what it could not change."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.filter_json import to_json
from preference_center.imports import contacts as contact_imports
from preference_center.operations.selection_text import describe_selection
from schema.contract.ids import global_id
from tests.conftest import TEAM, Brands
from tests.graphql.conftest import Api, token
from tests.graphql.operations.bulk_updates import BULK, REVERT, bulk_update, run_operations
from tests.graphql.operations.workflows import create_workflow
from tests.graphql.statements import CountedStatements
from tests.imports.files import REASONS, receive_opt_outs, upload

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DETAILS = """query($id: ID!) { operation(id: $id) {
  change { channel status subscriptionTypes { key } businessUnit { key } optOutOfAll removeOptOutOfAll
    legalBasis processingBasis }
  selection { description filter } reverts { id } workflow { name } } }"""
ITEMS = """query($id: ID!, $first: Int, $after: String, $codes: [UserErrorCode!]) { operation(id: $id) {
  refusedItems(first: $first, after: $after, codes: $codes) { totalCount
    edges { cursor node { line about code message address contact { id email } } }
    pageInfo { hasNextPage endCursor } } } }"""


async def start(api: Api, **more: Any) -> str:
    started = await api.execute(BULK, input=bulk_update(**more))
    assert started["userErrors"] == []
    operation_id: str = started["operation"]["id"]
    return operation_id


@on_sqlite
async def test_a_bulk_update_says_what_it_sets_and_on_whom(api: Api, contact_ids: list[str]) -> None:
    given = {"locale": "en", "emails": ["p0@example.com"], "not": {"optedOutOfEmail": "letters"}}
    operation_id = await start(api, contacts={"filter": given}, removeOptOutOfAll=True, businessUnit="acme")
    shown = await api.execute(DETAILS, id=operation_id)
    assert shown["change"] == {
        "channel": "EMAIL",
        "status": "OPTED_IN",
        "subscriptionTypes": [{"key": "weekly-digest"}],
        "businessUnit": {"key": "acme"},
        "optOutOfAll": False,
        "removeOptOutOfAll": True,
        "legalBasis": "CONSENT_WITH_NOTICE",
        "processingBasis": "PROCESS_AND_STORE",
    }
    assert shown["selection"]["filter"] == given
    described = shown["selection"]["description"]
    assert described == (
        "Contacts with a certain email address, whose language is 'en' and that are not in this group:"
        " (opted out of 'letters' by email)."
    )
    await run_operations()
    done = await api.execute(DETAILS, id=operation_id)
    assert done["selection"] == {"description": described, "filter": None}, "a filter may name people"
    assert done["change"] == shown["change"]


@on_sqlite
async def test_an_import_says_what_it_sets(api: Api, brands: Brands) -> None:
    opt_outs = await receive_opt_outs("email\na@example.com\n", brands)
    shown = await api.execute(DETAILS, id=global_id("Operation", opt_outs.id))
    assert shown["selection"] is None
    change = shown["change"]
    assert (change["channel"], change["businessUnit"], change["optOutOfAll"]) == (
        "EMAIL",
        {"key": "acme"},
        True,
    )
    people = await contact_imports.receive(REASONS, upload("email,opt_in:letters\nb@example.com,1\n"), TEAM)
    change = (await api.execute(DETAILS, id=global_id("Operation", people.id)))["change"]
    assert (change["channel"], change["status"], change["optOutOfAll"]) == (None, None, False)
    bases = (change["legalBasis"], change["processingBasis"])
    assert bases == ("CONSENT_WITH_NOTICE", "PROCESS_AND_STORE")


@on_sqlite
async def test_a_reversal_and_an_enrolment_say_what_they_are_about(api: Api, contact_ids: list[str]) -> None:
    operation_id = await start(api)
    await run_operations()
    undoing = (await api.execute(REVERT, id=operation_id))["operation"]["id"]
    shown = await api.execute(DETAILS, id=undoing)
    assert shown == {"change": None, "selection": None, "reverts": {"id": operation_id}, "workflow": None}
    workflow = await create_workflow(api)
    enrolling = await api.execute(
        "mutation($i: EnrollContactsInput!) { enrollContacts(input: $i) { operation { id } } }",
        i={"workflow": workflow["id"], "contacts": {"ids": contact_ids[:2]}},
    )
    shown = await api.execute(DETAILS, id=enrolling["operation"]["id"])
    assert shown["selection"] == {
        "description": "Contacts chosen one by one (2).",
        "filter": {"ids": contact_ids[:2]},
    }
    assert shown["workflow"] == {"name": workflow["name"]}


@on_sqlite
async def test_the_contacts_of_an_operation_need_the_scope_that_reads_contacts(
    api: Api, contact_ids: list[str]
) -> None:
    operation_id = await start(api)
    clerk = api.using(await token("operations:write"))
    answer = await clerk.run(
        "mutation($id: ID!) { cancelOperation(input: {id: $id}) { operation {"
        " id selection { description } change { status } } } }",
        id=operation_id,
    )
    operation = answer["data"]["cancelOperation"]["operation"]
    assert operation == {"id": operation_id, "selection": None, "change": {"status": "OPTED_IN"}}
    assert [error["path"] for error in answer["errors"]] == [["cancelOperation", "operation", "selection"]]


async def test_operations_are_listed_by_state_and_kind(api: Api, contact_ids: list[str]) -> None:
    ended = await start(api)
    await run_operations()
    waiting = await start(api)
    undoing = (await api.execute(REVERT, id=ended))["operation"]["id"]
    for arguments, expected in (
        ("states: [QUEUED, RUNNING]", [undoing, waiting]),
        ("states: [COMPLETED]", [ended]),
        ("states: [QUEUED], kinds: [BULK_UPDATE]", [waiting]),
        ("states: []", []),
        ("kinds: [REVERSAL, BULK_UPDATE]", [undoing, waiting, ended]),
    ):
        found = await api.execute(f"{{ operations({arguments}) {{ nodes {{ id }} totalCount }} }}")
        assert [each["id"] for each in found["nodes"]] == expected, arguments
        assert found["totalCount"] == len(expected)


async def test_each_refusal_is_listed_with_its_reason_in_pages(api: Api, contact_ids: list[str]) -> None:
    operation_id = await start(api, processingBasis=None)
    await run_operations()
    page = (await api.execute(ITEMS, id=operation_id, first=2))["refusedItems"]
    assert [edge["node"]["address"] for edge in page["edges"]] == ["p0@example.com", "p1@example.com"]
    assert page["edges"][0]["node"] == {
        "line": None,
        "about": "weekly-digest",
        "code": "PROCESSING_BASIS_REQUIRED",
        "message": page["edges"][0]["node"]["message"],
        "address": "p0@example.com",
        "contact": {"id": contact_ids[0], "email": "p0@example.com"},
    }
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    rest = (await api.execute(ITEMS, id=operation_id, after=page["pageInfo"]["endCursor"]))["refusedItems"]
    assert [edge["node"]["address"] for edge in rest["edges"]] == ["p2@example.com"]
    assert rest["pageInfo"]["hasNextPage"] is False
    other = (await api.execute(ITEMS, id=operation_id, codes=["NOT_FOUND"]))["refusedItems"]
    assert (other["edges"], other["totalCount"]) == ([], 0)


async def test_refusals_of_many_operations_take_one_statement(
    api: Api, contact_ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "{ operations { nodes { id refusedItems(first: 2) { nodes { code contact { id } } } } } }"
    counts = []
    for number in (1, 3):
        for _ in range(number):
            await start(api, processingBasis=None)
        await run_operations()
        await api.execute(query)
        with monkeypatch.context() as patched:
            statements = CountedStatements(patched)
            found = await api.execute(query)
        assert [len(each["refusedItems"]["nodes"]) for each in found["nodes"]] == [2] * len(found["nodes"])
        counts.append(statements.take())
    assert counts[0] == counts[1]


@on_sqlite
async def test_refusals_that_tell_consent_and_addresses_need_their_scopes(
    api: Api, contact_ids: list[str]
) -> None:
    """As in the file: reasons that tell what somebody chose need preferences:read."""
    operation_id = await start(api, processingBasis=None)
    await run_operations()
    reader = api.using(await token("contacts:read"))
    assert (await reader.execute(ITEMS, id=operation_id))["refusedItems"]["edges"] == []
    both = api.using(await token("contacts:read", "preferences:read"))
    assert len((await both.execute(ITEMS, id=operation_id))["refusedItems"]["edges"]) == 3


@pytest.mark.parametrize(
    ("contact_filter", "described"),
    [
        (ContactFilter(), "All contacts."),
        (ContactFilter(search="Ada Lovelace"), "Contacts that a search finds."),
        (ContactFilter(emails=["a@example.com", "b@example.com"]), "Contacts with one of 2 email addresses."),
        (ContactFilter(ids=[7]), "Contacts chosen one by one (1)."),
        (
            ContactFilter(unsubscribed_from_all_email=False, locale="pl"),
            "Contacts whose language is 'pl' and not opted out of all email.",
        ),
        (
            ContactFilter(any_of=[ContactFilter(locale="pl"), ContactFilter()]),
            "Contacts in one of these groups: (whose language is 'pl') or (all contacts).",
        ),
    ],
)
def test_a_selection_is_described_without_naming_anybody(
    contact_filter: ContactFilter, described: str
) -> None:
    assert describe_selection(to_json(contact_filter)) == described


def test_no_condition_puts_a_value_that_tells_who_somebody_is_into_words(brands: Brands) -> None:
    """R36: the description stays when the filter is deleted."""
    secret = "Lovelace"
    stored = {
        "search": secret,
        "emails": [secret],
        "email_domains": [secret],
        "phones": [secret],
        "property": ["plan", secret],
        "properties": [["plan", "in", [secret]], ["plan", "contains", secret], ["plan", "less", secret]],
        "a_new_condition": secret,
        "negated": {"any_of": [{"search": secret}]},
    }
    described = describe_selection(stored)
    assert secret not in described
    assert "'a new condition'" in described
    assert described.count("plan") == 4
