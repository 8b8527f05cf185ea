"""What each kind of client gets during an outage of the database: a page, plain text, JSON, GraphQL."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest
from tortoise.exceptions import OperationalError

from api.app import create_app
from api.http import outages
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from preference_center.exports import stream as exports
from preference_center.storage import database
from preference_center.storage.outages import StatementTimeout
from preference_center.translations import languages
from tests.graphql.transport.test_websocket import Socket, subscribe
from tests.http.log_lines import captured_logs
from tests.http.outages.every_route import FORM, client_of
from tests.http.visit import Links, Visit, open_page

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("brands"),
]
SAVE = urlencode([("do", "save"), ("lang", "pl")])
QUERY = "{ contacts(first: 1) { nodes { email } } }"
Fail = Callable[..., None]


@pytest.fixture
async def client(db: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(db) as made:
        yield made


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Let statements that contain a text fail with an error."""
    fetch = database.fetch

    def begin(text: str = "", error: Exception | None = None) -> None:
        async def failing(sql: str, *values: object) -> Any:
            if text in sql:
                raise error or ConnectionRefusedError("no route to db.internal")
            return await fetch(sql, *values)

        monkeypatch.setattr(database, "fetch", failing)

    return begin


async def bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {await create_token('crm', ['admin'])}"}


async def test_who_saves_a_page_reads_in_the_language_of_the_page_that_it_is_to_be_repeated(
    client: httpx.AsyncClient, db: Settings, fail: Fail
) -> None:
    path = Links(db).manage()
    fail("recipients")
    page = Visit(await client.post(path, content=SAVE, headers={**FORM, "Accept-Language": "sv"}))
    assert page.response.status_code == 503
    assert page.lang == "pl"
    assert page.headings == ["Nie udało się zapisać"]
    assert page.links["Odśwież stronę"] == "?lang=pl&chosen=1"
    assert page.response.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("language", languages())
async def test_who_opens_a_page_reads_in_their_language_to_try_again(
    client: httpx.AsyncClient, db: Settings, fail: Fail, language: str
) -> None:
    path = Links(db).withdraw()
    fail()
    page = await open_page(client, path, headers={"Accept": "text/html", "Accept-Language": language})
    assert (page.response.status_code, page.lang) == (503, language)
    english = "This page isn’t available right now"
    assert (english in page.text) is (language == "en")


async def test_the_page_has_the_brand_that_the_process_knows(
    client: httpx.AsyncClient, db: Settings, fail: Fail
) -> None:
    path = Links(db).manage()
    await client.get(path)
    fail()
    page = await open_page(client, path, headers={"Accept": "text/html"})
    assert "Acme · Bazaar" in page.text


async def test_a_mail_program_gets_plain_text(client: httpx.AsyncClient, db: Settings, fail: Fail) -> None:
    path = Links(db).withdraw()
    fail()
    response = await client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert response.status_code == 503
    assert response.headers["content-type"].startswith("text/plain")
    assert int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_query_gets_an_error_with_a_code_and_no_data(
    client: httpx.AsyncClient, fail: Fail, accept: str
) -> None:
    headers = {**await bearer(), "Accept": accept}
    fail("contacts")
    response = await client.post("/graphql", json={"query": QUERY}, headers=headers)
    assert response.status_code == 503
    assert response.headers["content-type"].startswith(accept)
    body = response.json()
    assert set(body) == {"errors"}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["SERVICE_UNAVAILABLE"]
    assert "db.internal" not in response.text


async def test_a_file_request_gets_json(client: httpx.AsyncClient, fail: Fail) -> None:
    headers = await bearer()
    fail()
    response = await client.get("/exports/contacts", headers=headers)
    assert (response.status_code, response.json()["code"]) == (503, "SERVICE_UNAVAILABLE")


class App:
    """The whole application, spoken to in ASGI."""

    def __init__(self, config: Settings, scope: dict[str, Any]) -> None:
        self.socket = Socket()
        shared = {"headers": [], "query_string": b"", "root_path": "", "scheme": "http", "client": ("a", 1)}
        self._app, self._scope = create_app(config), {**shared, "server": ("sayso.test", 80), **scope}

    async def run(self) -> None:
        await self._app(self._scope, self.socket.sent.get, self.socket.answers.put)


