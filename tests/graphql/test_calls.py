"""Permission to call over GraphQL (R25)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.contacts import calls, contacts
from preference_center.rules.types import Actor, LegalBasis
from schema.contract.ids import global_id
from tests.conftest import ALICE, ALICE_PHONE, Brands, Clock
from tests.graphql.conftest import Api, token
from tests.graphql.crowd import crowd, email
from tests.graphql.test_execution import Counted

SHOWN = "allowed reason legalBasis explanation usedAt"
PERMIT = f"""mutation ($i: PermitCallInput!) {{ permitCall(input: $i) {{
  permission {{ {SHOWN} }} userErrors {{ code message field }} }} }}"""
RECORD = f"""mutation ($i: RecordCallInput!) {{ recordCall(input: $i) {{
  permission {{ {SHOWN} }} userErrors {{ code message field }} }} }}"""
ASKED = f"query ($id: ID!) {{ node(id: $id) {{ ... on Contact {{ callPermission {{ {SHOWN} }} }} }} }}"
OPT_OUT = """mutation ($a: String!, $unit: Key!) { optOutOfAll(
  input: {recipient: {email: $a}, businessUnit: $unit}) { userErrors { code } } }"""
MAY = {"allowed": True, "reason": None, "legalBasis": None, "explanation": None, "usedAt": None}
MAY_NOT = {**MAY, "allowed": False, "reason": "OPTED_OUT_OF_ALL"}
GROUND = {"legalBasis": "LEGITIMATE_INTEREST_CLIENT", "explanation": "Asked us to ring."}


@pytest.fixture
async def contact(api: Api) -> str:
    return str(global_id("Contact", (await contacts.create(email=ALICE, phone=ALICE_PHONE)).id))


async def opt_out(api: Api, address: str = ALICE, unit: str = "bazaar") -> None:
    await api.ask(OPT_OUT, a=address, unit=unit)


async def permission(api: Api, contact: str) -> Any:
    return (await api.ask(ASKED, id=contact))["callPermission"]


async def errors(api: Api, mutation: str, **given: Any) -> list[tuple[str, list[str]]]:
    answer = await api.ask(mutation, i=given)
    assert answer["permission"] is None
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


async def test_one_ground_carries_one_call(api: Api, contact: str, clock: Clock) -> None:
    assert await permission(api, contact) == MAY
    await opt_out(api)
    assert await permission(api, contact) == MAY_NOT
    assert await errors(api, RECORD, contact=contact) == [("LEGAL_BASIS_REQUIRED", ["contact"])]

    answer = await api.ask(PERMIT, i={"contact": contact, **GROUND})
    assert answer == {"permission": {**MAY, **GROUND}, "userErrors": []}
    assert await permission(api, contact) == answer["permission"]

    used = {**MAY_NOT, **GROUND, "usedAt": "2026-05-04T12:00:00Z"}
    assert await api.ask(RECORD, i={"contact": contact}) == {"permission": used, "userErrors": []}
    assert await permission(api, contact) == used
    assert await errors(api, RECORD, contact=contact) == [("LEGAL_BASIS_REQUIRED", ["contact"])]


async def test_an_opt_out_of_any_unit_stands_against_calls_until_the_last_is_gone(
    api: Api, contact: str
) -> None:
    """R25 and R26 say "in any unit": what is seen in the one is what holds in the other."""
    lift = """mutation ($unit: Key!) { removeOptOutOfAll(input: {recipient: {email: "alice@example.com"},
      businessUnit: $unit, explanation: "Asked for it.", legalBasis: CONSENT_WITH_NOTICE}) {
      userErrors { code } } }"""
    out = """query ($id: ID!) { node(id: $id) { ... on Contact {
      callPermission { allowed } unsubscribedFromAllEmail } } }"""
    for unit in ("acme", "bazaar"):
        await opt_out(api, unit=unit)
        assert await api.ask(out, id=contact) == {
            "callPermission": {"allowed": False}, "unsubscribedFromAllEmail": True,
        }  # fmt: skip
    await api.ask(lift, unit="acme")
    assert (await permission(api, contact))["allowed"] is False
    await api.ask(lift, unit="bazaar")
    assert await permission(api, contact) == MAY


async def test_a_blank_explanation_is_none_and_an_unknown_contact_is_not_found(
    api: Api, contact: str
) -> None:
    blank = {"contact": contact, **GROUND, "explanation": " "}
    assert await errors(api, PERMIT, **blank) == [("EXPLANATION_REQUIRED", ["explanation"])]
    long = {**blank, "explanation": "x" * 2001}
    assert await errors(api, PERMIT, **long) == [("INVALID_VALUE", ["explanation"])]
    for number in ("nonsense", global_id("Contact", 2**63 - 1), global_id("Recipient", 1)):
        assert await errors(api, RECORD, contact=number) == [("NOT_FOUND", ["contact"])]
        assert await errors(api, PERMIT, contact=number, **GROUND) == [("NOT_FOUND", ["contact"])]


async def test_the_permissions_of_a_hundred_contacts_take_as_many_statements_as_one(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(brands, 100)
    for row in await contacts.select("c.email IN ($1, $2)", email(0), email(1)):
        await calls.permit(row.id, LegalBasis.NON_GDPR, "Asked us to ring.", Actor("crm"))
    page = """query ($n: Int!) { contacts(first: $n, orderBy: EMAIL_ASC) { nodes {
      email unsubscribedFromAllEmail callPermission { allowed reason legalBasis } } } }"""
    await api.ask("{ viewer { name } }")  # notes the token's use, once a minute
    counted = Counted(monkeypatch)
    taken = {}
    for size in (1, 100):
        counted.statements.clear()
        found = (await api.ask(page, n=size))["nodes"]
        taken[size] = len(counted.statements)
        assert len(found) == size
    assert taken[1] == taken[100]
    assert found[0]["callPermission"] == {"allowed": True, "reason": None, "legalBasis": "NON_GDPR"}
    for one in found[1:]:  # every tenth is out of all of Bazaar's
        assert one["callPermission"]["allowed"] is not one["unsubscribedFromAllEmail"]
    assert [one["email"] for one in found if one["callPermission"]["reason"]] == [
        email(n) for n in range(10, 100, 10)
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_may_be_called_needs_the_scope_to_read_what_people_want(api: Api, contact: str) -> None:
    reader = api.using(await token("contacts:read", "preferences:write"))
    assert (await reader.refused(ASKED, id=contact))[0] == "FORBIDDEN"
    assert (await reader.ask(RECORD, i={"contact": contact}))["permission"]["allowed"] is True
    assert (await api.using(await token("preferences:read")).refused(RECORD, i={"contact": contact}))[0] == (
        "FORBIDDEN"
    )
