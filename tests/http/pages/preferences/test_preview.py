"""A preview: the team sees the page of an example recipient, and nothing is saved."""

from __future__ import annotations

import httpx
import pytest

from preference_center.catalog.changes import create_type, create_unit, update_unit
from preference_center.rules.types import Channel
from tests.conftest import Brands, Clock
from tests.http.records import dump
from tests.http.visit import Links, open_page, post_form, press, submit

NOTICE = "This is a preview: nothing is saved."


async def test_the_preview_shows_the_page_of_an_example_recipient(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    page = await open_page(client, links.preview())
    assert NOTICE in page.text
    assert "n•••@e•••.com" in page.text
    assert "+48•••67" in page.text
    assert page.form.boxes == {
        "weekly-digest:EMAIL": True,
        "weekly-digest:SMS": False,
        "weekly-digest:WHATSAPP": False,
        "offers:EMAIL": False,
        "receipts:SMS": False,
        "receipts:WHATSAPP": False,
        "letters:EMAIL": True,
        "alerts:EMAIL": True,
        "alerts:SMS": False,
        "alerts:WHATSAPP": False,
    }
    assert "Internal notes" not in page.text  # R4: not public
    assert "Receipts" in page.text


async def test_the_preview_shows_its_unit_first_and_in_its_language(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    del client.headers["accept-language"]
    page = await open_page(client, links.preview("bazaar"))
    assert page.lang == "pl"
    assert page.text.index("Listy") < page.text.index("Przegląd tygodnia")
    assert (await open_page(client, links.preview("bazaar") + "?lang=en")).lang == "en"


async def test_every_button_of_a_preview_says_that_nothing_is_saved(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    path = links.preview()
    page = await open_page(client, path + "?lang=pl")
    before = await dump()
    for label in page.buttons:
        page.form.boxes["offers:EMAIL"] = True
        after = await press(client, path, page, label)
        assert after.response.status_code == 200
        assert after.response.text == page.response.text
    one_click = [("do", "unsubscribe"), ("List-Unsubscribe", "One-Click")]
    assert (await submit(client, path, one_click)).lang == "en"
    assert await dump() == before


async def test_a_unit_with_nothing_to_offer_has_a_preview_too(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    await create_unit(key="new", name="Brand new")
    assert "Brand new" in (await open_page(client, links.preview("new"))).text
    await create_type(key="first", business_unit="new", name={"en": "The first"}, channels=[Channel.SMS])
    await update_unit("new", postal_address="1 Long Acre, London")
    page = await open_page(client, links.preview("new"))
    assert page.form.ticked()[0] == "first:SMS"
    assert "1 Long Acre, London" in page.text


async def test_after_a_day_the_preview_has_ended(
    client: httpx.AsyncClient, brands: Brands, links: Links, clock: Clock
) -> None:
    path = links.preview()
    clock.forward(hours=24)
    assert NOTICE in (await open_page(client, path)).text
    clock.forward(seconds=1)
    for response in (await client.get(path), await post_form(client, path, [("do", "save")])):
        assert response.status_code == 410
        assert "This preview has ended" in response.text


@pytest.mark.parametrize("kind", ["p", "u", "c"])
async def test_preview_tokens_work_only_as_previews(
    client: httpx.AsyncClient, brands: Brands, links: Links, alice: int, kind: str
) -> None:
    others = {"p": links.manage(), "u": links.withdraw(), "c": links.confirm()}
    token = links.preview().rpartition("/")[2]
    do = "confirm" if kind == "c" else "save"
    before = await dump()
    for path in (f"/{kind}/{token}", "/v/" + others[kind].rpartition("/")[2], "/v", "/v/", "/v/damaged"):
        for response in (await client.get(path), await post_form(client, path, [("do", do)])):
            assert response.status_code == 404
            assert "This link doesn’t work" in response.text
    assert await dump() == before
