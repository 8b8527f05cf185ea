"""Nothing that a token may ask for depends on what it may not read.

The same requests are sent to two databases. They differ in what two people chose, and the token has every
scope but preferences:read; or in what is known about a contact, and it has every scope but contacts:read. The
answers are the same, byte for byte.
"""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import GraphQLField

from api.app import create_app
from preference_center.access.scopes import ADMIN, SCOPES
from preference_center.access.tokens import create_token
from preference_center.catalog.catalog import exact_catalog, invalidate_catalog
from preference_center.config import settings
from preference_center.contacts import contacts
from preference_center.preferences import changes
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage.connection import open_database
from schema.contract.ids import global_id
from schema.engine.executor import access_of
from schema.root import graphql_schema
from tests.conftest import ALICE, ALICE_PHONE, BOB, PUBLIC_URL, Clock, by_recipient, by_team, settings_for
from tests.graphql.access.documents import whole
from tests.use_cases.workflows.enrolling import run_all

CONSENT, CONTACTS = "preferences:read", "contacts:read"
EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
STATUSES = ("OPTED_IN", "OPTED_OUT", "NOT_OPTED")
GROUNDS = {"explanation": "x", "legalBasis": "CONSENT_WITH_NOTICE", "processingBasis": "PROCESS_AND_STORE"}
Change = Callable[[dict[str, int]], Awaitable[None]]
"""Makes the second database different. It is given the ids of recipients by address."""
GROUNDS_OF_FILES = {
    "explanation": "x",
    "legal_basis": "CONSENT_WITH_NOTICE",
    "processing_basis": "PROCESS_AND_STORE",
    "dry_run": "true",
}


@pytest.fixture(params=["sqlite", "postgres"])
def two_databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """The addresses of two databases with the two brands."""
    if request.param == "sqlite":
        paths = [tmp_path / f"{number}.db" for number in range(2)]
        for path in paths:
            shutil.copy(request.getfixturevalue("sqlite_brands"), path)
        yield [f"sqlite://{path}" for path in paths]
        return
    server = request.getfixturevalue("postgres_server")
    addresses = [server.create(request.getfixturevalue("postgres_brands")) for _ in range(2)]
    yield addresses
    for address in addresses:
        server.give_back(address)


async def choose(ids: dict[str, int]) -> None:
    """The choices that the second database has and the first has not."""
    catalog = await exact_catalog()
    units = {unit.key: unit for unit in catalog.units}
    types = {type_.key: type_ for type_ in catalog.types}
    alice, bob, phone = ids[ALICE], ids[BOB], ids[ALICE_PHONE]
    await changes.opt_out_of_all(alice, EMAIL, units["acme"], by_recipient(ConsentOrigin.ONE_CLICK))
    await changes.pause(bob, EMAIL, units["acme"], Clock().forward(days=30), by_recipient())
    for recipient_id, channel, key, status in (
        (bob, EMAIL, "weekly-digest", IN),
        (bob, EMAIL, "letters", OUT),
        (phone, Channel.SMS, "weekly-digest", OUT),
        (phone, Channel.WHATSAPP, "alerts", IN),
    ):
        await changes.update({channel: recipient_id}, [(types[key], channel, status)], by_recipient())
    await changes.update({EMAIL: bob}, [(types["offers"], EMAIL, IN)], by_team())
    await changes.opt_out_of_all(bob, EMAIL, units["bazaar"], by_team())


async def rename(ids: dict[str, int]) -> None:
    """What the second database knows about a contact, and the first does not."""
    alice = (await contacts.by_emails([ALICE]))[ALICE]
    await contacts.update(alice.id, first_name="Maria", properties={"plan": "free"}, locale="pl")


