"""Only Meta may call the webhook: its signature covers the bytes of the body."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import httpx
import pytest

from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.rules.types import Channel
from tests.conftest import Brands, Clock
from tests.http.inbound.meta import (
    ALICE_ID,
    PATH,
    SECRET,
    VERIFY,
    Meta,
    change,
    delivery,
    encoded,
    register,
    signed,
    text_message,
)
from tests.http.records import dump
from tests.use_cases.inbound.texting import current_state

LARGEST = 3 * 1024 * 1024


async def shake(meta: Meta, **asked: str) -> httpx.Response:
    given = {"mode": "subscribe", "verify_token": VERIFY, "challenge": "1158201444"} | asked
    return await meta.http.get(PATH, params={f"hub.{name}": value for name, value in given.items()})


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def is_out() -> bool:
    return bool((await current_state(channel=Channel.WHATSAPP)).opted_out_units)


async def test_the_verify_token_gets_the_challenge_back(meta: Meta) -> None:
    response = await shake(meta)
    assert (response.status_code, response.text) == (200, "1158201444")
    assert response.headers["content-type"].startswith("text/plain")
    assert response.headers["x-content-type-options"] == "nosniff"
    markup = await shake(meta, challenge="<script>alert(1)</script>")
    assert markup.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "asked",
    [
        {"verify_token": "something else"},
        {"verify_token": ""},
        {"verify_token": VERIFY + "\x00"},
        {"verify_token": "żółw \ufffd"},
        {"mode": "unsubscribe"},
        {"mode": ""},
    ],
)
async def test_a_wrong_verify_token_or_mode_is_refused(
    meta: Meta, asked: dict[str, str], log: io.StringIO
) -> None:
    response = await shake(meta, **asked)
    assert (response.status_code, response.text) == (403, "")
    assert [line["event"] for line in lines(log)] == ["whatsapp_handshake_refused", "request"]
    assert VERIFY not in log.getvalue()
    assert "1158201444" not in log.getvalue()


async def test_without_a_configured_verify_token_the_handshake_is_refused(meta: Meta, db: Settings) -> None:
    settings.use(db)
    assert (await shake(meta)).status_code == 403
    assert (await shake(meta, verify_token="")).status_code == 403
    assert (await meta.http.get(PATH)).status_code == 403


async def test_the_signature_is_over_the_bytes_as_they_came(meta: Meta, brands: Brands, clock: Clock) -> None:
    """Meta escapes non-ASCII in either case, with any spacing; the signature covers it unchanged."""
    await register()
    body = delivery(change(text_message("STOP", clock.at), contacts=[{"profile": {"name": "Zoë 👋 <a/>"}}]))
    for text in (
        json.dumps(body),
        json.dumps(body, ensure_ascii=False),
        json.dumps(body, indent="\t", sort_keys=True).replace("\n", "\r\n"),
        json.dumps(body, separators=(" ,", ": ")).replace("/", "\\/"),
        json.dumps(body).replace("\\ud83d", "\\uD83D").replace("STOP", "\\u0053TO\\u0050"),
    ):
        assert (await meta.post(text.encode())).status_code == 200
        assert (await meta.post(text.encode() + b" ", signed(text.encode()))).status_code == 403
    assert await is_out()


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        "nonsense",
        "sha256=żółw".encode().decode("latin-1"),
        signed(b"another body"),
    ],
)
async def test_an_unsigned_delivery_is_refused_and_stores_nothing(
    meta: Meta, brands: Brands, clock: Clock, log: io.StringIO, signature: str
) -> None:
    await register()
    before = await dump()
    response = await meta.post(encoded(delivery(change(text_message("STOP right now", clock.at)))), signature)
    assert (response.status_code, response.text) == (403, "")
    assert await dump() == before
    assert [line["event"] for line in lines(log)] == ["whatsapp_signature_refused", "request"]
    for told in (ALICE_ID, "STOP", "Alice", SECRET, "right now", signature or SECRET):
        assert told not in log.getvalue()


async def test_a_signature_with_another_secret_or_none_is_refused(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    before = await dump()
    body = encoded(delivery(change(text_message("STOP", clock.at))))
    for wrong in (signed(body, "x" + SECRET), signed(body, ""), signed(body).removeprefix("sha256=")):
        assert (await meta.post(body, wrong)).status_code == 403
    assert await dump() == before


async def test_every_configured_secret_is_accepted(
    meta: Meta, brands: Brands, clock: Clock, db: Settings
) -> None:
    """During a rotation, deliveries are signed with either secret."""
    settings.use(replace(db, whatsapp_app_secrets=("the new one", SECRET)))
    body = encoded(delivery(change(text_message("STOP", clock.at))))
    for secret in ("the new one", SECRET):
        assert (await meta.post(body, signed(body, secret))).status_code == 200


async def test_without_a_configured_secret_every_request_is_refused(meta: Meta, db: Settings) -> None:
    settings.use(db)
    body = encoded(delivery())
    for signature in (signed(body), signed(body, ""), ""):
        assert (await meta.post(body, signature)).status_code == 403


async def test_a_signed_body_that_is_too_large_is_not_read(meta: Meta, brands: Brands) -> None:
    before = await dump()
    assert (await meta.post(b'"' + b"a" * LARGEST + b'"')).status_code == 413
    assert (await meta.post(b'"' + b"a" * (LARGEST - 2) + b'"')).status_code == 200

    async def chunks() -> object:  # without Content-Length
        for _ in range(4):
            yield b" " * (LARGEST // 3)

    response = await meta.http.post(PATH, content=chunks(), headers={"x-hub-signature-256": signed(b"")})
    assert response.status_code == 413
    assert await dump() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_not_served(meta: Meta, method: str) -> None:
    assert (await meta.http.request(method, PATH)).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"STOP", b"\xff\xfe\x00", b"[" * 200_000, b'{"entry":' * 100_000, b"\x00", b'"\xc3"',
        b'{"entry": [1,]}', b"nul",
    ],
)  # fmt: skip
async def test_a_signed_body_that_is_not_json_is_answered_400(
    meta: Meta, brands: Brands, log: io.StringIO, body: bytes
) -> None:
    before = await dump()
    assert (await meta.post(body)).status_code == 400
    assert await dump() == before
    assert [line["event"] for line in lines(log)] == ["whatsapp_unreadable", "request"]
