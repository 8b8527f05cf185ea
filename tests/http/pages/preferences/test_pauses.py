"""Pauses on the preference page: for 30, 60 or 90 days or until a day, and ending them (R4, R24, R33)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from preference_center.catalog.changes import create_type, create_unit
from preference_center.history import verification
from preference_center.preferences import changes as preferences
from preference_center.preferences import eligibility
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.eligibility import BlockReason
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, Purpose
from preference_center.storage import database
from tests.conftest import ALICE, Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.pages.inactive_links import make_inactive
from tests.http.pages.preferences.pause_forms import DAY, RESUME, active_pauses, fields, typed_value
from tests.http.records import changes, count, dump, events
from tests.http.visit import Links, open_page, post_form, press, submit

EMAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
SUMMER = datetime(2026, 6, 1, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("days", [30, 60, 90])
async def test_a_press_pauses_for_some_days_with_evidence(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, days: int
) -> None:
    path = links.manage(campaign="spring")
    page = await open_page(client, path)
    assert "Pause or stop" in page.text
    after = await submit(client, path, fields(page, f"pause:acme:EMAIL:{days}"))
    until = clock.at + timedelta(days=days)
    assert await active_pauses(alice) == {(brands.acme.id, EMAIL): until}
    assert f"Emails from Acme are paused until {until.day} {until:%B %Y}." in after.text
    assert RESUME in after.buttons
    [event] = await events()
    assert (event["type"], event["unit"], event["channel"]) == (None, "acme", "EMAIL")
    assert (event["origin"], event["actor"]) == ("PREFERENCE_PAGE", "recipient")
    assert (event["ip_address"], event["user_agent"]) == ("203.0.113.9", "Firefox of Alice")
    assert (event["url"], event["locale"]) == ("http://sayso.test/p?campaign=spring", "en")
    assert event["wording"] == (
        "Acme: Email\n"
        "During a pause you only get essential messages. Your choices stay as they are.\n"
        f"Pause for [{days} days]"
    )


async def test_each_unit_with_marketing_offers_pauses(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R24: a pause leaves transactional types alone, so a unit with nothing else offers none."""
    await create_unit(key="bank", name="Bank")
    await create_type(key="bills", business_unit="bank", name={"en": "Bills"}, purpose=Purpose.TRANSACTIONAL)
    page = await open_page(client, links.manage())
    pauses = [button.value for button in page.form.buttons if button.value.startswith("pause:")]
    assert pauses == [
        f"pause:{unit}:EMAIL:{length}" for unit in ("acme", "bazaar") for length in (30, 60, 90, "day")
    ]
    assert "Bills" in page.text


