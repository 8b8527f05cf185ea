"""Exports over HTTP: scopes, formats, limits, and clients that leave."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from api.files import stream_response
from api.files.stream_response import ExportResponse
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from preference_center.exports.stream import Format
from preference_center.exports.suppressions import SuppressionFilter, suppressions
from tests.conftest import ALICE, BOB, Brands, Clock

PATHS = ["/exports/contacts", "/exports/suppressions", "/exports/events"]


async def bearing(*scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {await create_token(' '.join(scopes), scopes)}"}


async def test_a_csv_is_a_download_that_is_not_cached(reader: httpx.AsyncClient, clock: Clock) -> None:
    response = await reader.get("/exports/suppressions")

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    file = 'attachment; filename="sayso-suppressions-2026-05-04.csv"'
    assert response.headers["content-disposition"] == file
    assert response.headers["cache-control"] == "no-store"
    assert "content-length" not in response.headers
    assert len(response.text.splitlines()) == 3


@pytest.mark.parametrize(
    ("parameters", "accept", "kind"),
    [
        ({}, None, "text/csv"),
        ({}, "*/*", "text/csv"),
        ({}, "application/x-ndjson", "application/x-ndjson"),
        ({}, "text/html, application/jsonl;q=0.9, text/csv;q=0.1", "application/x-ndjson"),
        ({"format": "ndjson"}, "text/csv", "application/x-ndjson"),
        ({"format": "csv"}, "application/x-ndjson", "text/csv"),
    ],
)
async def test_the_format_follows_the_parameter_or_else_accept(
    reader: httpx.AsyncClient, parameters: dict[str, str], accept: str | None, kind: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    response = await reader.get("/exports/events", params=parameters, headers=headers)

    assert response.headers["content-type"].split(";")[0] == kind
    lines = response.text.splitlines()
    assert len(lines) == (3 if kind == "text/csv" else 2)
    if kind != "text/csv":
        assert [json.loads(line)["address"] for line in lines] == [ALICE, BOB]


async def test_an_unsupported_format_is_not_acceptable(reader: httpx.AsyncClient) -> None:
    response = await reader.get("/exports/events", headers={"Accept": "application/pdf, text/csv;q=0"})

    assert response.status_code == 406
    assert response.json()["code"] == "NOT_ACCEPTABLE"


@pytest.mark.parametrize("path", [*PATHS, "/operations/x/refusals"])
async def test_a_request_without_a_valid_token_is_answered_401(reader: httpx.AsyncClient, path: str) -> None:
    wrong = ', error="invalid_token", error_description="The token is unknown or revoked"'
    for given, error in (("", ""), ("Bearer sayso_wrong", wrong), ("Basic Zm9v", "")):
        response = await reader.get(path, headers={"Authorization": given})

        assert response.status_code == 401
        assert response.json()["code"] == "UNAUTHENTICATED"
        assert response.headers["www-authenticate"] == f'Bearer realm="sayso"{error}'


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/exports/contacts", "contacts:read"),
        ("/exports/suppressions", "preferences:read"),
        ("/exports/events", "preferences:read"),
        ("/operations/x/refusals", "operations:write"),
    ],
)
async def test_each_file_needs_its_scope(reader: httpx.AsyncClient, path: str, scope: str) -> None:
    lacking = await reader.get(path, headers=await bearing("catalog:write", "links:create"))
    having = await reader.get(path, headers=await bearing(scope))

    assert (lacking.status_code, lacking.json()["code"]) == (403, "FORBIDDEN")
    assert scope in lacking.json()["message"]
    assert having.status_code == (404 if path.startswith("/operations") else 200)


async def test_preferences_are_exported_only_with_their_scope(reader: httpx.AsyncClient) -> None:
    plain = await reader.get("/exports/contacts", headers=await bearing("contacts:read"))
    both = await reader.get("/exports/contacts", headers=await bearing("contacts:read", "preferences:read"))

    assert "status:weekly-digest:EMAIL" not in plain.text
    assert "OPTED_OUT" not in plain.text
    assert "status:weekly-digest:EMAIL" in both.text.splitlines()[0]


@pytest.mark.parametrize("path", PATHS)
async def test_head_has_the_headers_of_the_file(reader: httpx.AsyncClient, path: str) -> None:
    response = await reader.head(path)

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"].startswith("text/csv")


async def test_too_many_concurrent_exports_are_refused(
    reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_response, "MAX_CONCURRENT", 0)
    busy = await reader.get("/exports/events")
    monkeypatch.setattr(stream_response, "MAX_CONCURRENT", 1)

    assert (busy.status_code, busy.headers["retry-after"]) == (503, "10")
    for _ in range(3):
        assert (await reader.get("/exports/events")).status_code == 200, "each makes room for the next"


async def test_an_export_that_fails_before_its_first_row_is_answered_500(
    reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preference_center.exports.events._EVENT_TABLES", "no_such_table")
    response = await reader.get("/exports/events")

    assert response.status_code == 500
    assert "no_such_table" not in response.text


async def test_an_export_stops_when_its_client_stops_reading(
    db: Settings, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_response, "SEND_TIMEOUT_SECONDS", 0.01)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    response = ExportResponse(suppressions(SuppressionFilter()), Format.CSV, "suppressions")
    with pytest.raises(stream_response.ClientDisconnect):
        await response({"type": "http", "method": "GET"}, asyncio.Event().wait, send)  # type: ignore[arg-type]


async def test_an_export_stops_when_its_client_leaves(db: Settings, brands: Brands) -> None:
    left = asyncio.Event()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            left.set()
            await asyncio.Event().wait()

    async def receive() -> dict[str, str]:
        await left.wait()
        return {"type": "http.disconnect"}

    response = ExportResponse(suppressions(SuppressionFilter()), Format.CSV, "suppressions")
    with pytest.raises(stream_response.ClientDisconnect):
        async with asyncio.timeout(20):
            await response({"type": "http", "method": "GET"}, receive, send)  # type: ignore[arg-type]
