"""Erasure, requested on the page and confirmed through a message (R36)."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re

import httpx
import pytest

from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.outbox import delivery as outbox
from preference_center.outbox import link_message
from preference_center.outbox.message import OutgoingMessage
from preference_center.outbox.queue import queue_link
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, BOB, TEAM, Brands, Clock, by_recipient, update_preferences
from tests.http.pages.two_addresses import TwoAddresses
from tests.http.records import changes, count, dump
from tests.http.visit import Links, Visit, open_page, post_form, press, submit

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
SEND_LINK, CONFIRM = "Send me the link", "Yes, delete my data"


async def request_erasure(client: httpx.AsyncClient, links: Links, address: str = ALICE) -> Visit:
    path = links.manage(address) + "/forget"
    return await press(client, path, await open_page(client, path), SEND_LINK)


def link_sent(config: Settings, folder: str = "mail") -> str:
    """The path of the link in the newest message of the kind."""
    content = max((config.data_dir / folder).glob("*-forget.*")).read_bytes()
    if folder == "mail":
        plain = email.message_from_bytes(content, policy=email.policy.default).get_body(("plain",))  # type: ignore[attr-defined]
        content = plain.get_content().encode()
    found = re.search(r"http://sayso\.test(/[fs]/[\w.-]+)", content.decode())
    assert found
    return found[1]


async def address_of(recipient: int) -> str | None:
    return (await recipients.get_many([recipient]))[recipient].address


async def test_the_preference_page_links_to_the_erasure_page_and_back(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    assert page.links["Delete my data"] == "?lang=en&chosen=1&forget=1"
    erasure_page = await open_page(client, path + "?forget=1&lang=en&chosen=1", follow_redirects=True)
    assert erasure_page.response.url.path == path + "/forget"
    assert "Delete my data" in erasure_page.text
    back = await open_page(client, str(erasure_page.response.url.join(".")))
    assert "See your history" in back.text


async def test_the_link_back_works_from_a_url_with_a_trailing_slash(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    page = await open_page(client, links.manage() + "/forget/")
    back = await open_page(client, str(page.response.url.join(page.links["Back to your choices"])))
    assert "See your history" in back.text


async def test_the_redirect_of_a_malformed_link_stays_on_this_host(
    client: httpx.AsyncClient, brands: Brands, alice: int
) -> None:
    response = await client.get("/p/%0d%0ax:%20y%5c%5cevil.example?forget=1")
    assert response.headers["location"] == "/p/%0D%0Ax%3A%20y%5C%5Cevil.example/forget"
    assert (await client.get(response.headers["location"])).status_code == 404


async def test_an_erasure_happens_on_confirmation_and_not_on_request(
    client: httpx.AsyncClient, db: Settings, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    await update_preferences(two.email, [(brands.digest, EMAIL, IN)], by_recipient())
    page = await open_page(client, links.manage() + "/forget")
    assert "For: a•••@e•••.com · +48•••67" in page.text
    assert "You can’t undo this." in page.text
    requested = await request_erasure(client, links)
    assert "Check your inbox" in requested.text
    assert await address_of(two.email) == ALICE
    await outbox.deliver_due()
    path = link_sent(db)
    question = await open_page(client, path)
    assert "Delete your data?" in question.text
    assert "For: a•••@e•••.com · +48•••67" in question.text
    assert await address_of(two.email) == ALICE
    done = await press(client, path, question, CONFIRM)
    assert (done.response.status_code, "Your data is deleted" in done.text) == (200, True)
    assert (await address_of(two.email), await address_of(two.phone)) == (None, None)
    assert await contacts.get(two.contact.id) is None
    assert list((db.data_dir / "mail").iterdir()) == []
    state = (await read_states([two.email, two.phone]))[two.phone]
    assert len(state.opt_outs_of_all) == 4  # SMS and WhatsApp, of two brands
    assert [after for _, _, after, origin in await changes() if origin == "PREFERENCE_PAGE"][1:] == [
        "OPTED_OUT"
    ] * 6


async def test_confirming_an_erasure_again_changes_nothing(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.erasure()
    question = await open_page(client, path)
    responses = await asyncio.gather(*(press(client, path, question, CONFIRM) for _ in range(5)))
    assert {response.response.status_code for response in responses} == {200}
    before = await dump()
    clock.forward(days=2)
    for page in (await open_page(client, path), await press(client, path, question, CONFIRM)):
        assert page.response.status_code == 200
        assert "Your data is deleted" in page.text
        assert page.buttons == []
    assert await dump() == before


async def test_the_page_of_an_erased_recipient_has_no_erasure_link(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage() + "/forget"
    page = await open_page(client, path)
    await erase_recipient(alice, TEAM)
    for response in (await open_page(client, path), await press(client, path, page, SEND_LINK)):
        assert response.response.status_code == 410
        assert "Your data was deleted" in response.text
    assert await count("outgoing_mails") == 0


@pytest.mark.parametrize("reason", ["expired", "revoked"])
async def test_an_inactive_erasure_link_erases_nothing_and_offers_a_new_link(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, reason: str
) -> None:
    """R31, R34"""
    path = links.erasure()
    question = await open_page(client, path)
    if reason == "expired":
        clock.forward(hours=24, seconds=1)
    else:
        await recipients.revoke_links(alice)
    for page in (await open_page(client, path), await press(client, path, question, CONFIRM)):
        assert page.response.status_code == 410
        assert "This link has expired" in page.text
        assert "Nothing was deleted." in page.text
    assert await address_of(alice) == ALICE
    requested = await press(client, path, page, "Send me a link", email=ALICE)
    assert "Check your inbox" in requested.text


async def test_erasure_tokens_erase_and_do_nothing_else(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R31"""
    forget = links.erasure().rpartition("/")[2]
    before = await dump()
    for other in (links.manage(), links.withdraw(), links.confirm()):
        page, token = other[1], other.rpartition("/")[2]
        assert (await post_form(client, f"/f/{token}", [("do", "forget")])).status_code == 404
        assert (await client.get(f"/{page}/{forget}")).status_code == 404
    assert (await post_form(client, f"/p/{forget}/forget", [("do", "send")])).status_code == 404
    assert await dump() == before


