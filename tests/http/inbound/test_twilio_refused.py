"""Requests that Twilio did not send or sign change nothing (403, 400, 413, 503)."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from preference_center.config.settings import Settings
from preference_center.inbound import receive as inbound
from tests.conftest import ALICE_PHONE, Brands
from tests.http.inbound.twilio_calls import (
    FORM,
    HMAC_SHA256,
    OLD_TOKEN,
    PATH,
    TOKEN,
    Twilio,
    client_of,
    fields,
)
from tests.http.log_lines import captured_logs
from tests.http.records import count, dump
from tests.use_cases.inbound.texting import ACME_NUMBER, acme_number

LIMIT = 256 * 1024


@pytest.fixture
async def twilio(db: Settings, brands: Brands) -> AsyncIterator[Twilio]:
    """Twilio, with a number of Acme's."""
    await acme_number()
    async with client_of(db) as http:
        yield Twilio(http)


@pytest.fixture
def encoded() -> Iterator[io.StringIO]:
    """All log lines."""
    with captured_logs() as out:
        yield out


def flipped(signature: str) -> str:
    return ("B" if signature[0] == "A" else "A") + signature[1:]


async def test_a_wrong_signature_is_answered_403_and_only_the_refusal_is_logged(
    twilio: Twilio, encoded: io.StringIO
) -> None:
    secret = "STOP it, my name is Alice Kowalska"
    pairs = [*fields(secret, ProfileName="Alice Kowalska").items()]
    right = twilio.signed(pairs)
    before = await dump()
    wrong = (
        "",
        "x",
        flipped(right),
        right[:-1],
        right + "=",
        right.lower(),
        "ünsigned" * 4,
        twilio.signed([*pairs, ("Extra", "1")]),
        twilio.signed(pairs, HMAC_SHA256),
        Twilio(twilio.http, token="another token of 32 characters").signed(pairs),
        Twilio(twilio.http, url="http://evil.example/inbound/sms/twilio").signed(pairs),
        Twilio(twilio.http, url="http://sayso.test/inbound/sms").signed(pairs),
    )
    for signature in wrong:
        response = await twilio.post(pairs, signature=signature)
        assert response.status_code == 403, signature
    assert await dump() == before
    lines = encoded.getvalue()
    assert lines.count("twilio_signature_refused") == len(wrong)
    for told in (
        secret,
        "Kowalska",
        ALICE_PHONE,
        ALICE_PHONE[1:],
        ACME_NUMBER[1:],
        TOKEN,
        right,
        flipped(right),
    ):
        assert told not in lines


async def test_a_changed_field_is_answered_403(twilio: Twilio) -> None:
    pairs = [*fields("START").items()]
    signature = twilio.signed(pairs)
    before = await dump()
    for name, value in (
        ("Body", "STOP"),
        ("From", "+48600000000"),
        ("To", "+15550001111"),
        ("OptOutType", "STOP"),
    ):
        forged = [*(pair for pair in pairs if pair[0] != name), (name, value)]
        assert (await twilio.post(forged, signature=signature)).status_code == 403, name
    assert (await twilio.post([], signature=signature)).status_code == 403
    assert await dump() == before


@pytest.mark.parametrize("algorithm", ["HMAC_MD5", "none", "HMAC_SHA512", "", "HMAC_SHA256 "])
async def test_an_unknown_signature_algorithm_is_refused(
    twilio: Twilio, encoded: io.StringIO, algorithm: str
) -> None:
    """Without a header the legacy algorithm is used; its name is never logged."""
    pairs = [*fields("STOP").items()]
    named = {"X-Twilio-Webhooks-Signature-Settings": f"key=k,algorithm={algorithm}"}
    before = await dump()
    response = await twilio.post(pairs, signature="AAAA" * 7, headers=named)
    assert response.status_code == 403
    assert await dump() == before
    assert "MD5" not in encoded.getvalue()


async def test_without_a_configured_secret_every_delivery_is_refused(db: Settings, brands: Brands) -> None:
    await acme_number()
    async with client_of(db, twilio_auth_tokens=()) as http:
        for token in ("", TOKEN):
            response = await Twilio(http, token=token).post([*fields("STOP").items()])
            assert response.status_code == 403
    assert await count("inbound_messages") == 0


