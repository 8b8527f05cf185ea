"""The phone number must be the contact's alone, when it is shown and when it is saved (R1, R34)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.catalog.changes import update_type
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, TEAM, Brands, Clock, by_recipient, update_preferences
from tests.http.pages.two_addresses import MASKED, OTHER_PHONE, PHONE_BOXES, TwoAddresses, phone_boxes
from tests.http.records import count, dump, events
from tests.http.visit import Fields, Links, open_page, post_form, press, submit

EMAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
SAVE = "Save choices"
MOVED = "nothing was saved for SMS and WhatsApp"


@pytest.mark.parametrize("reason", ["none", "shared", "erased", "nothing is offered", "no contact"])
async def test_a_number_that_is_not_the_contacts_alone_is_not_shown(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, reason: str
) -> None:
    await make_not_theirs(two, reason)
    page = await open_page(client, links.manage())
    assert page.response.status_code == 200
    assert phone_boxes(page) == set()
    assert MASKED not in page.text
    assert "phone" not in dict(page.form.hidden)
    assert "For: a•••@e•••.com" in page.text


async def make_not_theirs(two: TwoAddresses, reason: str) -> None:
    if reason == "none":
        await contacts.update(two.contact.id, phone=None)
    elif reason == "shared":
        await contacts.create(phone=ALICE_PHONE)
    elif reason == "erased":
        await erased_but_still_in_the_record(two)
    elif reason == "no contact":
        await contacts.delete(two.contact.id)
    else:
        for kind in ("weekly-digest", "receipts", "alerts"):
            await update_type(kind, channels=(EMAIL,))


async def erased_but_still_in_the_record(two: TwoAddresses) -> None:
    """As after an erasure at the moment the number was entered (R36)."""
    await erase_recipient(two.phone, TEAM)
    await contacts.create(email=ALICE)
    await database.execute(
        "UPDATE contacts SET phone_recipient_id = $1 WHERE email_recipient_id = $2", two.phone, two.email
    )


@pytest.mark.parametrize("reason", ["another", "none", "shared", "erased", "no contact"])
async def test_choices_for_one_number_are_not_saved_for_another(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, reason: str
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes.update({"weekly-digest:SMS": True, "weekly-digest:EMAIL": True})
    if reason == "another":
        await contacts.update(two.contact.id, phone=OTHER_PHONE)
    else:
        await make_not_theirs(two, reason)
    after = await press(client, path, page, SAVE)
    [said] = after.status_messages
    assert said.startswith("You’ll now get Weekly digest")
    assert MOVED in said
    assert [(e["channel"], e["type"]) for e in await events()] == [("EMAIL", "weekly-digest")]
    assert await count("pending_opt_ins") == 0
    assert ("weekly-digest:SMS" in after.form.boxes) is (reason == "another")
    assert "weekly-digest:SMS" not in after.form.ticked()


@pytest.mark.parametrize("button", [SAVE, "Stop these messages"])
async def test_choices_for_the_old_number_alone_save_nothing(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, button: str
) -> None:
    await update_preferences(two.phone, [(brands.alerts, WHATSAPP, IN)], by_recipient())
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["alerts:WHATSAPP"] = False
    page.form.inputs["where:acme"] = "WHATSAPP"
    await contacts.update(two.contact.id, phone=OTHER_PHONE)
    before = await dump()
    after = await press(client, path, page, button)
    assert MOVED in after.text
    assert "Undo" not in after.buttons
    assert await dump() == before


async def test_a_changed_number_is_not_mentioned_if_its_boxes_were_untouched(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    await contacts.update(two.contact.id, phone=OTHER_PHONE)
    after = await press(client, path, page, SAVE)
    assert "You’ll now get Weekly digest" in after.text
    assert MOVED not in after.text


async def test_a_number_added_after_the_page_was_opened_is_left_alone(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    contact = await contacts.create(email=ALICE)
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    await contacts.update(contact.id, phone=ALICE_PHONE)
    after = await press(client, path, page, SAVE)
    assert phone_boxes(after) == PHONE_BOXES
    assert [e["channel"] for e in await events()] == ["EMAIL"]


def forged(fields: Fields, forgery: str, other: Fields) -> Fields:
    """A form that no page of this link has."""
    token = dict(other)["phone"]
    others = [field for field in fields if field[0] != "phone"]
    return {
        "no reference": others,
        "a made-up reference": [*others, ("phone", "AAAA.BBBB")],
        "a reference twice": [*fields, ("phone", dict(fields)["phone"])],
        "another link's reference": [*others, ("phone", token)],
        "a reference cut short": [*others, ("phone", dict(fields)["phone"][:-1])],
    }[forgery]


@pytest.mark.parametrize(
    "forgery",
    [
        "no reference",
        "a made-up reference",
        "a reference twice",
        "another link's reference",
        "a reference cut short",
    ],
)
async def test_a_forged_form_changes_nothing(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, forgery: str
) -> None:
    await contacts.create(email="bob@example.com", phone=OTHER_PHONE)
    other = await open_page(client, links.manage("bob@example.com"))
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes.update({"weekly-digest:SMS": True, "weekly-digest:EMAIL": True})
    before = await dump()
    response = await post_form(client, path, forged(page.form.fields(SAVE), forgery, other.form.fields(SAVE)))
    assert response.status_code == 422
    assert await dump() == before


@pytest.mark.parametrize("address", [ALICE_PHONE, "bob@example.com"])
async def test_a_phone_token_is_refused_with_another_link(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, address: str
) -> None:
    page = await open_page(client, links.manage())
    page.form.boxes["weekly-digest:SMS"] = True
    before = await dump()
    response = await post_form(client, links.manage(address), page.form.fields(SAVE))
    assert response.status_code == 422
    assert await dump() == before


async def test_an_inactive_link_shows_no_phone_number(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    path = links.manage()
    clock.forward(days=181)
    page = await open_page(client, path)
    assert page.response.status_code == 410
    assert not [label for label in page.buttons if "SMS" in label or "WhatsApp" in label]
    before = await dump()
    response = await submit(client, path, [("do", "out:acme:SMS")])
    assert response.response.status_code == 422
    assert await dump() == before


async def test_a_page_saved_after_its_link_expired_saves_opt_outs_of_the_phone_number(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    """R34: opting out works with any valid signature, and this one covers the number."""
    await update_preferences(two.phone, [(brands.digest, SMS, IN)], by_recipient())
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes.update({"weekly-digest:SMS": False, "alerts:SMS": True})
    clock.forward(days=181)
    late = await press(client, path, page, SAVE)
    assert "What you unsubscribed from is saved. Your other changes are not" in late.text
    assert await two.status(brands.digest, SMS) is OUT
    assert await two.status(brands.alerts, SMS) is None


async def test_an_opt_out_for_a_changed_number_through_an_expired_link_is_not_confirmed(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.inputs["where:acme"] = "SMS"
    await contacts.update(two.contact.id, phone=OTHER_PHONE)
    clock.forward(days=181)
    before = await dump()
    late = await press(client, path, page, "Stop these messages")
    assert "Done" not in late.text
    assert late.response.status_code == 410
    assert await dump() == before
