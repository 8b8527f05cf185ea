"""A browser without scripts for the tests of pages, and the links to open."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from api import pages
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from tests.conftest import ALICE, ALICE_PHONE, PUBLIC_URL, Brands
from tests.http.pages.two_addresses import TwoAddresses
from tests.http.visit import Links


@pytest.fixture
async def client(db: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the pages, with the test's database."""
    transport = httpx.ASGITransport(Starlette(routes=pages.routes), client=("203.0.113.9", 50000))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as made:
        made.headers.update({"user-agent": "Firefox of Alice", "accept-language": "en"})
        yield made


@pytest.fixture
def links(db: Settings) -> Links:
    """Makes links for a recipient."""
    return Links(db)


@pytest.fixture
async def two(brands: Brands, alice: int, alice_phone: int) -> TwoAddresses:
    """Alice's contact, with email address and phone number."""
    return TwoAddresses(await contacts.create(email=ALICE, phone=ALICE_PHONE), alice, alice_phone)