@dataclass
class Transcript:
    """Requests of one caller, and the body of each answer."""

    http: httpx.AsyncClient
    held: frozenset[str]
    answers: list[tuple[str, int, str]] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)

    async def get(self, path: str, **params: str) -> None:
        self.note(f"GET {path} {params}", await self.http.get(path, params=params))

    async def graphql(self, query: str, **variables: Any) -> Any:
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables})
        self.note(f"{query} {variables}", answer)
        return answer.json().get("data")

    async def upload(self, path: str, text: str, **params: str) -> None:
        answer = await self.http.post(
            path, params=params, content=text.encode(), headers={"Content-Type": "text/csv"}
        )
        self.note(f"POST {path} {params} {text}", answer)
        self.operations.append(answer.json()["id"])

    async def operation(self, mutation: str, name: str, **input: Any) -> None:
        data = await self.graphql(mutation % name, i=input)
        self.operations.append(data[name]["operation"]["id"])

    def may_read(self, selected: GraphQLField) -> bool:
        access = access_of(selected)
        return access is None or access.missing(self.held) is None

    def note(self, request: str, answer: httpx.Response) -> None:
        self.answers.append((request, answer.status_code, answer.text))


NUMBERS = """mutation ($i: BulkUpdatePreferencesInput!) { %s(input: $i) { operation {
  id total processed changed unchanged refused optedOut refusals { code count } refusalsUrl }
  userErrors { code } } }"""
ENROLL = NUMBERS.replace("BulkUpdatePreferencesInput", "EnrollContactsInput")


async def dry_runs(sent: Transcript, people: list[str], workflow: str) -> None:
    """Every dry run that there is, of everybody and of each person alone."""
    for contacts_, channels in (
        ({"filter": {}}, ("EMAIL", "SMS")),
        *(({"ids": [each]}, ("EMAIL",)) for each in people),
    ):
        for channel in channels:
            for change in (
                *(
                    {"subscriptionTypes": ["weekly-digest", "alerts"], "status": status}
                    for status in STATUSES
                ),
                {"optOutOfAll": True, "businessUnit": "acme"},
                {"removeOptOutOfAll": True, "businessUnit": "bazaar"},
            ):
                given = {**GROUNDS, **change, "contacts": contacts_, "channel": channel, "dryRun": True}
                await sent.operation(NUMBERS, "bulkUpdatePreferences", **given)
        await sent.operation(ENROLL, "enrollContacts", workflow=workflow, contacts=contacts_, dryRun=True)
    await sent.upload(
        "/imports/opt-outs",
        f"email\n{ALICE}\n{BOB}\nx\n",
        business_unit="acme",
        channel="EMAIL",
        explanation="x",
        dry_run="true",
    )
    await sent.upload(
        "/imports/opt-outs",
        f"email,time\n{ALICE},2020-01-01\n",
        business_unit="acme",
        channel="EMAIL",
        explanation="x",
        dry_run="true",
    )
    text = f"email,opt_in:weekly-digest,opt_out:letters\n{ALICE},yes,\n{BOB},yes,yes\nnobody,yes,\n"
    await sent.upload("/imports/contacts", text, **GROUNDS_OF_FILES)
    await sent.upload("/imports/contacts", f"email,first_name\n{ALICE},Maria\n", **GROUNDS_OF_FILES)


async def ask_everything(sent: Transcript, people: list[str], workflow: str) -> None:
    """Send every request that reads, and those that write nothing."""
    await dry_runs(sent, people, workflow)
    await run_all()
    for operation in sent.operations:
        await sent.get(f"/operations/{operation}")
        await sent.get(f"/operations/{operation}/refusals")
    arguments = {
        "contact": {"by": f'{{email: "{ALICE}"}}'},
        "node": {"id": f'"{people[0]}"'},
        "nodes": {"ids": f'["{people[0]}", "{people[1]}", "{sent.operations[0]}"]'},
        "operation": {"id": f'"{sent.operations[0]}"'},
        "workflow": {"id": f'"{workflow}"'},
        "businessUnit": {"key": '"acme"'},
        "subscriptionType": {"key": '"letters"'},
    }
    root = graphql_schema.query_type
    assert root
    for name in root.fields:
        await sent.graphql(whole(root, name, arguments.get(name, {}), sent.may_read))
    orders = graphql_schema.type_map["ContactOrder"].values  # type: ignore[attr-defined]
    for order in orders:
        for filter_ in ({}, {"search": "example"}, {"emails": [ALICE]}, {"not": {"locale": "pl"}}):
            query = (
                "query ($f: ContactFilter, $o: ContactOrder) { contacts(filter: $f, orderBy: $o) { totalCount"
            )
            await sent.graphql(
                query + " edges { cursor node { id email updatedAt } } } }", f=filter_, o=order
            )
    for form in ("csv", "ndjson"):
        await sent.get("/exports/contacts", format=form)
        await sent.get("/exports/contacts", format=form, unsubscribed_from_all_email="true")


