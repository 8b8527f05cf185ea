"""What recipients see of a brand's own look, and what is kept of it as evidence."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

import httpx

from preference_center.catalog.appearance import FontStack, FooterLinkKind, PreferencePageScope
from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import create_unit, update_type, update_unit
from preference_center.catalog.custom_texts import TextKey
from preference_center.catalog.previews import PreviewPage, keep_look
from preference_center.config import settings
from preference_center.links.hosts import link_maker_of, public_url_of
from preference_center.links.maker import link_maker
from preference_center.links.message_links import LinkedMessage, preference_links
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from preference_center.tables.catalog import Preview
from tests.conftest import ALICE, Brands, Clock, by_team, update_preferences
from tests.http.records import dump, events
from tests.http.visit import Links, open_page, press


def picture(text: str) -> str:
    """A small picture that differs by its text."""
    return "data:image/svg+xml;base64," + b64encode(f"<svg>{text}</svg>".encode()).decode()


def own(key: TextKey, text: str, locale: str = "en") -> dict[str, Any]:
    """One own text."""
    return {"key": key, "locale": locale, "text": text}


LOOK: dict[str, Any] = {
    "primary_colour": "#ffcc00",
    "logo": picture("logo"),
    "dark_logo": picture("dark"),
    "favicon": picture("icon"),
    "background": "#fffaf0",
    "corner_radius": 0,
    "font": FontStack.SLAB,
    "website_url": "https://acme.example/",
    "footer_links": [
        {"kind": FooterLinkKind.PRIVACY, "url": "https://acme.example/privacy"},
        {"kind": FooterLinkKind.OTHER, "url": "https://acme.example/a?b&c", "label": {"en": "Shops & more"}},
    ],
    "custom_texts": [own(TextKey.CONFIRM_HEADING, "100% <b>{type}</b>, yes?")],
}


async def test_pages_carry_the_brand(client: httpx.AsyncClient, brands: Brands, links: Links) -> None:
    await update_unit("acme", appearance=LOOK, postal_address="1 Long Acre")
    html = (await client.get(links.withdraw())).text
    logo, dark, icon = re.findall(r'(?:<img src|srcset|rel="icon" href)="(/logo/[0-9a-f]+)"', html)[::-1]
    for path, content in ((logo, "logo"), (dark, "dark"), (icon, "icon")):
        response = await client.get(path)
        assert response.text == f"<svg>{content}</svg>"
        assert "sandbox" in response.headers["content-security-policy"]
    assert '<a href="https://acme.example/" rel="noreferrer">' in html
    assert '<a class="go" href="https://acme.example/privacy" rel="noreferrer">Privacy notice</a>' in html
    assert '<a class="go" href="https://acme.example/a?b&amp;c" rel="noreferrer">Shops &amp; more</a>' in html
    assert "--radius:0rem;--sans:Rockwell" in html
    assert "--paper:#fffaf0" in html
    assert "--fill:#ffcc00;--on-fill:#14161a" in html
    loaded = re.findall(r'(?:src|srcset|<link[^>]* href)="([^"]*)"', html)
    assert all(url.startswith("/logo/") for url in loaded), "nothing is loaded from elsewhere"


async def test_own_words_are_text_and_are_what_evidence_keeps(
    client: httpx.AsyncClient, brands: Brands, links: Links, alice: int
) -> None:
    await update_unit("acme", appearance=LOOK)
    await update_preferences(alice, [(brands.offers, Channel.EMAIL, PreferenceStatus.OPTED_IN)], by_team())
    path = links.confirm()
    page = await open_page(client, path)
    assert "100% <b>Offers</b>, yes?" in page.text
    assert "<b>" not in page.response.text
    await press(client, path, page, "Yes, subscribe me")
    (proof,) = [event for event in await events() if event["origin"] == "CONFIRMATION"]
    assert proof["wording"].startswith("100% <b>Offers</b>, yes?")
    # In other languages Sayso's own words stay.
    assert "100%" not in (await open_page(client, path + "?lang=pl&chosen=1")).text


async def test_evidence_keeps_the_intro_and_how_often_messages_come(
    client: httpx.AsyncClient, brands: Brands, links: Links, alice: int
) -> None:
    await update_unit(
        "acme",
        appearance={
            "intro": {"en": "Good to see you."},
            "custom_texts": [own(TextKey.PREFERENCES_SAVE, "That’s what I want")],
        },
    )
    await update_type("weekly-digest", frequency={"en": "every Thursday"})
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    await press(client, path, page, "That’s what I want")
    assert (await events())[-1]["wording"] == (
        "Good to see you.\n☑ Weekly digest (Email) – every Thursday\n[That’s what I want]"
    )


async def test_only_languages_that_the_brand_offers_are_shown(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    await update_unit("acme", appearance={"languages": ["de", "pl"]})
    path = links.withdraw()
    accept = {"accept-language": "fr, pl;q=0.8, de;q=0.5"}
    page = await open_page(client, path + "?lang=fr&chosen=1", headers=accept)
    assert page.lang == "pl"
    assert set(re.findall(r'hreflang="([\w-]+)"', page.response.text)) == {"de"}
    assert (await open_page(client, path, headers={"accept-language": "fr"})).lang == "de"


async def test_pages_of_an_installation_with_one_brand_are_its_own(client: httpx.AsyncClient) -> None:
    (only,) = (await exact_catalog()).units or (await create_unit(key="only", name="Only"),)
    heading = own(TextKey.LINK_REQUEST_HEADING, "Zu Ihnen", "de")
    await update_unit(only.key, appearance={"languages": ["de"], "custom_texts": [heading]})
    await exact_catalog()
    page = await open_page(client, "/p", headers={"accept-language": "en"})
    assert page.lang == "de"
    assert "Zu Ihnen" in page.text


async def test_links_of_a_brand_begin_with_its_host_and_pages_answer_on_every_host(
    client: httpx.AsyncClient, brands: Brands, alice: int
) -> None:
    await update_unit("acme", appearance={"public_url": "https://mail.acme.example"})
    catalog = await exact_catalog()
    acme, bazaar = catalog.unit_by_key("acme"), catalog.unit_by_key("bazaar")
    (made,) = preference_links(LinkedMessage(Channel.EMAIL, business_unit=acme), [(parse(ALICE), None)])
    for url in (made.manage_url, made.unsubscribe_url, made.list_unsubscribe.strip("<>")):
        assert url.startswith("https://mail.acme.example/")
    assert public_url_of(bazaar) == public_url_of(None) == settings.current().public_url
    assert link_maker_of(bazaar) is link_maker(settings.current())
    for host in ("mail.acme.example", "sayso.test", "elsewhere.example"):
        path = made.unsubscribe_url.removeprefix("https://mail.acme.example")
        response = await client.post(path, headers={"host": host}, data={"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
    # The evidence names the host that was visited, if it is one of Sayso's.
    (proof,) = [event for event in await events() if event["url"]]
    assert proof["url"] == "https://mail.acme.example/u"


async def test_a_preview_shows_every_page_and_mail_with_settings_that_are_not_saved(
    client: httpx.AsyncClient, brands: Brands, clock: Clock
) -> None:
    look = {
        **LOOK,
        "sender_name": "Acme Club",
        "sender_address": "club@acme.example",
        "reply_to": "help@acme.example",
        "preference_page_scope": PreferencePageScope.OWN_UNIT,
        "custom_texts": [own(TextKey.FOOTER_MANAGE, "Mine")],
    }
    before = await dump()
    kept = await keep_look("acme", look)
    path = "/v/" + link_maker(settings.current()).preview("acme", database.now(), kept.reference)
    shown = {}
    for page in PreviewPage:
        for response in (
            await client.get(path, params={"page": page.value}),
            await client.post(path, params={"page": page.value}, data={"do": "x"}),
        ):
            assert response.status_code == (410 if "expired" in response.text else 200), page
            shown[page] = response
    html = {page: shown[page] for page in PreviewPage if "html" in shown[page].headers["content-type"]}
    for page, response in html.items():
        assert "#ffcc00" in response.text, page
        assert "https://acme.example/privacy" in response.text, page
        loaded = re.findall(r'(?:src|srcset|<link[^>]* href)="([^"]*)"', response.text)
        assert all(url.startswith(("data:", "cid:")) for url in loaded), page
    head = shown[PreviewPage.LINK_MAIL_TEXT].text
    assert head.startswith("From: Acme Club <club@acme.example>\nSubject: ")
    assert "\nReply-To: help@acme.example\n" in head
    assert "Acme" in shown[PreviewPage.TEXT_MESSAGES].text
    assert "Letters" not in shown[PreviewPage.PREFERENCES].text, "types of another unit"
    assert "#ffcc00" not in (await client.get("/p?unit=acme")).text
    await Preview.all().delete()
    assert await dump() == before


async def test_a_look_that_is_not_saved_is_deleted_after_a_day(
    client: httpx.AsyncClient, brands: Brands, clock: Clock
) -> None:
    kept = await keep_look("acme", LOOK)
    path = "/v/" + link_maker(settings.current()).preview("acme", kept.created_at, kept.reference)
    assert (await client.get(path)).status_code == 200
    clock.forward(days=1, seconds=1)
    assert (await client.get(path)).status_code == 410
    await keep_look("acme", LOOK)
    assert await Preview.all().count() == 1
