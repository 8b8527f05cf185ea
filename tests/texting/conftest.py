"""A provider and sender numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from preference_center.catalog import sender_numbers
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.outbox.text_messages import providers as text_providers
from preference_center.rules.types import Channel
from tests.conftest import Brands
from tests.http.conftest import client, links
from tests.texting.provider import Provider, serving

__all__ = ["client", "links"]


@pytest.fixture
async def provider(db: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Provider]:
    """A server in place of both providers, which receives what Sayso sends."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    # A busy machine must not look like a failing provider.
    monkeypatch.setattr(text_providers, "TIMEOUT_SECONDS", 60.0)
    async with serving() as provider:
        settings.use(provider.settings(db))
        yield provider
        settings.use(db)


@pytest.fixture
async def acme_sms(brands: Brands) -> SenderNumber:
    """Acme's number for SMS."""
    return await sender_numbers.create(
        number="+48732000111",
        channel=Channel.SMS,
        business_unit="acme",
        subscription_types=["weekly-digest"],
    )


@pytest.fixture
async def acme_whatsapp(brands: Brands) -> SenderNumber:
    """Acme's number on WhatsApp, with its provider id."""
    return await sender_numbers.create(
        number="+48732000222",
        channel=Channel.WHATSAPP,
        business_unit="acme",
        provider_id="106540352242922",
    )
