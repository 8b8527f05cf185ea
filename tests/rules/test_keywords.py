"""What a text message says: the keywords of R27, whole (R28), and the corpus of real-life wordings (R29)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

import pytest

from preference_center.rules.messages.classify import Reading, classify, normalised
from preference_center.rules.types import Meaning
from tests.rules.wordings import LANGUAGES, Label, Translator, labelled, wordings

ACTED_UPON = {Meaning.STOP, Meaning.WITHDRAWAL}
CAUGHT = ACTED_UPON | {Meaning.UNCLEAR}
LEFT_ALONE = {Meaning.UNCLEAR, Meaning.NOTHING}
R27_WORDS = {
    (None, Meaning.STOP): "STOP",
    (None, Meaning.START): "START",
    (None, Meaning.HELP): "HELP INFO",
    ("en", Meaning.STOP): "STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT",
    ("en", Meaning.START): "UNSTOP SUBSCRIBE",
    ("pl", Meaning.STOP): "ANULUJ KONIEC WYJDŹ",
    ("pl", Meaning.START): "SUBSKRYBUJ",
}
"""As the domain lists them. None: people of many languages use the word, so it tells nothing of theirs."""
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
    """The words of R27 that have one of these meanings."""
    return [word for (_, meaning), line in R27_WORDS.items() if meaning in meanings for word in line.split()]


@cache
def read_once(text: str) -> Reading:
    return classify(text)


def readings(wanted: Iterable[Translator]) -> list[tuple[Translator, Meaning]]:
    return [(wording, read_once(wording.text).meaning) for wording in wanted]


def report(wrong: list[tuple[Translator, Meaning]]) -> str:
    """The wordings that were read wrong, one a line: language, label, what it was read as, wording."""
    lines = (f"{one.language:8}{one.label.name:9}{got.name:12}{one.text!r}" for one, got in wrong)
    return "\n".join([f"{len(wrong)} of the corpus:", *lines])


def test_r29_the_corpus_is_large_and_half_of_it_is_no_withdrawal() -> None:
    outs, others = labelled(Label.OUT), labelled(Label.NOT_OUT, Label.IN, Label.HELP)
    assert len(wordings()) >= 360
    assert len(others) >= 180
    assert len(outs) >= 180
    assert len(others) >= len(outs) * 0.9
    sizes = Counter(wording.language for wording in wordings())
    assert all(sizes[language] >= (100 if language == "en" else 25) for language in LANGUAGES)


def test_r29_no_wording_stands_in_the_corpus_twice() -> None:
    twice = [text for text, times in Counter(one.text for one in wordings()).items() if times > 1]
    assert twice == []


def test_r29_no_withdrawal_is_dropped() -> None:
    dropped = [(one, got) for one, got in readings(labelled(Label.OUT)) if got not in CAUGHT]
    assert not dropped, report(dropped)


def test_r29_at_least_85_in_100_withdrawals_need_no_person_to_read_them() -> None:
    read = readings(labelled(Label.OUT))
    waiting = [(one, got) for one, got in read if got not in ACTED_UPON]
    assert len(waiting) <= len(read) * 0.15, report(waiting)


@pytest.mark.parametrize("language", LANGUAGES)
def test_r29_at_least_70_in_100_withdrawals_of_each_language_need_no_person(language: str) -> None:
    read = readings(one for one in labelled(Label.OUT) if one.language == language)
    waiting = [(one, got) for one, got in read if got not in ACTED_UPON]
    assert len(waiting) <= len(read) * 0.3, report(waiting)


def test_r29_what_is_no_withdrawal_is_never_acted_upon() -> None:
    wrong = [(one, got) for one, got in readings(labelled(Label.NOT_OUT)) if got not in LEFT_ALONE]
    assert not wrong, report(wrong)


def test_r29_who_wants_to_come_back_or_to_know_more_is_not_opted_out() -> None:
    read = readings(labelled(Label.IN, Label.HELP))
    wrong = [(one, got) for one, got in read if got in ACTED_UPON]
    assert not wrong, report(wrong)


def test_r29_reviewers_do_not_drown_in_what_is_clearly_no_withdrawal() -> None:
    read = readings(labelled(Label.NOT_OUT))
    waiting = [(one, got) for one, got in read if got is Meaning.UNCLEAR]
    assert len(waiting) <= len(read) * 0.15, report(waiting)


def test_r29_what_readers_would_differ_about_is_kept_for_one_of_them() -> None:
    read = readings(labelled(Label.UNSURE))
    dropped = [(one, got) for one, got in read if got is Meaning.NOTHING]
    assert len(dropped) <= len(read) * 0.15, report(dropped)


def test_r28_only_a_keyword_opts_anybody_in() -> None:
    read = readings(labelled(Label.OUT, Label.UNSURE, Label.NOT_OUT, Label.HELP))
    wrong = [(one, got) for one, got in read if got is Meaning.START]
    assert not wrong, report(wrong)


@pytest.mark.parametrize(("language", "meaning"), R27_WORDS)
def test_r27_every_listed_keyword_has_its_meaning(language: str | None, meaning: Meaning) -> None:
    for word in R27_WORDS[language, meaning].split():
        assert classify(word) == Reading(meaning, language), word


@pytest.mark.parametrize(("language", "meaning"), TRANSLATIONS)
def test_r27_every_language_has_keywords_of_its_own(language: str, meaning: Meaning) -> None:
    read = {word: classify(word) for word in TRANSLATIONS[language, meaning].split()}
    assert Reading(meaning, language) in read.values(), read


@pytest.mark.parametrize(
    "text",
    ["WYJDZ", "wyjdź", "Wyjdz\u0301", "ＷＹＪＤＺ", "„Wyjdź!”", "w\u200by\u200dj\u2060dź", "\u200fWYJDŹ\r\n"],
)
def test_r27_a_keyword_is_one_word_however_it_is_typed(text: str) -> None:
    assert classify(text) == Reading(Meaning.STOP, "pl")


@pytest.mark.parametrize("word", words(Meaning.START, Meaning.HELP))
def test_r27_a_keyword_inside_a_message_is_none(word: str) -> None:
    for text in (f"{word} by the shop at noon", f"See you at the {word}", f"qz{word}", f"{word}qz"):
        assert classify(text).meaning not in {Meaning.START, Meaning.HELP}, text


@pytest.mark.parametrize("word", words(Meaning.STOP))
def test_r27_an_opt_out_keyword_inside_another_word_is_none(word: str) -> None:
    for text in (f"qzx{word}", f"{word}qzx", f"qzx{word}qzx"):
        assert classify(text).meaning not in {Meaning.STOP, Meaning.START, Meaning.HELP}, text


@pytest.mark.parametrize("text", ["", " ", "\n", "\u200b\ufeff", "?!", "…", "\u0301"])
def test_r29_a_message_without_words_says_nothing(text: str) -> None:
    assert classify(text).meaning is Meaning.NOTHING


@pytest.mark.parametrize("meaning", [Meaning.STOP, Meaning.START, Meaning.HELP])
def test_r27_an_added_word_is_a_keyword_however_it_is_typed(meaning: Meaning) -> None:
    added = {normalised("Żegnaj Ćmo"): meaning}
    for text in ("Żegnaj Ćmo", "ŻEGNAJ ĆMO!", "że\u200bgnaj  ćmo", "„zegnaj cmo”"):
        assert classify(text, added).meaning is meaning, text
    assert classify("Żegnaj Ćmo").meaning not in {Meaning.STOP, Meaning.START, Meaning.HELP}


@pytest.mark.parametrize("meaning", [Meaning.STOP, Meaning.START, Meaning.HELP])
def test_r27_an_added_word_counts_only_as_the_whole_message(meaning: Meaning) -> None:
    added = {normalised("Kolibri"): meaning}
    for text in ("Is the Kolibri in stock?", "kolibris", "The Kolibri, please"):
        assert classify(text, added).meaning not in {Meaning.STOP, Meaning.START, Meaning.HELP}, text


@pytest.mark.parametrize("meaning", [Meaning.START, Meaning.HELP])
def test_r27_an_added_word_takes_no_opt_out_away(meaning: Meaning) -> None:
    kept = {*words(Meaning.STOP), "BAJA", "ABMELDEN", "ARRÊT", "SAIR", "AFMELDEN", "退訂", "退订"}
    for word in kept:
        for text in (word, word.lower(), f"{word}!"):
            assert classify(text, {normalised(word): meaning}) == classify(word), text
            assert classify(text, {normalised(word): meaning}).meaning is Meaning.STOP, text


def test_r27_added_words_leave_everything_else_as_it_was() -> None:
    added = {normalised("Kolibri"): Meaning.START}
    other = [one for one in wordings() if classify(one.text, added) != read_once(one.text)]
    assert other == []
