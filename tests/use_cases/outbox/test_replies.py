"""The replies to keywords: in eleven languages, short, each with the keywords to send (R28)."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from preference_center.outbox import keyword_replies as replies
from preference_center.rules.messages.classify import classify
from preference_center.rules.messages.keyword_lists import LANGUAGES
from preference_center.rules.types import Channel, Meaning
from preference_center.translations import LOCALES
from tests.conftest import Brands

KINDS = get_args(replies.ReplyKind)
CHANNELS = (Channel.SMS, Channel.WHATSAPP)
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def test_replies_exist_in_every_language_of_the_keywords() -> None:
    assert set(replies.languages()) == set(LANGUAGES)
    assert replies.languages()[0] == "en"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_reply_is_translated_and_nothing_else(language: str) -> None:
    with (LOCALES / language.replace("-", "_") / "LC_MESSAGES" / "replies.po").open("rb") as file:
        known = {message.id: message for message in read_po(file) if message.id}
    assert set(known) == {text for texts in replies._MESSAGES.values() for text in texts.values()}
    for source, message in known.items():
        assert not message.fuzzy
        assert message.string
        assert message.string != source
        assert re.findall(r"%\(\w+\)s", message.string) == ["%(unit)s"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_reply_names_the_unit_and_the_keywords_to_send(brands: Brands, language: str) -> None:
    words = {"STOPPED": {"START"}, "STARTED": {"STOP", "HELP"}, "HELPED": {"STOP", "START"}}
    for kind, channel in product(KINDS, CHANNELS):
        reply = replies.reply_text(kind, channel, brands.acme, language)
        assert "Acme" in reply
        assert ("WhatsApp" in reply) is (channel is Channel.WHATSAPP)
        assert set(re.findall(r"STOP|START|HELP", reply)) == words[kind]
        assert len(reply) <= 160
    assert len({replies.reply_text(kind, Channel.SMS, brands.acme, language) for kind in KINDS}) == len(KINDS)


def test_the_keywords_in_replies_are_understood() -> None:
    meanings = [classify(word).meaning for word in ("STOP", "START", "HELP")]
    assert meanings == [Meaning.STOP, Meaning.START, Meaning.HELP]


@pytest.mark.parametrize(
    ("tags", "language"),
    [
        (("pl-PL",), "pl"),
        (("fr-CA", "en"), "fr"),
        (("zh-TW",), "zh-Hant"),
        (("zh-Hant-HK",), "zh-Hant"),
        (("zh_HK",), "zh-Hant"),
        (("zh",), "zh-Hans"),
        (("zh-Hans-TW",), "zh-Hans"),
        (("uk", None, "sv"), "sv"),
        ((None, "x" * 4000, ""), "en"),
        ((), "en"),
    ],
)
def test_the_first_tag_with_a_translation_gives_the_language(
    tags: tuple[str | None, ...], language: str
) -> None:
    assert replies.language_of(*tags) == language


async def test_the_reply_to_help_ends_with_the_postal_address(brands: Brands) -> None:
    unit = replace(brands.acme, postal_address="Acme Ltd\n1 High Street\r\nLondon")
    reply = replies.reply_text("HELPED", Channel.SMS, unit, "en")
    assert reply.endswith("START to get them. Acme Ltd, 1 High Street, London")
    assert "London" not in replies.reply_text("STOPPED", Channel.SMS, unit, "en")


async def test_a_units_name_cannot_break_the_reply(brands: Brands) -> None:
    unit = replace(brands.acme, name="100%(s)d\x08\ufffe <b>&\n Co")
    assert replies.reply_text("STARTED", Channel.SMS, unit, "sv").startswith("100%(s)d <b>& Co får")
