"""Requesting a link by typing an address (R35), and the mails that Sayso sends."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.outbox import delivery as outbox
from preference_center.outbox import files
from preference_center.outbox.attempts import delete_finished
from preference_center.outbox.queue import queue_link
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from preference_center.translations import translator_for
from tests.conftest import ALICE, TEAM, Brands, Clock, by_recipient, by_team, update_preferences
from tests.html import visible_text
from tests.http.pages.link_requests import request_link
from tests.http.pages.mails import delivered, path_in, texts
from tests.http.records import changes, count
from tests.http.visit import Links, Visit, open_page, press, submit

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT


async def test_the_response_is_the_same_for_known_and_unknown_addresses(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int
) -> None:
    known, unknown = await request_link(client, ALICE), await request_link(client, "nobody@example.com")
    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text
    assert await count("outgoing_mails") == 2  # the work is the same, too
    assert await count("recipients") == 1
    assert await outbox.deliver_due() == 2
    assert [message["To"] for message in delivered(db)] == [ALICE]
    assert await count("outgoing_mails") == 1


async def test_the_link_in_the_mail_opens_the_page_however_the_address_was_typed(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int
) -> None:
    await request_link(client, "  Alice@EXAMPLE.com ")  # R3
    await outbox.deliver_due()
    (message,) = delivered(db)
    plain, rich = texts(message)
    page = await open_page(client, path_in(plain, "p"))
    assert "a•••@e•••.com" in page.text
    assert path_in(rich, "p") == path_in(plain, "p")
    assert "works for 180 days" in plain
    assert "<script" not in rich
    assert "src=" not in rich  # nothing is loaded


async def test_both_list_unsubscribe_headers_are_unfolded_and_work(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int
) -> None:
    await request_link(client, ALICE)
    await outbox.deliver_due()
    raw = next((db.data_dir / "mail").glob("*.eml")).read_bytes()
    found = re.search(rb"^List-Unsubscribe: <http://sayso\.test(/u/[\w.-]+)>\r\n", raw, re.MULTILINE)
    assert found
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    response = await client.post(found[1].decode(), data={"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert [(t, after) for t, _, after, _ in await changes()] == [(None, "OPTED_OUT"), (None, "OPTED_OUT")]


async def test_requests_within_ten_minutes_send_one_mail(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, clock: Clock
) -> None:
    await request_link(client, ALICE)
    await request_link(client, ALICE)
    await outbox.deliver_due()
    clock.forward(minutes=9)
    await request_link(client, ALICE)
    await outbox.deliver_due()
    assert len(delivered(db)) == 1
    clock.forward(minutes=11)
    await request_link(client, ALICE)
    await outbox.deliver_due()
    assert len(delivered(db)) == 2


async def test_several_workers_deliver_each_mail_once(db: Settings, brands: Brands) -> None:
    addresses = [f"person{n}@example.com" for n in range(25)]
    for address in addresses:
        await contacts.create(email=address)
        await queue_link(parse(address), None, None)
    claimed = await asyncio.gather(*(outbox.deliver_due() for _ in range(4)))
    claimed += [await outbox.deliver_due()]
    assert sum(claimed) == 25
    assert sorted(message["To"] for message in delivered(db)) == sorted(addresses)


async def test_a_mail_whose_worker_died_is_sent_by_another(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await request_link(client, ALICE)
    monkeypatch.setattr(files, "write_file", _no_space)
    assert await outbox.deliver_due() == 1
    assert delivered(db) == []
    monkeypatch.undo()
    monkeypatch.setattr(database, "clock", clock)
    assert await outbox.deliver_due() == 0  # not at once: its worker may still be sending it
    clock.forward(minutes=6)
    assert await outbox.deliver_due() == 1
    assert len(delivered(db)) == 1


def _no_space(*_given: object) -> None:
    raise OSError("no space left on device")


async def test_sent_mails_are_deleted_after_a_day(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, bob: int, clock: Clock
) -> None:
    await request_link(client, ALICE)
    await outbox.deliver_due()
    clock.forward(days=1, minutes=1)
    await request_link(client, "bob@example.com")
    await outbox.deliver_due()
    await delete_finished()
    rows = await database.fetch("SELECT address FROM outgoing_mails")
    assert [row["address"] for row in rows] == ["bob@example.com"]


async def test_an_erased_recipient_who_types_the_address_gets_a_working_link(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, clock: Clock
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    await erase_recipient(alice, TEAM)
    clock.forward(seconds=1)
    await request_link(client, ALICE)
    await outbox.deliver_due()
    clock.forward(seconds=1)
    page = await open_page(client, path_in(texts(delivered(db)[0])[0], "p"))
    assert page.response.status_code == 200  # R34
    assert "weekly-digest:EMAIL" not in page.form.ticked()  # R36
    state = (await read_states([alice]))[alice]
    assert state.preferences[brands.digest.id, EMAIL].status is OUT


async def test_mails_are_in_the_contacts_language_or_else_in_that_of_the_page(
    client: httpx.AsyncClient, db: Settings, brands: Brands
) -> None:
    await contacts.create(email=ALICE, locale="en")
    await contacts.create(email="bob@example.com")
    for address in (ALICE, "bob@example.com"):
        await submit(client, "/p", [("email", address), ("unit", "acme"), ("lang", "pl")])
    await outbox.deliver_due()
    by_address = {message["To"]: message for message in delivered(db)}
    assert by_address[ALICE]["Subject"] == "Acme: your email preferences"
    polish = translator_for("pl")
    assert by_address["bob@example.com"]["Subject"] == polish.gettext(
        "%(unit)s: your email preferences", unit="Acme"
    )
    assert polish.gettext("Open my preferences") in texts(by_address["bob@example.com"])[0]
    assert by_address["bob@example.com"]["Content-Language"] == "pl"


async def test_a_double_opt_in_is_confirmed_from_its_mail(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    assert await outbox.deliver_due() == 1
    (message,) = delivered(db)
    assert message["Subject"] == "Acme: please confirm “Offers”"
    path = path_in(texts(message)[0], "c")
    await press(client, path, await open_page(client, path), "Yes, subscribe me")
    assert await changes() == [("offers", "NOT_OPTED", "OPTED_IN", "CONFIRMATION")]  # R19


async def test_an_opt_out_cancels_the_confirmation_message(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    await client.post(links.withdraw(type_key="offers"), data={"List-Unsubscribe": "One-Click"})
    await outbox.deliver_due()
    assert delivered(db) == []


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Enter your email address or phone number."),
        ("   ", "Enter your email address or phone number."),
        ("alice", "An email address needs an @"),
        ("alice@", "This email address doesn’t look right"),
        ("@example.com", "This email address doesn’t look right"),
        ("alice@exa mple.com", "This email address doesn’t look right"),
        ('"a b"@example.com', "This email address doesn’t look right"),
        ("a" * 400 + "@example.com", "This email address doesn’t look right"),
        ("601 234 567", "A phone number needs its country code"),
        ("0048601234567", "A phone number needs its country code"),
        ("+48 601 23", "This phone number doesn’t exist"),
        ("+999 601 234 567", "This phone number doesn’t exist"),
        ("+48 601 234 567 ext 5", "An email address needs an @"),
        ("1" * 60_000, "A phone number needs its country code"),
    ],
)
async def test_a_wrong_address_is_reported_at_its_field_and_at_the_top(
    client: httpx.AsyncClient, brands: Brands, typed: str, error: str
) -> None:
    page = Visit(await request_link(client, typed))
    assert page.response.status_code == 422
    assert visible_text(page.one("//*[@id='email-error']")).startswith(error)
    assert visible_text(page.one("//a[@href='#email']")).startswith(error)
    field = page.one("//input[@id='email']")
    assert (field.get("aria-invalid"), field.get("aria-describedby")) == ("true", "email-error email-hint")
    assert await count("outgoing_mails") == 0


async def test_an_international_address_gets_a_link(
    client: httpx.AsyncClient, db: Settings, brands: Brands
) -> None:
    await contacts.create(email="jürgen@bücher.example")
    assert (await request_link(client, "Jürgen@BÜCHER.example")).status_code == 200
    await outbox.deliver_due()
    assert [message["To"] for message in delivered(db)] == ["jürgen@bücher.example"]
    assert parse("jürgen@bücher.example").value.endswith("@xn--bcher-kva.example")


async def test_the_link_request_page_carries_the_units_brand(
    client: httpx.AsyncClient, brands: Brands
) -> None:
    del client.headers["accept-language"]
    page = await open_page(client, "/p?unit=bazaar")
    assert page.lang == "pl"
    assert ("unit", "bazaar") in page.form.hidden
    assert (await open_page(client, "/p?unit=unknown")).response.status_code == 200
