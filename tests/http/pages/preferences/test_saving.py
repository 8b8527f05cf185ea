"""The preference page: what it shows, saves and leaves alone (R4, R12, R22, R24)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.catalog.appearance import PreferencePageScope
from preference_center.catalog.changes import archive_type, create_type, create_unit
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from tests.conftest import ALICE, ALICE_PHONE, Brands, Clock, by_recipient, by_team, update_preferences
from tests.html import visible_text
from tests.http.records import changes, count, dump, events
from tests.http.visit import Links, open_page, post_form, press

EMAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
SAVE = "Save choices"


async def opt_in(recipient: int, *wanted: tuple[object, Channel]) -> None:
    await update_preferences(recipient, [(t, c, IN) for t, c in wanted], by_recipient())  # type: ignore[misc]


async def test_preferences_are_shown_by_unit_with_the_links_unit_first(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await opt_in(alice, (brands.digest, EMAIL))
    page = await open_page(client, links.manage(unit="bazaar"))
    assert page.headings.index("Bazaar") < page.headings.index("Acme")
    page = await open_page(client, links.manage(unit="acme"))
    assert page.headings.index("Acme") < page.headings.index("Bazaar")
    # R22: Bazaar needs no opt-in by email, so its types are ticked.
    assert page.form.ticked() == ["weekly-digest:EMAIL", "letters:EMAIL", "alerts:EMAIL"]
    assert "a•••@e•••.com" in page.text
    assert ALICE not in page.response.text


async def test_transactional_types_are_always_on_and_internal_ones_not_shown(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    page = await open_page(client, links.manage())
    locked = "Receipts Sent only about your orders and account, so it can’t be turned off. Always on"
    assert locked in page.text  # R24
    assert not [box for box in page.form.boxes if box.startswith("receipts")]
    assert "Internal notes" not in page.text


async def test_one_press_saves_ticked_and_unticked_boxes_with_evidence(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage(campaign="spring")
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    page.form.boxes["letters:EMAIL"] = False
    after = await press(client, path, page, SAVE)
    assert after.status_messages == ["You’ll now get Weekly digest. You’re unsubscribed from Letters."]
    assert after.form.ticked() == ["weekly-digest:EMAIL", "alerts:EMAIL"]
    assert await changes() == [
        ("weekly-digest", "NOT_OPTED", "OPTED_IN", "PREFERENCE_PAGE"),
        ("letters", "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE"),
    ]
    proof = (await events())[0]
    assert proof["actor"] == "recipient"
    assert proof["ip_address"] == "203.0.113.9"
    assert proof["user_agent"] == "Firefox of Alice"
    assert proof["url"] == "http://sayso.test/p?campaign=spring"
    assert proof["locale"] == "en"
    assert proof["wording"] == "☑ Weekly digest (Email)\n☐ Letters (Email)\n[Save choices]"


async def test_an_opt_in_on_the_page_needs_no_confirmation(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["offers:EMAIL"] = True
    await press(client, path, page, SAVE)
    assert await changes() == [("offers", "NOT_OPTED", "OPTED_IN", "PREFERENCE_PAGE")]  # R19


async def test_saving_an_unchanged_page_writes_nothing(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    page, before = await open_page(client, path), await dump()
    after = await press(client, path, page, SAVE)
    assert after.status_messages == ["No changes to save."]
    assert await dump() == before  # R16


async def test_a_stale_tab_does_not_overwrite_untouched_boxes(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    stale, newer = await open_page(client, path), await open_page(client, path)
    newer.form.boxes["weekly-digest:EMAIL"] = True
    await press(client, path, newer, SAVE)
    stale.form.boxes["offers:EMAIL"] = True
    after = await press(client, path, stale, SAVE)
    assert {"weekly-digest:EMAIL", "offers:EMAIL"} <= set(after.form.ticked())


async def test_saving_redirects_so_that_reloading_changes_nothing(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.manage() + "?lang=pl&chosen=1"
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    response = await post_form(client, path, page.form.fields("Zapisz wybór"))
    assert response.status_code == 303
    target = response.headers["location"]
    assert target.startswith("?lang=pl&chosen=1&result=")  # without host and token
    before = await dump()
    told = await open_page(client, path.partition("?")[0] + target)
    [said] = told.status_messages
    assert "Przegląd tygodnia" in said
    assert await dump() == before
    clock.forward(hours=25)  # a bookmark does not say so for ever
    assert (await open_page(client, path.partition("?")[0] + target)).status_messages == []


async def test_a_forged_flash_message_is_ignored(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    page = await open_page(client, links.manage() + "?result=saved.3")
    assert "Saved" not in page.text


async def test_a_recipient_comes_back_whoever_opted_them_out(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_team(ConsentOrigin.IMPORT))
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    await press(client, path, page, SAVE)
    assert (await changes())[-1] == ("weekly-digest", "OPTED_OUT", "OPTED_IN", "PREFERENCE_PAGE")  # R4


async def test_a_phone_number_has_a_column_for_sms_and_one_for_whatsapp(
    client: httpx.AsyncClient, brands: Brands, alice_phone: int, links: Links
) -> None:
    path = links.manage(ALICE_PHONE)
    page = await open_page(client, path)
    assert set(page.form.boxes) == {
        "weekly-digest:SMS",
        "weekly-digest:WHATSAPP",
        "receipts:SMS",
        "receipts:WHATSAPP",
        "alerts:SMS",
        "alerts:WHATSAPP",
    }
    assert page.form.ticked() == []  # R23: SMS and WhatsApp need an opt-in
    page.form.boxes["alerts:WHATSAPP"] = True
    after = await press(client, path, page, SAVE)
    assert after.form.ticked() == ["alerts:WHATSAPP"]
    assert {"Stop all messages from Acme", "Stop these messages", "Stop everything"} <= set(after.buttons)
    assert "+48•••67" in after.text


async def test_a_transactional_type_is_opted_in_to_on_sms_and_then_always_on(
    client: httpx.AsyncClient, brands: Brands, alice_phone: int, links: Links
) -> None:
    """R24: only an opt-out of all stops it; then its box is there again."""
    path = links.manage(ALICE_PHONE)
    page = await open_page(client, path)
    page.form.boxes["receipts:SMS"] = True
    on = await press(client, path, page, SAVE)
    assert "receipts:SMS" not in on.form.boxes
    assert "SMS Always on" in on.text
    assert (await changes())[-1] == ("receipts", "NOT_OPTED", "OPTED_IN", "PREFERENCE_PAGE")
    on.form.inputs["where:acme"] = "SMS"
    out = await press(client, path, on, "Stop these messages")
    assert out.form.boxes["receipts:SMS"] is False
    out.form.boxes["receipts:SMS"] = True
    back = await press(client, path, out, SAVE)
    assert "SMS Always on" in back.text
    assert (await changes())[-1] == (None, "OPTED_OUT", "NOT_OPTED", "PREFERENCE_PAGE")


async def test_a_pause_and_a_pending_opt_in_are_shown(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    until = clock.at.replace(month=6, day=1)
    await preferences.pause(alice, EMAIL, brands.acme, until, by_team())
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    page = await open_page(client, links.manage())
    assert "Emails from Acme are paused until 1 June 2026." in page.text
    assert "Offers Not confirmed yet. Open the link we sent you." in page.text
    assert "offers:EMAIL" not in page.form.ticked()


async def test_a_recipient_known_only_from_a_link_can_save(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    path = links.manage("nobody.knows@example.com")
    page = await open_page(client, path)
    assert page.response.status_code == 200
    assert await count("recipients") == 0  # R33: opening the page creates nothing
    page.form.boxes["weekly-digest:EMAIL"] = True
    await press(client, path, page, SAVE)
    assert await changes() == [("weekly-digest", "NOT_OPTED", "OPTED_IN", "PREFERENCE_PAGE")]  # R32


async def test_saving_an_unchanged_page_creates_no_recipient(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    path = links.manage("nobody.knows@example.com")
    await press(client, path, await open_page(client, path), SAVE)
    assert await count("recipients") == 0


async def test_a_type_archived_since_the_page_was_opened_is_not_saved(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    page.form.boxes["letters:EMAIL"] = False
    await archive_type("weekly-digest", archived=True)
    after = await press(client, path, page, SAVE)
    assert "is no longer offered, so it wasn’t saved" in after.text
    assert "Weekly digest" not in after.text
    assert await changes() == [("letters", "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE")]


async def test_opting_out_takes_as_few_steps_as_opting_in(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    # GDPR 7(3): each takes one page, one box and one press.
    path = links.manage()
    for wanted in (True, False):
        page = await open_page(client, path)
        page.form.boxes["weekly-digest:EMAIL"] = wanted
        await press(client, path, page, SAVE)
    assert [after for _, _, after, _ in await changes()] == ["OPTED_IN", "OPTED_OUT"]


@pytest.mark.parametrize("text", ["<b>bold</b>", '"><script>alert(1)</script>', "{{ 7*7 }}"])
async def test_names_from_the_catalog_are_escaped(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, text: str
) -> None:
    await create_type(key="odd", business_unit="acme", name={"en": text}, description={"en": text})
    page = await open_page(client, links.manage())
    assert text in page.text
    assert "<" not in text or text not in page.response.text


async def test_a_brand_has_its_types_in_its_own_order_and_groups_and_may_want_no_other_on_its_page(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    alone = {"preference_page_scope": PreferencePageScope.OWN_UNIT}
    await create_unit(key="solo", name="Solo", data_privacy=True, appearance=alone)
    for key, group, position in (("extra", "More", 2), ("news", "First", 1)):
        names, note = {"en": key.title()}, {"en": "twice a month"}
        await create_type(
            key=key,
            business_unit="solo",
            name=names,
            group={"en": group},
            frequency=note,
            position=position,
        )
    page = await open_page(client, links.manage(unit="solo"))
    assert list(page.form.boxes) == ["news:EMAIL", "extra:EMAIL"]
    assert page.headings == ["Your preferences", "First", "More"]
    assert "News twice a month" in page.text
    await press(client, links.manage(unit="solo"), page, "Stop all emails from Solo")
    other = await open_page(client, links.manage(unit="acme"))
    assert "Solo" in other.headings  # folded: she gets nothing from it


async def test_a_brand_that_sends_nothing_is_folded_below_the_others(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await create_unit(key="quiet", name="Quiet", data_privacy=True)
    await create_type(key="whisper", business_unit="quiet", name={"en": "Whisper"})
    page = await open_page(client, links.manage(unit="acme"))
    assert [heading for heading in page.headings if heading != "Your preferences"] == [
        "Acme",
        "Bazaar",
        "Quiet",
    ]
    folded = page.one("//details[.//h2]")
    assert "Whisper" in visible_text(folded)
    assert folded.get("open") is None
