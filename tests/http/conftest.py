"""A browser without scripts for the pages' tests, and the links that lead there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from api import pages
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from tests.conftest import ALICE, ALICE_PHONE, PUBLIC_URL, Brands
from tests.http.pages.two_addresses import Both
from tests.http.visit import Links


@pytest.fixture
async def client(db: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the pages, on the database that the test has open."""
    transport = httpx.ASGITransport(Starlette(routes=pages.routes), client=("203.0.113.9", 50000))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as made:
        made.headers.update({"user-agent": "Firefox of Alice", "accept-language": "en"})
        yield made


@pytest.fixture
def links(db: Settings) -> Links:
    """Makes links for whoever a test names."""
    return Links(db)


@pytest.fixture
async def both(brands: Brands, alice: int, alice_phone: int) -> Both:
    """Alice's email address and her phone number in one contact."""
    return Both(await contacts.create(email=ALICE, phone=ALICE_PHONE), alice, alice_phone)
