"""Classifying text messages: keywords (R27, R28) and a corpus of real-life wordings (R29)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

import pytest

from preference_center.rules.messages.classify import Reading, classify, normalised
from preference_center.rules.types import Meaning
from tests.rules.messages.wordings import LANGUAGES, Label, Wording, labelled, wordings

OPTS_OUT = {Meaning.STOP, Meaning.WITHDRAWAL}
NOTICED = OPTS_OUT | {Meaning.UNCLEAR}
OPTS_NOBODY_OUT = {Meaning.UNCLEAR, Meaning.NOTHING}
R27_WORDS = {
    (None, Meaning.STOP): "STOP",
    (None, Meaning.START): "START",
    (None, Meaning.HELP): "HELP INFO",
    ("en", Meaning.STOP): "STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT",
    ("en", Meaning.START): "UNSTOP SUBSCRIBE",
    ("pl", Meaning.STOP): "ANULUJ KONIEC WYJDŹ",
    ("pl", Meaning.START): "SUBSKRYBUJ",
}
"""As R27 lists them. None: the word is used in many languages, so it does not tell which."""
TRANSLATIONS = {
    ("pl", Meaning.HELP): "POMOC",
    ("sv", Meaning.STOP): "AVSLUTA AVREGISTRERA AVBRYT SLUTA",
    ("sv", Meaning.START): "STARTA BÖRJA PRENUMERERA",
    ("sv", Meaning.HELP): "HJÄLP",
    ("de", Meaning.STOP): "ABMELDEN ABBESTELLEN",
    ("de", Meaning.START): "ANMELDEN ABONNIEREN STARTEN",
    ("de", Meaning.HELP): "HILFE",
    ("fr", Meaning.STOP): "ARRÊT DÉSABONNER DÉSINSCRIPTION",
    ("fr", Meaning.START): "ABONNER S'ABONNER REPRENDRE COMMENCER DÉMARRER INSCRIPTION",
    ("fr", Meaning.HELP): "AIDE",
    ("es", Meaning.STOP): "BAJA SALIR",
    ("es", Meaning.START): "ALTA SUSCRIBIR SUSCRIBIRSE EMPEZAR COMENZAR",
    ("es", Meaning.HELP): "AYUDA",
    ("it", Meaning.STOP): "ANNULLA CANCELLAMI DISISCRIVIMI",
    ("it", Meaning.START): "ISCRIVIMI ISCRIVITI INIZIA",
    ("it", Meaning.HELP): "AIUTO",
    ("pt", Meaning.STOP): "SAIR PARAR",
    ("pt", Meaning.START): "INSCREVER ASSINAR COMEÇAR SUBSCREVER",
    ("pt", Meaning.HELP): "AJUDA",
    ("nl", Meaning.STOP): "AFMELDEN UITSCHRIJVEN",
    ("nl", Meaning.START): "AANMELDEN INSCHRIJVEN",
    ("nl", Meaning.HELP): "HULP",
    ("zh-Hant", Meaning.STOP): "退訂 取消訂閱",
    ("zh-Hant", Meaning.START): "訂閱",
    ("zh-Hant", Meaning.HELP): "幫助 說明",
    ("zh-Hans", Meaning.STOP): "退订 取消订阅",
    ("zh-Hans", Meaning.START): "订阅",
    ("zh-Hans", Meaning.HELP): "帮助 说明",
}


def words(*meanings: Meaning) -> list[str]:
    """The words of R27 with one of these meanings."""
    return [word for (_, meaning), line in R27_WORDS.items() if meaning in meanings for word in line.split()]


@cache
def read_once(text: str) -> Reading:
    return classify(text)


def readings(selected: Iterable[Wording]) -> list[tuple[Wording, Meaning]]:
    return [(wording, read_once(wording.text).meaning) for wording in selected]


def report(wrong: list[tuple[Wording, Meaning]]) -> str:
    """Misread wordings, one per line: language, label, classification, wording."""
    lines = (f"{each.language:8}{each.label.name:9}{meaning.name:12}{each.text!r}" for each, meaning in wrong)
    return "\n".join([f"{len(wrong)} of the corpus:", *lines])


def test_the_corpus_is_large_and_half_of_it_is_no_withdrawal() -> None:  # R29
    outs, others = labelled(Label.OUT), labelled(Label.NOT_OUT, Label.IN, Label.HELP)
    assert len(wordings()) >= 360
    assert len(others) >= 180
    assert len(outs) >= 180
    assert len(others) >= len(outs) * 0.9
    sizes = Counter(wording.language for wording in wordings())
    assert all(sizes[language] >= (100 if language == "en" else 25) for language in LANGUAGES)


def test_no_wording_is_in_the_corpus_twice() -> None:  # R29
    twice = [text for text, times in Counter(wording.text for wording in wordings()).items() if times > 1]
    assert twice == []


def test_no_withdrawal_is_dropped() -> None:  # R29
    dropped = [
        (wording, meaning) for wording, meaning in readings(labelled(Label.OUT)) if meaning not in NOTICED
    ]
    assert not dropped, report(dropped)


def test_at_least_85_percent_of_withdrawals_need_no_review() -> None:  # R29
    read = readings(labelled(Label.OUT))
    undecided = [(wording, meaning) for wording, meaning in read if meaning not in OPTS_OUT]
    assert len(undecided) <= len(read) * 0.15, report(undecided)


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_least_70_percent_of_withdrawals_in_each_language_need_no_review(language: str) -> None:  # R29
    read = readings(each for each in labelled(Label.OUT) if each.language == language)
    undecided = [(wording, meaning) for wording, meaning in read if meaning not in OPTS_OUT]
    assert len(undecided) <= len(read) * 0.3, report(undecided)


def test_other_messages_never_opt_out() -> None:  # R29
    wrong = [
        (wording, meaning)
        for wording, meaning in readings(labelled(Label.NOT_OUT))
        if meaning not in OPTS_NOBODY_OUT
    ]
    assert not wrong, report(wrong)


def test_requests_for_messages_or_information_never_opt_out() -> None:  # R29
    read = readings(labelled(Label.IN, Label.HELP))
    wrong = [(wording, meaning) for wording, meaning in read if meaning in OPTS_OUT]
    assert not wrong, report(wrong)


def test_at_most_15_percent_of_other_messages_need_review() -> None:  # R29
    read = readings(labelled(Label.NOT_OUT))
    undecided = [(wording, meaning) for wording, meaning in read if meaning is Meaning.UNCLEAR]
    assert len(undecided) <= len(read) * 0.15, report(undecided)


def test_messages_that_readers_disagree_about_are_reviewed() -> None:  # R29
    read = readings(labelled(Label.UNSURE))
    dropped = [(wording, meaning) for wording, meaning in read if meaning is Meaning.NOTHING]
    assert len(dropped) <= len(read) * 0.15, report(dropped)


def test_only_a_keyword_opts_in() -> None:  # R28
    read = readings(labelled(Label.OUT, Label.UNSURE, Label.NOT_OUT, Label.HELP))
    wrong = [(wording, meaning) for wording, meaning in read if meaning is Meaning.START]
    assert not wrong, report(wrong)


@pytest.mark.parametrize(("language", "meaning"), R27_WORDS)
def test_every_keyword_of_the_rule_has_its_meaning(language: str | None, meaning: Meaning) -> None:  # R27
    for word in R27_WORDS[language, meaning].split():
        assert classify(word) == Reading(meaning, language), word


@pytest.mark.parametrize(("language", "meaning"), TRANSLATIONS)
def test_every_language_has_keywords_of_its_own(language: str, meaning: Meaning) -> None:  # R27
    read = {word: classify(word) for word in TRANSLATIONS[language, meaning].split()}
    assert Reading(meaning, language) in read.values(), read


@pytest.mark.parametrize(
    "text",
    ["WYJDZ", "wyjdź", "Wyjdz\u0301", "ＷＹＪＤＺ", "„Wyjdź!”", "w\u200by\u200dj\u2060dź", "\u200fWYJDŹ\r\n"],
)
def test_a_keyword_is_recognised_in_every_spelling(text: str) -> None:  # R27
    assert classify(text) == Reading(Meaning.STOP, "pl")


@pytest.mark.parametrize("word", words(Meaning.START, Meaning.HELP))
def test_a_keyword_within_a_message_does_not_count(word: str) -> None:  # R27
    for text in (f"{word} by the shop at noon", f"See you at the {word}", f"qz{word}", f"{word}qz"):
        assert classify(text).meaning not in {Meaning.START, Meaning.HELP}, text


@pytest.mark.parametrize("word", words(Meaning.STOP))
def test_an_opt_out_keyword_within_another_word_does_not_count(word: str) -> None:  # R27
    for text in (f"qzx{word}", f"{word}qzx", f"qzx{word}qzx"):
        assert classify(text).meaning not in {Meaning.STOP, Meaning.START, Meaning.HELP}, text


@pytest.mark.parametrize("text", ["", " ", "\n", "\u200b\ufeff", "?!", "…", "\u0301"])
def test_a_message_without_words_means_nothing(text: str) -> None:  # R29
    assert classify(text).meaning is Meaning.NOTHING


@pytest.mark.parametrize("meaning", [Meaning.STOP, Meaning.START, Meaning.HELP])
def test_an_added_keyword_is_recognised_in_every_spelling(meaning: Meaning) -> None:  # R27
    added = {normalised("Żegnaj Ćmo"): meaning}
    for text in ("Żegnaj Ćmo", "ŻEGNAJ ĆMO!", "że\u200bgnaj  ćmo", "„zegnaj cmo”"):
        assert classify(text, added).meaning is meaning, text
    assert classify("Żegnaj Ćmo").meaning not in {Meaning.STOP, Meaning.START, Meaning.HELP}


@pytest.mark.parametrize("meaning", [Meaning.STOP, Meaning.START, Meaning.HELP])
def test_an_added_keyword_must_be_the_whole_message(meaning: Meaning) -> None:  # R27
    added = {normalised("Kolibri"): meaning}
    for text in ("Is the Kolibri in stock?", "kolibris", "The Kolibri, please"):
        assert classify(text, added).meaning not in {Meaning.STOP, Meaning.START, Meaning.HELP}, text


@pytest.mark.parametrize("meaning", [Meaning.START, Meaning.HELP])
def test_an_added_keyword_never_overrides_an_opt_out(meaning: Meaning) -> None:  # R27
    opt_outs = {*words(Meaning.STOP), "BAJA", "ABMELDEN", "ARRÊT", "SAIR", "AFMELDEN", "退訂", "退订"}
    for word in opt_outs:
        for text in (word, word.lower(), f"{word}!"):
            assert classify(text, {normalised(word): meaning}) == classify(word), text
            assert classify(text, {normalised(word): meaning}).meaning is Meaning.STOP, text


def test_an_added_keyword_changes_no_other_message() -> None:  # R27
    added = {normalised("Kolibri"): Meaning.START}
    changed = [each for each in wordings() if classify(each.text, added) != read_once(each.text)]
    assert changed == []
