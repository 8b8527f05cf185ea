"""The HTML of mails: what Word's engine in Outlook for Windows shows, and what people can read in it.

The facts about Word are those of caniemail.com, "Outlook (Windows)". What it does not support may stand in a
mail where its absence changes neither the layout nor what can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement

from preference_center.catalog.appearance import Appearance, FontStack, FooterLink, FooterLinkKind
from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.outbox.mail.content import MailBrand, MailKind, MailLinks, MailOccasion, content_of
from preference_center.outbox.mail.logo import MAX_HEIGHT, MAX_WIDTH, inline_image
from preference_center.outbox.mail.rendering import RenderedMail, rendered
from preference_center.outbox.mail.theme import Palette, theme_of
from preference_center.rules.colours import contrast, parse, to_hex
from preference_center.rules.decisions import UnitFacts
from preference_center.rules.types import Purpose, ResubscribePolicy
from preference_center.translations import languages, translator_for
from tests.html import parse as read
from tests.mailing.pictures import GREY_JPEG, png

LINKS = MailLinks("https://acme.example/c/x?a=1&b=2", "https://acme.example/u/y")
KINDS: tuple[MailKind, ...] = ("LINK", "CONFIRM", "FORGET")
LAYOUT = {"table", "tr", "td"}
TEXT = {"h1", "p", "a", "span", "td"}
WORD: dict[str, set[str]] = {
    "background-color": {"body", "table", "td"},
    "border": {"td", "img"},
    "border-top": {"td"},
    "border-bottom": {"td"},
    "color": TEXT | {"img"},
    "font-family": TEXT | {"img"},
    "font-size": TEXT | {"img"},
    "font-weight": TEXT | {"img"},
    "height": {"td"},
    "line-height": TEXT | {"img"},
    "margin": {"h1", "p"},
    "mso-hide": {"span"},
    "mso-line-height-rule": TEXT | {"img"},
    "mso-padding-alt": {"td"},
    "padding": {"td"},
    "text-decoration": {"a"},
    "width": {"table"},
}
"""What Word supports, and on which elements."""
WITHOUT_WORD: dict[str, set[str]] = {
    "border-radius": {"td"},  # square corners
    "display": {
        "a",
        "span",
        "img",
    },  # `a`: the cell has the padding; `span`: mso-hide; `img`: not shown to Word
    "height": {"img"},  # has the attribute
    "margin": {"body"},
    "max-height": {"span", "img"},
    "max-width": {"table"},  # stands in a table of that width, for Word only
    "opacity": {"span"},
    "overflow": {"span"},
    "padding": {"a", "body"},  # `a`: the cell has mso-padding-alt
    "width": {"img"},  # has the attribute
    "-webkit-text-size-adjust": {"body"},
    "-ms-text-size-adjust": {"body"},
}
"""What it does not support, and why that is no loss."""
WRITTEN = re.compile(r"#[0-9a-f]{6}|-?\d+px|0|100%|1px solid #[0-9a-f]{6}|[a-z-]+")


class Case(NamedTuple):
    """A mail to look at."""

    kind: MailKind
    brand: MailBrand
    types: tuple[str, ...] = ("Breaking news",)
    language: str = "en"
    direction: str = "ltr"


ACME = MailBrand("Acme & Sons", "1 Main Street\n\n Springfield ", "en", Appearance(primary_colour="#b3261e"))
LOGO = png(400, 100)
WITH_ALL = replace(
    ACME,
    appearance=Appearance(
        primary_colour="#ffd23f",
        logo=LOGO,
        dark_logo=png(300, 90),
        corner_radius=0,
        font=FontStack.SERIF,
        website_url="https://acme.example",
        footer_links=(
            FooterLink(FooterLinkKind.PRIVACY, "https://acme.example/privacy"),
            FooterLink(FooterLinkKind.OTHER, "https://acme.example/shops", {"en": "Shops", "pl": "Sklepy"}),
        ),
        sender_name="Acme News",
        sender_address="news@acme.example",
        reply_to="help@acme.example",
    ),
)
BRANDS = (ACME, WITH_ALL, replace(ACME, appearance=Appearance(primary_colour="#fefefe")), MailBrand())
CASES = [
    *(Case(kind, brand) for kind, brand in product(KINDS, BRANDS) if brand.name or kind != "CONFIRM"),
    *(Case("CONFIRM", brand, ("News", "<b>Offers</b>", "Tips")) for brand in BRANDS if brand.name),
    *(Case("CONFIRM", WITH_ALL, ("News", "Tips"), language) for language in languages()),
    Case("CONFIRM", WITH_ALL, ("News", "Tips"), direction="rtl"),
]


UNIT = BusinessUnit(
    1, "acme", "Acme & Sons", True, ResubscribePolicy.WITH_LEGAL_BASIS, "en", "#b3261e", None, None,
    UnitFacts(True, ResubscribePolicy.WITH_LEGAL_BASIS), b"acme",
)  # fmt: skip


def named(name: str) -> SubscriptionType:
    """A type of Acme that comes every Saturday."""
    return SubscriptionType(
        1, "news", b"news", UNIT, {"en": name}, {}, Purpose.MARKETING, (), True, True, None, {},
        frequencies={"en": "Every Saturday"},
    )  # fmt: skip


def render(case: Case) -> RenderedMail:
    translator = replace(translator_for(case.language), direction=case.direction)
    types = tuple(map(named, case.types)) if case.kind == "CONFIRM" else ()
    occasion = MailOccasion(case.kind, 180, types, datetime(2026, 12, 7, tzinfo=UTC))
    return rendered(content_of(occasion, LINKS, case.brand, translator), case.brand, translator)


def styles(element: HtmlElement) -> dict[str, str]:
    pairs = (each.partition(":") for each in (element.get("style") or "").split(";") if each)
    return {name.strip(): value.strip() for name, _, value in pairs}


def elements(mail: RenderedMail) -> Iterator[HtmlElement]:
    yield from read(mail.html).find("//body | //body//*")


@pytest.mark.parametrize("case", CASES)
def test_word_shows_every_mail(case: Case) -> None:
    mail = render(case)
    for element in elements(mail):
        assert element.tag in LAYOUT | TEXT | {"body", "img", "br"}, element.tag
        for name, value in styles(element).items():
            assert element.tag in WORD.get(name, set()) | WITHOUT_WORD.get(name, set()), (element.tag, name)
            if name != "font-family":
                assert all(WRITTEN.fullmatch(part) for part in re.split(r" (?!solid|#)", value)), (
                    name,
                    value,
                )
        if element.tag == "table":
            assert (element.get("role"), element.get("border")) == ("presentation", "0")
            assert (element.get("cellpadding"), element.get("cellspacing")) == ("0", "0")
        if "background-color" in styles(element):
            assert element.tag == "body" or element.get("bgcolor") == styles(element)["background-color"]
    assert not re.search(r"url\(|flex|grid|float|position:|background-image|@import|<link|<script", mail.html)


@pytest.mark.parametrize("case", CASES)
def test_in_word_the_mail_has_a_width_its_own_fonts_and_a_button(case: Case) -> None:
    html = render(case).html
    wide = '<!--[if mso]><table role="presentation" width="560" align="center"'
    assert html.index(wide) < html.index("max-width:560px") < html.index("</td></tr></table><![endif]-->")
    assert html.count("<!--[if") == html.count("<![endif]-->")
    for element in elements(render(case)):  # Word inherits nothing into a cell
        own = styles(element)
        if element.tag in ("h1", "p") or (element.tag == "td" and (element.text or "").strip(" \n\xa0")):
            assert {"font-family", "font-size", "line-height", "color"} <= own.keys()
            assert own["mso-line-height-rule"] == "exactly"
            assert element.get("align") == ("right" if case.direction == "rtl" else "left")
    [button] = read(html).find(f"//td[a[@href='{LINKS.url}']]")
    assert button.get("bgcolor") == styles(button)["background-color"]
    assert "mso-padding-alt" in styles(button)
    assert styles(button.find("a"))["padding"] == styles(button)["mso-padding-alt"]


@pytest.mark.parametrize("case", CASES)
def test_a_mail_is_whole_without_pictures_and_in_plain_text(case: Case) -> None:
    mail = render(case)
    page = read(mail.html)
    assert page.lang == case.language
    assert page.one("/html").get("dir") == case.direction
    assert all(picture.get("alt") == case.brand.name for picture in page.find("//img"))
    assert mail.subject.strip("\u2068").startswith(case.brand.name)
    assert mail.preheader not in (mail.subject, "")
    assert page.text.startswith(" ".join(mail.preheader.split()))
    assert mail.text.count(LINKS.url) == mail.text.count(LINKS.unsubscribe_url) == 1
    assert "\n\n-- \n" in mail.text  # RFC 3676 §4.3
    for line in ("1 Main Street", "Springfield") if case.brand.name else ():
        assert f"\n{line}\n" in mail.text
        assert f"{line}<br>" in mail.html or f"{line}</td>" in re.sub(r"\s+</td>", "</td>", mail.html)
    for name in case.types if len(case.types) > 1 else ():
        assert f"\n- {name} (Every Saturday)\n" in mail.text
    assert len(mail.html) < 16_000  # Gmail cuts a mail off at 102 KB, some programs a style sheet at 16 KB


def test_the_brand_is_in_the_mail() -> None:
    mail = render(Case("LINK", WITH_ALL))
    page = read(mail.html)
    assert (mail.sender_name, mail.sender_address, mail.reply_to) == (
        "Acme News",
        "news@acme.example",
        "help@acme.example",
    )
    shown = page.one("//a[@href='https://acme.example']/img[contains(@class, 'light')]")
    assert (shown.get("src"), shown.get("width"), shown.get("height")) == (mail.images[0].source, "192", "48")
    assert page.links["Shops"] == "https://acme.example/shops"
    assert "Georgia" in mail.html
    assert LOGO in mail.html_for_browser
    assert "cid:" not in mail.html_for_browser


@pytest.mark.parametrize(
    "logo", ["data:image/svg+xml;base64,PHN2Zy8+", "data:image/webp;base64,UklGRg==", None]
)
def test_a_logo_that_mail_programs_do_not_show_gives_way_to_the_name(logo: str | None) -> None:
    mail = render(Case("LINK", replace(ACME, appearance=replace(ACME.appearance, logo=logo))))
    assert read(mail.html).find("//img") == []
    assert mail.images == ()
    [name] = read(mail.html).find("//td[contains(@class, 'x-brand')]")
    assert (name.text, styles(name)["color"]) == ("Acme & Sons", "#b3261e")


def test_the_size_of_a_logo_is_read_and_limited() -> None:
    for width, height in ((400, 100), (30, 20), (5, 2000), (3000, 10)):
        image = inline_image(png(width, height))
        assert image
        assert image.width <= min(width, MAX_WIDTH)
        assert image.height <= min(height, MAX_HEIGHT)
    jpeg = inline_image(GREY_JPEG)
    assert jpeg
    assert (jpeg.subtype, jpeg.width, jpeg.height) == ("jpeg", 24, 16)
    assert inline_image("data:image/png;base64,iVBORw0KGgo=") is None


COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def readable(palette: Palette) -> None:
    for text, surface in (
        (palette.text, palette.card),
        (palette.muted, palette.card),
        (palette.foot, palette.page),
        (palette.brand, palette.card),
        (palette.on_button, palette.button),
    ):
        assert contrast(text, surface) >= 4.5, (text, surface)
    assert contrast(palette.edge, palette.card) >= 3


@given(COLOURS, COLOURS, COLOURS)
def test_no_colours_of_a_brand_make_a_mail_hard_to_read(primary: str, light: str, dark: str) -> None:
    """WCAG 1.4.3, 1.4.11."""
    theme = theme_of(Appearance(primary_colour=primary, background=light, dark_background=dark))
    readable(theme.light)
    readable(theme.dark)
    assert theme.light.button == primary


def inverted(colour: str) -> str:
    return to_hex([1 - part for part in parse(colour)])


@pytest.mark.parametrize(
    "primary", ["#b3261e", "#ffd23f", "#3d5a80", "#0a5c36", "#101820", "#635bff", "#e4572e"]
)
def test_a_mail_stays_readable_when_a_mail_program_inverts_it(primary: str) -> None:
    light = theme_of(Appearance(primary_colour=primary)).light
    for text, surface in ((light.text, light.card), (light.muted, light.card), (light.foot, light.page)):
        assert contrast(inverted(text), inverted(surface)) >= 4.5
    assert contrast(inverted(light.on_button), inverted(light.button)) >= 2.7  # bold
    assert contrast(inverted(light.brand), inverted(light.card)) >= 4.5


def test_dark_mode_has_other_colours_for_everything() -> None:
    theme = theme_of(Appearance(primary_colour="#101820"))
    for name in ("page", "card", "line", "text", "muted", "foot", "brand", "edge"):
        assert getattr(theme.light, name) != getattr(theme.dark, name), name
    html = render(Case("CONFIRM", ACME, ("News", "Tips"))).html
    dark = html[html.index("prefers-color-scheme:dark") : html.index("</style>\n</head>")]
    for part in ("page", "card", "line", "text", "muted", "foot", "brand", "button", "label"):
        assert re.search(rf"\.x-{part}\{{[^}}]*!important\}}", dark), part
    for element in read(html).find("//*[contains(@style, 'color:')]"):
        assert element.get("class"), element.tag
