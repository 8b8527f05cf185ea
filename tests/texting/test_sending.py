"""What providers receive over HTTP, and how Sayso handles their responses."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import BusinessUnit
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.outbox import delivery as outbox
from preference_center.outbox import keyword_replies as replies
from preference_center.outbox.attempts import delete_finished
from preference_center.outbox.claims import LEASE
from preference_center.outbox.keyword_replies import KeywordReply, ReplyKind
from preference_center.outbox.queue import (
    Confirmation,
    queue_confirmations,
    queue_keyword_reply,
    queue_link,
)
from preference_center.outbox.text_messages import providers as text_providers
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database, transactions
from preference_center.translations import translator_for
from tests.conftest import ALICE_PHONE, Brands, Clock
from tests.http.records import count
from tests.texting.provider import ACCOUNT, BEARER, TOKEN, Provider

OTHER_PHONE = "+48602345678"


async def queue_test_link(
    unit: BusinessUnit | None, phone: str = ALICE_PHONE, locale: str | None = None
) -> None:
    """Queue a link for a phone number."""
    async with transactions.write_transaction():
        await queue_link(parse(phone), unit, locale)


async def queue_reply(
    number: SenderNumber, unit: BusinessUnit, kind: ReplyKind = "STOPPED", language: str = "en"
) -> None:
    """Queue the reply to a keyword."""
    content = KeywordReply(kind, "", language, number.id)
    async with transactions.write_transaction():
        await queue_keyword_reply(content, parse(ALICE_PHONE), number.channel, unit)


async def outbox_rows() -> list[tuple[int, bool]]:
    """Attempts, and whether it was sent, for each message in the outbox."""
    rows = await database.fetch("SELECT attempts, sent_at FROM outgoing_mails ORDER BY id")
    return [(row["attempts"], row["sent_at"] is not None) for row in rows]


@pytest.fixture
async def requested(clock: Clock, brands: Brands, alice_phone: int, acme_sms: SenderNumber) -> None:
    """Alice requested a link by SMS."""
    await queue_test_link(brands.acme)


async def test_the_request_to_twilio_follows_its_api(provider: Provider, requested: None) -> None:
    assert await outbox.deliver_due() == 1
    (one,) = provider.received
    assert one.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert one.credentials == f"{ACCOUNT}:{TOKEN}"
    assert set(one.form) == {"To", "From", "Body"}
    assert (one.form["To"], one.form["From"]) == (ALICE_PHONE, "+48732000111")
    assert re.fullmatch(
        r"Acme: your link to choose what you get\nhttp://sayso\.test/s/\w{12}\n"
        r"Don't share this link\. Not you\? Ignore this\.",
        one.form["Body"],
    )
    assert await outbox_rows() == [(1, True)]
    assert await outbox.deliver_due() == 0
    assert len(provider.received) == 1


async def test_the_request_to_meta_follows_its_api(
    provider: Provider, brands: Brands, acme_whatsapp: SenderNumber
) -> None:
    await queue_reply(acme_whatsapp, brands.acme)
    assert await outbox.deliver_due() == 1
    (one,) = provider.received
    assert one.path == "/v23.0/106540352242922/messages"
    assert one.headers["authorization"] == f"Bearer {BEARER}"
    assert one.json == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": ALICE_PHONE,
        "type": "text",
        "text": {
            "preview_url": False,
            "body": replies.reply_text("STOPPED", Channel.WHATSAPP, brands.acme, "en"),
        },
    }
    assert await outbox_rows() == [(1, True)]


@pytest.mark.parametrize("kind", ["STOPPED", "STARTED", "HELPED"])
@pytest.mark.parametrize("language", ["pl", "zh-Hant", "en"])
async def test_a_reply_is_sent_in_the_language_it_was_queued_with(
    provider: Provider, brands: Brands, acme_whatsapp: SenderNumber, kind: ReplyKind, language: str
) -> None:
    await queue_reply(acme_whatsapp, brands.bazaar, kind, language)
    await outbox.deliver_due()
    content = provider.received[0].json
    assert isinstance(content, dict)
    assert content["text"]["body"] == replies.reply_text(kind, Channel.WHATSAPP, brands.bazaar, language)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, None),
        (503, {"code": 20503, "message": "Service unavailable"}),
        (429, {"code": 20429, "message": "Too Many Requests"}),
        (408, None),
        (
            401,
            {"code": 20003, "message": "Authenticate"},
        ),  # our secret is wrong: not the message's fault
        (302, None),
        (400, {"error": {"code": 130429, "message": "(#130429) Rate limit hit"}}),
        (400, {"error": {"code": 131056, "message": "(#131056) Pair rate limit hit"}}),
    ],
)
async def test_a_failure_that_is_not_the_messages_fault_is_retried(
    provider: Provider, requested: None, clock: Clock, status: int, body: object
) -> None:
    provider.will_answer(status, body)
    assert await outbox.deliver_due() == 1
    assert await outbox_rows() == [(1, False)]
    assert await outbox.deliver_due() == 0  # it waits for the back-off
    clock.forward(seconds=31)
    assert await outbox.deliver_due() == 1
    assert [to for to, _ in provider.texts()] == [ALICE_PHONE] * 2
    assert await outbox_rows() == [(2, True)]


async def test_the_back_off_doubles_and_ends_after_ten_attempts(
    provider: Provider, requested: None, clock: Clock
) -> None:
    pauses = []
    for _ in range(9):
        provider.will_answer(500)
        assert await outbox.deliver_due() == 1
        (row,) = await database.fetch("SELECT due_at FROM outgoing_mails")
        pauses.append(database.instant(row["due_at"]) - clock())
        clock.at = database.instant(row["due_at"])
    provider.will_answer(500)
    assert await outbox.deliver_due() == 1
    assert pauses == [timedelta(seconds=s) for s in (30, 60, 120, 240, 480, 960, 1920, 3600, 3600)]
    clock.forward(days=2)
    assert await outbox.deliver_due() == 0
    assert len(provider.received) == 10
    await delete_finished()
    assert await count("outgoing_mails") == 0


@pytest.mark.parametrize(
    ("after", "seconds"), [("90", 90), ("1", 30), ("99999", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", 30)]
)
async def test_retry_after_lengthens_the_back_off(
    provider: Provider, requested: None, clock: Clock, after: str, seconds: int
) -> None:
    provider.will_answer(429, None, **{"Retry-After": after})
    await outbox.deliver_due()
    (row,) = await database.fetch("SELECT due_at FROM outgoing_mails")
    assert database.instant(row["due_at"]) - clock() == timedelta(seconds=seconds)


async def test_a_provider_that_does_not_respond_is_retried(
    provider: Provider, requested: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_providers, "TIMEOUT_SECONDS", 0.2)
    provider.silent.set()
    with capture_logs() as logs:
        assert await outbox.deliver_due() == 1
    assert [line["event"] for line in logs] == ["outgoing_put_off"]
    assert await outbox_rows() == [(1, False)]
    provider.silent.clear()
    monkeypatch.setattr(text_providers, "TIMEOUT_SECONDS", 60.0)
    clock.forward(seconds=31)
    assert await outbox.deliver_due() == 1
    assert await outbox_rows() == [(2, True)]


async def test_an_unreachable_provider_is_retried(
    provider: Provider, requested: None, db: Settings, clock: Clock
) -> None:
    there = settings.current()
    async with asyncio.timeout(30):
        unused = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = unused.sockets[0].getsockname()[1]
        unused.close()
        await unused.wait_closed()
    settings.use(Provider(url=f"http://127.0.0.1:{port}").settings(db))
    assert await outbox.deliver_due() == 1
    settings.use(there)
    clock.forward(seconds=31)
    assert await outbox.deliver_due() == 1
    assert len(provider.received) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"code": 21211, "message": f"Invalid 'To' Phone Number: {ALICE_PHONE}", "status": 400}),
        (400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}),
        (404, None),
        (403, "Forbidden"),
        (400, {"error": {"code": 131047, "message": "Re-engagement message"}}),
        (400, {"error": "nonsense"}),
        (400, [1, 2]),
    ],
)
async def test_a_rejected_message_is_not_retried(
    provider: Provider, brands: Brands, requested: None, clock: Clock, status: int, body: object
) -> None:
    provider.will_answer(status, body)
    with capture_logs() as logs:
        assert await outbox.deliver_due() == 1
    assert [line["event"] for line in logs] == ["outgoing_given_up"]
    assert str(status) in logs[0]["reason"]
    assert ALICE_PHONE.strip("+") not in repr(logs)
    clock.forward(minutes=9)
    await queue_test_link(brands.acme)  # dropped: it would be rejected again, at the unit's cost
    await outbox.deliver_due()
    clock.forward(hours=23)
    await outbox.deliver_due()
    assert len(provider.received) == 1
    clock.forward(hours=2)
    await delete_finished()
    assert await count("outgoing_mails") == 0


async def test_whatsapp_needs_the_numbers_provider_id(
    provider: Provider, brands: Brands, alice_phone: int
) -> None:
    number = await sender_numbers.create(
        number="+48732000222", channel=Channel.WHATSAPP, business_unit="acme"
    )
    await queue_reply(number, brands.acme)
    with capture_logs() as logs:
        assert await outbox.deliver_due() == 1
    assert [line["event"] for line in logs] == ["outgoing_given_up"]
    assert provider.received == []


async def test_without_a_sender_number_nothing_is_sent_and_a_warning_is_logged(
    provider: Provider, brands: Brands, alice_phone: int
) -> None:
    await queue_test_link(brands.acme)
    with capture_logs() as logs:
        assert await outbox.deliver_due() == 1
    assert [line["event"] for line in logs] == ["text_without_sender_number"]
    assert provider.received == []
    assert await count("outgoing_mails") == 0


async def test_the_units_own_number_sends_or_else_another_units(
    provider: Provider, brands: Brands, alice_phone: int, acme_sms: SenderNumber
) -> None:
    await sender_numbers.create(number="+48733000333", channel=Channel.SMS, business_unit="bazaar")
    other = (await recipients.ensure([parse(OTHER_PHONE)]))[parse(OTHER_PHONE)]
    assert other
    await queue_test_link(brands.bazaar)
    await queue_test_link(None, OTHER_PHONE)
    await outbox.deliver_due()
    assert [one.form["From"] for one in provider.received] == ["+48733000333", "+48732000111"]
    assert provider.received[1].form["Body"].startswith("Your link to choose what you get\n")


async def test_logs_contain_no_personal_data_and_no_secrets(
    provider: Provider, brands: Brands, requested: None, acme_whatsapp: SenderNumber, clock: Clock,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    await queue_reply(acme_whatsapp, brands.acme)
    caplog.set_level("WARNING")  # the level of library logs in production
    with capture_logs() as logs:
        for status, body in (
            (500, {"message": ALICE_PHONE}),
            (429, ALICE_PHONE),
            (400, {"code": ALICE_PHONE}),
        ):
            provider.will_answer(status, body)
            provider.will_answer(status, body)
            await outbox.deliver_due()
            clock.forward(hours=2)
        await queue_test_link(brands.acme)
        monkeypatch.setattr(text_providers, "TIMEOUT_SECONDS", 0.2)
        provider.silent.set()
        await outbox.deliver_due()
    assert len(logs) == 7
    content = repr(logs) + caplog.text
    for secret in (ALICE_PHONE.strip("+"), "your link", "/s/", TOKEN, BEARER, "unsubscribed"):
        assert secret not in content


async def test_without_credentials_text_messages_are_written_to_files(
    db: Settings, brands: Brands, alice_phone: int, acme_sms: SenderNumber, acme_whatsapp: SenderNumber
) -> None:
    await queue_test_link(brands.acme)
    await queue_reply(acme_whatsapp, brands.acme, "HELPED")
    assert await outbox.deliver_due() == 2
    first, second = sorted((db.data_dir / "texts").iterdir())
    assert re.fullmatch(r"\d{8}-link\.txt", first.name)
    heads, _, text = first.read_text().partition("\n\n")
    assert heads == f"From: +48732000111\nTo: {ALICE_PHONE}\nChannel: SMS"
    assert "http://sayso.test/s/" in text
    heads, _, text = second.read_text().partition("\n\n")
    assert heads == f"From: +48732000222\nTo: {ALICE_PHONE}\nChannel: WHATSAPP"
    assert text == replies.reply_text("HELPED", Channel.WHATSAPP, brands.acme, "en") + "\n"
    assert not (db.data_dir / "mail").exists()


async def test_without_sender_numbers_files_are_written_too(
    db: Settings, brands: Brands, alice_phone: int
) -> None:
    await queue_test_link(brands.acme, locale="pl")
    await outbox.deliver_due()
    (file,) = (db.data_dir / "texts").iterdir()
    lead = translator_for("pl").gettext("%(unit)s: your link to choose what you get", unit="Acme")
    assert file.read_text().startswith(f"From: \nTo: {ALICE_PHONE}\nChannel: SMS\n\n{lead}\n")


async def test_several_workers_send_each_text_message_once(
    provider: Provider, brands: Brands, acme_sms: SenderNumber
) -> None:
    phones = [f"+4860123{n:04}" for n in range(30)]
    for phone in phones:
        await contacts.create(phone=phone)
        await queue_test_link(brands.acme, phone)

    async def worker() -> int:
        done = 0
        while claimed := await outbox.deliver_due(outbox.TEXT_CHANNELS, limit=1):
            done += claimed
        return done

    done = await asyncio.gather(*(worker() for _ in range(4)))
    assert sum(done) + await worker() == 30
    assert sorted(to for to, _ in provider.texts()) == phones


async def test_a_message_claimed_by_a_worker_that_died_is_sent_after_the_lease(
    provider: Provider, requested: None, clock: Clock
) -> None:
    provider.silent.set()
    dying = asyncio.create_task(outbox.deliver_due())
    async with asyncio.timeout(30):
        while not provider.received:  # noqa: ASYNC110 (the server has no event for it)
            await asyncio.sleep(0.01)
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    provider.silent.clear()
    assert await outbox.deliver_due() == 0  # the lease has not expired
    clock.forward(minutes=6)
    assert await outbox.deliver_due() == 1
    assert await outbox_rows() == [(2, True)]


async def test_requested_messages_are_sent_before_bulk_confirmations(
    provider: Provider, brands: Brands, requested: None, acme_sms: SenderNumber
) -> None:
    async with transactions.write_transaction():
        phones = [f"+4860123{n:04}" for n in range(30)]
        confirmations = [
            Confirmation(
                Channel.SMS,
                recipients.fingerprint_of(parse(phone)),
                phone,
                brands.acme.id,
                brands.digest.id,
            )
            for phone in phones
        ]
        await queue_confirmations(confirmations, database.now())
        await queue_link(parse(OTHER_PHONE), brands.acme, None)
    await recipients.ensure([parse(OTHER_PHONE)])
    await outbox.deliver_due(limit=2)
    assert [to for to, _ in provider.texts()] == [ALICE_PHONE, OTHER_PHONE]


def test_twenty_slow_responses_fit_into_a_lease() -> None:
    assert 20 * timedelta(seconds=text_providers.TIMEOUT_SECONDS) < LEASE