async def test_a_form_that_no_page_has_erases_nothing(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    before = await dump()
    for fields in (
        [],
        [("do", "send")],
        [("do", "forget"), ("do", "forget")],
        [("do", "forget"), ("more", "x")],
    ):
        assert (await post_form(client, links.erasure(), fields)).status_code in (415, 422)
    assert await dump() == before


async def test_a_crowd_of_scanners_changes_nothing(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R33"""
    paths = [links.erasure(), links.manage() + "/forget", links.manage() + "?forget=1"]
    before = await dump()
    requested = [client.request(m, p) for p in paths for m in ("GET", "HEAD", "OPTIONS") for _ in range(100)]
    responses = await asyncio.gather(*requested)
    assert {response.status_code for response in responses} == {200, 204, 303}
    assert await dump() == before


async def test_two_erasure_requests_within_ten_minutes_send_one_mail(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    await queue_link(parse(ALICE), None, "en")
    await request_erasure(client, links)
    await request_erasure(client, links)
    await outbox.deliver_due()
    clock.forward(minutes=9)
    await request_erasure(client, links)
    await outbox.deliver_due()
    kinds = sorted(file.stem.partition("-")[2] for file in (db.data_dir / "mail").iterdir())
    assert kinds == ["forget", "link"]
    clock.forward(minutes=11)
    await request_erasure(client, links)
    await outbox.deliver_due()
    assert len(list((db.data_dir / "mail").glob("*-forget.eml"))) == 2


async def test_the_response_is_the_same_if_there_is_nobody_to_erase(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    known, unknown = (
        await request_erasure(client, links),
        await request_erasure(client, links, "nobody@example.com"),
    )
    assert known.response.text == unknown.response.text
    assert await count("outgoing_mails") == 1


async def test_a_phone_number_confirms_by_text_message_and_its_contacts_are_erased(
    client: httpx.AsyncClient, db: Settings, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    """R36: the contacts with the number are erased; their other addresses stay, without their data."""
    requested = await request_erasure(client, links, ALICE_PHONE)
    assert "Check your text messages" in requested.text
    await outbox.deliver_due()
    path = link_sent(db, "texts")
    page = await open_page(client, path)
    assert "+48•••67" in page.text
    assert "a•••" not in page.text
    await press(client, path, page, CONFIRM)
    assert await address_of(two.phone) is None
    assert await contacts.get(two.contact.id) is None
    assert list((db.data_dir / "texts").iterdir()) == []


async def test_a_shared_phone_number_stays_with_the_other_contact(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    """R1: it belongs to neither email address."""
    other = await contacts.create(email=BOB, phone=ALICE_PHONE)
    page = await open_page(client, links.erasure())
    assert "+48" not in page.text
    await press(client, links.erasure(), page, CONFIRM)
    assert (await address_of(two.email), await address_of(two.phone)) == (None, ALICE_PHONE)
    left = await contacts.get(other.id)
    assert left
    assert (left.email, left.phone) == (BOB, ALICE_PHONE)
    assert (await read_states([two.phone]))[two.phone].opt_outs_of_all == {}


async def test_erasure_pages_and_mails_are_in_the_contacts_language(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, links: Links
) -> None:
    await contacts.create(email=ALICE, locale="pl")
    client.headers["accept-language"] = "de"
    for path in (links.manage() + "/forget", links.erasure()):
        assert (await open_page(client, path)).lang == "pl"
        assert (await open_page(client, path + "?lang=fr&chosen=1")).lang == "fr"
    requested = await submit(client, links.manage() + "/forget", [("do", "send"), ("lang", "sv")])
    assert requested.lang == "sv"
    await outbox.deliver_due()
    [mail] = (db.data_dir / "mail").iterdir()
    assert b"Content-Language: pl" in mail.read_bytes()


async def test_the_same_link_erases_a_person_who_was_added_again(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.erasure()
    await press(client, path, await open_page(client, path), CONFIRM)
    await contacts.create(email=ALICE)
    clock.forward(hours=1)
    await press(client, path, await open_page(client, path), CONFIRM)
    assert await address_of(alice) is None


async def test_an_erasure_while_a_message_is_being_sent_leaves_no_trace_of_the_address(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R36: before and after the worker has read the recipient."""
    await queue_link(parse(ALICE), None, "en")
    read = link_message.load_link_message

    async def erased_before(message: OutgoingMessage) -> link_message.LinkMessage | None:
        await erase_recipient(alice, TEAM)
        return await read(message)

    async def erased_after(message: OutgoingMessage) -> link_message.LinkMessage | None:
        letter = await read(message)
        await erase_recipient(alice, TEAM)
        return letter

    for meanwhile in (erased_before, erased_after):
        await recipients.ensure([parse(ALICE)])
        await queue_link(parse(ALICE), None, "en")
        monkeypatch.setattr("preference_center.outbox.mail.delivery.load_link_message", meanwhile)
        await outbox.deliver_due()
        assert not list((db.data_dir / "mail").glob("*"))
        assert await address_of(alice) is None
        assert await database.fetch("SELECT 1 FROM outgoing_mails") == []
