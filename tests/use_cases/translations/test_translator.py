"""Each language's name, dates and lists, and the choice of a language for a tag."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from preference_center.rules.languages import localized
from preference_center.rules.messages.keyword_lists import LANGUAGES
from preference_center.translations import languages, nearest, translator_for

DAY = datetime(2026, 12, 3, tzinfo=UTC)
FORMATS = {
    "en": ("English", "3 December 2026", "Acme, Bazaar and Corner"),
    "de": ("Deutsch", "3. Dezember 2026", "Acme, Bazaar und Corner"),
    "es": ("Español", "3 de diciembre de 2026", "Acme, Bazaar y Corner"),
    "fr": ("Français", "3 décembre 2026", "Acme, Bazaar et Corner"),
    "it": ("Italiano", "3 dicembre 2026", "Acme, Bazaar e Corner"),
    "nl": ("Nederlands", "3 december 2026", "Acme, Bazaar en Corner"),
    "pl": ("Polski", "3 grudnia 2026", "Acme, Bazaar i Corner"),
    "pt": ("Português", "3 de dezembro de 2026", "Acme, Bazaar e Corner"),
    "sv": ("Svenska", "3 december 2026", "Acme, Bazaar och Corner"),
    "zh-Hans": ("简体中文", "2026年12月3日", "Acme、Bazaar和Corner"),
    "zh-Hant": ("繁體中文", "2026年12月3日", "Acme、Bazaar和Corner"),
}


def test_every_language_of_the_keywords_is_translated() -> None:
    assert set(languages()) == set(LANGUAGES) == set(FORMATS)
    assert languages()[0] == "en"


@pytest.mark.parametrize("language", FORMATS)
def test_a_language_has_its_own_name_dates_and_lists(language: str) -> None:
    translator = translator_for(language)
    name, day, listed = FORMATS[language]
    assert translator.name == name
    assert translator.date(DAY) == day.replace(" ", "\u00a0", 1)
    assert translator.listed(["Acme", "Bazaar", "Corner"]) == listed
    assert translator.direction == "ltr"
    assert translator.listed([]) == ""


def test_sentences_are_joined_with_a_space_if_the_language_has_spaces() -> None:
    assert translator_for("en").joined("Done.", "Nothing was changed.") == "Done. Nothing was changed."
    assert translator_for("zh-Hant").joined("完成。", "未做任何變更。") == "完成。未做任何變更。"


def test_values_are_isolated_in_right_to_left_text() -> None:
    translator = replace(translator_for("en"), language="ar", direction="rtl")
    text = translator.gettext("Stop all SMS from %(unit)s", unit="Acme 24/7")
    assert text == "Stop all SMS from \u2068Acme 24/7\u2069"
    assert translator_for("en").gettext("Stop all SMS from %(unit)s", unit="Acme") == "Stop all SMS from Acme"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("sv-FI", "sv"),
        ("de_AT", "de"),
        ("pt-BR", "pt"),
        ("pt-PT", "pt"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-sg", "zh-Hans"),
        ("no", None),
        ("nb-NO", None),
        ("uk", None),
        (None, None),
        ("", None),
        ("zh-" + "x" * 4000, None),
    ],
)
def test_a_language_tag_gives_the_closest_translated_language(tag: str | None, language: str | None) -> None:
    assert nearest(tag) == language


@pytest.mark.parametrize(
    ("texts", "language", "found"),
    [
        ({"en": "News", "zh-TW": "消息"}, "zh-Hant", ("消息", "zh-TW")),
        ({"en": "News", "zh-CN": "新闻", "zh-HK": "消息"}, "zh-Hant", ("消息", "zh-HK")),
        ({"en": "News", "zh-CN": "新闻"}, "zh-Hant", ("News", "en")),
        ({"en": "News", "pt-BR": "Novidades"}, "pt", ("Novidades", "pt-BR")),
        ({"en": "News", "pl": ""}, "pl", ("News", "en")),
        ({"sv": "Nyheter"}, "pl", ("Nyheter", "sv")),
        ({}, "pl", None),
    ],
)
def test_a_text_of_the_catalog_is_shown_in_the_closest_language(
    texts: dict[str, str], language: str, found: tuple[str, str] | None
) -> None:
    assert localized(texts, language, "en") == found


def test_french_writes_the_first_of_a_month_as_an_ordinal() -> None:
    days = [translator_for("fr").date(datetime(2026, 12, day, tzinfo=UTC)) for day in (1, 11, 21)]
    assert days == ["1er\u00a0décembre 2026", "11\u00a0décembre 2026", "21\u00a0décembre 2026"]
