"""Every route of the server, and what it asks of a caller."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from preference_center.access.scopes import (
    ADMIN,
    CREATE_LINKS,
    READ_CONSENT,
    READ_CONTACTS,
    RUN_OPERATIONS,
    SCOPES,
    WATCH_OPERATIONS,
    Access,
)
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from tests.conftest import PUBLIC_URL, Brands

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ACCESS: dict[str, Access] = {
    "/eligibility": READ_CONSENT,
    "/links": CREATE_LINKS,
    "/exports/contacts": READ_CONTACTS,
    "/exports/suppressions": READ_CONSENT,
    "/exports/events": READ_CONSENT,
    "/imports/contacts": RUN_OPERATIONS,
    "/imports/opt-outs": RUN_OPERATIONS,
    "/operations/{id}": WATCH_OPERATIONS,
    "/operations/{id}/refusals": WATCH_OPERATIONS,
}
POSTED = ("/imports", "/eligibility", "/links")
TOKEN = {"/graphql"}
"""A token; each field asks for its own scopes."""
SIGNED = {"/inbound/sms/twilio", "/inbound/whatsapp"}
LINKS = {
    *(f"/{page}{end}" for page in "pucfvs" for end in ("", "/{token}", "/{token}/", "/{rest:path}")),
    "/p/",
    "/p/{token}/forget",
    "/p/{token}/forget/",
}
"""Pages of recipients: each asks for a signed link, or is about nobody."""
OPEN = {"/", "/logo/{digest}", "/graphql/assets/{name}", "/healthz", "/readyz", "/metrics"}
"""Nothing that is about anybody."""


@pytest.fixture
async def client(db: Settings, brands: Brands) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(db))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as opened:
        yield opened


def test_every_route_is_in_the_table(config: Settings) -> None:
    paths = {getattr(route, "path", "") for route in create_app(config).routes}
    assert paths - OPEN == ACCESS.keys() | TOKEN | SIGNED | LINKS


@pytest.mark.parametrize("path", ACCESS)
async def test_a_file_is_refused_without_its_scope_and_only_then(
    client: httpx.AsyncClient, path: str
) -> None:
    method = "POST" if path.startswith(POSTED) else "GET"
    for scope in sorted(SCOPES - {ADMIN}):
        token = await create_token(scope, [scope])
        answer = await client.request(
            method, path.replace("{id}", "x"), headers={"Authorization": f"Bearer {token}"}
        )
        missing = ACCESS[path].missing({scope})
        if missing is None:
            assert answer.status_code in (200, 400, 404, 415, 422), answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
            assert (
                answer.json()["message"] == f"This token lacks the scope {missing}. Use a token that has it."
            )


@pytest.mark.parametrize("path", sorted(ACCESS.keys() | TOKEN))
async def test_a_request_without_a_token_is_refused(client: httpx.AsyncClient, path: str) -> None:
    method = "POST" if path.startswith((*POSTED, "/graphql")) else "GET"
    assert (await client.request(method, path.replace("{id}", "x"))).status_code == 401
