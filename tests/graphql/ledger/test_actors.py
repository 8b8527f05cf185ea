"""Actors in parts: what kind of actor it is, its name, and the end user it acted for."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.access.tokens import create_token
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent, Provenance
from preference_center.rules.types import COMMAND_LINE, Actor, Channel, ConsentOrigin, PreferenceStatus
from tests.conftest import Brands, by_recipient
from tests.graphql.conftest import Api
from tests.graphql.many_contacts import create_contacts
from tests.graphql.statements import CountedStatements

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EVENTS = "{ consentEvents { nodes { actor actorDetails { kind name onBehalfOf } } } }"
OUT = """mutation { optOutOfAll(input: {recipient: {email: "bob@example.com"}, businessUnit: "acme"}) {
  userErrors { code } } }"""


async def newest_actor(api: Api) -> tuple[str, str, str, str | None]:
    event: dict[str, Any] = (await api.execute(EVENTS))["nodes"][0]
    details = event["actorDetails"]
    return event["actor"], details["kind"], details["name"], details["onBehalfOf"]


async def act(api: Api, user: str | bytes | None = None, token: str | None = None) -> int:
    """Opt out over the API as an end user; the status code of the answer."""
    headers: dict[str, Any] = {"Authorization": f"Bearer {token or api.token}"}
    if user is not None:
        headers["X-Sayso-User"] = user
    return (await api.http.post("/graphql", json={"query": OUT}, headers=headers)).status_code


async def test_a_recipient_and_a_token_are_told_apart(api: Api, brands: Brands, alice: int) -> None:
    intent = Intent(alice, Channel.EMAIL, PreferenceStatus.OPTED_OUT, brands.acme, brands.digest)
    await record([intent], by_recipient())
    assert await newest_actor(api) == ("recipient", "RECIPIENT", "recipient", None)
    await act(api)
    assert await newest_actor(api) == ("crm", "TOKEN", "crm", None)


@pytest.mark.parametrize(
    ("provenance", "expected"),
    [
        (Provenance(ConsentOrigin.IMPORT, COMMAND_LINE), ("command line", "SYSTEM", "command line", None)),
        (
            Provenance(ConsentOrigin.WORKFLOW, Actor("Goodbye for good")),
            ("Goodbye for good", "WORKFLOW", "Goodbye for good", None),
        ),
        (
            Provenance(ConsentOrigin.IMPORT, Actor("forgotten", on_behalf_of="jane for now")),
            ("forgotten for jane for now", "TOKEN", "forgotten", "jane for now"),
        ),
    ],
)
async def test_the_command_line_and_workflows_are_told_apart(
    api: Api, brands: Brands, alice: int, provenance: Provenance, expected: tuple[str, ...]
) -> None:
    intent = Intent(alice, Channel.EMAIL, PreferenceStatus.OPTED_OUT, brands.acme, brands.digest)
    await record([intent], provenance)
    assert await newest_actor(api) == expected


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("shop", "jane@example.com"),
        ("shop for books", "jane"),
        ("shop", "the person for whom it is meant"),
        ("shop for books", "Jane, for Joe for now"),
        ("shop for books", None),
        ("for", "for"),
    ],
)
async def test_names_with_the_word_between_them_are_told_apart(api: Api, name: str, user: str | None) -> None:
    token = await create_token(name, ["preferences:write"])
    await act(api, user, token)
    text = f"{name} for {user}" if user else name
    assert await newest_actor(api) == (text, "TOKEN", name, user)


@pytest.mark.parametrize(
    ("header", "user"),
    [
        (b"Za%C5%BC%C3%B3%C5%82%C4%87", "Zażółć"),
        ("Zażółć".encode(), "Zażółć"),
        ("J\u00fcrgen".encode("latin-1"), "Jürgen"),
        (b"%E5%BC%A0%E4%BC%9F%20%3Czhang%40example.com%3E", "张伟 <zhang@example.com>"),
        ("张%E4%BC%9F".encode(), "张伟"),
        (b"jane+news@example.com", "jane+news@example.com"),
        (b"100%25", "100%"),
        (b"%F0%9F%90%9F" * 180, "🐟" * 180),
        (b" %20jane%20 ", "jane"),
    ],
)
@on_sqlite
async def test_the_end_user_may_be_percent_encoded_utf_8(api: Api, header: bytes, user: str) -> None:
    assert await act(api, header) == 200
    assert await newest_actor(api) == (f"crm for {user}", "TOKEN", "crm", user)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"100%", "percent-encoded"),
        (b"50%-club", "percent-encoded"),
        (b"%C5", "percent-encoded"),
        (b"%ED%A0%80", "percent-encoded"),
        (b"%C0%AFjane", "percent-encoded"),
        (b"%u0142", "percent-encoded"),
        (b"jane%0Adoe", "one line"),
        (b"jane%00", "one line"),
        (b"%20%20", "one line"),
        (b"%F0%9F%90%9F" * 181, "one line"),
        (b"x" * 181, "one line"),
        (b"%41" * 3_000, "one line"),
    ],
)
@on_sqlite
async def test_a_wrong_end_user_is_refused_and_nothing_is_changed(
    api: Api, header: bytes, message: str
) -> None:
    response = await api.http.post(
        "/graphql", json={"query": OUT}, headers={**api.headers, "X-Sayso-User": header}
    )
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert message in error["message"]
    assert len(f"Forbidden: {error['message']}".encode()) <= 123, "a WebSocket can close with it"
    assert (await api.execute(EVENTS))["nodes"] == []


async def test_the_actor_of_an_operation_is_in_parts_too(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 1)
    update = """mutation { bulkUpdatePreferences(input: {contacts: {filter: {}},
      subscriptionTypes: ["letters"], status: OPTED_OUT, explanation: "The newsletter ends."}) { operation {
      actorDetails { kind name onBehalfOf } } } }"""
    headers = {**api.headers, "X-Sayso-User": "Jos%C3%A9"}
    answer = (await api.http.post("/graphql", json={"query": update}, headers=headers)).json()
    operation = answer["data"]["bulkUpdatePreferences"]["operation"]
    assert operation["actorDetails"] == {"kind": "TOKEN", "name": "crm", "onBehalfOf": "José"}


@on_sqlite
async def test_the_actors_of_many_events_take_one_statement_at_most(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 10)
    for user in ("jane", "joe"):
        await act(api, user)
    await api.execute("{ consentEvents { nodes { actor } } }")
    statements = CountedStatements(monkeypatch)
    await api.execute("{ consentEvents { nodes { actor } } }")
    without = statements.take()
    await api.execute(EVENTS)
    assert statements.take() == without + 1