async def test_a_pause_blocks_marketing_and_keeps_preferences(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    """R21, R24: it shows in eligibility, and ends by itself."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    path = links.manage()
    page = await open_page(client, path)
    ticked = page.form.ticked()
    after = await submit(client, path, fields(page, "pause:acme:EMAIL:30"))
    assert after.form.ticked() == ticked
    [digest] = await eligibility.of_addresses(brands.digest, EMAIL, [ALICE])
    [receipts] = await eligibility.of_addresses(brands.receipts, EMAIL, [ALICE])
    assert (digest.reason, receipts.allowed) == (BlockReason.PAUSED, True)
    clock.forward(days=30)
    [digest] = await eligibility.of_addresses(brands.digest, EMAIL, [ALICE])
    assert digest.allowed
    over = await open_page(client, path)
    assert "paused until" not in over.text
    assert RESUME not in over.buttons


async def test_the_recipient_can_end_any_pause(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    """R4"""
    path = links.manage()
    for by in (by_team(), by_recipient()):
        await preferences.pause(alice, EMAIL, brands.acme, SUMMER, by)
        page = await open_page(client, path)
        after = await press(client, path, page, RESUME)
        assert after.status_messages == ["Emails from Acme are no longer paused."]
        assert RESUME not in after.buttons
        assert await active_pauses(alice) == {}
        assert (await events())[-1]["wording"] == "Acme: Email\n[End the pause]"
    assert [line async for line in verification.verify()] == []


async def test_a_pause_until_a_day_includes_that_day(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    after = await submit(client, path, fields(page, "pause:acme:EMAIL:day", **{DAY: "2026-06-01"}))
    assert "Emails from Acme are paused until 1 June 2026." in after.text
    assert await active_pauses(alice) == {(brands.acme.id, EMAIL): SUMMER}
    assert (await events())[0]["wording"].endswith("[1\u00a0June 2026]")


async def test_saving_sets_typed_pauses_and_pausing_saves_ticked_boxes(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    bazaar = "until:bazaar"
    saved = await submit(client, path, fields(page, "save", **{DAY: " 2026-06-01 ", bazaar: "2026-05-05"}))
    assert saved.status_messages == [
        "You’ll now get Weekly digest. Emails from Acme are paused until 1 June 2026."
        " Emails from Bazaar are paused until 5 May 2026."
    ]
    assert await active_pauses(alice) == {
        (brands.acme.id, EMAIL): SUMMER,
        (brands.bazaar.id, EMAIL): datetime(2026, 5, 5, 23, 59, 59, tzinfo=UTC),
    }
    page = await open_page(client, path)
    page.form.boxes["letters:EMAIL"] = False
    rested = await submit(client, path, fields(page, "pause:bazaar:EMAIL:60"))
    assert rested.status_messages == [
        "You’re unsubscribed from Letters. Emails from Bazaar are paused until 3 July 2026."
    ]
    assert "letters:EMAIL" not in rested.form.ticked()
    assert [line async for line in verification.verify()] == []


async def test_the_same_pause_again_changes_nothing(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    """R16"""
    path = links.manage()
    for said in ("Emails from Acme are paused until 1 June 2026.", "No changes to save."):
        page = await open_page(client, path)
        after = await submit(client, path, fields(page, "save", **{DAY: "2026-06-01"}))
        assert said in after.text
        clock.forward(minutes=1)
    assert await count("consent_events") == 1


async def test_a_recipients_day_takes_over_a_teams_pause(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    """R11"""
    await preferences.pause(alice, EMAIL, brands.acme, SUMMER, by_team())
    path = links.manage()
    after = await submit(client, path, fields(await open_page(client, path), "save", **{DAY: "2026-06-01"}))
    assert after.status_messages == ["Emails from Acme are paused until 1 June 2026."]
    await preferences.pause(alice, EMAIL, brands.acme, None, by_team())
    assert await active_pauses(alice) == {(brands.acme.id, EMAIL): SUMMER}


WRONG = [
    "2026-05-04", "2026-05-03", "2028-05-05", "9999-12-31", "0001-01-01", "tomorrow", "31.12.2026",
    "2026-02-30", "<b>x</b>\"'", "\u0662\u0660\u0662\u0666-06-01", "2026-06-01T00:00", "x" * 500,
]  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("typed", WRONG)
async def test_a_wrong_day_is_reported_at_its_field_and_at_the_top_and_nothing_is_saved(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, typed: str
) -> None:
    """WCAG 3.3.1, 3.3.3: says what is wrong and what is right; boxes stay as they were ticked."""
    path = links.manage()
    page, before, do = await open_page(client, path), await dump(), "pause:acme:EMAIL:day"
    page.form.boxes["weekly-digest:EMAIL"] = True
    page.form.boxes["letters:EMAIL"] = False
    ticked = page.form.ticked()
    error_page = await submit(client, path, fields(page, do, **{DAY: typed}))
    assert error_page.response.status_code == 422
    assert await dump() == before
    assert error_page.text.count("Choose a day from tomorrow to 4 May 2028.") == 2
    assert error_page.one("//*[@role='alert']//a").get("href") == "#until-acme"
    field = error_page.one("//input[@id='until-acme']")
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-describedby") == "until-acme-error"
    assert error_page.one("//*[@id='until-acme-error']").get("class") == "wrong"
    assert error_page.one("//details[@open]").get("class") == "rest"
    assert error_page.title.startswith("Please check the day")
    assert typed_value(error_page, DAY) == typed[:40]
    assert error_page.form.ticked() == ticked
    await submit(client, path, fields(error_page, do, **{DAY: "2026-06-01"}))
    assert set(await changes()) >= {
        ("weekly-digest", "NOT_OPTED", "OPTED_IN", "PREFERENCE_PAGE"),
        ("letters", "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE"),
    }


@pytest.mark.parametrize("typed", ["2026-05-05", "2028-05-04"])
async def test_the_first_and_the_last_day_are_accepted(
    client: httpx.AsyncClient,
    brands: Brands,
    alice: int,
    links: Links,
    clock: Clock,
    typed: str,
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    field = page.one(f"//input[@name='{DAY}']")
    assert (field.get("min"), field.get("max")) == ("2026-05-05", "2028-05-04")
    after = await submit(client, path, fields(page, "save", **{DAY: typed}))
    assert "Emails from Acme are paused until" in after.text


async def test_pausing_until_a_day_needs_a_day(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.manage()
    error_page = await submit(client, path, fields(await open_page(client, path), "pause:acme:EMAIL:day"))
    assert error_page.response.status_code == 422
    assert "Choose a day from tomorrow" in error_page.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "do",
    ["pause:acme:EMAIL:31", "pause:acme:EMAIL:", "pause:acme:EMAIL", "pause:nobody:EMAIL:30", "pause:",
     "pause:acme:EMAIL+EMAIL:30",
     "pause:acme:SMS:30", "pause:acme:CALL:30", "resume:acme:SMS", "resume:nobody:EMAIL", "resume:",
     "pause:acme:EMAIL:-30", "pause:acme:EMAIL:٣٠"],
)  # fmt: skip
async def test_a_form_that_no_page_has_is_refused(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, do: str
) -> None:
    before = await dump()
    response = await post_form(client, links.manage(), [("do", do)])
    assert response.status_code == 422
    assert await dump() == before


async def test_a_new_pause_replaces_the_old_one(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.manage()
    for days in (90, 30):
        await submit(client, path, fields(await open_page(client, path), f"pause:acme:EMAIL:{days}"))
    assert await active_pauses(alice) == {(brands.acme.id, EMAIL): clock.at + timedelta(days=30)}
    assert await count("pauses") == 1


async def test_an_unknown_recipient_can_pause(
    client: httpx.AsyncClient, brands: Brands, links: Links, clock: Clock
) -> None:
    """R2, R32"""
    path = links.manage("new@example.com")
    after = await submit(client, path, fields(await open_page(client, path), "pause:bazaar:EMAIL:30"))
    assert "Emails from Bazaar are paused until 3 June 2026." in after.text
    found = await recipients.find(parse("new@example.com"))
    known = found.id if found else (await database.fetch("SELECT id FROM recipients"))[0]["id"]
    assert await active_pauses(known) == {(brands.bazaar.id, EMAIL): clock.at + timedelta(days=30)}


async def test_no_pause_is_offered_while_an_opt_out_of_all_is_active(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    page = (await open_page(client, links.manage())).response.text
    assert "pause:acme:EMAIL" not in page
    assert "pause:bazaar:EMAIL:30" in page


@pytest.mark.parametrize("reason", ["expired", "revoked", "erased"])
@pytest.mark.parametrize("do", ["pause:acme:EMAIL:30", "pause:acme:EMAIL:day", "resume:acme:EMAIL", "save"])
async def test_an_inactive_link_changes_no_pause_and_saves_opt_outs(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, reason: str, do: str
) -> None:
    """R34: of a page with an inactive link only opt-outs count."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    until = clock.at + timedelta(days=400)
    await preferences.pause(alice, EMAIL, brands.acme, until, by_team())
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = False
    page.form.boxes["offers:EMAIL"] = True
    await make_inactive(reason, alice, clock)
    day = {DAY: (clock.at + timedelta(days=9)).date().isoformat()}
    response = await submit(client, path, fields(page, do, **day))
    assert response.response.status_code == 200
    assert await active_pauses(alice) == {(brands.acme.id, EMAIL): until}
    own = [change for change in await changes() if change[3] == "PREFERENCE_PAGE"]
    assert own[-1][0] == "weekly-digest"
    assert own[-1][2] == "OPTED_OUT"
    assert "offers" not in {type_ for type_, *_ in await changes()}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_only_a_post_changes_a_pause(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, method: str
) -> None:
    """R33"""
    await preferences.pause(alice, EMAIL, brands.acme, database.now() + timedelta(days=9), by_team())
    before = await dump()
    for do in ("pause:acme:EMAIL:30", "resume:acme:EMAIL"):
        await client.request(method, links.manage(), params={"do": do, DAY: "2030-01-01"})
    assert await dump() == before


async def test_the_page_shows_a_pause_that_the_recipient_set_elsewhere(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    await preferences.pause(alice, EMAIL, brands.bazaar, SUMMER, by_recipient(ConsentOrigin.PROVIDER))
    page = await open_page(client, links.manage())
    assert "Emails from Bazaar are paused until 1 June 2026." in page.text


async def test_a_wrong_day_keeps_the_other_typed_days(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    """WCAG 3.3.7: nothing has to be typed twice."""
    path = links.manage()
    days = {DAY: "2026-06-01", "until:bazaar": "2001-01-01"}
    page = await open_page(client, path)
    error_page = await submit(client, path, fields(page, "pause:bazaar:EMAIL:day", **days))
    assert error_page.response.status_code == 422
    assert typed_value(error_page, "until:bazaar") == "2001-01-01"
    assert typed_value(error_page, DAY) == "2026-06-01"


async def test_a_half_typed_day_blocks_no_button(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """Browsers refuse every button of a form with half a date in it, and without validation send no date."""
    path = links.manage()
    page = await open_page(client, path)
    assert page.one("//form[.//input[@type='date']]").get("novalidate") is not None
    page.form.boxes["offers:EMAIL"] = True
    saved = await press(client, path, page, "Save choices", **{DAY: ""})
    assert saved.status_messages == ["You’ll now get Offers."]
    wrong = await submit(client, path, fields(page, "pause:acme:EMAIL:day"))
    assert wrong.response.status_code == 422
    assert "Choose a day from tomorrow" in wrong.text


async def test_a_wrong_day_beside_another_button_is_reported_and_blocks_nothing(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["offers:EMAIL"] = True
    saved = await submit(client, path, fields(page, "save", **{DAY: "1999-12-31"}))
    assert saved.status_messages == [
        "You’ll now get Offers. The pause isn’t set: choose a day from tomorrow to 4 May 2028."
    ]
    assert await active_pauses(alice) == {}
