"""Call permissions over GraphQL (R25)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.contacts import calls, contacts
from preference_center.rules.types import Actor, LegalBasis
from schema.contract.ids import global_id
from tests.conftest import ALICE, ALICE_PHONE, Brands, Clock
from tests.graphql.conftest import Api, token
from tests.graphql.many_contacts import create_contacts, email
from tests.graphql.statements import CountedStatements

SHOWN = "allowed reason legalBasis explanation usedAt"
PERMIT = f"""mutation ($i: PermitCallInput!) {{ permitCall(input: $i) {{
  permission {{ {SHOWN} }} userErrors {{ code message field }} }} }}"""
RECORD = f"""mutation ($i: RecordCallInput!) {{ recordCall(input: $i) {{
  permission {{ {SHOWN} }} userErrors {{ code message field }} }} }}"""
QUERY = f"query ($id: ID!) {{ node(id: $id) {{ ... on Contact {{ callPermission {{ {SHOWN} }} }} }} }}"
OPT_OUT = """mutation ($a: String!, $unit: Key!) { optOutOfAll(
  input: {recipient: {email: $a}, businessUnit: $unit}) { userErrors { code } } }"""
ALLOWED = {"allowed": True, "reason": None, "legalBasis": None, "explanation": None, "usedAt": None}
BLOCKED = {**ALLOWED, "allowed": False, "reason": "OPTED_OUT_OF_ALL"}
BASIS = {"legalBasis": "LEGITIMATE_INTEREST_CLIENT", "explanation": "Asked us to call."}


@pytest.fixture
async def contact_id(api: Api) -> str:
    return str(global_id("Contact", (await contacts.create(email=ALICE, phone=ALICE_PHONE)).id))


async def opt_out(api: Api, address: str = ALICE, unit: str = "bazaar") -> None:
    await api.execute(OPT_OUT, a=address, unit=unit)


async def permission(api: Api, contact_id: str) -> Any:
    return (await api.execute(QUERY, id=contact_id))["callPermission"]


async def user_errors(api: Api, mutation: str, **input: Any) -> list[tuple[str, list[str]]]:
    answer = await api.execute(mutation, i=input)
    assert answer["permission"] is None
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


async def test_one_permit_allows_one_call(api: Api, contact_id: str, clock: Clock) -> None:
    assert await permission(api, contact_id) == ALLOWED
    await opt_out(api)
    assert await permission(api, contact_id) == BLOCKED
    assert await user_errors(api, RECORD, contact=contact_id) == [("LEGAL_BASIS_REQUIRED", ["contact"])]

    answer = await api.execute(PERMIT, i={"contact": contact_id, **BASIS})
    assert answer == {"permission": {**ALLOWED, **BASIS}, "userErrors": []}
    assert await permission(api, contact_id) == answer["permission"]

    used = {**BLOCKED, **BASIS, "usedAt": "2026-05-04T12:00:00Z"}
    assert await api.execute(RECORD, i={"contact": contact_id}) == {"permission": used, "userErrors": []}
    assert await permission(api, contact_id) == used
    assert await user_errors(api, RECORD, contact=contact_id) == [("LEGAL_BASIS_REQUIRED", ["contact"])]


async def test_calls_need_a_permit_until_the_last_opt_out_of_all_email_is_removed(
    api: Api, contact_id: str
) -> None:
    """R25, R26: an opt-out of all email from any business unit counts."""
    lift = """mutation ($unit: Key!) { removeOptOutOfAll(input: {recipient: {email: "alice@example.com"},
      businessUnit: $unit, explanation: "Asked for it.", legalBasis: CONSENT_WITH_NOTICE}) {
      userErrors { code } } }"""
    out = """query ($id: ID!) { node(id: $id) { ... on Contact {
      callPermission { allowed } unsubscribedFromAllEmail } } }"""
    for unit in ("acme", "bazaar"):
        await opt_out(api, unit=unit)
        assert await api.execute(out, id=contact_id) == {
            "callPermission": {"allowed": False}, "unsubscribedFromAllEmail": True,
        }  # fmt: skip
    await api.execute(lift, unit="acme")
    assert (await permission(api, contact_id))["allowed"] is False
    await api.execute(lift, unit="bazaar")
    assert await permission(api, contact_id) == ALLOWED


async def test_a_permit_needs_an_explanation_and_a_known_contact(api: Api, contact_id: str) -> None:
    blank = {"contact": contact_id, **BASIS, "explanation": " "}
    assert await user_errors(api, PERMIT, **blank) == [("EXPLANATION_REQUIRED", ["explanation"])]
    long = {**blank, "explanation": "x" * 2001}
    assert await user_errors(api, PERMIT, **long) == [("INVALID_VALUE", ["explanation"])]
    for id_ in ("nonsense", global_id("Contact", 2**63 - 1), global_id("Recipient", 1)):
        assert await user_errors(api, RECORD, contact=id_) == [("NOT_FOUND", ["contact"])]
        assert await user_errors(api, PERMIT, contact=id_, **BASIS) == [("NOT_FOUND", ["contact"])]


async def test_the_call_permissions_of_a_hundred_contacts_take_as_many_statements_as_one(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 100)
    for row in await contacts.select("c.email IN ($1, $2)", email(0), email(1)):
        await calls.permit(row.id, LegalBasis.NON_GDPR, "Asked us to call.", Actor("crm"))
    page = """query ($n: Int!) { contacts(first: $n, orderBy: EMAIL_ASC) { nodes {
      email unsubscribedFromAllEmail callPermission { allowed reason legalBasis } } } }"""
    await api.execute("{ viewer { name } }")  # notes the token's use, once a minute
    counted = CountedStatements(monkeypatch)
    counts = {}
    for size in (1, 100):
        counted.statements.clear()
        found = (await api.execute(page, n=size))["nodes"]
        counts[size] = counted.take()
        assert len(found) == size
    assert counts[1] == counts[100]
    assert found[0]["callPermission"] == {"allowed": True, "reason": None, "legalBasis": "NON_GDPR"}
    for each in found[1:]:  # every tenth is out of all of Bazaar's
        assert each["callPermission"]["allowed"] is not each["unsubscribedFromAllEmail"]
    assert [each["email"] for each in found if each["callPermission"]["reason"]] == [
        email(n) for n in range(10, 100, 10)
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_reading_call_permissions_needs_the_scope_preferences_read(api: Api, contact_id: str) -> None:
    reader = api.using(await token("contacts:read", "preferences:write"))
    assert (await reader.first_error(QUERY, id=contact_id))[0] == "FORBIDDEN"
    assert (await reader.execute(RECORD, i={"contact": contact_id}))["permission"]["allowed"] is True
    assert (await api.using(await token("preferences:read")).first_error(RECORD, i={"contact": contact_id}))[
        0
    ] == ("FORBIDDEN")


async def test_a_payload_gives_the_contact_as_it_is_after_the_mutation(api: Api) -> None:
    contact = (
        await api.execute(
            'mutation { createContact(input: {email: "zofia@example.com"}) { contact { id } } }'
        )
    )["contact"]["id"]
    await api.execute(
        'mutation { optOutOfAll(input: {recipient: {email: "zofia@example.com"}, businessUnit: "acme"})'
        " { userErrors { code } } }"
    )
    shown = "contact { id callPermission { allowed } } userErrors { code }"
    for mutation, allowed in (
        (
            f'permitCall(input: {{contact: "{contact}", legalBasis: CONSENT_WITH_NOTICE, explanation: "x"}})',
            True,
        ),
        (f'recordCall(input: {{contact: "{contact}"}})', False),
    ):
        payload = await api.execute(f"mutation {{ {mutation} {{ {shown} }} }}")
        expected = {"id": contact, "callPermission": {"allowed": allowed}}
        assert payload == {"contact": expected, "userErrors": []}


async def test_a_call_that_is_not_allowed_says_what_a_permit_needs(api: Api, contact_id: str) -> None:
    shown = "query ($id: ID!) { node(id: $id) { ... on Contact { callPermission { message requires } } } }"
    assert (await api.execute(shown, id=contact_id))["callPermission"] == {"message": None, "requires": []}
    await opt_out(api)
    needed = (await api.execute(shown, id=contact_id))["callPermission"]
    assert needed["requires"] == ["LEGAL_BASIS", "EXPLANATION"]
    (error,) = (await api.execute(RECORD, i={"contact": contact_id}))["userErrors"]
    assert needed["message"] == error["message"]
    await api.execute(PERMIT, i={"contact": contact_id, **BASIS})
    assert (await api.execute(shown, id=contact_id))["callPermission"] == {"message": None, "requires": []}