async def ask_by_writing(sent: Transcript, people: list[str]) -> None:
    """Send requests that write nothing about consent, and are told nothing about it."""
    for reference in ({"contact": people[0]}, {"email": ALICE}, {"email": BOB}):
        await sent.graphql(
            "mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i)"
            " { recipient { id kind address } outcomes { changed } userErrors { code message } } }",
            i={"recipient": reference, "changes": []},
        )
        for mutation, input in (
            ("resendConfirmation", {"subscriptionType": "offers"}),
            ("sendPreferenceLink", {"businessUnit": "acme"}),
        ):
            type_ = mutation[0].upper() + mutation[1:] + "Input"
            answer = f"{mutation}(input: $i) {{ sent userErrors {{ code message }} }}"
            query = f"mutation ($i: {type_}!) {{ {answer} }}"
            await sent.graphql(query, i={"recipient": reference, **input})
    query = "mutation ($i: UpdateContactInput!) { updateContact(input: $i) { contact { email updatedAt } } }"
    await sent.graphql(query, i={"id": people[0], "firstName": "Alicja"})
    query = "mutation ($i: CreateContactInput!) { createContact(input: $i) { userErrors { code message } } }"
    await sent.graphql(query, i={"email": BOB})


async def transcript(
    address: str, data_dir: Path, lacking: str, change: Change | None
) -> list[tuple[str, int, str]]:
    """Ask one database everything, with a token that lacks one scope."""
    config = settings_for(address, data_dir)
    settings.use(config)
    invalidate_catalog()
    async with open_database(config):
        made = [
            await contacts.create(
                email=ALICE,
                phone=ALICE_PHONE,
                properties={"plan": "pro"},
                processing_basis=LegalBasis.NON_GDPR,
            ),
            await contacts.create(email=BOB, processing_basis=LegalBasis.PROCESS_AND_STORE),
        ]
        people = [global_id("Contact", each.id) for each in made]
        known = [parse(each) for each in (ALICE, BOB, ALICE_PHONE)]
        ids = {each.value: number for each, number in (await recipients.ensure(known)).items()}
        held = SCOPES - {ADMIN, lacking}
        headers = {"Authorization": f"Bearer {await create_token('asking', held)}"}
        transport = httpx.ASGITransport(create_app(config))
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as http:
            sent = Transcript(http, held)
            query = "mutation ($i: CreateWorkflowInput!) { createWorkflow(input: $i) { workflow { id } } }"
            action = {"subscriptionTypes": ["alerts"], "status": "OPTED_IN", **GROUNDS}
            del action["processingBasis"]
            given = {"name": "W", "triggers": ["PREFERENCE_CHANGED"], "actions": [action]}
            workflow = (await sent.graphql(query, i=given))["createWorkflow"]["workflow"]["id"]
            if change is not None:
                await change(ids)
            await run_all()
            await ask_everything(sent, people, workflow)
            await ask_by_writing(sent, people)
    return sent.answers


@pytest.mark.parametrize(
    ("lacking", "change"), [(CONSENT, choose), (CONTACTS, rename)], ids=[CONSENT, CONTACTS]
)
async def test_answers_do_not_depend_on_what_the_token_may_not_read(
    two_databases: list[str], tmp_path: Path, clock: Clock, lacking: str, change: Change
) -> None:
    before = settings._current
    try:
        first, second = [
            await transcript(address, tmp_path / "data", lacking, made)
            for address, made in zip(two_databases, (None, change), strict=True)
        ]
    finally:
        settings._current = before
        invalidate_catalog()
    assert len(first) > 100
    different = [(one, other) for one, other in zip(first, second, strict=True) if one != other]
    assert different == []
    assert {status for _, status, _ in second} == {200, 202, 403}
