"""Which language a page is shown in."""

from __future__ import annotations

import httpx
import pytest

from api.pages.frame.language import accepted_language
from preference_center.catalog.changes import create_type
from preference_center.contacts import contacts
from preference_center.translations import translator_for
from tests.conftest import ALICE, Brands
from tests.html import Page, visible_text
from tests.http.visit import Links, open_page, press


def names_of_types(page: Page) -> dict[str, str | None]:
    """The language each subscription type's name is marked with; None for the page's own."""
    return {visible_text(name): name.get("lang") for name in page.find("//span[@class='name']")}


async def test_the_language_is_the_contacts_then_the_links_then_the_browsers_then_the_units(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    path = links.manage(unit="bazaar")
    del client.headers["accept-language"]
    assert (await open_page(client, path)).lang == "pl"  # Bazaar's default
    client.headers["accept-language"] = "uk, en;q=0.8, pl;q=0.5"
    assert (await open_page(client, path)).lang == "en"
    assert (await open_page(client, path + "?lang=pl")).lang == "pl"
    await contacts.create(email=ALICE, locale="en")
    assert (await open_page(client, path + "?lang=pl")).lang == "en"


async def test_the_language_switch_wins_over_everything(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    await contacts.create(email=ALICE, locale="pl-PL")
    path = links.manage()
    page = await open_page(client, path)
    assert page.lang == "pl"
    link = page.one("//a[@lang='en' and @hreflang='en']")
    assert visible_text(link) == "English"
    switched = path + link.get("href")
    page = await open_page(client, switched)
    assert page.lang == "en"
    page.form.boxes["offers:EMAIL"] = True
    assert (await press(client, switched, page, "Save choices")).lang == "en"


async def test_type_names_are_in_the_pages_language_or_marked_with_their_own(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    page = await open_page(client, links.manage() + "?lang=pl")
    assert names_of_types(page)["Przegląd tygodnia"] is None
    assert names_of_types(page)["Offers"] == "en"
    assert page.one("//span[@lang='en']/bdi[text()='Offers']") is not None


async def test_a_name_in_zh_tw_is_shown_for_every_traditional_chinese_locale(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    await create_type(
        key="tea", business_unit="acme", name={"en": "Tea", "zh-TW": "茶訊", "zh-CN": "茶讯"}, description={}
    )
    for asked, named in (("zh-HK", "茶訊"), ("zh-Hant", "茶訊"), ("zh", "茶讯")):
        page = await open_page(client, f"{links.manage()}?lang={asked}")
        assert names_of_types(page)[named] is None


async def test_an_unknown_language_is_ignored(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    for asked in ("xx", "", "../../etc", "pl%00", "x" * 5000):
        assert (await open_page(client, f"{links.manage()}?lang={asked}")).lang == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("pl", "pl"),
        ("PL-pl", "pl"),
        ("uk, pl;q=0.3, en;q=0.9", "en"),
        ("en;q=0, pl", "pl"),
        ("*", None),
        ("uk", None),
        ("zh-TW,zh;q=0.9,en-US;q=0.8", "zh-Hant"),
        ("pt-BR", "pt"),
        ("", None),
        (";;;q=,,pl;q=x", None),
        ("uk," * 10_000 + "pl", None),
    ],
)
def test_accept_language_is_read_by_weight_and_never_breaks(header: str, language: str | None) -> None:
    assert accepted_language(header) == language


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1 dzień"),
        (3, "3 dni"),
        (5, "5 dni"),
        (22, "22 dni"),
    ],
)
def test_polish_plurals_are_right(number: int, text: str) -> None:
    assert translator_for("pl").ngettext("%(num)d day", "%(num)d days", number) == text
