"""A client of the whole application, whose token may do everything."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from tests.conftest import PUBLIC_URL, Brands
from tests.extremes.client import Client


@pytest.fixture
async def client(db: Settings, brands: Brands) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(create_app(db), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {await create_token('crm', ['admin'])}"}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as http:
        yield Client(http, db)
