"""How a text message is normalised (R27) and split into sentences (R29)."""

from __future__ import annotations

import pytest

from preference_center.rules.messages.message_text import (
    MAX_LENGTH,
    Sentence,
    keyword_key,
    normalised,
    sentences,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  STOP\n", "stop"),
        ("Ｓｔｏｐ！", "stop"),
        ("S.T.O.P.", "stop"),
        ("s t o p", "stop"),
        ("st\u200bop\ufe0f 🛑", "stop"),
        ("opt-out", "opt out"),
        ("Żegnaj   Ćmo…", "żegnaj ćmo"),
        ("Zegnaj C\u0301mo", "zegnaj ćmo"),
        ("don't", "dont"),
        ("取消 訂閱。", "取消 訂閱"),
        ("\ud800st\x00op", "stop"),
        ("\u0301", ""),
        ("👍", ""),
    ],
)
def test_case_space_punctuation_and_invisible_characters_are_removed(text: str, expected: str) -> None:
    assert normalised(text) == expected
    assert normalised(expected) == expected


@pytest.mark.parametrize("same", ["WYJDŹ", "wyjdz", "W Y J D Ź", "wy jdź", "„Wyjdź”"])
def test_spaces_and_diacritics_do_not_distinguish_keywords(same: str) -> None:  # R27
    assert keyword_key(same) == "wyjdz"


def test_sentences_end_at_punctuation_and_keep_their_pauses() -> None:
    words = [" ".join(sentence.words) for sentence in sentences("No, don't! Stop (please) - now.\nL'envoi")]
    assert words == ["no , dont", "stop , please , , now", "l envoi"]


def test_spelled_out_stretched_and_joined_words_are_words() -> None:
    assert [sentence.words for sentence in sentences("pleeease S.T.O.P texting.me")] == [
        ("please", "stop", "texting", ",", "me")
    ]


@pytest.mark.parametrize(
    "text", ['say "stop" now', "say “stop” now", "say «stop» now", "say 'stop' now", "say「stop」now"]
)
def test_quoted_words_are_marked(text: str) -> None:
    assert sentences(text) == [Sentence(("say", "stop", "now"), (False, True, False), (False, False, False))]


def test_lines_of_the_previous_message_are_quoted() -> None:
    cited, own = sentences('> Reply "STOP" to end\nok')
    assert all(cited.quoted)
    assert not any(own.quoted)


def test_shouted_words_are_marked() -> None:
    (sentence,) = sentences("I said STOP")
    assert sentence.shouted == (False, False, True)


def test_start_and_end_of_an_overlong_text_are_read() -> None:
    read = [word for sentence in sentences("first " + "x " * MAX_LENGTH + "last") for word in sentence.words]
    assert (read[0], read[-1]) == ("first", "last")
    assert len(read) < MAX_LENGTH
