"""The header fields of mails, with any names and languages."""

from __future__ import annotations

import email
import email.policy
import re
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from preference_center.catalog.catalog import current_catalog, invalidate_catalog
from preference_center.catalog.changes import create_unit, update_unit
from preference_center.outbox import delivery as outbox
from preference_center.storage import database
from tests.conftest import ALICE, BOB, Brands, Clock
from tests.mailing.conftest import Configure
from tests.mailing.pictures import png
from tests.mailing.queueing import create_news, request_link, request_opt_in
from tests.mailing.relay import AcceptedMail, Relay

FIELDS = {
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-language",
    "auto-submitted", "list-unsubscribe", "list-unsubscribe-post",
}  # fmt: skip
EVIL = 'Acme\r\nBcc: eve@example.com\r\n\r\n<script>\u2028\x0b<eve@example.com>, "x\\'


ENCODED = "=?utf-8?q?a=0D=0ABcc=3A_eve=40example.com?="
NAMES = [
    EVIL,
    "Acme\r\nBcc: eve@example.com\r\n\r\nHello",
    ENCODED,
    "Zażółć gęślą jaźń " * 8,
    "Acme, Inc. (EU)",
]


def field(one: AcceptedMail, name: str) -> str:
    """A header field as a mail program shows it."""
    raw = email.message_from_bytes(one.content, policy=email.policy.compat32)[name]
    return str(make_header(decode_header(raw)))


async def test_a_confirmation_names_its_list_and_a_link_names_none(relay: Relay, brands: Brands) -> None:
    """RFC 2919."""
    await request_link(ALICE, brands.acme)
    await request_opt_in(BOB, await create_news())
    await outbox.deliver_due()
    link, confirm = (one.message for one in relay.accepted)
    assert "List-Id" not in link
    assert confirm["List-Id"] == "<news.acme.example.org>"
    for message in (link, confirm):
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize("name", NAMES)
async def test_names_cannot_inject_header_fields(relay: Relay, brands: Brands, name: str) -> None:
    await update_unit("acme", name=name)
    invalidate_catalog()
    unit = (await current_catalog()).unit_by_key("acme")
    await request_link(ALICE, unit, "pl")
    await request_opt_in(BOB, await create_news(name))
    await outbox.deliver_due()
    assert relay.recipients() == [ALICE, BOB]
    link, confirm = relay.accepted
    assert {field.lower() for field in link.message} == FIELDS
    assert {field.lower() for field in confirm.message} == FIELDS | {"list-id"}
    for one in relay.accepted:
        assert len(one.message.get_all("From", [])) == 1
        assert [a.addr_spec for a in one.message["From"].addresses] == ["preferences@example.org"]
        assert [a.addr_spec for a in one.message["To"].addresses] == [one.to]
        assert not one.message.defects


@pytest.mark.parametrize("name", NAMES)
async def test_the_sender_name_defaults_to_the_units_name(
    relay: Relay, sending: Configure, brands: Brands, name: str
) -> None:
    sending(SAYSO_SMTP_URL=f"smtp://127.0.0.1:{relay.port}", SAYSO_MAIL_FROM="hello@example.org")
    await create_unit(key="other", name=name)
    invalidate_catalog()
    await request_link(ALICE, (await current_catalog()).unit_by_key("other"))
    await outbox.deliver_due()
    shown, sender = parseaddr(field(relay.accepted[0], "From"))
    assert sender == "hello@example.org"
    words = " ".join(re.sub(r"[\r\n\x0b\u2028]", " ", name).split())
    assert shown == words
    assert field(relay.accepted[0], "Subject") == f"{words}: your email preferences"


async def test_a_message_id_is_unique_to_a_mail_and_identifies_nobody(
    relay: Relay, brands: Brands, clock: Clock
) -> None:
    await request_link(ALICE)
    await request_link(BOB)
    await outbox.deliver_due()
    ids = [str(one.message["Message-ID"]) for one in relay.accepted]
    assert len(set(ids)) == 2
    for one in ids:
        assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", one)
    await database.execute("UPDATE outgoing_mails SET sent_at = NULL, due_at = created_at")
    clock.forward(minutes=1)
    await outbox.deliver_due()
    assert [str(one.message["Message-ID"]) for one in relay.accepted[2:]] == ids


async def test_a_mail_in_the_brands_name_with_its_logo(relay: Relay, brands: Brands) -> None:
    """RFC 2387: the pictures are parts of the HTML, which names them by Content-ID."""
    look = {
        "logo": png(320, 80),
        "sender_name": "Acme Newsroom",
        "sender_address": "news@acme.example",
        "reply_to": "help@acme.example",
        "public_url": "https://letters.acme.example",
    }
    await update_unit("acme", appearance=look, postal_address="Acme Ltd\n1 Main Street")
    invalidate_catalog()
    unit = (await current_catalog()).unit_by_key("acme")
    await request_link(ALICE, unit)
    await outbox.deliver_due()
    [mail] = relay.accepted
    assert mail.sender == "preferences@example.org"  # bounces go where they always go
    assert str(mail.message["From"]) == "Acme Newsroom <news@acme.example>"
    assert str(mail.message["Reply-To"]) == "help@acme.example"
    assert mail.message.get_content_type() == "multipart/alternative"
    text, related = mail.message.iter_parts()
    assert (text.get_content_type(), related.get_content_type()) == ("text/plain", "multipart/related")
    html, picture = related.iter_parts()
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html.get_content()
    assert (picture.get_content_type(), picture.get_content_disposition()) == ("image/png", "inline")
    assert picture.get_content().startswith(b"\x89PNG")
    assert text.get_content().replace("\r\n", "\n").splitlines()[-4:-1] == [
        "-- ",
        "Acme Ltd",
        "1 Main Street",
    ]
    shown = text.get_content() + html.get_content() + str(mail.message["List-Unsubscribe"])
    hosts = set(re.findall(r"https?://[^/]+/[pu]/", shown))
    assert hosts == {"https://letters.acme.example/p/", "https://letters.acme.example/u/"}
    assert not mail.message.defects
