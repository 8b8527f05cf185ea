"""The GraphQL and HTTP examples of the README and the documents work as written, on the demo data."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.inbound.message import Message
from preference_center.inbound.receive import receive_message
from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import PUBLIC_URL

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
OWN_TEST = {"workflows.md"}
"""Documents whose examples need data of their own: `test_workflows_documented.py`."""
GRAPHQL = {
    path.name: examples
    for path in DOCUMENTS
    if (examples := re.findall(r"```graphql\n(.*?)```", path.read_text("utf-8"), re.DOTALL))
    and path.name not in OWN_TEST
}
CURL = {
    f"{path.name} {number}": " ".join(command.replace("\\\n", " ").split())
    for path in DOCUMENTS
    for number, command in enumerate(
        re.findall(r"^curl .*?(?=\n```)", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    )
}
ANSWERED_WITH = {"resendConfirmation": "LIMIT_EXCEEDED"}
"""Mutations whose example is refused: the demo's confirmation was sent a moment ago."""
LIST = b"email\n" + b"".join(b"reader%d@example.org\n" % number for number in range(1_200))


@dataclass
class Reader:
    """Tries the examples of one document in order. Variables hold the ids of what the answers named last."""

    http: httpx.AsyncClient
    variables: dict[str, str] = field(default_factory=dict)

    async def ask(self, query: str) -> dict[str, Any]:
        request = {"query": query, "variables": self.variables}
        response = (await self.http.post("/graphql", json=request)).json()
        assert "errors" not in response, (query, response)
        data: dict[str, Any] = response["data"]
        return data

    async def try_out(self, query: str) -> None:
        for name, payload in (await self.ask(query)).items():
            assert payload, query
            if isinstance(payload, dict):
                codes = {error["code"] for error in payload.get("userErrors", ())}
                assert codes == ({ANSWERED_WITH[name]} if name in ANSWERED_WITH else set()), (query, payload)
                if operation := payload.get("operation"):
                    self.variables["operation"] = operation["id"]
        while await run_next(HANDLERS):
            pass


async def receive_from_unknown_sender() -> None:
    """A WhatsApp message whose sender has a user name instead of a phone number."""
    [number, *_] = await database.fetch("SELECT number FROM sender_numbers WHERE channel = 'WHATSAPP'")
    message = Message(
        provider="whatsapp",
        message_id="wamid.unknown",
        channel=Channel.WHATSAPP,
        sender=None,
        to=number["number"],
        text="STOP",
        user_ids=("GB.13491208655302741918",),
    )
    assert await receive_message(message) is None


@pytest.fixture
async def reader(db: Settings) -> AsyncIterator[Reader]:
    """Somebody with an administrator's token, and the ids of a contact and a message of the demo data."""
    await demo.load(60)
    token = await create_token("reader", ["admin"])
    transport = httpx.ASGITransport(create_app(db))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as client:
        found = Reader(client)
        await receive_from_unknown_sender()
        data = await found.ask(
            f'{{ contact(by: {{email: "{demo.ADA}"}}) {{ id }}'
            " messagesToReview { nodes { id senderId } } }"
        )
        messages = data["messagesToReview"]["nodes"]
        found.variables |= {
            "contact": data["contact"]["id"],
            "message": next(message["id"] for message in messages if not message["senderId"]),
            "unknownSender": next(message["id"] for message in messages if message["senderId"]),
        }
        yield found


@pytest.mark.parametrize("document", GRAPHQL)
async def test_the_graphql_examples_of_a_document_are_answered(reader: Reader, document: str) -> None:
    for query in GRAPHQL[document]:
        await reader.try_out(query)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("example", CURL)
async def test_the_curl_examples_are_answered(reader: Reader, example: str) -> None:
    words = shlex.split(CURL[example])
    (url,) = (word for word in words if word.startswith("http"))
    headers = dict(word.split(": ", 1) for word in words if re.match(r"[A-Z][\w-]+: ", word))
    headers.pop("Authorization", None)  # the reader has a token
    path = url.removeprefix("http://127.0.0.1:8000")
    if "-d" in words:
        response = await reader.http.post(path, headers=headers, content=words[words.index("-d") + 1])
    elif "--data-binary" in words:
        response = await reader.http.post(path, headers=headers, content=LIST)
    else:
        response = await reader.http.get(path, headers=headers)
    assert response.is_success, response.text
    assert "errors" not in response.text


async def test_the_first_query_of_the_readme_shows_preferences_and_eligibility(reader: Reader) -> None:
    body = re.search(r"-d '(\{.*\})'", DOCUMENTS[0].read_text("utf-8"))
    assert body

    data = await reader.ask(json.loads(body[1])["query"])

    preferences = data["recipient"]["preferences"]
    assert {"OPTED_IN", "OPTED_OUT"} & {preference["status"] for preference in preferences}
    assert all("allowed" in preference["eligibility"] for preference in preferences)


async def test_the_query_for_the_history_shows_three_events(reader: Reader) -> None:
    data = await reader.ask(GRAPHQL["README.md"][0])

    assert len(data["recipient"]["history"]["nodes"]) == 3
