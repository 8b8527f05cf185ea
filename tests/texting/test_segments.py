"""Each of Sayso's text messages takes one SMS where the language allows it, else two, with real names."""

from __future__ import annotations

import pytest

from preference_center.catalog.catalog import BusinessUnit, exact_catalog
from preference_center.catalog.changes import create_unit
from preference_center.outbox.keyword_replies import ReplyKind, reply_text
from preference_center.outbox.text_messages.content import TextKind, TextOccasion, text_of
from preference_center.outbox.text_messages.segments import is_gsm, segments
from preference_center.rules.types import Channel
from preference_center.translations import languages, translator_for
from tests.conftest import Brands

URL = "https://preferences.thecourier.example/s/BCDFGHJKLMNP"
BRANDS = ("The Courier", "Lantern Books", "Great Northern Coffee Roasters", "Café Zürich", "")
TYPES = (
    ("Breaking news",),
    ("Breaking news", "Weekend reads"),
    ("Offers", "Events", "Weekly digest", "Back in stock", "Recipes from our kitchen"),
)
OCCASIONS = [
    *(TextOccasion(kind, Channel.SMS, brand) for kind in ("LINK", "FORGET") for brand in BRANDS),
    *(
        TextOccasion("CONFIRM", channel, brand, types)
        for channel in (Channel.SMS, Channel.WHATSAPP)
        for brand in BRANDS
        if brand
        for types in TYPES
    ),
]


@pytest.mark.parametrize("language", languages())
def test_every_message_fits(language: str) -> None:
    translator = translator_for(language)
    for occasion in OCCASIONS:
        text = text_of(occasion, URL, translator)
        assert text.splitlines()[1] == URL, text
        assert segments(text) <= (1 if is_gsm(text) else 2), text
    assert all(is_gsm(text_of(each, URL, translator_for("en"))) for each in OCCASIONS)


@pytest.mark.parametrize("language", languages())
async def test_every_reply_to_a_keyword_fits(brands: Brands, language: str) -> None:
    kinds: tuple[ReplyKind, ...] = ("STOPPED", "STARTED", "HELPED")
    for kind in kinds:
        text = reply_text(kind, Channel.SMS, brands.acme, language)
        assert segments(text) <= (1 if is_gsm(text) else 2), text


async def test_very_long_names_are_shortened(brands: Brands) -> None:
    await create_unit(key="long", name="Acme " * 39)
    unit: BusinessUnit | None = (await exact_catalog()).unit_by_key("long")
    assert unit
    kinds: tuple[TextKind, ...] = ("LINK", "CONFIRM")
    for kind in kinds:
        text = text_of(TextOccasion(kind, Channel.SMS, unit.name, (unit.name,)), URL, translator_for("en"))
        assert "A...: " in text or "Acme...: " in text
        assert segments(text) == 1


def test_the_names_of_several_types_are_listed_if_they_fit_and_counted_if_not() -> None:
    translator = translator_for("en")
    few = TextOccasion("CONFIRM", Channel.SMS, "Acme", ("News", "Offers"))
    assert text_of(few, URL, translator).startswith('Acme: get "News" and "Offers" by SMS? Confirm:\n')
    many = TextOccasion("CONFIRM", Channel.WHATSAPP, "Acme", TYPES[2])
    assert text_of(many, URL, translator).startswith("Acme: get 5 kinds of messages on WhatsApp? Confirm:\n")


@pytest.mark.parametrize(
    ("text", "gsm", "parts"),
    [
        ("a" * 160, True, 1),
        ("a" * 161, True, 2),
        ("a" * 306, True, 2),
        ("€" * 80, True, 1),
        ("€" * 81, True, 2),
        ("ę" * 70, False, 1),
        ("ę" * 71, False, 2),
        ("😀" * 35, False, 1),
        ("😀" * 36, False, 2),
        ("ç", False, 1),
        ("Ç@£\n", True, 1),
    ],
)
def test_the_segments_of_a_text(text: str, gsm: bool, parts: int) -> None:
    """3GPP TS 23.038 §6.2.1, TS 23.040 §9.2.3.24."""
    assert (is_gsm(text), segments(text)) == (gsm, parts)
