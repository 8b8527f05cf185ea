"""A query stops when its time is over or its client leaves. A mutation that has begun is finished."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from api import graphql
from api.graphql import time_limit
from api.http.request_log import RequestLog
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.storage.outages import StatementTimeout
from schema.engine.statements import roots
from tests.graphql.conftest import Api
from tests.graphql.transport.test_websocket import connected, subscribe

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
QUERY = "{ contacts { nodes { id } } }"
MUTATION = 'mutation { createContact(input: {email: "alice@example.com"}) { contact { email } } }'


class Slow:
    """Stands in for a function that takes long: it notes how it ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        self.begun, self.ended, self.may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.cancelled = False
        self._real = getattr(module, name)
        monkeypatch.setattr(module, name, self)

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.begun.set()
        try:
            await self.may_end.wait()
            return await self._real(*args, **kwargs)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        finally:
            self.ended.set()


@pytest.fixture
def slow_query(monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch, roots, "answer")


@pytest.fixture
def slow_mutation(monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch, contacts, "create")


class Client:
    """A client that sends one request, and closes its connection when it is told to."""

    def __init__(self, api: Api, settings: Settings, query: str) -> None:
        self.left = asyncio.Event()
        self.answered: list[dict[str, Any]] = []
        self._body: bytes | None = json.dumps({"query": query}).encode()
        headers = {**api.headers, "content-type": "application/json"}
        scope = {
            "type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        app = Starlette(routes=graphql.routes(settings), middleware=[Middleware(RequestLog)])
        self.served = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.answered.append(message)


async def test_a_query_stops_when_its_client_leaves(api: Api, db: Settings, slow_query: Slow) -> None:
    client = Client(api, db, QUERY)
    await slow_query.begun.wait()
    client.left.set()
    async with asyncio.timeout(5):
        await slow_query.ended.wait()
    assert slow_query.cancelled
    await client.served
    assert client.answered == []


async def test_a_mutation_is_finished_when_its_client_leaves(
    api: Api, db: Settings, slow_mutation: Slow
) -> None:
    client = Client(api, db, MUTATION)
    await slow_mutation.begun.wait()
    client.left.set()
    await asyncio.sleep(0.1)
    slow_mutation.may_end.set()
    await client.served
    assert not slow_mutation.cancelled
    assert (await api.execute(QUERY))["nodes"] != []


async def test_a_query_stops_when_its_time_is_over_and_says_so(
    api: Api, monkeypatch: pytest.MonkeyPatch, slow_query: Slow
) -> None:
    monkeypatch.setattr(time_limit, "QUERY_SECONDS", 0.05)
    answer = await api.run(QUERY)
    assert slow_query.cancelled
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "TIME_LIMIT_EXCEEDED"


async def test_a_query_that_the_database_stops_is_told_the_limit_of_a_statement(
    api: Api, db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(*_: Any, **__: Any) -> None:
        raise StatementTimeout

    monkeypatch.setattr(roots, "answer", stopped)
    answer = await api.run(QUERY)
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "TIME_LIMIT_EXCEEDED", "seconds": db.statement_timeout}
    assert f"{db.statement_timeout:g} seconds" in error["message"]


async def test_a_mutation_has_no_time_limit(
    api: Api, monkeypatch: pytest.MonkeyPatch, slow_mutation: Slow
) -> None:
    monkeypatch.setattr(time_limit, "QUERY_SECONDS", 0.01)
    asyncio.get_running_loop().call_later(0.1, slow_mutation.may_end.set)
    assert (await api.execute(MUTATION))["contact"] == {"email": "alice@example.com"}


@pytest.mark.parametrize("ending", ["complete", "close"])
async def test_a_query_over_websocket_stops_when_nobody_wants_its_answer(
    api: Api, db: Settings, slow_query: Slow, ending: str
) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        await socket.send(subscribe("1", QUERY))
        await slow_query.begun.wait()
        if ending == "complete":
            await socket.send({"id": "1", "type": "complete"})
            async with asyncio.timeout(5):
                await slow_query.ended.wait()
            await socket.send({"type": "ping"})
            assert await socket.receive() == {"type": "pong"}, "no answer to an operation that was completed"
    assert slow_query.cancelled


async def test_a_mutation_over_websocket_is_finished_when_the_connection_is_closed(
    api: Api, db: Settings, slow_mutation: Slow
) -> None:
    async with connected(db, "graphql-transport-ws") as socket:
        await socket.authenticate(api.token)
        await socket.send(subscribe("1", MUTATION))
        await slow_mutation.begun.wait()
        asyncio.get_running_loop().call_later(0.1, slow_mutation.may_end.set)
    assert not slow_mutation.cancelled
    assert (await api.execute(QUERY))["nodes"] != []
