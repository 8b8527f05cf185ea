"""Which language a page speaks, and that Polish is complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from api.i18n import accepted
from preference_center import contacts
from preference_center.wording import LOCALES, languages, wording
from tests.conftest import ALICE, Brands
from tests.http.visit import Links, opened, pressed

ROOT = Path(__file__).parents[2]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


async def test_the_order_is_contact_then_link_then_browser_then_unit(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    path = links.manage(unit="bazaar")
    del client.headers["accept-language"]
    assert (await opened(client, path)).lang == "pl"  # Bazaar's default
    client.headers["accept-language"] = "de, en;q=0.8, pl;q=0.5"
    assert (await opened(client, path)).lang == "en"
    assert (await opened(client, path + "?lang=pl")).lang == "pl"
    await contacts.create(email=ALICE, locale="en")
    assert (await opened(client, path + "?lang=pl")).lang == "en"


async def test_the_switch_wins_over_everything_for_it_is_what_the_person_wants_now(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    await contacts.create(email=ALICE, locale="pl-PL")
    path = links.manage()
    page = await opened(client, path)
    assert page.lang == "pl"
    found = re.search(r'<a href="([^"]+)" lang="en" hreflang="en">English</a>', page.response.text)
    assert found
    switched = path + found[1].replace("&amp;", "&")
    page = await opened(client, switched)
    assert page.lang == "en"
    page.form.boxes["offers:EMAIL"] = True
    assert (await pressed(client, switched, page, "Save choices")).lang == "en"


async def test_types_are_named_in_the_pages_language_or_marked_with_their_own(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    page = await opened(client, links.manage() + "?lang=pl")
    assert '<span class="name">Przegląd tygodnia</span>' in page.response.text
    assert '<span class="name" lang="en">Offers</span>' in page.response.text


async def test_an_unknown_language_is_passed_over(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    for asked in ("xx", "", "../../etc", "pl%00", "x" * 5000):
        assert (await opened(client, f"{links.manage()}?lang={asked}")).lang == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("pl", "pl"),
        ("PL-pl", "pl"),
        ("de, pl;q=0.3, en;q=0.9", "en"),
        ("en;q=0, pl", "pl"),
        ("*", None),
        ("de", None),
        ("", None),
        (";;;q=,,pl;q=x", None),
        ("de," * 10_000 + "pl", None),
    ],
)
def test_accept_language_is_read_by_weight_and_never_breaks(header: str, language: str | None) -> None:
    assert accepted(header) == language


def sources() -> set[str | tuple[str, ...]]:
    """Every message in the code and the templates."""
    found: set[str | tuple[str, ...]] = set()
    for folder, methods in (
        ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2")]),
        ("api", [("**.py", "python")]),
        ("preference_center", [("**.py", "python")]),
    ):
        options = {pattern: {"trimmed": "true"} for pattern, _ in methods}
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, methods, options, KEYWORDS):
            found.add(message)
    return found


def translations(language: str) -> dict[str | tuple[str, ...], Message]:
    with (LOCALES / language / "LC_MESSAGES" / "sayso.po").open("rb") as file:
        return {message.id: message for message in read_po(file, locale=language) if message.id}


def forms(message: Message) -> Iterator[str]:
    yield from [message.string] if isinstance(message.string, str) else message.string


@pytest.mark.parametrize("language", [tag for tag in languages() if tag != "en"])
def test_every_message_is_translated_in_all_its_forms_and_none_is_left_over(language: str) -> None:
    known, wanted = translations(language), sources()
    assert wanted - known.keys() == set()
    assert known.keys() - wanted == set()
    for key, message in known.items():
        assert not message.fuzzy
        assert all(forms(message)), key
        if isinstance(key, tuple):
            assert len(list(forms(message))) == 3, key


@pytest.mark.parametrize("language", [tag for tag in languages() if tag != "en"])
def test_translations_fill_in_what_the_original_fills_in(language: str) -> None:
    for key, message in translations(language).items():
        source = key if isinstance(key, str) else key[1]
        for text in forms(message):
            assert set(re.findall(r"%\(\w+\)s", text)) == set(re.findall(r"%\(\w+\)s", source)), source


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "Zapisano: 1 zmiana."),
        (3, "Zapisano: 3 zmiany."),
        (5, "Zapisano: 5 zmian."),
        (22, "Zapisano: 22 zmiany."),
    ],
)
def test_polish_counts_as_poles_do(number: int, text: str) -> None:
    assert wording("pl").ngettext("Saved: %(num)d change.", "Saved: %(num)d changes.", number) == text
