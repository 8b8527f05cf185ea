"""Sends a text message through its provider's API: Twilio for SMS, Meta's Cloud API for WhatsApp.

A fault of the provider or of the configuration is retried; a message that was itself rejected is not. The
text of a provider's response is never logged or stored: it repeats the phone number.
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
from preference_center.outbox.failures import PermanentFailure, RefusedByRecipient, TemporaryFailure
from preference_center.rules.types import Channel

TIMEOUT_SECONDS = 10.0
"""How long a provider may take to respond: twenty messages fit into a worker's lease."""
_RETRIED_STATUSES = frozenset({401, 408, 429})
"""Of the 4xx: 401 means that our secret is wrong or expired, which is not the message's fault."""
_RETRIED_CODES = frozenset({2, 4, 80007, 130429, 131016, 131056})
"""Meta's codes for rate limits and outages, which come with status 400 too."""

_MAX_CODE_LENGTH = 9
OPT_OUT_CODES = frozenset({21610, 63014, 131050})
"""Errors that mean that the person opted out at the provider (R39).

Twilio: 21610, the person texted STOP to the number; 63014, they blocked it or opted out. WhatsApp: 131050,
they stopped marketing messages.

Others are no act of the person: 30003 to 30008, 21211 and 21614 (unreachable, filtered by a carrier, no
mobile number), 63016 and 131047 (outside the 24 hours), 63032 and 130472 (Meta's experiments), 63049 and
131049 (Meta limits advertisements), 131026 (not on WhatsApp).
"""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message as it goes out."""

    channel: Channel
    sender: SenderNumber
    to: str
    """E.164."""
    body: str


def configured(channel: Channel) -> bool:
    """Return whether there are credentials to send on a channel."""
    config = settings.current()
    if channel is Channel.WHATSAPP:
        return config.whatsapp_access_token is not None
    return config.twilio_account_sid is not None and bool(config.twilio_auth_tokens)


async def send(message: TextMessage) -> None:
    """Send a message; raises TemporaryFailure or PermanentFailure if the provider does not accept it.

    RefusedByRecipient, a PermanentFailure, if the person opted out at the provider.
    """
    build_request = _whatsapp_request if message.channel is Channel.WHATSAPP else _twilio_request
    request = build_request(settings.current(), message)
    try:
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            httpx.AsyncClient(verify=_tls(), timeout=TIMEOUT_SECONDS) as client,
        ):
            response = await client.post(**request)
    except (httpx.HTTPError, TimeoutError) as error:
        raise TemporaryFailure(type(error).__name__) from None
    _check(response, message.sender)


def _twilio_request(config: Settings, message: TextMessage) -> dict[str, Any]:
    account = config.twilio_account_sid or ""
    return {
        "url": f"{config.twilio_api_url}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json",
        "auth": (account, config.twilio_auth_tokens[0]),
        "data": {"To": message.to, "From": message.sender.number, "Body": message.body},
    }


def _whatsapp_request(config: Settings, message: TextMessage) -> dict[str, Any]:
    if message.sender.provider_id is None:
        raise PermanentFailure("the sender number has no provider id")
    return {
        "url": f"{config.whatsapp_api_url}/{quote(message.sender.provider_id, safe='')}/messages",
        "headers": {"Authorization": f"Bearer {config.whatsapp_access_token}"},
        "json": {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": message.to,
            "type": "text",
            "text": {"preview_url": False, "body": message.body},
        },
    }


def _check(response: httpx.Response, sender: SenderNumber) -> None:
    """Raise the failure that a response means, if it means one."""
    code, status = _error_code(response), response.status_code
    reason = f"HTTP {status}" if code is None else f"HTTP {status}, code {code}"
    if code in OPT_OUT_CODES:
        raise RefusedByRecipient(reason, sender, code)
    if response.is_success:
        return
    if status in _RETRIED_STATUSES or not 400 <= status < 500 or code in _RETRIED_CODES:
        raise TemporaryFailure(reason, _retry_after(response))
    raise PermanentFailure(reason)


def _error_code(response: httpx.Response) -> int | None:
    """Return the provider's error code, the only part of its response that identifies nobody.

    Meta writes `{"error": {"code": …}}`. Twilio writes `{"code": …}`, and for a message that it accepted and
    could not send `{"error_code": …}`.
    """
    try:
        body = response.json()
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    error = body["error"] if isinstance(body.get("error"), dict) else body
    code = error.get("code", error.get("error_code"))
    if isinstance(code, str) and code.isascii() and code.isdecimal() and len(code) <= _MAX_CODE_LENGTH:
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _retry_after(response: httpx.Response) -> timedelta | None:
    seconds = response.headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() else None


@cache
def _tls() -> ssl.SSLContext:
    """Return the trusted certificates, read once: that takes longer than sending."""
    return httpx.create_ssl_context()
