"""What an SMTP server receives, and over which connection."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import quote

import httpx
import pytest
from structlog.testing import capture_logs

from preference_center.config.settings import Settings
from preference_center.outbox import delivery as outbox
from tests.conftest import ALICE, BOB, Brands, Clock
from tests.http.visit import open_page
from tests.mailing.conftest import Certificate, Configure
from tests.mailing.queueing import create_news, outbox_rows, request_link, request_opt_in
from tests.mailing.relay import PASSWORD, USER, Relay, serving

LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"


async def test_a_mail_arrives_unchanged(relay: Relay, brands: Brands, client: httpx.AsyncClient) -> None:
    await request_link(ALICE, brands.acme)
    assert await outbox.deliver_due() == 1
    (one,) = relay.accepted
    assert (one.sender, one.to, one.hello) == ("preferences@example.org", ALICE, "sayso.test")
    assert not one.mail_options
    message = one.message
    assert message["From"] == "Sayso <preferences@example.org>"
    assert message["To"] == ALICE
    assert message["Subject"] == "Acme: your email preferences"
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain
    assert rich
    found = re.search(r"http://sayso\.test(/p/\S+)", plain.get_content())
    assert found
    assert found[1] in rich.get_content()
    page = await open_page(client, found[1])
    assert page.response.status_code == 200
    assert await outbox_rows() == [(1, True, None)]
    assert await outbox.deliver_due() == 0
    assert len(relay.accepted) == 1


async def test_a_mail_is_ascii_with_short_lines(relay: Relay, brands: Brands) -> None:
    await request_link(ALICE, brands.bazaar, "pl")
    await request_opt_in(BOB, await create_news("Żółta łódź – " * 14))
    await outbox.deliver_due()
    assert len(relay.accepted) == 2
    for one in relay.accepted:
        assert one.content.isascii()
        lines = one.content.split(b"\r\n")
        assert max(map(len, lines)) <= 998
        assert not any(b"\n" in line or b"\r" in line for line in lines)
        assert re.search(rb"^List-Unsubscribe: <http://sayso\.test/u/[\w.-]+>\r\n", one.content, re.MULTILINE)
        assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in one.content


async def test_consecutive_mails_share_one_connection_which_is_closed_afterwards(
    relay: Relay, brands: Brands
) -> None:
    people = [f"person{n}@example.com" for n in range(5)]
    for address in people:
        await request_link(address)
    while await outbox.deliver_due(limit=1):
        pass
    assert relay.recipients() == people
    assert relay.connections == 1
    await request_link(ALICE)
    await outbox.deliver_due()
    assert relay.connections == 2


async def test_a_broken_connection_is_replaced(relay: Relay, brands: Brands) -> None:
    await request_link(ALICE)
    await outbox.deliver_due()
    relay.will_reply("MAIL", "421 4.4.2 idle for too long")
    await request_link(BOB)
    await outbox.deliver_due()
    assert relay.recipients() == [ALICE, BOB]
    assert [sent for _, sent, _ in await outbox_rows()] == [True, True]


async def test_several_workers_send_each_mail_once(relay: Relay, brands: Brands) -> None:
    people = sorted(f"person{n}@example.com" for n in range(25))
    for address in people:
        await request_link(address)
    while any(await asyncio.gather(*(outbox.deliver_due(limit=1) for _ in range(4)))):
        pass
    assert sorted(relay.recipients()) == people


@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls"])
async def test_starttls_and_a_login(
    sending: Configure, certificate: Certificate, brands: Brands, scheme: str
) -> None:
    async with serving(starttls=certificate.context, auth_required=True) as relay:
        sending(
            SAYSO_SMTP_URL=f"{scheme}://{LOGIN}@127.0.0.1:{relay.port}",
            SAYSO_SMTP_CA_FILE=str(certificate.ca_file),
        )
        await request_link()
        await outbox.deliver_due(limit=1)
        assert [(one.to, one.encrypted, one.user) for one in relay.accepted] == [(ALICE, True, USER)]
        assert await outbox.deliver_due() == 0


async def test_tls_from_the_first_byte_and_a_login(
    sending: Configure, certificate: Certificate, brands: Brands
) -> None:
    async with serving(tls=certificate.context, auth_require_tls=False) as relay:
        sending(
            SAYSO_SMTP_URL=f"smtps://{LOGIN}@127.0.0.1:{relay.port}",
            SAYSO_SMTP_CA_FILE=str(certificate.ca_file),
        )
        await request_link()
        await outbox.deliver_due()
        assert [(one.to, one.encrypted, one.user) for one in relay.accepted] == [(ALICE, True, USER)]
        assert await outbox.deliver_due() == 0


async def test_offered_starttls_is_used_with_any_certificate(
    sending: Configure, certificate: Certificate, brands: Brands
) -> None:
    async with serving(starttls=certificate.context) as relay:
        sending(SAYSO_SMTP_URL=f"smtp://127.0.0.1:{relay.port}")
        await request_link()
        await outbox.deliver_due()
        assert [one.encrypted for one in relay.accepted] == [True]
        assert await outbox.deliver_due() == 0


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_required_tls_refuses_an_untrusted_certificate(
    sending: Configure, certificate: Certificate, brands: Brands, scheme: str
) -> None:
    tls = {"tls" if scheme == "smtps" else "starttls": certificate.context}
    async with serving(**tls) as relay:
        sending(SAYSO_SMTP_URL=f"{scheme}://{LOGIN}@127.0.0.1:{relay.port}")
        await request_link()
        with capture_logs() as logs:
            await outbox.deliver_due()
        assert [(line["event"], line["log_level"]) for line in logs] == [("outgoing_held_up", "error")]
        assert relay.accepted == []
    assert [(attempt_count, sent) for attempt_count, sent, _ in await outbox_rows()] == [(0, False)]


async def test_without_the_required_starttls_nothing_is_sent_not_even_the_password(
    sending: Configure, certificate: Certificate, brands: Brands
) -> None:
    async with serving(auth_require_tls=False) as relay:
        sending(SAYSO_SMTP_URL=f"smtp+starttls://{LOGIN}@127.0.0.1:{relay.port}")
        await request_link()
        await outbox.deliver_due()
        assert relay.accepted == []
        assert relay.commands == ["EHLO"]
    ((attempt_count, sent, reason),) = await outbox_rows()
    assert (attempt_count, sent) == (0, False)
    assert "STARTTLS" in str(reason)


async def test_a_mail_to_a_local_part_that_is_not_ascii_needs_smtputf8(
    sending: Configure, brands: Brands
) -> None:
    """RFC 6531, RFC 6532."""
    async with serving(enable_SMTPUTF8=True) as relay:
        sending(SAYSO_SMTP_URL=f"smtp://127.0.0.1:{relay.port}")
        await request_link("jürgen@bücher.example", brands.acme)
        await request_link("zofia@żółw.example", brands.acme)
        await outbox.deliver_due()
        await outbox.deliver_due()
        assert relay.recipients() == ["jürgen@xn--bcher-kva.example", "zofia@xn--w-uga1v8h.example"]
        assert [one.mail_options for one in relay.accepted] == [("SMTPUTF8",), ()]
        assert "To: jürgen@bücher.example\r\n".encode() in relay.accepted[0].content
        assert b"To: zofia@xn--w-uga1v8h.example\r\n" in relay.accepted[1].content


async def test_a_mail_that_needs_smtputf8_is_given_up_without_it(
    relay: Relay, brands: Brands, clock: Clock
) -> None:
    await request_link("jürgen@bücher.example")
    with capture_logs() as logs:
        await outbox.deliver_due()
    assert [line["event"] for line in logs] == ["outgoing_given_up"]
    assert "SMTPUTF8" in logs[0]["reason"]
    clock.forward(hours=2)
    assert await outbox.deliver_due() == 0
    assert relay.accepted == []


async def test_without_a_mail_server_mails_are_written_to_files(
    sending: Configure, db: Settings, brands: Brands
) -> None:
    sending()
    await request_link(ALICE, brands.acme)
    await outbox.deliver_due()
    (file,) = (db.data_dir / "mail").iterdir()
    assert re.fullmatch(r"\d{8}-link\.eml", file.name)
    assert b"\r\nTo: alice@example.com\r\n" in file.read_bytes()
