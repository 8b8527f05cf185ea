"""How Sayso handles a server's replies: retry, wait until the server works again, or give up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from api.http import metrics
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.outbox import attempts
from preference_center.outbox import delivery as outbox
from preference_center.outbox.attempts import delete_finished
from preference_center.outbox.claims import LEASE
from preference_center.outbox.mail import smtp as mail_relay
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import ALICE, BOB, Brands, Clock
from tests.http.records import count
from tests.mailing.conftest import Certificate, Configure
from tests.mailing.queueing import outbox_rows, request_link
from tests.mailing.relay import Relay, serving


async def due_in() -> list[timedelta]:
    """The time until each mail is due."""
    rows = await database.fetch("SELECT due_at FROM outgoing_mails WHERE sent_at IS NULL ORDER BY id")
    return [database.instant(row["due_at"]) - database.now() for row in rows]


@pytest.fixture
async def requested(clock: Clock, brands: Brands, db: Settings) -> None:
    """Alice requested a link."""
    await request_link(ALICE, brands.acme)


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("RCPT", "450 4.2.0 <alice@example.com>: Greylisted, come back later"),
        ("RCPT", "451 4.3.0 Local error"),
        ("RCPT", "452 4.2.2 Mailbox full"),
        ("RCPT", "421 4.3.2 Shutting down"),
        ("RCPT", "554 5.7.1 <alice@example.com>: Relay access denied"),
        ("DATA", "451 4.7.1 Try again later"),
        ("DATA", "550 5.7.26 Unauthenticated mail from example.org is not accepted"),
    ],
)
async def test_a_temporary_failure_is_retried(
    relay: Relay, requested: None, clock: Clock, command: str, reply: str
) -> None:
    relay.will_reply(command, reply)
    with capture_logs() as logs:
        assert await outbox.deliver_due() == 1
    assert [line["event"] for line in logs] == ["outgoing_put_off"]
    assert "alice" not in repr(logs)
    assert await outbox.deliver_due() == 0  # it waits for the back-off
    ((attempt_count, sent, reason),) = await outbox_rows()
    assert (attempt_count, sent) == (1, False)
    assert reply[:3] in str(reason)
    assert "alice" not in str(reason)
    clock.forward(seconds=31)
    assert await outbox.deliver_due() == 1
    assert relay.recipients() == [ALICE]
    assert await outbox_rows() == [(2, True, None)]


async def test_the_back_off_doubles_and_ends_after_ten_attempts(
    relay: Relay, requested: None, clock: Clock
) -> None:
    pauses = []
    for _ in range(10):
        relay.will_reply("RCPT", "450 4.2.0 Not now")
        assert await outbox.deliver_due() == 1
        pauses += await due_in()
        clock.forward(seconds=pauses[-1].total_seconds())
    assert pauses[:9] == [timedelta(seconds=s) for s in (30, 60, 120, 240, 480, 960, 1920, 3600, 3600)]
    clock.forward(days=2)
    assert await outbox.deliver_due() == 0
    assert relay.accepted == []


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("RCPT", "550 5.1.1 <alice@example.com>: No such user"),
        ("RCPT", "550 No such user here alice@example.com"),
        ("RCPT", "553 5.1.3 Bad address syntax"),
        ("RCPT", "552 5.2.2 Mailbox full for good"),
        ("DATA", "554 5.6.0 Message refused"),
        ("DATA", "550 5.1.1 No such user, on second thoughts"),
    ],
)
async def test_a_rejected_mail_is_not_retried(
    relay: Relay, brands: Brands, requested: None, clock: Clock, command: str, reply: str
) -> None:
    relay.will_reply(command, reply)
    with capture_logs() as logs:
        assert await outbox.deliver_due() == 1
    assert [line["event"] for line in logs] == ["outgoing_given_up"]
    assert reply[:3] in logs[0]["reason"]
    assert "alice" not in repr(logs)
    ((_, sent, reason),) = await outbox_rows()
    assert not sent
    assert reply[:3] in str(reason)
    assert "alice" not in str(reason)
    clock.forward(hours=23)
    assert await outbox.deliver_due() == 0
    assert relay.accepted == []
    clock.forward(hours=2)
    await delete_finished()
    assert await count("outgoing_mails") == 0


async def test_a_rejection_does_not_delay_other_mails(relay: Relay, brands: Brands, requested: None) -> None:
    await request_link(BOB)
    relay.will_reply("RCPT", "550 5.1.1 No such user")
    await outbox.deliver_due()
    assert relay.recipients() == [BOB]


async def test_listeners_get_the_outcome_of_each_attempt(
    relay: Relay, brands: Brands, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: list[tuple[str, str]] = []
    monkeypatch.setattr(
        attempts, "listeners", [lambda channel, outcome: outcomes.append((channel.value, outcome))]
    )
    relay.will_reply("RCPT", "550 5.1.1 No such user", "450 4.2.0 Not now")
    for address in (ALICE, BOB, "carol@example.com"):
        await request_link(address)
    await outbox.deliver_due()
    assert outcomes == [("EMAIL", "REFUSED"), ("EMAIL", "PUT_OFF"), ("EMAIL", "SENT")]


async def test_metrics_count_outcomes(relay: Relay, brands: Brands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "listeners", [])
    metrics.count_outbox_attempts()

    def counted(outcome: str) -> float:
        found: float = metrics.outgoing.labels("EMAIL", outcome)._value.get()
        return found

    before = counted("SENT"), counted("REFUSED")
    relay.will_reply("RCPT", "550 5.1.1 No such user")
    await request_link(ALICE)
    await request_link(BOB)
    await outbox.deliver_due()
    assert (counted("SENT"), counted("REFUSED")) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("EHLO HELO", "554 5.3.2 No service for you"),
        ("MAIL", "550 5.7.1 Sender address rejected"),
        ("MAIL", "451 4.3.0 Out of disk"),
        ("RCPT", "530 5.7.0 Authentication required"),
    ],
)
async def test_while_the_server_rejects_us_all_mail_waits_and_none_is_lost(
    relay: Relay, brands: Brands, requested: None, clock: Clock, command: str, reply: str
) -> None:
    await request_link(BOB)
    for _ in range(30):
        for one in command.split():
            relay.will_reply(one, reply)
        with capture_logs() as logs:
            assert await outbox.deliver_due(limit=1) == 1
        assert [(line["event"], line["log_level"]) for line in logs] == [("outgoing_held_up", "error")]
        assert await outbox.deliver_due() == 0  # Bob's mail waits too
        assert [attempt_count for attempt_count, _, _ in await outbox_rows()] == [0, 0]
        clock.forward(minutes=10)
    await outbox.deliver_due()
    await outbox.deliver_due()
    assert sorted(relay.recipients()) == [ALICE, BOB]


async def test_a_wrong_password_postpones_mail_and_is_not_logged(
    sending: Configure, certificate: Certificate, brands: Brands, clock: Clock
) -> None:
    await request_link()
    async with serving(tls=certificate.context, auth_require_tls=False) as relay:
        sending(
            SAYSO_SMTP_URL=f"smtps://me:swordfish@127.0.0.1:{relay.port}",
            SAYSO_SMTP_CA_FILE=str(certificate.ca_file),
        )
        with capture_logs() as logs:
            await outbox.deliver_due()
        assert relay.accepted == []
    assert [line["event"] for line in logs] == ["outgoing_held_up"]
    assert "535" in logs[0]["reason"]
    assert "swordfish" not in repr(logs) + repr(settings.current())
    assert [(attempt_count, sent) for attempt_count, sent, _ in await outbox_rows()] == [(0, False)]


async def test_while_the_server_is_down_mail_waits_longer_each_time_for_up_to_five_days(
    relay: Relay, sending: Configure, requested: None, clock: Clock
) -> None:
    unused = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = unused.sockets[0].getsockname()[1]
    unused.close()
    await unused.wait_closed()
    sending(SAYSO_SMTP_URL=f"smtp://127.0.0.1:{port}")
    pauses = []
    for _ in range(8):
        assert await outbox.deliver_due() == 1
        pauses += await due_in()
        clock.forward(seconds=pauses[-1].total_seconds())
    assert pauses == [timedelta(seconds=s) for s in (30, 30, 60, 120, 240, 480, 600, 600)]
    assert [(attempt_count, sent) for attempt_count, sent, _ in await outbox_rows()] == [(0, False)]
    clock.forward(days=5)
    with capture_logs() as logs:
        assert await outbox.deliver_due() == 1
    assert [line["event"] for line in logs] == ["outgoing_held_up", "outgoing_given_up"]
    sending(SAYSO_SMTP_URL=f"smtp://127.0.0.1:{relay.port}")
    clock.forward(hours=2)
    assert await outbox.deliver_due() == 0


async def test_text_messages_do_not_wait_for_the_mail_server(
    relay: Relay, brands: Brands, alice_phone: int, clock: Clock, db: Settings
) -> None:
    await request_link()
    await request_link("+48601234567")
    relay.will_reply("MAIL", "451 4.3.0 Not now")
    assert await outbox.deliver_due((Channel.EMAIL,)) == 1
    assert await outbox.deliver_due(outbox.TEXT_CHANNELS) == 1
    assert len(list((db.data_dir / "texts").iterdir())) == 1


@pytest.mark.parametrize("command", ["EHLO", "MAIL"])
async def test_a_server_that_hangs_while_connecting_postpones_all_mail(
    relay: Relay, requested: None, clock: Clock, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(mail_relay, "CONNECT_SECONDS", 0.2)
    relay.hangs_at.add(command)
    await outbox.deliver_due()
    assert [(attempt_count, sent) for attempt_count, sent, _ in await outbox_rows()] == [(0, False)]
    relay.hangs_at.clear()
    monkeypatch.setattr(mail_relay, "CONNECT_SECONDS", 60.0)
    clock.forward(seconds=31)
    await outbox.deliver_due()
    assert relay.recipients() == [ALICE]


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_a_mail_on_which_the_server_hangs_is_retried(
    relay: Relay, requested: None, clock: Clock, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(mail_relay, "TRANSFER_SECONDS", 0.2)
    relay.hangs_at.add(command)
    await outbox.deliver_due()
    assert [(attempt_count, sent) for attempt_count, sent, _ in await outbox_rows()] == [(1, False)]
    relay.hangs_at.clear()
    monkeypatch.setattr(mail_relay, "TRANSFER_SECONDS", 60.0)
    clock.forward(seconds=31)
    await outbox.deliver_due()
    assert relay.recipients()[-1] == ALICE
    assert [(attempt_count, sent) for attempt_count, sent, _ in await outbox_rows()] == [(2, True)]


async def test_a_mail_whose_reply_was_lost_is_sent_again_with_the_same_message_id(
    relay: Relay, requested: None, clock: Clock
) -> None:
    relay.drops_after_data = 1
    await outbox.deliver_due()
    assert [(attempt_count, sent) for attempt_count, sent, _ in await outbox_rows()] == [(1, False)]
    clock.forward(seconds=31)
    await outbox.deliver_due()
    first, second = (one.message for one in relay.accepted)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] != second["Date"]
    assert [(attempt_count, sent) for attempt_count, sent, _ in await outbox_rows()] == [(2, True)]


async def test_a_mail_sent_while_the_database_is_down_is_marked_as_sent_later(
    relay: Relay, requested: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, failures = database.execute, [ConnectionResetError(), ConnectionResetError()]

    async def execute_with_failures(sql: str, *values: object) -> int:
        if "SET sent_at" in sql and failures:
            raise failures.pop()
        return await execute(sql, *values)

    async def no_sleep(_seconds: float) -> None:
        return None

    monkeypatch.setattr(database, "execute", execute_with_failures)
    monkeypatch.setattr(attempts, "sleep", no_sleep)
    await outbox.deliver_due()
    assert failures == []
    assert await outbox_rows() == [(1, True, None)]
    assert relay.recipients() == [ALICE]


def test_the_slowest_mail_fits_into_a_lease() -> None:
    longest = timedelta(seconds=mail_relay.CONNECT_SECONDS + mail_relay.TRANSFER_SECONDS)
    assert longest < LEASE
