"""Links that expired, were revoked or damaged, or whose recipient was erased, still help (R31, R34)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE_PHONE, Brands, Clock, by_recipient, update_preferences
from tests.http.pages.inactive_links import make_inactive
from tests.http.records import changes, count, dump
from tests.http.visit import Links, open_page, press, submit

EMAIL = Channel.EMAIL
IN = PreferenceStatus.OPTED_IN
PARTLY = (
    "What you unsubscribed from is saved. Your other changes are not: this link no longer works for them."
    " Make them again with a new link."
)
NOTHING = "Nothing was changed: this link no longer works for that. Try again with a new link."
NEW_LINK, OPT_OUT = "Email me a new link", "Stop all emails from Acme"


@pytest.mark.parametrize(
    ("reason", "heading"),
    [
        ("expired", "This link has expired"),
        ("revoked", "This link was switched off"),
        ("erased", "Your data was deleted"),
    ],
)
async def test_an_inactive_link_says_why_and_opts_out_of_all(
    client: httpx.AsyncClient,
    brands: Brands,
    alice: int,
    links: Links,
    clock: Clock,
    reason: str,
    heading: str,
) -> None:
    path = links.manage()
    await make_inactive(reason, alice, clock)
    page = await open_page(client, path)
    assert page.response.status_code == 410
    assert heading in page.text
    done = await press(client, path, page, OPT_OUT)
    assert done.response.status_code == 200
    assert "Done. It takes effect at once." in done.text
    assert OPT_OUT not in done.buttons
    assert (await changes())[-1] == (None, "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE")


@pytest.mark.parametrize("reason", ["expired", "revoked"])
async def test_one_press_sends_a_new_link_to_the_address_of_the_old_one(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, reason: str
) -> None:
    path = links.manage()
    await make_inactive(reason, alice, clock)
    requested = await press(client, path, await open_page(client, path), NEW_LINK)
    assert "Check your inbox" in requested.text
    assert await count("outgoing_mails") == 1


async def test_an_erased_recipient_can_request_a_link_by_typing_the_address(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.manage()
    await make_inactive("erased", alice, clock)
    page = await open_page(client, path)
    assert NEW_LINK not in page.buttons
    requested = await press(client, path, page, "Send me a link", email="alice@example.com")
    assert "Check your inbox" in requested.text


async def test_a_page_saved_after_its_link_expired_saves_opt_outs(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes.update({"weekly-digest:EMAIL": False, "offers:EMAIL": True})
    await make_inactive("expired", alice, clock)
    late = await press(client, path, page, "Save choices")
    assert late.status_messages == [PARTLY]
    assert (await changes())[1:] == [("weekly-digest", "OPTED_IN", "OPTED_OUT", "PREFERENCE_PAGE")]


@pytest.mark.parametrize("reason", ["expired", "revoked"])
async def test_a_page_saved_after_its_link_became_inactive_says_what_could_not_be_done(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, reason: str
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    path = links.manage()
    page = await open_page(client, path)
    await make_inactive(reason, alice, clock)
    before = await dump()
    untouched = await press(client, path, page, "Save choices")
    assert untouched.status_messages == []
    for label in ("30 days", "Pause until then"):
        late = await press(client, path, page, label, **{"until:acme": "2030-01-01"})
        assert late.status_messages == [NOTHING], label
    page.form.boxes["offers:EMAIL"] = True
    assert (await press(client, path, page, "Save choices")).status_messages == [NOTHING]
    erasure = await submit(client, path + "/forget", [("do", "send")])
    assert erasure.status_messages == [NOTHING]
    assert await dump() == before
    page.form.boxes["weekly-digest:EMAIL"] = False
    paused = await press(client, path, page, "30 days")
    assert paused.status_messages == [PARTLY]
    page.form.boxes["offers:EMAIL"] = False
    assert (await press(client, path, page, OPT_OUT)).status_messages == ["Done. It takes effect at once."]


async def test_an_inactive_link_does_not_lift_an_opt_out_of_all(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    path = links.manage()
    await make_inactive("revoked", alice, clock)
    before = await dump()
    page = await submit(client, path, [("do", "back:acme:EMAIL")])
    assert page.response.status_code == 410
    assert page.status_messages == [NOTHING]
    assert await dump() == before


async def test_revoking_links_leaves_later_links_active(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    await recipients.revoke_links(alice)
    clock.forward(seconds=1)
    assert (await open_page(client, links.manage())).response.status_code == 200


async def test_a_phone_numbers_expired_link_opts_out_and_sends_a_new_link_by_sms(
    client: httpx.AsyncClient, brands: Brands, alice_phone: int, links: Links, clock: Clock
) -> None:
    path = links.manage(ALICE_PHONE)
    clock.forward(days=181)
    page = await open_page(client, path)
    assert "Stop all WhatsApp messages from Acme" in page.buttons
    requested = await press(client, path, page, "Text me a new link")
    assert "Check your text messages" in requested.text
    rows = await database.fetch("SELECT kind, channel, address FROM outgoing_mails")
    assert [tuple(row) for row in rows] == [("LINK", "SMS", ALICE_PHONE)]


async def test_an_erased_phone_number_can_request_a_link_by_typing_it(
    client: httpx.AsyncClient, brands: Brands, alice_phone: int, links: Links, clock: Clock
) -> None:
    path = links.manage(ALICE_PHONE)
    await make_inactive("erased", alice_phone, clock)
    page = await open_page(client, path)
    assert "Text me a new link" not in page.buttons
    requested = await press(client, path, page, "Send me a link", email=ALICE_PHONE)
    assert "Check your text messages" in requested.text


@pytest.mark.parametrize("kind", ["p", "u", "c"])
async def test_a_damaged_link_opens_a_page_that_requests_a_new_one(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, kind: str
) -> None:
    valid = {"p": links.manage(), "u": links.withdraw(), "c": links.confirm()}[kind]
    damaged = [valid[:-2], valid.replace(f"/{kind}/A", f"/{kind}/B"), f"{valid}/more"]
    for path in (*damaged, f"/{kind}/nonsense", f"/{kind}/%00%ff", f"/{kind}//x"):
        page = await open_page(client, path)
        assert page.response.status_code == 404
        assert "This link doesn’t work" in page.text
        requested = await press(client, path, page, "Send me a link", email="alice@example.com")
        assert "Check your inbox" in requested.text


async def test_no_other_kind_of_link_opens_the_preference_page(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    for path in (links.withdraw(), links.confirm()):
        stolen = "/p/" + path.rpartition("/")[2]
        assert (await open_page(client, stolen)).response.status_code == 404  # R31


@pytest.mark.parametrize("path", ["/u", "/u/", "/c", "/c/"])
async def test_a_link_without_its_token_offers_a_new_link(
    client: httpx.AsyncClient, brands: Brands, path: str
) -> None:
    # R34
    page = await open_page(client, path)
    assert page.response.status_code == 404
    assert "This link doesn’t work" in page.text
    assert page.response.headers["referrer-policy"] == "no-referrer"
