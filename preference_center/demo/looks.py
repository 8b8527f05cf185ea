"""How the two brands of the demo look: as different as a bookshop and a coffee roaster are."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from preference_center.catalog.appearance import FontStack, FooterLinkKind
from preference_center.catalog.custom_texts import TextKey


def _picture(svg: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def _lantern(line: str, flame: str) -> str:
    """A lantern on an open book."""
    return (
        f'<g fill="none" stroke="{line}" stroke-width="2.4" stroke-linejoin="round" stroke-linecap="round">'
        '<path d="M15 11.5c0-9 12-9 12 0"/><path d="M12.5 16l3-4.5h11l3 4.5z"/>'
        '<path d="M13.5 16l-2.5 17h20l-2.5-17"/>'
        '<path d="M21 38.5c-3.5-2.6-9-3.6-16-3.2v7.2c7-.4 12.5.6 16 3.2 3.5-2.6 9-3.6 16-3.2v-7.2'
        'c-7-.4-12.5.6-16 3.2zm0 0v7.2"/></g>'
        f'<path fill="{flame}" d="M21 18.5c3.6 3.5 5 5.8 5 8.2a5 5 0 0 1-10 0c0-1.5.8-2.8 1.9-4'
        ' .2 1.2.8 1.9 1.6 2.2-.5-2.4.1-4.6 1.5-6.4z"/>'
    )


def _lantern_logo(line: str, flame: str, text: str) -> str:
    return _picture(
        '<svg xmlns="http://www.w3.org/2000/svg" width="226" height="48" viewBox="0 0 226 48">'
        f"{_lantern(line, flame)}"
        f'<text x="50" y="33" textLength="172" lengthAdjust="spacingAndGlyphs" fill="{text}" font-size="27"'
        " font-family=\"'Iowan Old Style',Palatino,P052,Georgia,serif\">Lantern Books</text></svg>"
    )


def _cup(cup: str, steam: str) -> str:
    """A cup, steaming."""
    return (
        f'<path fill="{cup}" d="M5 20h30v7.5a13 13 0 0 1-13 13h-4a13 13 0 0 1-13-13z"/>'
        f'<path fill="none" stroke="{cup}" stroke-width="3.6" d="M34.5 23h3a5.2 5.2 0 0 1 0 10.4h-4"/>'
        f'<g fill="none" stroke="{steam}" stroke-width="3.2" stroke-linecap="round">'
        '<path d="M14.5 14.5c-3-3.5 3-5 0-9"/><path d="M24.5 14.5c-3-3.5 3-5 0-9"/></g>'
        f'<path fill="none" stroke="{steam}" stroke-width="2.6" stroke-linecap="round"'
        ' d="M16 34.5c6.5-1.5 2-7.5 8.5-9"/>'
    )


def _coffee_logo(cup: str, steam: str, text: str) -> str:
    return _picture(
        '<svg xmlns="http://www.w3.org/2000/svg" width="236" height="48" viewBox="0 0 236 48">'
        f"{_cup(cup, steam)}"
        f'<text x="54" y="34" textLength="178" lengthAdjust="spacingAndGlyphs" fill="{text}" font-size="26"'
        ' font-weight="800" font-family="ui-rounded,Quicksand,Nunito,\'Segoe UI\',Roboto,sans-serif">'
        "Kawa i Spółka</text></svg>"
    )


def _icon(drawing: str) -> str:
    return _picture(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-3 -1 50 50">{drawing}</svg>')


BOOKS: dict[str, Any] = {
    "primary_colour": "#2f5d50",
    "logo": _lantern_logo("#2f5d50", "#d98a1f", "#22352f"),
    "dark_logo": _lantern_logo("#a9cfc2", "#f4b548", "#f3ecdd"),
    "favicon": _icon(_lantern("#2f5d50", "#d98a1f")),
    "background": "#f8f3e8",
    "dark_background": "#131c19",
    "corner_radius": 4,
    "font": FontStack.BOOK,
    "website_url": "https://lantern-books.example",
    "footer_links": [
        {"kind": FooterLinkKind.PRIVACY, "url": "https://lantern-books.example/privacy"},
        {"kind": FooterLinkKind.HELP, "url": "https://lantern-books.example/help"},
        {
            "kind": FooterLinkKind.OTHER,
            "url": "https://lantern-books.example/shops",
            "label": {"en": "Our three shops", "pl": "Nasze trzy księgarnie"},
        },
    ],
    "intro": {
        "en": "Three small shops, one big pile of books. Tell us which post you’d like from us.",
        "pl": "Trzy małe księgarnie i wielki stos książek. Wybierz, o czym mamy pisać.",
    },
    "custom_texts": [
        {
            "key": TextKey.LEAVING_REASONS_HEADING,
            "locale": "en",
            "text": "Before you close the book: why? (optional)",
        },
        {
            "key": TextKey.LEAVING_REASONS_HEADING,
            "locale": "pl",
            "text": "Zanim zamkniesz książkę: dlaczego? (nieobowiązkowo)",
        },
    ],
    "reply_to": "hello@lantern-books.example",
}
"""Lantern Books: paper, green cloth, brass."""
COFFEE: dict[str, Any] = {
    "primary_colour": "#ffb627",
    "logo": _coffee_logo("#7a2e12", "#e8890c", "#4a1c0b"),
    "dark_logo": _coffee_logo("#ffb627", "#fff1d6", "#fff1d6"),
    "favicon": _icon(_cup("#7a2e12", "#ffb627")),
    "background": "#fff6e9",
    "dark_background": "#23130c",
    "corner_radius": 22,
    "font": FontStack.ROUNDED,
    "website_url": "https://kawa-i-spolka.example",
    "footer_links": [
        {"kind": FooterLinkKind.PRIVACY, "url": "https://kawa-i-spolka.example/prywatnosc"},
        {"kind": FooterLinkKind.IMPRINT, "url": "https://kawa-i-spolka.example/o-firmie"},
        {
            "kind": FooterLinkKind.OTHER,
            "url": "https://kawa-i-spolka.example/palarnia",
            "label": {"en": "Visit the roastery", "pl": "Odwiedź palarnię"},
        },
    ],
    "intro": {
        "en": "Fresh from the roaster, and only what you’re thirsty for.",
        "pl": "Prosto z palarni i tylko to, na co masz ochotę.",
    },
    "sender_name": "Ola z Kawy i Spółki",
    "reply_to": "ola@kawa-i-spolka.example",
}
"""Kawa i Spółka: amber and roasted brown, everything round."""
