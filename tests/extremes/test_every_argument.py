"""Every scalar of every mutation with the extremes of its type: refused with a reason, or read everywhere."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from graphql import (
    GraphQLInputObjectType,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.contract.ids import global_id
from schema.root import graphql_schema
from tests.conftest import Brands
from tests.extremes.client import Client
from tests.extremes.test_instants import NO_INSTANT, OUT_OF_RANGE

CARRYING_ON = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TEXTS = [
    "",
    " \u200b",
    "\x00",
    "a\x00b",
    "\ud800",
    "\ufdd0\ufffe\uffff\U0010ffff",
    "\u202e\u2066abc",
    "\x01\x08\x1b\x7f\x85\u2028",
    "👩\u200d👩\u200d👧 🏳️\u200d🌈",
    "a" + "\u0301\u0316" * 90,
    "a" + "\u0301\u0316" * 20_000,
    "ﷺ" * 190,
    "İßŉ" * 60,
    "x" * 201,
    "x" * 120_000,
    "0" * 5_000,
    "=1+1",
    "\n\u200b＝1",
    "'\"\\{{7*7}}%s$1",
    "\\u0000",
    "NULL",
    "2026-02-30",
]
_FREE = ("firstName", "lastName", "explanation", "wording", "userAgent", "url", "name", "postalAddress")
"""Fields that take any text: every extreme is tried there."""
_FILTERS = ("filter", "contacts")
DEEP: Any = "deep"
for _ in range(19):
    DEEP = [{"a": DEEP}]
JSONS = [
    {"a": 2**63, "b": -(2**63), "c": 2**64 - 1},
    {"a": 2**64},
    {"a": 1.5e308, "b": 5e-324, "c": -0.0, "d": 1e30, "e": 0.1},
    {"a": True, "b": None, "c": [], "d": {}},
    {"": 1, " a ": 2, "a\n=1": "\n=1", "a'b\"c": 3, "ż\u2028": 4},
    {"\x00": 1},
    {"a": ["\x00"]},
    {"a": "\ud800"},
    {"\ud800": "a"},
    {"x" * 60_000: 1},
    {"a": "\ufdd0\uffff" + "\u0301" * 1_000},
    {"a": [1] * 20_000},
    {"a": "x" * 70_000},
    {"a": DEEP},
    {"en": "=1", "pl": "\u202e", "no language": "x"},
    {"en": "\x00"},
    [1],
    "text",
    1e30,
    False,
]
IDS = [
    "",
    "\x00",
    "ż",
    "x" * 5_000,
    "Q29udGFjdDo",
    *(global_id("Contact", n) for n in (0, 2**31, 2**63)),
]
IDS += [base64.b64encode(f"{name}:{'9' * 20}".encode()).decode() for name in ("Contact", "Workflow")]
EXTREMES: dict[str, list[Any]] = {
    "String": TEXTS,
    "Key": [*TEXTS[:8], "A", "-", "a" * 64, "a" * 65, "weekly-digest\n", "wéekly"],
    "Locale": [*TEXTS[:8], "x" * 120_000, "EN_us", "zh-hant-tw", "en-POSIX", "i-klingon", "aaa-Aaaa-000"],
    "ID": IDS,
    "JSON": JSONS,
    "DateTime": [*OUT_OF_RANGE, *NO_INSTANT, "1970-01-01T00:00:00Z", "9998-12-31T23:59:59Z"],
    "Int": [-(2**31), 2**31 - 1],
    "Boolean": [True, False],
}


class Leaf(NamedTuple):
    """A scalar in the input of a mutation, and the names that lead to it."""

    mutation: str
    path: tuple[str, ...]
    type: str


def _leaves(mutation: str, type_: GraphQLInputObjectType, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        if is_input_object_type(inner):
            if path.count(name) == 0 and len(path) < 3:
                yield from _leaves(mutation, inner, (*path, name))
        elif not is_enum_type(inner) and inner.name != "Boolean":
            yield Leaf(mutation, (*path, name), inner.name)


def _all_leaves() -> list[Leaf]:
    mutations = graphql_schema.mutation_type
    assert mutations is not None
    return [
        leaf
        for name, field in mutations.fields.items()
        for leaf in _leaves(name, get_named_type(field.args["input"].type))
    ]


LEAVES = _all_leaves()
DIGEST = [{"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}]
OUT = {"channel": "EMAIL", "subscriptionTypes": ["weekly-digest"], "status": "OPTED_OUT"}
PERSON = {"email": "person@example.com"}
INPUTS: dict[str, dict[str, Any]] = {
    "createBusinessUnit": {"name": "New"},
    "updateBusinessUnit": {"key": "acme"},
    "createSubscriptionType": {"businessUnit": "acme", "name": {"en": "New"}},
    "updateSubscriptionType": {"key": "offers"},
    "archiveSubscriptionType": {"key": "offers", "archived": False},
    "updatePreferences": {"recipient": PERSON, "changes": DIGEST},
    "optOutOfAll": {"recipient": PERSON, "businessUnit": "acme"},
    "removeOptOutOfAll": {"recipient": PERSON, "businessUnit": "acme", "explanation": "A mistake."},
    "pausePreferences": {"recipient": PERSON, "businessUnit": "acme"},
    "createPreferenceLinks": {"recipients": [PERSON], "businessUnit": "acme"},
    "sendPreferenceLink": {"recipient": PERSON, "businessUnit": "acme"},
    "revokePreferenceLinks": {"recipient": PERSON},
    "resendConfirmation": {"recipient": PERSON, "subscriptionType": "offers"},
    "bulkUpdatePreferences": {
        "contacts": {"ids": []},
        "subscriptionTypes": ["weekly-digest"],
        "status": "OPTED_OUT",
        "explanation": "Asked for.",
        "legalBasis": "CONSENT_WITH_NOTICE",
    },
    "createSenderNumber": {
        "number": "+48601000001",
        "channel": "SMS",
        "businessUnit": "acme",
        "subscriptionTypes": ["weekly-digest"],
    },
    "addKeyword": {"businessUnit": "acme", "word": "basta", "meaning": "STOP"},
    "removeKeyword": {"businessUnit": "acme", "word": "basta"},
    "createWorkflow": {"name": "New", "triggers": ["CONTACT_CREATED"], "actions": [OUT], "enabled": False},
    "eraseRecipient": {"recipient": {"email": "erased@example.com"}},
    "permitCall": {"legalBasis": "CONSENT_WITH_NOTICE", "explanation": "Asked to be called."},
    "revertOperation": {"explanation": "A mistake."},
    "settleMessage": {"verdict": "NOT_A_REQUEST"},
}
"""A valid input of each mutation, as far as the ids of the database are not needed."""


class Writer:
    """Sends mutations with one value replaced."""

    def __init__(self, client: Client, ids: dict[str, str]) -> None:
        self.client = client
        self._ids = ids
        self._sent = 0

    async def send(self, leaf: Leaf, extreme: Any) -> list[Any]:
        """Send a mutation with an extreme in a place; returns the errors."""
        self._sent += 1
        type_, values = self._base(leaf.mutation)
        _put(values, leaf.path, extreme, type_)
        errors_of = "{ userErrors { code message field } }"
        query = f"mutation ($i: {type_.name}!) {{ {leaf.mutation}(input: $i) {errors_of} }}"
        answer = await self.client.graphql(query, {"i": values})
        payload = (answer.get("data") or {}).get(leaf.mutation) or {}
        errors: list[Any] = answer.get("errors", []) + payload.get("userErrors", [])
        assert all(error["message"] for error in errors)
        return errors

    def _base(self, mutation: str) -> tuple[GraphQLInputObjectType, dict[str, Any]]:
        mutations = graphql_schema.mutation_type
        assert mutations is not None
        type_ = get_named_type(mutations.fields[mutation].args["input"].type)
        assert isinstance(type_, GraphQLInputObjectType)
        values = copy.deepcopy(INPUTS.get(mutation, {}))
        noun = next((name for name in self._ids if name in mutation), "Contact")
        for name, kind in (("id", noun), ("contact", "Contact"), ("workflow", "Workflow")):
            if name in type_.fields and get_named_type(type_.fields[name].type).name == "ID":
                values.setdefault(name, self._ids[kind])
        if mutation in ("createBusinessUnit", "createSubscriptionType"):
            values["key"] = f"new-{self._sent}"
        if mutation in ("createContact", "updateContact"):
            values["email"] = f"p{self._sent}@example.com"
        if mutation == "createWorkflow":
            values["name"] = f"New {self._sent}"
        if mutation == "enrollContacts":
            values["contacts"] = {"ids": [self._ids["Contact"]]}
        return type_, values


def _put(values: dict[str, Any], path: tuple[str, ...], extreme: Any, type_: Any) -> None:
    """Put a value in its place; the one field of a `@oneOf` object replaces another."""
    name, *rest = path
    field = get_nullable_type(type_.fields[name].type)
    many, inner = is_list_type(field), get_named_type(field)
    if not rest:
        values[name] = [extreme] if many else extreme
        return
    below = values.get(name)
    if many:
        below = (below or [{}])[0]
    below = {} if below is None or inner.is_one_of else below
    _put(below, tuple(rest), extreme, inner)
    values[name] = [below] if many else below
    if name == "property":
        below.setdefault("name", "a")
    if name == "preference":
        below.setdefault("subscriptionType", "weekly-digest")
        below.setdefault("status", "OPTED_IN")
    if name == "whenPreference":
        values["triggers"] = ["PREFERENCE_CHANGED"]
        below.setdefault("subscriptionType", "weekly-digest")
        below.setdefault("status", "OPTED_IN")


@pytest.fixture
async def writer(client: Client) -> Writer:
    """With a contact, a workflow, a sender number and an operation."""
    made = {
        "Contact": 'createContact(input: {email: "person@example.com"}) { contact { id } }',
        "Workflow": 'createWorkflow(input: {name: "W", triggers: [CONTACT_CREATED], enabled: true, actions:'
        ' [{subscriptionTypes: ["weekly-digest"], status: OPTED_OUT}]}) { workflow { id } }',
        "SenderNumber": 'createSenderNumber(input: {number: "+48601000009", channel: SMS, businessUnit:'
        ' "acme", subscriptionTypes: []}) { senderNumber { id } }',
        "Operation": "bulkUpdatePreferences(input: {contacts: {filter: {}}, optOutOfAll: true, businessUnit:"
        ' "acme", explanation: "Asked for.", legalBasis: NON_GDPR}) { operation { id } }',
    }
    ids = {}
    for name, field in made.items():
        payload = next(iter((await client.read(f"mutation {{ {field} }}")).values()))
        ids[name] = next(iter(payload.values()))["id"]
    return Writer(client, ids)


def test_every_mutation_has_a_place_for_extremes() -> None:
    mutations = graphql_schema.mutation_type
    assert mutations is not None
    assert {leaf.mutation for leaf in LEAVES} == set(mutations.fields)
    assert {leaf.type for leaf in LEAVES} <= set(EXTREMES)


def _tried(leaf: Leaf, number: int) -> list[Any]:
    """A third of the extremes where any value fits, and two elsewhere: others in each place."""
    extremes, takes_any = EXTREMES[leaf.type], leaf.path[-1] in _FREE or leaf.type in ("JSON", "DateTime")
    # What can be created can be updated: few creations keep the catalog small.
    if takes_any and leaf.path[0] not in _FILTERS and not leaf.mutation.startswith("create"):
        return extremes[number % 3 :: 3]
    return [extremes[(number + 5 * n) % len(extremes)] for n in range(2)] + ["\x00"]


async def test_whatever_a_mutation_takes_can_be_read_everywhere(client: Client, writer: Writer) -> None:
    accepted = 0
    for number, leaf in enumerate(LEAVES):
        for extreme in _tried(leaf, number):
            accepted += not await writer.send(leaf, extreme)
        if number % 120 == 119:
            await client.read_everything()
    await client.read_everything()
    assert accepted > 100


TEXT = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="\0"),
        st.sampled_from("=＝+\t\n\r '\"\u200b\ufeff\u202e\u0301\ufffd\ufffe"),
    ),
    max_size=40,
)


@CARRYING_ON
@given(TEXT, TEXT)
async def test_text_that_was_accepted_is_read_as_it_was_written(
    client: Client, brands: Brands, name: str, text: str
) -> None:
    address = "anybody@example.com"
    create = (
        "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } userErrors {code} } }"
    )
    found = '{ contact(by: {email: "anybody@example.com"}) { id firstName properties } }'
    contact = (await client.read(found))["contact"]
    if contact:
        await client.read(f'mutation {{ deleteContact(input: {{id: "{contact["id"]}"}}) {{ deletedId }} }}')
    values = {"email": address, "firstName": name, "properties": {text: text}}
    assert (await client.read(create, {"i": values}))["createContact"]["userErrors"] == []

    contact = (await client.read(found))["contact"]
    assert contact["properties"] == {text: text}
    assert (contact["firstName"] or "") in name
    [row] = await client.export("/exports/contacts", "ndjson")
    assert (row["properties"], row["first_name"]) == ({text: text}, contact["firstName"])
    await client.export("/exports/contacts")