async def test_a_removed_secret_is_refused(db: Settings, brands: Brands) -> None:
    await acme_number()
    async with client_of(db, twilio_auth_tokens=(TOKEN,)) as http:
        response = await Twilio(http, token=OLD_TOKEN).post([*fields("STOP").items()])
    assert response.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"From": None},
        {"From": ""},
        {"From": "Acme"},
        {"From": "72345"},
        {"From": "messenger:1234567890"},
        {"To": None},
        {"To": " "},
    ],
)
async def test_a_signed_request_that_says_nothing_and_is_not_to_or_from_anybody_is_answered_400(
    twilio: Twilio, change: dict[str, str | None]
) -> None:
    before = await dump()
    response = await twilio.post([*fields("", **change).items()])
    assert response.status_code == 400
    assert await dump() == before


async def test_a_body_over_the_limit_is_answered_413_with_or_without_content_length(twilio: Twilio) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b"Body=" + b"x" * 1024

    before = await dump()
    headers = {"content-type": FORM, "X-Twilio-Signature": "AAAA"}
    announced = await twilio.http.post(PATH, content=b"x" * (LIMIT + 1), headers=headers)
    streamed = await twilio.http.post(PATH, content=in_pieces(), headers=headers)
    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert await dump() == before


async def test_the_largest_body_is_read(twilio: Twilio) -> None:
    room = LIMIT - 600
    assert await twilio.text("STOP", Padding="x" * room) is not None


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_post_is_allowed(twilio: Twilio, method: str) -> None:
    assert (await twilio.http.request(method, PATH)).status_code == 405


async def test_an_unavailable_database_is_answered_503_without_logging_the_sender(
    twilio: Twilio, encoded: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError(f"no route for {ALICE_PHONE}")

    monkeypatch.setattr(inbound, "receive_message", away)
    assert (await twilio.post([*fields("STOP").items()])).status_code == 503
    assert ALICE_PHONE[1:] not in encoded.getvalue()


async def test_received_messages_leave_no_personal_data_in_the_log(
    twilio: Twilio, encoded: io.StringIO
) -> None:
    pairs = [*fields("STOP bothering Alice Kowalska").items(), ("ProfileName", "Alice")]
    responses = [await twilio.post(pairs), await twilio.post([*fields("STOP").items()])]
    assert [response.status_code for response in responses] == [200, 200]
    lines = encoded.getvalue()
    assert lines.count('"/inbound/sms/twilio"') == 2
    for told in ("Alice", ALICE_PHONE[1:], ACME_NUMBER[1:], TOKEN, "bothering", twilio.signed(pairs)):
        assert told not in lines


TEXTS = st.text(max_size=200) | st.sampled_from(["STOP", "START", "HELP", "\x00", "\ufeffSTOP\u200b"])
NUMBERS = st.text(max_size=30) | st.sampled_from(
    [ALICE_PHONE, ACME_NUMBER, "whatsapp:" + ALICE_PHONE, "Acme"]
)
NAMES = st.text(max_size=20) | st.sampled_from(
    ["OptOutType", "MessageSid", "Body", "From", "To", "ButtonText"]
)
ANYTHING = settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ANYTHING
@given(body=TEXTS, sender=NUMBERS, to=NUMBERS, more=st.lists(st.tuples(NAMES, TEXTS), max_size=4))
@example(body="STOP", sender="+48601234567", to="\x00" * 100, more=[("OptOutType", "STOP")])
@example(body="x" * 100_000, sender="+48601234567", to=ACME_NUMBER, more=[("SmsSid", "\x00")])
async def test_no_signed_request_is_answered_500(
    twilio: Twilio, body: str, sender: str, to: str, more: list[tuple[str, str]]
) -> None:
    pairs = [*fields(body, From=sender, To=to).items(), *more]
    assert (await twilio.post(pairs)).status_code in (200, 400)


@ANYTHING
@given(body=st.binary(max_size=300), signature=st.text(alphabet=st.characters(codec="latin-1"), max_size=40))
@example(body=b"From=%ff", signature="x")
@example(body=b"&".join([b"a=1"] * 5000), signature="x")
@example(body=b"\xff\xfe\x00", signature="x")
async def test_unsigned_bytes_are_answered_403(twilio: Twilio, body: bytes, signature: str) -> None:
    before = await count("inbound_messages")
    made = "".join(character for character in signature if character.isprintable()).strip()
    response = await twilio.post_bytes(body, made)
    assert response.status_code == 403
    assert await count("inbound_messages") == before
