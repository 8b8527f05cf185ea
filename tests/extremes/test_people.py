"""What people and providers send, with extremes in every field: it is never a fault, and read everywhere."""

from __future__ import annotations

import httpx
import pytest

from preference_center.catalog import sender_numbers
from preference_center.rules.types import Channel
from tests.conftest import PUBLIC_URL
from tests.extremes.client import Client
from tests.extremes.test_every_argument import TEXTS
from tests.http.inbound import meta, twilio_calls
from tests.http.inbound.meta import Json, Meta
from tests.http.inbound.twilio_calls import Twilio
from tests.http.visit import Links, post_form
from tests.use_cases.inbound.texting import ACME_NUMBER

TIMES: list[object] = [
    "0",
    "-1",
    "-62135596800",
    "253402300799",
    "253402300800",
    "9999999999",
    "9" * 19,
    "9" * 5_000,
    "1e308",
    "NaN",
    "٣٣٣٣٣٣٣٣٣٣",
    0,
    -1,
    1e300,
    10**19,
    1780000000.5,
    True,
    None,
    [],
    {},
]
SENT = [text for text in TEXTS if "\ud800" not in text]
FIELDS = (
    "Body",
    "From",
    "To",
    "MessageSid",
    "ProfileName",
    "WaId",
    "ButtonText",
    "ExternalUserId",
    "OptOutType",
)


async def register(channel: Channel, number: str) -> None:
    await sender_numbers.create(
        number=number, channel=channel, business_unit="acme", subscription_types=["weekly-digest"]
    )


async def test_whatever_twilio_delivers_can_be_read_everywhere(client: Client) -> None:
    await register(Channel.SMS, ACME_NUMBER)
    async with twilio_calls.client_of(client.settings) as http:
        twilio = Twilio(http)
        for name in FIELDS:
            for text in SENT[:18]:
                # Longer than 256 KiB as a form is too large.
                answer = await twilio.post(
                    [*twilio_calls.fields(**{"text": "STOP", name: text[:20_000]}).items()]
                )
                assert answer.status_code in (200, 400, 413), (name, text, answer.text)
    await client.read_everything()


@pytest.mark.parametrize("word", ["STOP", "START"])
async def test_whatever_time_whatsapp_delivers_an_opt_out_is_recorded(client: Client, word: str) -> None:
    """R17, R30: of an unreadable time it is known that it is no later than now."""
    await register(Channel.WHATSAPP, meta.SENDER_NUMBER)
    async with meta.client_of(client.settings) as http:
        for number, at in enumerate(TIMES):
            sender = f"4860111{number:04}"
            message: Json = {"from": sender, "id": f"wamid.{number}", "timestamp": at, "type": "text"}
            answer = await Meta(http).deliver(message | {"text": {"body": word}})
            assert answer.status_code == 200, (at, answer.text)
            setting = meta.setting("stop", at, wa_id=f"4860122{number:04}")
            assert (await Meta(http).deliver(setting, field="user_preferences")).status_code == 200
    await client.read_everything()
    events = await client.export("/exports/events", "ndjson")
    out = {event["address"] for event in events if event["after"] == "OPTED_OUT"}
    expected = {f"+4860122{number:04}" for number in range(len(TIMES))}
    assert out >= expected | (
        {f"+4860111{number:04}" for number in range(len(TIMES))} if word == "STOP" else set()
    )


async def test_whatever_is_typed_on_pages_can_be_read_everywhere(client: Client) -> None:
    links = Links(client.settings)
    manage, withdraw = links.manage(), links.withdraw()
    async with httpx.AsyncClient(transport=client.http._transport, base_url=PUBLIC_URL) as http:
        for text in SENT:
            for path in (manage, withdraw, "/p", links.manage(campaign=text[:16])):
                for name in ("do", "address", "pause:acme:EMAIL", "reason", "to:acme:EMAIL", text[:40]):
                    answer = await post_form(http, path, [(name, text[:20_000]), ("do", "save")])
                    assert answer.status_code < 500, (path, name, text)
            for query in ("lang", "see", "page", "chosen", "done"):
                answer = await http.get(manage, params={query: text[:2_000]})
                assert answer.status_code < 500, (query, text)
            typed = text.encode("utf-8")[:1_000].replace(b"\r", b" ").replace(b"\n", b" ")
            headers = {b"User-Agent": typed, b"Accept-Language": typed, b"X-Forwarded-For": typed}
            answer = await http.post(
                withdraw, content=b"List-Unsubscribe=One-Click", headers=list(headers.items())
            )
            assert answer.status_code < 500, text
    await client.read_everything()


async def test_whatever_user_acts_can_be_read_everywhere(client: Client) -> None:
    mutation = """mutation {
      optOutOfAll(input: {recipient: {email: "alice@example.com"}, businessUnit: "acme"}) {
        userErrors { code } } }"""
    for text in SENT:
        headers = [(b"X-Sayso-User", text.encode()[:5_000])]
        answer = await client.http.post("/graphql", json={"query": mutation}, headers=headers)
        assert answer.status_code in (200, 400), text
        answer = await client.http.get("/exports/contacts", params={"search": text[:5_000] or "x"})
        assert answer.status_code in (200, 400), text
    await client.read_everything()
