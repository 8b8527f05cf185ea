"""docs/workflows.md: its examples are run, in their order, and answer what it says they answer."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from preference_center.access import tokens as access
from preference_center.catalog.changes import create_type, create_unit
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.demo.people import TYPES, UNITS
from preference_center.rules.types import ConsentOrigin, LegalBasis, PreferenceStatus
from tests.conftest import PUBLIC_URL, by_recipient
from tests.use_cases.enrolling import run, say

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "workflows.md").read_text("utf-8")
BLOCKS = re.findall(r"```(graphql|json)\n(.*?)```", DOCS, re.DOTALL)


@dataclass
class Reader:
    """Somebody who tries what the document says; ids are those of what was made last."""

    http: httpx.AsyncClient
    variables: dict[str, str] = field(default_factory=dict)

    async def run(self, query: str) -> Any:
        """Run an example, and whatever it sets going."""
        body = {"query": query, "variables": self.variables}
        answer = (await self.http.post("/graphql", json=body)).json()
        assert "errors" not in answer, (query, answer)
        for payload in answer["data"].values():
            assert payload.get("userErrors", []) == [], query
            for name in ("workflow", "operation"):
                if "id" in payload.get(name, ()):
                    self.variables[name] = payload[name]["id"]
        await run()
        return answer["data"]


def matches(said: Any, found: Any) -> bool:
    """Whether an answer is what the document says; `…` stands for anything."""
    if said == "…":
        return True
    if isinstance(said, dict) and isinstance(found, dict):
        return said.keys() == found.keys() and all(matches(said[name], found[name]) for name in said)
    if isinstance(said, list) and isinstance(found, list):
        return len(said) == len(found) and all(map(matches, said, found))
    return bool(said == found)


@pytest.fixture
async def three_people(db: Settings) -> None:
    """Three who were there before, and one of them out of the digest."""
    for unit in UNITS:
        await create_unit(**unit)
    digest, *_ = [await create_type(**kind) for kind in TYPES]
    assert digest.key == "weekly-digest"
    for name in ("maria", "jan", "wanda"):
        person = await contacts.create(
            email=f"{name}@example.com",
            locale="pl",
            properties={"country": "PL"},
            processing_basis=LegalBasis.PROCESS_AND_STORE,
        )
        if name == "jan":
            await say(person, digest, PreferenceStatus.OPTED_OUT, by_recipient(ConsentOrigin.ONE_CLICK))


@pytest.mark.usefixtures("three_people")
async def test_the_worked_examples_answer_what_the_document_says(db: Settings) -> None:
    """R6, R10, R14"""
    token = await access.create_token("reader", ["admin"])
    transport = httpx.ASGITransport(create_app(db))
    headers = {"Authorization": f"Bearer {token}"}
    compared = 0
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as client:
        reader = Reader(client)
        for language, text in BLOCKS:
            if language == "graphql":
                found = await reader.run(text)
            else:
                said = json.loads(text)
                assert matches(said, found), json.dumps(found, indent=2)
                compared += 1
    assert compared == 5


def test_there_are_three_worked_examples() -> None:
    assert len(re.findall(r"^## [1-3]\. ", DOCS, re.MULTILINE)) == 3


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", DOCS))))
def test_its_links_lead_somewhere(target: str) -> None:
    assert (Path(__file__).resolve().parents[2] / "docs" / target).exists()
