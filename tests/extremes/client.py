"""Writes through the API, and reads everything back through every way out."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any, cast

import httpx
from graphql import (
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)

from preference_center.config.settings import Settings
from preference_center.history import verification
from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from preference_center.storage import database
from schema.root import graphql_schema
from tests.http.visit import Links

EXPORTS = ("contacts", "suppressions", "events")
_DEEPEST = 3
_ELIGIBILITY = """query ($a: [String!]!, $c: Channel!) {
  eligibility(subscriptionType: "weekly-digest", channel: $c, addresses: $a) {
    address eligibility { allowed reason until } } }"""


def selection_of(type_: GraphQLObjectType, depth: int = 0) -> str:
    """Every field of a type that needs no argument, and of the types below it."""
    parts = []
    for name, definition in type_.fields.items():
        inner = get_named_type(definition.type)
        if any(map(is_required_argument, definition.args.values())):
            continue
        if is_leaf_type(inner):
            parts.append(name)
        elif is_object_type(inner) and depth < _DEEPEST:
            size = "(first: 20)" if "first" in definition.args else ""
            parts.append(f"{name}{size} {selection_of(inner, depth + 1)}")
    return f"{{ {' '.join(parts) or '__typename'} }}"


def _lists() -> list[str]:
    """A query for each root field that needs no argument."""
    query = graphql_schema.query_type
    assert query is not None
    found = []
    for name, definition in query.fields.items():
        inner = get_named_type(definition.type)
        if is_object_type(inner) and not any(map(is_required_argument, definition.args.values())):
            size = "(first: 100)" if "first" in definition.args else ""
            found.append(f"{{ {name}{size} {selection_of(inner, 1)} }}")
    return found


LISTS = _lists()
_SELECTION = selection_of(cast("GraphQLObjectType", graphql_schema.type_map["Recipient"]))
RECIPIENT = f"query ($a: RecipientRef!) {{ recipient(by: $a) {_SELECTION} }}"


@dataclass(frozen=True)
class Client:
    """A client of the API, the files and the pages."""

    http: httpx.AsyncClient
    settings: Settings

    async def graphql(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run an operation. Whatever was sent, the answer is no fault."""
        # Not with httpx's `json`, which cannot send half of a surrogate pair.
        body = json.dumps({"query": query, "variables": variables or {}})
        answer = await self.http.post(
            "/graphql", content=body.encode(), headers={"Content-Type": "application/json"}
        )
        assert answer.status_code < 500, (query, variables, answer.text)
        found: dict[str, Any] = answer.json()
        for error in found.get("errors", ()):
            assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR", (query, variables, error)
        return found

    async def read(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The data of a query, which has no errors."""
        answer = await self.graphql(query, variables)
        assert "errors" not in answer, (query[:80], answer["errors"])
        return answer["data"]

    async def read_everything(self) -> None:
        """Read all there is through every way out."""
        while await run_next(HANDLERS):
            pass
        for query in LISTS:
            await self.read(query)
        await self._read_recipients()
        await self._read_files()
        assert [line async for line in verification.verify()] == []

    async def _read_recipients(self) -> None:
        rows = await database.fetch(
            "SELECT address FROM recipients WHERE address IS NOT NULL ORDER BY id DESC LIMIT 50"
        )
        addresses = [row["address"] for row in rows]
        for channel in ("EMAIL", "SMS"):
            await self.read(_ELIGIBILITY, {"a": addresses, "c": channel})
        for address in addresses[:4]:
            await self.read(RECIPIENT, {"a": {"email" if "@" in address else "phone": address}})
            await self.read_page(address)

    async def read_page(self, address: str) -> None:
        """Open the recipient's page, their record, and the record as a file."""
        path = Links(self.settings).manage(address)
        for query in ("", "?see=record", "?see=record&as=json"):
            answer = await self.http.get(path + query, headers={"Accept": "*/*"})
            assert answer.status_code == 200, (address, query, answer.text)

    async def _read_files(self) -> None:
        paths = [f"/exports/{name}" for name in EXPORTS]
        found = await self.read("{ operations(first: 100) { nodes { id } } }")
        paths += [f"/operations/{node['id']}/refusals" for node in found["operations"]["nodes"]]
        for path in paths:
            await self.export(path, "csv")
            await self.export(path, "ndjson")

    async def export(self, path: str, file_format: str = "csv") -> list[dict[str, Any]]:
        """The rows of a file."""
        answer = await self.http.get(path, params={"format": file_format})
        assert answer.status_code == 200, (path, answer.text)
        if file_format == "ndjson":
            return [json.loads(line) for line in answer.content.split(b"\n")[:-1]]
        text = answer.content.decode()
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
