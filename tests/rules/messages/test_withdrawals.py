"""R29 in detail: which requests are withdrawals, which are negated, and which are unclear."""

from __future__ import annotations

import pytest

from preference_center.rules.messages.classify import Reading, classify
from preference_center.rules.messages.withdrawals import MAX_WORDS
from preference_center.rules.types import Meaning

REQUESTS = {
    "en": "please stop texting me",
    "pl": "proszę nie wysyłać mi SMS-ów",
    "sv": "sluta skicka sms",
    "de": "bitte keine SMS mehr",
    "fr": "arrêtez de m'envoyer des SMS",
    "es": "no quiero más mensajes",
    "it": "toglietemi dalla lista",
    "pt": "parem de enviar mensagens",
    "nl": "haal me van de lijst",
    "zh-Hant": "請不要再傳簡訊給我",
    "zh-Hans": "请不要再给我发短信",
}


@pytest.mark.parametrize("language", REQUESTS)
def test_a_plain_request_is_a_withdrawal_in_its_language(language: str) -> None:
    assert classify(REQUESTS[language]) == Reading(Meaning.WITHDRAWAL, language)


@pytest.mark.parametrize("language", REQUESTS)
def test_a_request_in_a_long_message_is_reviewed(language: str) -> None:
    story = "the shoes are red and the shop is big " * MAX_WORDS
    for text in (f"{REQUESTS[language]}. {story}", f"{story}. {REQUESTS[language]}"):
        assert classify(text).meaning is Meaning.UNCLEAR


@pytest.mark.parametrize(
    ("plain", "negated"),
    [
        ("unsubscribe me", "please don't unsubscribe me"),
        ("I want to stop receiving texts", "I don't want to stop receiving texts"),
        ("wypiszcie mnie", "nie wypisujcie mnie"),
        ("chcę zrezygnować z SMS", "nie chcę rezygnować z SMS"),
        ("Melden Sie mich ab", "Melden Sie mich nicht ab"),
        ("Désabonnez-moi", "Ne me désabonnez pas"),
        ("avregistrera mig", "avregistrera mig inte"),
        ("denme de baja", "no me den de baja"),
        ("取消訂閱吧", "不要取消訂閱"),
    ],
)
def test_a_negated_request_means_nothing(plain: str, negated: str) -> None:
    assert classify(plain).meaning in {Meaning.STOP, Meaning.WITHDRAWAL}
    assert classify(negated).meaning is Meaning.NOTHING


@pytest.mark.parametrize("text", ["No, stop texting me", "Nie, wypiszcie mnie", "No, cancelen mis mensajes"])
def test_a_no_before_a_pause_negates_nothing(text: str) -> None:
    assert classify(text).meaning is Meaning.WITHDRAWAL


@pytest.mark.parametrize(
    "text",
    [
        "how do I stop these texts",
        "if you don't stop texting me I'll call the police",
        "stop texting me until Monday",
        "stop texting me. don't stop texting me",
        'she wrote "stop texting me"',
        "I love shoes. STOP! They are red",
    ],
)
def test_questions_conditions_limits_contradictions_and_quotations_are_unclear(text: str) -> None:
    assert classify(text).meaning is Meaning.UNCLEAR


@pytest.mark.parametrize(
    "text", ["STOP please", "ok, stop. thanks", "stop 48123", "STOP STOP", "st0p", "stoppp"]
)
def test_a_keyword_with_meaningless_words_is_a_withdrawal(text: str) -> None:
    assert classify(text).meaning is Meaning.WITHDRAWAL


def test_a_keyword_shouted_as_the_last_word_is_a_withdrawal() -> None:
    assert classify("How often must I say it? STOP").meaning is Meaning.WITHDRAWAL


@pytest.mark.parametrize("text", ["sotp", "unsubcribe", "pleae stop texing me", "stoptexting", "abmeldne"])
def test_a_typing_slip_is_unclear(text: str) -> None:
    assert classify(text).meaning is Meaning.UNCLEAR


def test_an_instruction_is_unclear_but_means_nothing_when_quoted() -> None:
    assert classify("Reply STOP to unsubscribe").meaning is Meaning.UNCLEAR
    assert classify('Your ad says "Reply STOP to unsubscribe".').meaning is Meaning.NOTHING


def test_words_about_something_else_hide_no_request_about_messages() -> None:
    assert classify("cancel my order").meaning is Meaning.NOTHING
    assert classify("cancel texts about my order").meaning is not Meaning.NOTHING


def test_a_stop_sign_is_unclear_and_other_emoji_mean_nothing() -> None:
    assert classify("🛑").meaning is Meaning.UNCLEAR
    assert classify("😂").meaning is Meaning.NOTHING


def test_an_added_keyword_overrides_no_possible_request() -> None:
    added = {"please stop": Meaning.START, "stop texting me": Meaning.HELP, "who is this": Meaning.HELP}
    assert classify("please stop", added).meaning is Meaning.WITHDRAWAL
    assert classify("stop texting me", added).meaning is Meaning.WITHDRAWAL
    assert classify("Who is this?", added).meaning is Meaning.UNCLEAR
    assert classify("not interested", {"not interested": Meaning.START}).meaning is Meaning.UNCLEAR
    assert classify("coffee", {"coffee": Meaning.START}).meaning is Meaning.START


def test_rare_and_misspelt_words_for_stopping_are_never_dropped() -> None:
    for text in ("cease", "kindly desist", "stahp", "I quit"):
        assert classify(text).meaning is not Meaning.NOTHING, text


def test_a_keyword_of_several_languages_has_no_language() -> None:
    assert classify("STOP") == Reading(Meaning.STOP)
    assert classify("stop bitte") == Reading(Meaning.WITHDRAWAL, "de")
