"""Twilio's side of the webhook: its own library signs; an XML parser reads the reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
from starlette.datastructures import MultiDict
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

from api.app import create_app
from preference_center.config.settings import Settings
from tests.conftest import ALICE_PHONE, PUBLIC_URL
from tests.use_cases.inbound.texting import ACME_NUMBER

PATH = "/inbound/sms/twilio"
TOKEN, OLD_TOKEN = "auth-token-of-the-tests-0123456", "auth-token-of-last-year-0123456"
FORM = "application/x-www-form-urlencoded"
_ids = count(1)
Pairs = Sequence[tuple[str, str]]


def fields(text: str = "STOP", **more: str | None) -> dict[str, str]:
    """What Twilio posts for a text message from Alice to Acme; None leaves a field out."""
    sid = f"SM{next(_ids):032x}"
    known: dict[str, str | None] = {
        "ToCountry": "GB",
        "MessageSid": sid,
        "SmsSid": sid,
        "NumMedia": "0",
        "From": ALICE_PHONE,
        "To": ACME_NUMBER,
        "Body": text,
        "ApiVersion": "2010-04-01",
        **more,
    }
    return {name: value for name, value in known.items() if value is not None}


@dataclass
class Twilio:
    """Calls the webhook."""

    http: httpx.AsyncClient
    url: str = PUBLIC_URL + PATH
    """The address that Twilio was given."""
    token: str = TOKEN

    async def post(
        self,
        pairs: Pairs,
        *,
        algorithm: str | None = None,
        signature: str | None = None,
        path: str = PATH,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Post a form, signed by Twilio's library unless a signature is given; an empty one is left out."""
        settings = self.signed(pairs, algorithm) if signature is None else signature
        all_headers = dict(headers or {})
        if algorithm:
            all_headers["X-Twilio-Webhooks-Signature-Settings"] = f"key=webhooks_key_1,algorithm={algorithm}"
        return await self.post_bytes(urlencode(pairs).encode(), settings, path=path, headers=all_headers)

    async def post_bytes(
        self, body: bytes, signature: str, *, path: str = PATH, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Post any bytes with any signature; an empty one is left out."""
        all_headers = {
            name: value.encode() for name, value in {"content-type": FORM, **(headers or {})}.items()
        }
        if signature:
            all_headers["X-Twilio-Signature"] = signature.encode("latin-1")
        return await self.http.post(path, content=body, headers=all_headers)

    def signed(self, pairs: Pairs, algorithm: str | None = None) -> str:
        """The signature of a form."""
        validator = RequestValidator(self.token)
        return str(validator.compute_signature(self.url, MultiDict(pairs), algorithm))

    async def text(self, body: str = "STOP", **more: str | None) -> str | None:
        """Send a text message and return the reply, or None."""
        return reply(await self.post([*fields(body, **more).items()]))


def reply(response: httpx.Response) -> str | None:
    """The message of a TwiML response, or None."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/xml")
    root = ElementTree.fromstring(response.content)
    assert root.tag == "Response"
    messages = [message.text for message in root]
    assert len(messages) <= 1
    return messages[0] if messages else None


def client_of(db: Settings, **changes: object) -> httpx.AsyncClient:
    """A client of the whole application, configured with two of Twilio's secrets by default."""
    settings = replace(db, **{"twilio_auth_tokens": (TOKEN, OLD_TOKEN), **changes})  # type: ignore[arg-type]
    transport = httpx.ASGITransport(create_app(settings), client=("203.0.113.9", 50000))
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)


__all__ = ["HMAC_SHA1", "HMAC_SHA256", "PATH", "Twilio", "client_of", "fields", "reply"]
