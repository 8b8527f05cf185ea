"""The examples of docs/workflows.md, run in order, give the answers that the document shows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from preference_center.access.tokens import create_token
from preference_center.catalog.changes import create_type, create_unit
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.demo.brands import TYPES, UNITS
from preference_center.rules.types import ConsentOrigin, LegalBasis, PreferenceStatus
from tests.conftest import PUBLIC_URL, by_recipient
from tests.use_cases.workflows.enrolling import change, run_all

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "workflows.md").read_text("utf-8")
BLOCKS = re.findall(r"```(graphql|json)\n(.*?)```", DOCS, re.DOTALL)


@dataclass
class Reader:
    """Tries the examples. Variables hold the ids of the workflow and operation created last."""

    http: httpx.AsyncClient
    variables: dict[str, str] = field(default_factory=dict)

    async def run(self, query: str) -> Any:
        """Run an example, and then everything that waits for a worker."""
        body = {"query": query, "variables": self.variables}
        response = (await self.http.post("/graphql", json=body)).json()
        assert "errors" not in response, (query, response)
        for payload in response["data"].values():
            assert payload.get("userErrors", []) == [], query
            for name in ("workflow", "operation"):
                if "id" in payload.get(name, ()):
                    self.variables[name] = payload[name]["id"]
        await run_all()
        return response["data"]


def matches(documented: Any, actual: Any) -> bool:
    """Whether an answer is the documented one; `…` stands for any value."""
    if documented == "…":
        return True
    if isinstance(documented, dict) and isinstance(actual, dict):
        same_fields = documented.keys() == actual.keys()
        return same_fields and all(matches(documented[name], actual[name]) for name in documented)
    if isinstance(documented, list) and isinstance(actual, list):
        return len(documented) == len(actual) and all(map(matches, documented, actual))
    return bool(documented == actual)


@pytest.fixture
async def existing_contacts(db: Settings) -> None:
    """Three contacts, one of them opted out of the digest."""
    for unit in UNITS:
        await create_unit(**unit)
    digest, *_ = [await create_type(**fields) for fields in TYPES]
    assert digest.key == "weekly-digest"
    for name in ("maria", "jan", "wanda"):
        contact = await contacts.create(
            email=f"{name}@example.com",
            locale="pl",
            properties={"country": "PL"},
            processing_basis=LegalBasis.PROCESS_AND_STORE,
        )
        if name == "jan":
            await change(contact, digest, PreferenceStatus.OPTED_OUT, by_recipient(ConsentOrigin.ONE_CLICK))


@pytest.mark.usefixtures("existing_contacts")
async def test_the_examples_give_the_documented_answers(db: Settings) -> None:
    """R6, R10, R14"""
    token = await create_token("reader", ["admin"])
    transport = httpx.ASGITransport(create_app(db))
    headers = {"Authorization": f"Bearer {token}"}
    compared = 0
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as client:
        reader = Reader(client)
        for language, text in BLOCKS:
            if language == "graphql":
                actual = await reader.run(text)
            else:
                assert matches(json.loads(text), actual), json.dumps(actual, indent=2)
                compared += 1
    assert compared == 5


def test_there_are_three_examples() -> None:
    assert len(re.findall(r"^## [1-3]\. ", DOCS, re.MULTILINE)) == 3
