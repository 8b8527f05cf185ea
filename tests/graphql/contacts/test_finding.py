"""Finding contacts over the API: by phone number, in the order of a property, and by every new condition."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import ALICE, ALICE_PHONE, BOB
from tests.graphql.conftest import Api

CREATE = "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } } }"
BY_PHONE = "query ($p: String!) { contact(by: { phone: $p }) { email } }"
LIST = """query ($f: ContactFilter, $o: ContactOrder, $p: String, $first: Int, $after: String) {
  contacts(filter: $f, orderBy: $o, orderByProperty: $p, first: $first, after: $after) {
    nodes { email } edges { cursor } pageInfo { hasNextPage endCursor } } }"""


async def create(api: Api, **fields: Any) -> str:
    made = await api.execute(CREATE, i=fields)
    return str(made["contact"]["id"])


async def emails(api: Api, **variables: Any) -> list[str | None]:
    return [node["email"] for node in (await api.execute(LIST, **variables))["nodes"]]


async def test_a_phone_number_of_one_contact_gives_that_contact(api: Api) -> None:
    await create(api, email=ALICE, phone=ALICE_PHONE)
    assert await api.execute(BY_PHONE, p="+48 601 234 567") == {"email": ALICE}
    assert await api.execute(BY_PHONE, p="+48601234568") is None


async def test_a_phone_number_of_several_contacts_is_an_error_that_lists_them(api: Api) -> None:
    ids = [await create(api, email=email, phone=ALICE_PHONE) for email in (ALICE, BOB)]
    answer = await api.run(BY_PHONE, p=ALICE_PHONE)
    assert answer["data"] == {"contact": None}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["field"] == ["by", "phone"]
    assert error["extensions"]["contacts"] == ids
    assert await emails(api, f={"phones": [ALICE_PHONE]}, o="CREATED_AT_ASC") == [ALICE, BOB]


async def test_contacts_are_read_in_the_order_of_a_property(api: Api) -> None:
    for number, plan in enumerate([3, "b", None, 20, "a", True]):
        await create(api, email=f"{number}@example.com", properties={"plan": plan})
    ascending = [f"{number}@example.com" for number in (0, 3, 4, 1, 5, 2)]
    given = {"o": "PROPERTY_ASC", "p": "plan"}
    assert await emails(api, **given) == ascending
    assert await emails(api, o="PROPERTY_DESC", p="plan") == [*ascending[4::-1], ascending[5]]
    seen, after = [], None
    while True:
        page = await api.execute(LIST, **given, first=2, after=after)
        seen += [node["email"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ascending
    other = await api.run(LIST, o="PROPERTY_ASC", p="other", after=after)
    assert other["errors"][0]["extensions"]["field"] == ["after"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "given",
    [{"o": "PROPERTY_ASC"}, {"o": "NAME_ASC", "p": "plan"}, {"o": "PROPERTY_DESC", "p": "n" * 201}],
)
async def test_an_order_needs_a_property_if_it_is_by_one(api: Api, given: dict[str, str]) -> None:
    (error,) = (await api.run(LIST, **given))["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": ["orderByProperty"]}


FOUND: list[dict[str, Any]] = [
    {"emailDomains": ["example.com"]},
    {"phones": [ALICE_PHONE]},
    {"hasPhone": True, "hasEmail": True},
    {"processingBases": ["NON_GDPR"]},
    {"hasProcessingBasis": True},
    {"properties": [{"name": "age", "exists": True, "in": [41], "greaterOrEqual": 41, "less": 41.5}]},
    {"properties": [{"name": "tags", "contains": "vip"}, {"name": "plan", "contains": "asi"}]},
    {"updatedAt": {"from": "2020-01-01T00:00:00Z"}, "hasEmail": True},
    {"search": "ice@exa"},
    {"deliverability": {"usable": True}, "paused": {"value": False}, "pendingOptIn": {"value": False}},
    {"preferenceChanged": {"subscriptionType": "weekly-digest",
                           "occurredAt": {"before": "2020-06-01T00:00:00Z"}}},
    {"preference": {"subscriptionType": "weekly-digest", "status": "OPTED_IN",
                    "origins": ["CONTACT_RECORD", "INTEGRATION"],
                    "changedAt": {"from": "2020-06-01T00:00:00Z"},
                    "occurredAt": {"before": "2020-06-01T00:00:00Z"}}},
]  # fmt: skip


async def test_every_condition_selects_over_the_api(api: Api) -> None:
    await create(
        api,
        email=ALICE,
        phone=ALICE_PHONE,
        processingBasis="NON_GDPR",
        properties={"age": 41, "tags": ["vip"], "plan": "basic"},
    )
    await create(api, phone="+48601234568", properties={"age": 42, "tags": ["a"], "plan": "pro"})
    await api.execute(
        "mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) { userErrors { message } } }",
        i={
            "recipient": {"email": ALICE},
            "legalBasis": "CONSENT_WITH_NOTICE",
            "explanation": "Asked for it at the fair.",
            "occurredAt": "2020-05-01T00:00:00Z",
            "changes": [{"subscriptionType": "weekly-digest", "channel": "EMAIL", "status": "OPTED_IN"}],
        },
    )
    for wanted in FOUND:
        assert await emails(api, f=wanted) == [ALICE], wanted


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("comparison", "field"),
    [
        ({"name": "age"}, []),
        ({"name": "age", "less": True}, ["less"]),
        ({"name": "age", "greater": [1]}, ["greater"]),
        ({"name": "age", "contains": {"a": 1}}, ["contains"]),
        ({"name": "a" * 1_001, "exists": True}, ["name"]),
        ({"name": "a", "in": ["x" * 1_000]}, ["in"]),
    ],
)
async def test_a_comparison_that_cannot_be_made_names_what_is_wrong(
    api: Api, comparison: dict[str, Any], field: list[str]
) -> None:
    (error,) = (await api.run(LIST, f={"properties": [comparison]}))["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": ["filter", "properties", "0", *field]}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_each_compared_value_is_a_condition(api: Api) -> None:
    many = {"properties": [{"name": "age", "exists": True, "in": list(range(50))}]}
    (error,) = (await api.run(LIST, f=many))["errors"]
    assert "This one has 51" in error["message"]