async def test_an_operation_over_websocket_gets_the_code_and_the_connection_stays(
    db: Settings, fail: Fail, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await create_token("crm", ["admin"])
    app = App(db, {"type": "websocket", "path": "/graphql", "subprotocols": ["graphql-transport-ws"]})
    running = asyncio.create_task(app.run())
    await app.socket.sent.put({"type": "websocket.connect"})
    await app.socket.answers.get()
    await app.socket.authenticate(token)
    for broken in ("access_tokens", "contacts"):
        fail(broken)
        await app.socket.send(subscribe("1", QUERY))
        answer = await app.socket.receive()
        assert (answer["id"], answer["type"]) == ("1", "error")
        assert answer["payload"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        monkeypatch.undo()
    await app.socket.send(subscribe("2", QUERY))
    assert (await app.socket.receive())["payload"]["data"] == {"contacts": {"nodes": []}}
    await app.socket.sent.put({"type": "websocket.disconnect", "code": 1000})
    await running


async def test_a_websocket_that_cannot_be_authenticated_is_to_try_again_later(
    db: Settings, fail: Fail
) -> None:
    token = await create_token("crm", ["admin"])
    app = App(db, {"type": "websocket", "path": "/graphql", "subprotocols": ["graphql-transport-ws"]})
    running = asyncio.create_task(app.run())
    await app.socket.sent.put({"type": "websocket.connect"})
    await app.socket.answers.get()
    fail()
    await app.socket.send({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
    assert await app.socket.receive() == outages.TRY_AGAIN_LATER
    await running


async def test_a_download_that_has_begun_is_cut_short_without_a_traceback(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write(_export: object, _format: object, sink: exports.Sink) -> None:
        await sink(b"email\n")
        raise ConnectionResetError

    monkeypatch.setattr(exports, "write", write)
    headers = [(name.lower().encode(), value.encode()) for name, value in (await bearer()).items()]
    scope = {"type": "http", "method": "GET", "path": "/exports/contacts", "headers": headers}
    app = App(db, scope)
    with captured_logs() as log:
        await app.run()
    sent = [app.socket.answers.get_nowait() for _ in range(app.socket.answers.qsize())]
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"] is True, "the client sees that the file is incomplete"
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["database_unavailable", "request"]


async def migrated_by_a_newer_version() -> None:
    await database.execute(
        "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('preference_center', $1, $2)",
        "9999_of_tomorrow",
        database.now(),
    )


@pytest.mark.parametrize("newer", [True, False])
async def test_a_statement_that_fails_on_the_schema_of_another_version_is_an_outage(
    client: httpx.AsyncClient, db: Settings, fail: Fail, newer: bool
) -> None:
    """On the schema of this version, it is a fault."""
    if newer:
        await migrated_by_a_newer_version()
    path, headers = Links(db).withdraw(), await bearer()
    fail("recipients", OperationalError(sqlite3.OperationalError("no such column: address")))
    with captured_logs():
        one_click = await client.post(path, data={"List-Unsubscribe": "One-Click"})
        fail("contacts", asyncpg.UndefinedColumnError("column c.address does not exist"))
        query = await client.post("/graphql", json={"query": QUERY}, headers=headers)
    assert one_click.status_code == (503 if newer else 500)
    code = "SERVICE_UNAVAILABLE" if newer else "INTERNAL_SERVER_ERROR"
    assert query.json()["errors"][0]["extensions"]["code"] == code


async def test_a_statement_of_a_page_that_is_stopped_is_an_outage(
    client: httpx.AsyncClient, db: Settings, fail: Fail
) -> None:
    path = Links(db).manage()
    fail("recipients", StatementTimeout())
    assert (await client.get(path)).status_code == 503


async def test_outages_are_counted_by_their_cause(
    client: httpx.AsyncClient, db: Settings, fail: Fail
) -> None:
    def counted(metrics: str) -> float:
        name = 'sayso_outages_total{error="ConnectionRefusedError"} '
        return sum(float(line.removeprefix(name)) for line in metrics.splitlines() if line.startswith(name))

    path = Links(db).manage()
    before = counted((await client.get("/metrics")).text)
    fail()
    await client.get(path)
    assert counted((await client.get("/metrics")).text) == before + 1
