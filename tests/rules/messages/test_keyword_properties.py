"""Every text is classified (R29), and a keyword is recognised with every decoration (R27)."""

from __future__ import annotations

import unicodedata
from itertools import chain

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from preference_center.rules.messages.classify import classify, normalised
from preference_center.rules.types import Meaning

KEYWORDS = [
    word
    for line in (
        "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START UNSTOP SUBSCRIBE HELP INFO",
        "ANULUJ KONIEC WYJDŹ SUBSKRYBUJ POMOC ABMELDEN HILFE HJÄLP ARRÊT AIDE BAJA AYUDA AIUTO SAIR AJUDA",
        "AFMELDEN HULP 退訂 幫助 退订 帮助",
    )
    for word in line.split()
]
INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202e\u2060\u2066\u2069\ufe0f\ufeff\x00\x07"
)
SPACES = " \t\r\n\u00a0\u2003\u202f\u3000"
MARKS = "".join(
    mark
    for mark in map(chr, range(0x10000))
    if unicodedata.category(mark).startswith("P") and unicodedata.normalize("NFKC", mark) == mark
)
"""Every punctuation mark that is its own normal form."""

PIECES = [
    "a",
    " ",
    "?",
    "1",
    "\n",
    "(",
    "'",
    "\u200b",
    "\u0301",
    "e\u0301",
    "ﷺ",
    "🛑",
    "退",
    "不要",
    "stop ",
    "no ",
]
PIECES += ["please ", "don't stop ", "nie ", "unsubscribe", "stop texting me. ", "take me off "]

anything = st.text(st.characters())
keywords = st.sampled_from(KEYWORDS)
around = st.text(st.sampled_from(MARKS + SPACES + INVISIBLE), max_size=6)
steady = settings(deadline=None, derandomize=True, max_examples=300)


def full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def without_marks(text: str) -> str:
    """Without diacritics, as many people type."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@steady
@given(text=anything)
def test_every_text_has_a_meaning(text: str) -> None:  # R29
    assert isinstance(classify(text).meaning, Meaning)


@steady
@given(text=anything)
@example(text="¼")
@example(text="A´")
def test_normalising_twice_changes_nothing(text: str) -> None:  # R27
    assert normalised(normalised(text)) == normalised(text)


@steady
@given(text=anything)
def test_a_text_that_is_empty_when_normalised_is_no_keyword(text: str) -> None:  # R27
    if not normalised(text):
        assert classify(text).meaning in {Meaning.NOTHING, Meaning.UNCLEAR}


@steady
@given(word=keywords, before=around, after=around)
def test_punctuation_and_space_around_a_keyword_change_nothing(
    word: str, before: str, after: str
) -> None:  # R27
    assert classify(before + word + after) == classify(word)


@steady
@given(word=keywords, data=st.data())
def test_upper_and_lower_case_change_nothing(word: str, data: st.DataObject) -> None:
    upper = data.draw(st.lists(st.booleans(), min_size=len(word), max_size=len(word)))
    typed = "".join(letter.upper() if up else letter.lower() for letter, up in zip(word, upper, strict=True))
    assert classify(typed) == classify(word)


@steady
@given(word=keywords, data=st.data())
def test_invisible_characters_within_a_keyword_change_nothing(word: str, data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.text(INVISIBLE, max_size=3), min_size=len(word), max_size=len(word)))
    assert classify("".join(chain.from_iterable(zip(gaps, word, strict=True)))) == classify(word)


@pytest.mark.parametrize("word", KEYWORDS)
def test_other_unicode_forms_change_nothing(word: str) -> None:
    forms = [unicodedata.normalize(form, word) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    for text in (*forms, full_width(word), without_marks(word), f"{word}\ufe0f"):
        assert classify(text) == classify(word), text


@pytest.mark.parametrize("word", KEYWORDS)
def test_every_keyword_is_recognised(word: str) -> None:
    assert classify(word).meaning in {Meaning.STOP, Meaning.START, Meaning.HELP}


@pytest.mark.parametrize("piece", PIECES)
def test_a_message_of_100_000_characters_is_classified(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    assert isinstance(classify(text).meaning, Meaning)
    assert isinstance(classify(text + "please take me off your list").meaning, Meaning)
