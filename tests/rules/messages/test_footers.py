"""Keywords as the footers of messages print them (R27, R29)."""

from __future__ import annotations

import pytest

from preference_center.rules.messages.classify import classify
from preference_center.rules.messages.footers import names_unit, separated
from preference_center.rules.types import Meaning

NUMBERS = {
    "en": "STOP to 70123",
    "pl": "STOP na 70123",
    "sv": "STOPP till 70123",
    "de": "STOP an 70123",
    "fr": "STOP au 70123",
    "es": "BAJA al 70123",
    "it": "STOP al 70123",
    "pt": "SAIR para 70123",
    "nl": "STOP naar 70123",
    "zh-Hant": "傳送退訂至70123",
    "zh-Hans": "发送退订到70123",
}
SENDING = {
    "en": "Reply STOP",
    "pl": "Wyślij STOP",
    "sv": "Svara STOPP",
    "de": "Sende STOP",
    "fr": "Envoyez STOP",
    "es": "Envía BAJA",
    "it": "Rispondi STOP",
    "pt": "Responda SAIR",
    "nl": "Stuur STOP",
    "zh-Hant": "回覆退訂",
    "zh-Hans": "回复退订",
}


@pytest.mark.parametrize("language", NUMBERS)
def test_a_keyword_with_its_number_opts_out(language: str) -> None:
    footer = NUMBERS[language]
    for text in (footer, footer.lower(), footer.upper(), f"{footer}.", f"{footer}!", f" {footer}\n"):
        assert classify(text).meaning in {Meaning.WITHDRAWAL, Meaning.STOP}, text


@pytest.mark.parametrize("language", SENDING)
def test_an_instruction_to_send_the_keyword_opts_out(language: str) -> None:
    assert classify(SENDING[language]).meaning in {Meaning.WITHDRAWAL, Meaning.STOP}


@pytest.mark.parametrize("language", NUMBERS)
def test_a_question_about_a_footer_is_unclear(language: str) -> None:
    for text in (f"{NUMBERS[language]}?", f"{SENDING[language]} ?"):
        assert classify(text).meaning is not Meaning.NOTHING, text


GLUED = [
    *("STOP70123", "STOPP70123", "Stop-70123", "STOP#70123", "STOPto70123", "STOPau70123", "STOP to70123"),
    *("STOPPROMO", "stoppromos", "STOPSMS", "STOPPUB", "STOPWERBUNG", "STOPREKLAM", "STOPMARKETING70123"),
    *("STOP2END", "stop2quit", "Stop2Stop", "STOP 2 END", "STOP2OPTOUT", "STOPALL", "STOPALL70123"),
    *("STOP-ACME", "Stop_Acme", "STOP–ACME", "STOP ACME to 70123", "STOP Acme Books 70123"),
    *("STOP NOW", "STOPNOW", "stopplease", "STOP +44 7700 900123", "STOP 70 123", "STOP (70123)"),
]


@pytest.mark.parametrize("text", GLUED)
def test_what_is_glued_to_the_keyword_changes_nothing(text: str) -> None:
    assert classify(text).meaning in {Meaning.WITHDRAWAL, Meaning.STOP}


@pytest.mark.parametrize("text", ["STOPACME", "stopacme70123", "STOP ACME", "STOPVILLA"])
def test_a_keyword_with_an_unknown_word_is_unclear(text: str) -> None:
    """It may be the name of a brand."""
    assert classify(text).meaning is Meaning.UNCLEAR


OTHER_WORDS = [
    *("nonstop", "non-stop", "bus stop", "busstop 70123", "stopwatch", "stopover", "stop-motion", "Stoppuhr"),
    *("stopcontact", "przystanek 70123", "arrêt de bus 70123", "parada 70123", "tram stop 70123"),
    *("the last stop is 70123", "stop at 5", "stop till 1800", "next stop 70123"),
]


@pytest.mark.parametrize("text", OTHER_WORDS)
def test_other_words_with_stop_in_them_never_opt_out(text: str) -> None:
    assert classify(text).meaning in {Meaning.NOTHING, Meaning.UNCLEAR}


NEGATED = [
    *(
        "don't STOP70123",
        "do not STOPPROMO",
        "never STOP to 70123",
        "nie STOP na 70123",
        "nicht STOP an 70123",
    ),
    *("no STOP36200", "not STOP to 70123", "ne STOP pas au 70123", "I won't text STOP to 70123"),
]


@pytest.mark.parametrize("text", NEGATED)
def test_a_negated_footer_never_opts_out(text: str) -> None:
    assert classify(text).meaning in {Meaning.NOTHING, Meaning.UNCLEAR}


def test_an_instruction_that_says_what_for_is_still_unclear() -> None:
    """Whoever quotes the whole footer may complain about it."""
    assert classify("Reply STOP to unsubscribe").meaning is Meaning.UNCLEAR


def test_a_keyword_for_messages_is_not_affected() -> None:
    for text in ("START 70123", "STARTPROMO", "unstop 70123", "HELP 70123", "reply START"):
        assert classify(text).meaning in {Meaning.NOTHING, Meaning.UNCLEAR, Meaning.START}, text


@pytest.mark.parametrize(
    ("text", "name", "named"),
    [
        ("STOP ACME", "Acme", True),
        ("stopacme", "Acme", True),
        ("STOPACME70123", "Acme", True),
        ("STOP LANTERN", "Lantern Books", True),
        ("STOP lantern books", "Lantern Books", True),
        ("STOPP KAWA", "Kawa i Spółka", True),
        ("STOP The", "The Shop", False),
        ("STOP BOOKS", "Lantern Books", False),
        ("ACME", "Acme", False),
        ("STOP ACME?", "Acme", False),
        ("don't STOP ACME", "Acme", False),
        ("stop motion", "Motion", False),
    ],
)
def test_stop_with_the_units_name_opts_out(text: str, name: str, named: bool) -> None:
    assert names_unit(text, name) is named


def test_only_what_is_known_is_separated() -> None:
    text = "Please STOP70123 and stoppromo, not stopwatch or stopover"
    assert separated(text) == "Please stop 70123 and stop promo, not stopwatch or stopover"
