"""GraphQL over WebSocket: the `graphql-transport-ws` protocol, with the token in `connection_init`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from api import graphql
from api.graphql import websocket
from preference_center.access.tokens import revoke_token
from preference_center.config.settings import Settings
from tests.graphql.conftest import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Socket:
    """A client's end of a WebSocket, spoken to the application itself."""

    def __init__(self) -> None:
        self.reason: str | None = None
        """Why the server closed the connection."""
        self.closed = False
        """Whether the server has closed the connection, and refuses whatever the application sends."""
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def send(self, message: object) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.sent.put({"type": "websocket.receive", "text": text})

    async def receive(self) -> Any:
        """The next message, or the code that the server closed with."""
        async with asyncio.timeout(10):
            event = await self.answers.get()
        self.reason = event.get("reason")
        return json.loads(event["text"]) if event["type"] == "websocket.send" else event["code"]

    async def deliver(self, event: Any) -> None:
        """Take what the application sends."""
        if self.closed:
            raise RuntimeError(f"Unexpected ASGI message {event['type']!r}, after sending 'websocket.close'.")
        await self.answers.put(event)

    async def authenticate(self, token: str) -> None:
        await self.send({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        assert await self.receive() == {"type": "connection_ack"}


@asynccontextmanager
async def connected(settings: Settings, *protocols: str) -> AsyncIterator[Socket]:
    socket = Socket()
    await socket.sent.put({"type": "websocket.connect"})
    scope = {
        "type": "websocket", "path": "/graphql", "headers": [], "query_string": b"", "root_path": "",
        "subprotocols": list(protocols), "scheme": "ws", "server": ("sayso.test", 80), "client": ("a", 1),
    }  # fmt: skip
    app = Starlette(routes=graphql.routes(settings))
    task = asyncio.create_task(app(scope, socket.sent.get, socket.deliver))
    accepted = await socket.answers.get()
    assert accepted["type"] == "websocket.accept"
    try:
        yield socket
    finally:
        await socket.sent.put({"type": "websocket.disconnect", "code": 1000})
        await task


def subscribe(operation_id: str, query: str, **variables: Any) -> dict[str, Any]:
    return {"id": operation_id, "type": "subscribe", "payload": {"query": query, "variables": variables}}


async def test_an_operation_gets_one_result_and_completes(api: Api, db: Settings) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        await socket.send(
            subscribe("1", "query ($id: ID!) { node(id: $id) { id } viewer { name } }", id="Zm9v")
        )
        answer = await socket.receive()
        assert (answer["id"], answer["type"]) == ("1", "next")
        assert answer["payload"]["data"] == {"node": None, "viewer": {"name": "crm"}}
        assert answer["payload"]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert await socket.receive() == {"id": "1", "type": "complete"}
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}


async def test_mutations_run_and_invalid_documents_get_an_error_message(api: Api, db: Settings) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        mutation = 'mutation { createContact(input: {email: "alice@example.com"}) { contact { email } } }'
        await socket.send(subscribe("1", mutation))
        payload = (await socket.receive())["payload"]["data"]["createContact"]
        assert payload == {"contact": {"email": "alice@example.com"}}
        await socket.receive()
        await socket.send(subscribe("2", "{ nonsense }"))
        refused = await socket.receive()
        assert (refused["id"], refused["type"]) == ("2", "error")
        assert refused["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        await socket.send(subscribe("3", ""))
        assert (await socket.receive())["payload"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_pings_before_connection_init_are_answered(api: Api, db: Settings) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        for ping in ({"type": "ping"}, {"type": "ping", "payload": {"at": 1}}):
            await socket.send(ping)
            assert await socket.receive() == {"type": "pong"}
        await socket.send({"type": "pong"})
        await socket.authenticate(api.token)


async def test_pings_do_not_extend_the_time_for_connection_init(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "INIT_SECONDS", 0.2)
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}
        assert await socket.receive() == 4408


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (None, "Forbidden: Send an API token"),
        ({}, "Forbidden: Send an API token"),
        ({"Authorization": "Basic YTpi"}, "Forbidden: Send the API token with the scheme Bearer"),
        ({"Authorization": "Bearer nonsense"}, "Forbidden: This API token is unknown or was revoked."),
        ({"Authorization": 5}, "Forbidden: Authorization and X-Sayso-User must be strings"),
        ({"X-Sayso-User": 5}, "Forbidden: Authorization and X-Sayso-User must be strings"),
    ],
)
async def test_the_connection_is_closed_without_a_valid_token_and_says_why(
    db: Settings, payload: Any, reason: str
) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.send({"type": "connection_init", "payload": payload})
        assert await socket.receive() == 4403
        assert socket.reason is not None
        assert socket.reason.startswith(reason)


async def test_the_connection_is_closed_for_an_end_user_that_is_wrongly_encoded(
    db: Settings, api: Api
) -> None:
    payload = {"Authorization": f"Bearer {api.token}", "X-Sayso-User": "100%"}
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.send({"type": "connection_init", "payload": payload})
        assert await socket.receive() == 4403
        assert socket.reason is not None
        assert socket.reason.startswith("Forbidden: X-Sayso-User must be percent-encoded UTF-8")
        assert len(socket.reason.encode()) <= 123


