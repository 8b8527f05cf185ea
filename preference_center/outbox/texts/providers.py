"""Sending a text message through the API of its provider: Twilio for SMS, Meta's Cloud API for WhatsApp.

What is for the provider or for us to mend is tried again; a message that was itself refused is not. Nothing
of a provider's own words is passed on: they repeat the number.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx

from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.outbox.message import GivenUp, TryLater
from preference_center.rules.types import Channel

SECONDS = 10.0
"""How long a provider may take to answer: twenty of them fit into the lease of what is being sent."""
_LATER = frozenset({401, 408, 429})
"""A wrong or expired secret is ours to mend, and no fault of the message's."""
_BUSY_CODES = frozenset({2, 4, 80007, 130429, 131016, 131056})
"""Meta's codes for "too many" and "not now", which come with 400 as well."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text message as it goes out."""

    channel: Channel
    sender: SenderNumber
    to: str
    """E.164."""
    body: str


def configured(channel: Channel) -> bool:
    """Whether there are credentials to send with on a channel."""
    config = settings.current()
    if channel is Channel.WHATSAPP:
        return config.whatsapp_access_token is not None
    return config.twilio_account_sid is not None and bool(config.twilio_auth_tokens)


async def send(text: Text) -> None:
    """Hand a message over to its provider. Raises TryLater or GivenUp where it was not taken."""
    request = _to_whatsapp if text.channel is Channel.WHATSAPP else _to_twilio
    try:
        async with asyncio.timeout(SECONDS), httpx.AsyncClient(verify=_tls(), timeout=SECONDS) as client:
            answer = await client.post(**request(settings.current(), text))
    except (httpx.HTTPError, TimeoutError) as error:
        raise TryLater(type(error).__name__) from None
    _judge(answer)


def _to_twilio(config: Settings, text: Text) -> dict[str, Any]:
    account = config.twilio_account_sid or ""
    return {
        "url": f"{config.twilio_api_url}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json",
        "auth": (account, config.twilio_auth_tokens[0]),
        "data": {"To": text.to, "From": text.sender.number, "Body": text.body},
    }


def _to_whatsapp(config: Settings, text: Text) -> dict[str, Any]:
    if text.sender.provider_id is None:
        raise GivenUp("the sender number has no provider id")
    return {
        "url": f"{config.whatsapp_api_url}/{quote(text.sender.provider_id, safe='')}/messages",
        "headers": {"Authorization": f"Bearer {config.whatsapp_access_token}"},
        "json": {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": text.to,
            "type": "text",
            "text": {"preview_url": False, "body": text.body},
        },
    }


def _judge(answer: httpx.Response) -> None:
    """Return where the provider took the message; raise what else its answer means."""
    if answer.is_success:
        return
    code, status = _code(answer), answer.status_code
    reason = f"HTTP {status}" if code is None else f"HTTP {status}, code {code}"
    if status in _LATER or not 400 <= status < 500 or code in _BUSY_CODES:
        raise TryLater(reason, _asked_pause(answer))
    raise GivenUp(reason)


def _code(answer: httpx.Response) -> int | None:
    """The provider's own number for what is wrong, the only part of its answer that names nobody."""
    try:
        said = answer.json()
    except ValueError:
        return None
    if isinstance(said, dict):
        error = said.get("error")
        code = (error if isinstance(error, dict) else said).get("code")
        if isinstance(code, int):
            return code
    return None


def _asked_pause(answer: httpx.Response) -> timedelta | None:
    seconds = answer.headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() else None


@cache
def _tls() -> ssl.SSLContext:
    """Trusted certificates, read once: that takes longer than sending."""
    return httpx.create_ssl_context()
