"""The notation of the wordings (R29), and that every wording follows it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from preference_center.rules.messages.grammars import PatternKind, index, vocabulary
from preference_center.rules.messages.phrases import Edges, Index, Match, read_pattern, words_of
from preference_center.rules.messages.wordings import WORDINGS

NAMES = {"end": "stop cease", "msg": "text* message"}


def found(pattern: str, sentence: str, names: Mapping[str, str] = NAMES) -> bool:
    words = sentence.split()
    read = read_pattern(pattern, names)
    return any(read.match(words, at) for at in range(len(words)))


@pytest.mark.parametrize(
    ("pattern", "fits", "no_match"),
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
def test_a_pattern_matches_its_words_and_no_others(pattern: str, fits: str, no_match: str) -> None:
    assert found(pattern, fits)
    assert not found(pattern, no_match)


def test_the_shortest_match_wins_and_lists_the_skipped_words() -> None:
    words = ["stop", "the", "texts", "and", "texts"]
    match = read_pattern("stop ~4 texts", {}).match(words, 0)
    assert match == Match(0, 3, (1,))
    assert [words[at] for at in match.literal()] == ["stop", "texts"]


def test_ignored_words_and_pauses_move_the_ends_of_a_sentence() -> None:
    patterns: Index[str] = Index(ignored=frozenset({"please", "thanks"}), pause=",")
    patterns.add(read_pattern("^ no more $", {}), "enough")
    found_values = [value for _, value in patterns.matches(["please", "no", "more", "thanks"])]
    assert found_values == ["enough"]
    assert [value for _, value in patterns.matches(["hey", ",", "no", "more", ",", "I", "said"])] == [
        "enough"
    ]
    assert not list(patterns.matches(["I", "see", "no", "more", "thanks"]))


def test_without_ignored_words_the_edges_are_the_ends_of_the_sentence() -> None:
    assert Edges.of(["a", "b", "c"]) == Edges(frozenset({0}), frozenset({3}))


@pytest.mark.parametrize("pattern", ["", "~2 stop", "stop? it", "*", "stop |", "a*b", "<nowhere>"])
def test_an_invalid_pattern_is_refused(pattern: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        read_pattern(pattern, NAMES)


def test_every_ideograph_is_a_word() -> None:
    assert list(words_of("謝謝 ok")) == ["謝", "謝", "ok"]


def test_every_wording_of_every_language_is_valid() -> None:
    assert len(WORDINGS) >= 12
    assert list(index(tuple(PatternKind)).matches(["退", "訂"]))
    assert {"unsubscribe", "wypisz", "abmelden", "退"} <= vocabulary((PatternKind.REQUEST,))


@pytest.mark.parametrize("wordings", WORDINGS, ids=lambda wordings: str(wordings.language))
def test_no_language_has_a_wording_twice(wordings: object) -> None:
    for kind in PatternKind:
        lines = [" ".join(line.split()) for line in getattr(wordings, kind.value).splitlines()]
        assert len(lines) - lines.count("") == len(set(lines) - {""}), kind
