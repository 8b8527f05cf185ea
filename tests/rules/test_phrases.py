"""The notation in which wordings are written (R29), and that every wording is written in it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from preference_center.rules.messages.grammars import Kind, index, vocabulary
from preference_center.rules.messages.phrases import Edges, Index, Match, read_pattern, words_of
from preference_center.rules.messages.wordings import WORDINGS

NAMES = {"end": "stop cease", "msg": "text* message"}


def found(pattern: str, sentence: str, names: Mapping[str, str] = NAMES) -> bool:
    words = sentence.split()
    read = read_pattern(pattern, names)
    return any(read.match(words, at) for at in range(len(words)))


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("stop", "please stop now", "stopped"),
        ("unsub*", "unsubscribe me", "sub"),
        ("stop|cease it", "cease it", "end it"),
        ("take_me|get_us off", "get us off", "take us off"),
        ("stop ~2 texts", "stop all your texts", "stop all of your texts"),
        ("stop the? texts", "stop texts", "stop all texts"),
        ("^ no more", "no more please", "there is no more"),
        ("no more $", "please no more", "no more of it"),
        ("<end> ~1 <msg>", "cease the texting", "end the texts"),
        ("退訂", "我 要 退 訂", "退 了 訂"),
        ("a| \n  b c", "b c", "a b"),
    ],
)
def test_a_pattern_fits_what_it_says_and_nothing_else(pattern: str, fits: str, fits_not: str) -> None:
    assert found(pattern, fits)
    assert not found(pattern, fits_not)


def test_the_shortest_match_is_taken_and_tells_which_words_it_went_over() -> None:
    words = ["stop", "the", "texts", "and", "texts"]
    match = read_pattern("stop ~4 texts", {}).match(words, 0)
    assert match == Match(0, 3, (1,))
    assert [words[at] for at in match.literal()] == ["stop", "texts"]


def test_politeness_and_pauses_move_the_ends_of_a_sentence() -> None:
    patterns: Index[str] = Index(idle=frozenset({"please", "thanks"}), pause=",")
    patterns.add(read_pattern("^ no more $", {}), "enough")
    heard = [meant for _, meant in patterns.matches(["please", "no", "more", "thanks"])]
    assert heard == ["enough"]
    assert [meant for _, meant in patterns.matches(["hey", ",", "no", "more", ",", "I", "said"])] == [
        "enough"
    ]
    assert not list(patterns.matches(["I", "see", "no", "more", "thanks"]))


def test_the_edges_of_a_sentence_without_idle_words_are_its_ends() -> None:
    assert Edges.of(["a", "b", "c"]) == Edges(frozenset({0}), frozenset({3}))


@pytest.mark.parametrize("pattern", ["", "~2 stop", "stop? it", "*", "stop |", "a*b", "<nowhere>"])
def test_a_pattern_that_cannot_be_found_is_refused(pattern: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        read_pattern(pattern, NAMES)


def test_ideographs_are_words_each() -> None:
    assert list(words_of("謝謝 ok")) == ["謝", "謝", "ok"]


def test_every_wording_of_every_language_can_be_read() -> None:
    assert len(WORDINGS) >= 12
    assert list(index(tuple(Kind)).matches(["退", "訂"]))
    assert {"unsubscribe", "wypisz", "abmelden", "退"} <= vocabulary((Kind.REQUEST,))


@pytest.mark.parametrize("wordings", WORDINGS, ids=lambda wordings: str(wordings.language))
def test_no_wording_is_written_twice_in_a_language(wordings: object) -> None:
    for kind in Kind:
        lines = [" ".join(line.split()) for line in getattr(wordings, kind.value).splitlines()]
        assert len(lines) - lines.count("") == len(set(lines) - {""}), kind
