"""The API as a client uses it: an operation in, JSON out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from api import graphql
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from preference_center.rules.types import ConsentOrigin
from tests.conftest import PUBLIC_URL, Brands


@dataclass(frozen=True)
class Api:
    """A client with a token."""

    http: httpx.AsyncClient
    token: str

    def using(self, token: str) -> Api:
        """Return the client with another token."""
        return Api(self.http, token)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, query: str, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return await self.http.post("/graphql", json=body, headers=self.headers)

    async def run(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the whole answer, with its errors."""
        answer: dict[str, Any] = (await self.post(query, **variables)).json()
        return answer

    async def execute(self, query: str, **variables: Any) -> Any:
        """Return the data of an answer without errors; for one root field, the data of that field."""
        answer = await self.run(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data = answer["data"]
        return next(iter(data.values())) if len(data) == 1 else data

    async def first_error(self, query: str, **variables: Any) -> tuple[str, Any]:
        """Return the code of the first error, and the field that it names."""
        error = (await self.run(query, **variables))["errors"][0]
        return error["extensions"]["code"], error["extensions"].get("field")


@pytest.fixture
async def http(db: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=graphql.routes(db))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


@pytest.fixture
async def api(http: httpx.AsyncClient, brands: Brands) -> Api:
    """A client whose token has every scope."""
    return Api(http, await create_token("crm", ["admin"]))


async def token(*scopes: str, origin: ConsentOrigin | None = None) -> str:
    """Create a token with these scopes only."""
    return await create_token(" ".join(scopes) + str(origin), scopes, origin)
