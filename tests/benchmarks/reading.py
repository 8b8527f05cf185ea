"""Reading over GraphQL: a page of contacts with their preferences, and one contact, also with all of it."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.harness import filling, messages
from tests.benchmarks.harness.databases import Installation
from tests.benchmarks.harness.report import Line
from tests.benchmarks.harness.side_by_side import Bench, compare, spread
from tests.benchmarks.recipient_pages import bare_server

LIST = """
query List($first: Int!) { contacts(first: $first) { nodes {
  id email firstName lastName preferences { subscriptionType { key } channel status } } } }
"""
POINT = "query Point($email: String!) { contact(by: {email: $email}) { id email firstName lastName locale } }"
RECORD = """
query Record($email: String!) { contact(by: {email: $email}) {
  id email firstName lastName
  preferences { subscriptionType { key } channel status eligibility { allowed reason } }
  optOutsOfAll { businessUnit { key } channel origin }
  history(first: 10) { nodes { id channel subscriptionType { key } before after origin actor } } } }
"""
PAGE_SIZE = 50


def listing(bench: Bench, of: Installation) -> list[Line]:
    """50 contacts with 6 preferences each, against PostgreSQL's own JSON of the same rows."""
    ours, bare = bench.ours(of), bare_server(bench, of)
    asked = page_of_contacts(of)
    mine = messages.data(ours, asked)["contacts"]["nodes"]
    theirs = messages.exchange(bare, messages.get("/list")).json()["nodes"]
    assert len(mine) == PAGE_SIZE
    assert all(len(contact["preferences"]) == len(filling.TYPES) for contact in mine)
    assert without_ids(mine) == without_ids(theirs)
    targets = bench.load.target(ours, [asked]), bench.load.target(bare, [messages.get("/list")])
    result = compare(bench, "list", *targets)
    what = "list: 50 contacts with 6 preferences each / PostgreSQL's JSON"
    return [result.line(what, at_least=0.6)]


def point(bench: Bench, of: Installation) -> list[Line]:
    """One contact by email, against the row as JSON."""
    ours, bare = bench.ours(of), bare_server(bench, of)
    numbers = spread(range(1, of.contacts + 1), 2000)
    asked, plain = by_email(of, numbers), [messages.get(f"/contact/{filling.email(n)}") for n in numbers]
    for mine, theirs, number in zip(asked[:20], plain, numbers, strict=False):
        contact = messages.data(ours, mine)["contact"]
        assert contact["email"] == filling.email(number)
        assert without_ids([contact]) == without_ids([messages.exchange(bare, theirs).json()])
    result = compare(bench, "point", bench.load.target(ours, asked), bench.load.target(bare, plain))
    what = "point: one contact by email / its row as JSON"
    return [result.line(what, at_least=0.55)]


def record(bench: Bench, of: Installation) -> list[Line]:
    """One contact with preferences, eligibility, opt-outs and history, against PostgreSQL's JSON of them."""
    ours, bare = bench.ours(of), bare_server(bench, of)
    numbers = spread(range(1, of.contacts + 1), 2000)
    asked = by_email(of, numbers, RECORD)
    plain = [messages.get(f"/record/{filling.email(n)}") for n in numbers]
    for mine, theirs in zip(asked[:100], plain, strict=False):  # some are opted out of all
        contact = messages.data(ours, mine)["contact"]
        assert len(contact["history"]["nodes"]) >= len(filling.TYPES)
        assert _without_ids(contact) == _without_ids(messages.exchange(bare, theirs).json())
    result = compare(bench, "record", bench.load.target(ours, asked), bench.load.target(bare, plain))
    what = "record: one contact with all that is known / PostgreSQL's JSON"
    return [result.line(what, at_least=0.4)]


def _without_ids(contact: dict[str, Any]) -> dict[str, Any]:
    history = {"nodes": without_ids(contact["history"]["nodes"])}
    return without_ids([{**contact, "history": history}])[0]


def page_of_contacts(of: Installation) -> bytes:
    """The query for the first page of contacts."""
    return messages.graphql(LIST, {"first": PAGE_SIZE}, of.token)


def by_email(of: Installation, numbers: list[int], query: str = POINT) -> list[bytes]:
    """A query for contacts by their numbers."""
    return [messages.graphql(query, {"email": filling.email(number)}, of.token) for number in numbers]


def without_ids(contacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Contacts without ids, which differ between the two servers."""
    return [{name: value for name, value in contact.items() if name != "id"} for contact in contacts]
