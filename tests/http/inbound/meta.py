"""Meta's side of WhatsApp: deliveries as documented, signed without Sayso's code."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

import httpx

from api.app import create_app
from preference_center.catalog import sender_numbers
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config.settings import Settings
from preference_center.rules.types import Channel
from tests.conftest import PUBLIC_URL

PATH = "/inbound/whatsapp"
SECRET, VERIFY = "app-secret-of-the-tests", "verify-token-of-the-tests"
ALICE_ID, BOB_ID = "48601234567", "48601234568"
"""As WhatsApp writes numbers: without a plus."""
SENDER_NUMBER, SENDER_NUMBER_ID, DISPLAY_NUMBER = "+447400123456", "106540352242922", "447400123456"
_ids = count(1)
Json = dict[str, Any]


@dataclass
class Meta:
    """Calls the webhook."""

    http: httpx.AsyncClient

    async def post(self, body: bytes, signature: str | None = None) -> httpx.Response:
        """Post bytes, with a valid signature unless one is given; an empty one is left out."""
        sent_signature = signed(body) if signature is None else signature
        headers = {"content-type": b"application/json"}
        if sent_signature:
            headers["x-hub-signature-256"] = sent_signature.encode("latin-1")
        return await self.http.post(PATH, content=body, headers=headers)

    async def deliver(self, *items: Json, field: str = "messages", **more: Any) -> httpx.Response:
        """Deliver items of a field in one change."""
        return await self.post(encoded(delivery(change(*items, field=field, **more))))


def client_of(db: Settings) -> httpx.AsyncClient:
    """A client of the whole application, configured with Meta's secret and verify token."""
    settings = replace(db, whatsapp_app_secrets=(SECRET,), whatsapp_verify_token=VERIFY)
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(settings)), base_url=PUBLIC_URL)


def signed(body: bytes, secret: str = SECRET) -> str:
    """The header's value: HMAC-SHA256 of the bytes, in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def delivery(*changes: Json) -> Json:
    """A whole body."""
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [*changes]}],
    }


def change(*items: Json, field: str = "messages", shown: str = DISPLAY_NUMBER, **more: Any) -> Json:
    """One change with its items, sent to the sender number."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": shown, "phone_number_id": SENDER_NUMBER_ID},
        "contacts": [{"profile": {"name": "Alice"}, "wa_id": ALICE_ID}],
        field: [*items],
    }
    return {"value": value | more, "field": field}


def encoded(body: Json) -> bytes:
    """A body as bytes."""
    return json.dumps(body).encode()


def text_message(text: str, at: datetime, *, sender: str = ALICE_ID, **more: Any) -> Json:
    """A text message."""
    return item(at, sender=sender, type="text", text={"body": text}) | more


def item(at: datetime, *, sender: str = ALICE_ID, **content: Any) -> Json:
    """A message of any type, with a unique id."""
    fields = {"from": sender, "id": f"wamid.{next(_ids):08}", "timestamp": str(int(at.timestamp()))}
    return fields | content


def setting(value: str, timestamp: object, *, wa_id: str = ALICE_ID, **more: Any) -> Json:
    """A person's choice in WhatsApp's settings."""
    detail = f"User requested to {value} marketing messages"
    fields = {"wa_id": wa_id, "detail": detail, "category": "marketing_messages", "value": value}
    return fields | {"timestamp": timestamp} | more


async def register(types: Sequence[str] = ("weekly-digest",), unit: str = "acme") -> SenderNumber:
    """Register the sender number on WhatsApp."""
    return await sender_numbers.create(
        number=SENDER_NUMBER, channel=Channel.WHATSAPP, business_unit=unit, subscription_types=types
    )
