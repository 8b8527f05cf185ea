"""The translations of pages, mails and text messages: nothing missing, fuzzy, stale or left in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from preference_center.catalog.custom_texts import TextKey
from preference_center.translations import LOCALES, languages

ROOT = Path(__file__).parents[3]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
TRANSLATED = [language for language in languages() if language != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
ENDS = {".": ".。", "?": "?？", ":": ":："}
"""How a message ends, and how its translation may end."""

Key = str | tuple[str, ...]


@cache
def sources() -> frozenset[Key]:
    """Every message in the code and the templates."""
    found: set[Key] = set()
    for folder, methods in (
        ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2")]),
        ("api", [("**.py", "python")]),
        ("preference_center", [("**.py", "python")]),
    ):
        options = {pattern: {"trimmed": "true"} for pattern, _ in methods}
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, methods, options, KEYWORDS):
            found.add(message)
    return frozenset(found)


@cache
def po_file(language: str) -> Catalog:
    """The .po file of a language, read strictly."""
    folder = language.replace("-", "_")
    with (LOCALES / folder / "LC_MESSAGES" / "sayso.po").open("rb") as file:
        return read_po(file, locale=folder, abort_invalid=True)


def translations(language: str) -> dict[Key, Message]:
    """The translated messages of a language, by message id."""
    return {message.id: message for message in po_file(language) if message.id}


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Each message with its translation; a plural message with each of its forms."""
    for key, message in translations(language).items():
        forms = [message.string] if isinstance(message.string, str) else message.string
        for form in forms:
            yield key if isinstance(key, str) else key[-1], form


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_no_translation_is_stale(language: str) -> None:
    known = translations(language)
    assert sources() - known.keys() == set()
    assert known.keys() - sources() == set()
    assert not po_file(language).obsolete
    assert [key for key, message in known.items() if message.fuzzy] == []
    assert [source for source, text in pairs(language) if not text] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_equals_the_english_message(language: str) -> None:
    # Italian also says "Email", German "Details"; most languages have the colon and parentheses of English.
    same = {source for source, text in pairs(language) if source == text}
    punctuation = {"%(label)s: %(value)s", "%(name)s (%(channels)s)"}
    assert same <= {"Email", "SMS", "Details", "Website", *punctuation}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_colon_is_that_of_the_language(language: str) -> None:
    for source, text in pairs(language):
        if language == "fr":
            assert not re.search(r"[^\u00a0\u202f]:", text), source
        if language.startswith("zh"):
            assert ":" not in text, source


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_language_has_its_plural_forms(language: str) -> None:
    forms = get_plural(Locale.parse(language, sep="-"))
    text = (LOCALES / language.replace("-", "_") / "LC_MESSAGES" / "sayso.po").read_text("utf-8")
    assert f'"Plural-Forms: {forms.plural_forms.rstrip(";")};\\n"' in text
    counted = [m.string for key, m in translations(language).items() if isinstance(key, tuple)]
    assert {len(strings) for strings in counted} == {forms.num_plurals}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_placeholders_of_the_original(language: str) -> None:
    for source, text in pairs(language):
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(source)), source
        assert not re.search(r"%(?!\(\w+\)[sd])", text), source


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_ends_like_the_original_and_has_no_stray_space(language: str) -> None:
    for source, text in pairs(language):
        assert text == text.strip(), source
        assert "  " not in text, source
        wanted = ENDS.get(source[-1])
        assert text[-1] in wanted if wanted else text[-1] not in ".。:：?？!！", (source, text)


def test_every_text_that_a_brand_may_word_is_a_message() -> None:
    """Whoever rewords a message that has a key changes it in `custom_texts`, too."""
    assert {key.message for key in TextKey} - sources() == set()
