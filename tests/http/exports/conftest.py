"""A client of exports, with data to export."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from tests.conftest import ALICE, BOB, PUBLIC_URL, Brands, by_recipient, by_team, update_preferences

EMAIL = Channel.EMAIL
OUT = PreferenceStatus.OPTED_OUT


@pytest.fixture
async def reader(db: Settings, brands: Brands) -> AsyncIterator[httpx.AsyncClient]:
    """A client with all scopes. Alice has opted out of all, Bob of the digest."""
    alice, bob = [await contacts.create(email=address) for address in (ALICE, BOB)]
    recipient_id = alice.email_recipient_id or 0
    await preferences.opt_out_of_all(recipient_id, EMAIL, brands.acme, by_recipient(ConsentOrigin.ONE_CLICK))
    await update_preferences(bob.email_recipient_id or 0, [(brands.digest, EMAIL, OUT)], by_team())
    token = await create_token("crm", ["admin"])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(db)),
        base_url=PUBLIC_URL,
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        yield client