async def test_a_document_is_registered_with_its_hash_as_over_http(api: Api, db: Settings) -> None:
    query = "{ viewer { name registered: __typename } }"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        await socket.send({"id": "1", "type": "subscribe", "payload": {"extensions": extensions}})
        (error,) = (await socket.receive())["payload"]
        assert error["message"] == "PersistedQueryNotFound"
        for id_, payload in (("2", {"query": query}), ("3", {})):
            message = {"id": id_, "type": "subscribe", "payload": {**payload, "extensions": extensions}}
            await socket.send(message)
            answer = (await socket.receive())["payload"]["data"]
            assert answer == {"viewer": {"name": "crm", "registered": "Viewer"}}
            assert (await socket.receive())["type"] == "complete"


async def test_a_trusted_document_is_asked_for_by_its_id_as_over_http(
    api: Api, db: Settings, tmp_path: Path
) -> None:
    manifest = tmp_path / "persisted-documents.json"
    manifest.write_text(json.dumps({"viewer-1": "{ viewer { name } }"}))
    only = replace(db, trusted_documents=manifest, trusted_documents_only=True)
    async with connected(only, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        await socket.send({"id": "1", "type": "subscribe", "payload": {"documentId": "viewer-1"}})
        assert (await socket.receive())["payload"]["data"] == {"viewer": {"name": "crm"}}
        assert (await socket.receive())["type"] == "complete"
        await socket.send(subscribe("2", "{ viewer { scopes } }"))
        (error,) = (await socket.receive())["payload"]
        assert error["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


async def test_revoking_the_token_closes_the_connection_at_the_next_operation(api: Api, db: Settings) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        await revoke_token("crm")
        await socket.send(subscribe("1", "{ viewer { name } }"))
        assert (await socket.receive(), socket.reason) == (
            4403,
            "Forbidden: This API token is unknown or was revoked.",
        )


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (subscribe("1", "{ viewer { name } }"), 4401),
        ("nonsense", 4400),
        ("[]", 4400),
        ('{"type": 5}', 4400),
        ("[" * 100_000, 4400),
    ],
)
async def test_a_first_message_other_than_connection_init_closes_the_connection(
    db: Settings, first: object, code: int
) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.send(first)
        assert await socket.receive() == code


async def test_a_second_connection_init_or_an_unknown_message_closes_the_connection(
    api: Api, db: Settings
) -> None:
    for message, code in (
        ({"type": "connection_init"}, 4429),
        ({"type": "start"}, 4400),
        ({"type": "subscribe"}, 4400),
    ):
        async with connected(db, "graphql-transport-ws") as socket:
            await socket.authenticate(api.token)
            await socket.send(message)
            assert await socket.receive() == code


async def test_a_client_that_sends_nothing_is_disconnected(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "INIT_SECONDS", 0.05)
    async with connected(db, "graphql-transport-ws") as socket:
        assert await socket.receive() == 4408


async def test_another_subprotocol_is_refused(db: Settings) -> None:
    async with connected(db, "graphql-ws") as socket:
        assert await socket.receive() == 4406


@pytest.mark.parametrize(
    "text", ["[" * 9_000, "ł" * 4_001, json.dumps({"type": "connection_init", "payload": "a" * 8_000})]
)
async def test_a_long_message_before_connection_init_closes_the_connection(db: Settings, text: str) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.send(text)
        assert (await socket.receive(), socket.reason) == (4400, "Message too long")


async def test_a_message_of_more_bytes_than_a_body_closes_the_connection(api: Api, db: Settings) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        await socket.send(json.dumps(subscribe("1", "#" + "ł" * 600_000), ensure_ascii=False))
        assert (await socket.receive(), socket.reason) == (4400, "Message too long")


async def test_a_binary_message_closes_the_connection(api: Api, db: Settings) -> None:
    for event in ({"bytes": b"{}"}, {"bytes": b"{}", "text": None}):
        async with connected(db, "graphql-transport-ws") as socket:
            await socket.authenticate(api.token)
            await socket.sent.put({"type": "websocket.receive", **event})
            assert await socket.receive() == 4400


async def test_a_client_that_only_pings_is_disconnected(db: Settings) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        for _ in range(websocket.INIT_MESSAGES):
            await socket.send({"type": "ping"})
            assert await socket.receive() == {"type": "pong"}
        assert await socket.receive() == 4401


async def test_a_connection_that_the_server_has_closed_is_not_closed_again(
    api: Api, db: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server closes the connection itself on a message that is too long, and refuses to do so twice."""
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        socket.closed = True
        await socket.send({"type": "nonsense"})
        await socket.send(subscribe("1", "{ viewer { name } }"))
    assert capsys.readouterr().out == ""


async def test_more_operations_at_once_than_allowed_close_the_connection(
    api: Api, db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "MOST_RUNNING", 2)
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        for number in range(30):  # operations that are completed do not count
            await socket.send(subscribe(str(number), "{ contacts { nodes { id } } }"))
            await socket.send({"id": str(number), "type": "complete"})
        await socket.send({"type": "ping"})
        while (answer := await socket.receive()) != {"type": "pong"}:
            assert isinstance(answer, dict)
        for number in range(3):
            await socket.send(subscribe(f"new {number}", "{ contacts { nodes { id } } }"))
        while isinstance(answer := await socket.receive(), dict):
            pass
        assert (answer, socket.reason) == (4400, "Too many operations at once")
