"""How a text message is made comparable (R27) and cut into sentences (R29)."""

from __future__ import annotations

import pytest

from preference_center.rules.messages.message_text import READ, Sentence, key, normalised, sentences


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
def test_r27_what_does_not_matter_is_normalised_away(text: str, expected: str) -> None:
    assert normalised(text) == expected
    assert normalised(expected) == expected


@pytest.mark.parametrize("same", ["WYJDŹ", "wyjdz", "W Y J D Ź", "wy jdź", "„Wyjdź”"])
def test_r27_spaces_and_diacritics_do_not_tell_keywords_apart(same: str) -> None:
    assert key(same) == "wyjdz"


def test_r29_sentences_end_at_their_marks_and_pauses_are_kept() -> None:
    words = [" ".join(sentence.words) for sentence in sentences("No, don't! Stop (please) - now.\nL'envoi")]
    assert words == ["no , dont", "stop , please , , now", "l envoi"]


def test_r29_spelled_out_stretched_and_joined_words_are_words() -> None:
    assert [sentence.words for sentence in sentences("pleeease S.T.O.P texting.me")] == [
        ("please", "stop", "texting", ",", "me")
    ]


@pytest.mark.parametrize(
    "text", ['say "stop" now', "say “stop” now", "say «stop» now", "say 'stop' now", "say「stop」now"]
)
def test_r29_quoted_words_are_known_as_such(text: str) -> None:
    assert sentences(text) == [Sentence(("say", "stop", "now"), (False, True, False), (False, False, False))]


def test_r29_lines_of_the_message_that_is_answered_are_quoted() -> None:
    cited, own = sentences('> Reply "STOP" to end\nok')
    assert all(cited.quoted)
    assert not any(own.quoted)


def test_r29_shouted_words_are_known_as_such() -> None:
    (sentence,) = sentences("I said STOP")
    assert sentence.loud == (False, False, True)


def test_r29_of_a_text_that_is_no_message_any_more_both_ends_are_read() -> None:
    read = [word for sentence in sentences("first " + "x " * READ + "last") for word in sentence.words]
    assert (read[0], read[-1]) == ("first", "last")
    assert len(read) < READ
