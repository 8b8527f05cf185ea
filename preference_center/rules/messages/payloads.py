"""What the id of a pressed button means: ids count like text, but none opts in (R27, R29)."""

from __future__ import annotations

import re
from typing import Final

from preference_center.rules.messages import keyword_lists
from preference_center.rules.messages.classify import built_in, classify
from preference_center.rules.messages.phrases import words_of
from preference_center.rules.types import Meaning

_MAX_LENGTH: Final = 1_000
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_CAMEL_CASE: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_STOPS: Final = frozenset(
    ["stop", "stopp", "unsubscribe", "unsub", "optout", "stopall", "stoppromotions", "stopmarketing"]
)
_FILLERS: Final = frozenset(
    words_of("""
    all promo promos promotion promotions promotional marketing message messages msg msgs sms text
    texts texting whatsapp wa newsletter newsletters offers notifications campaign communication
    communications button btn payload action cta reply quick row item option choice id key flow list
    menu opt select pressed click clicked tap yes true confirm now me us the from to of in en pl sv
    de fr es it pt nl zh gb us subscription subscriptions user customer
""")
)
"""Words of ids that say what the element is, or what is stopped."""
_AMBIGUOUS: Final = frozenset(
    words_of("""
    cancel end remove koniec anuluj zakoncz avbryt avsluta abbrechen beenden ende annuler terminer
    quitter cancelar anular terminar finalizar salir annulla cancella termina esci sair encerrar fim
    remover annuleren einde
""")
)
"""Opt-out keywords that the ids of other buttons often are: cancel an order, end a chat."""


def read_payload(payload: str, title: str = "") -> Meaning:
    """Return STOP, UNCLEAR or NOTHING for the id of a button, a list item or an answer in a form.

    Ids are names such as STOP_PROMOTIONS, btn-unsubscribe or 0_Stop. `title` is the text that the person saw
    on the button: with one, an id such as CANCEL may be about something else, so a person decides.
    """
    words = [word.casefold() for word in _WORD.findall(_CAMEL_CASE.sub(" ", payload[:_MAX_LENGTH]))]
    letters = [word for word in words if not word.isdecimal()]
    if _is_stop(letters):
        return Meaning.STOP
    text = " ".join(letters)
    meaning = classify(text).meaning
    if meaning in (Meaning.STOP, Meaning.WITHDRAWAL):
        return Meaning.UNCLEAR if title.strip() and _is_ambiguous(text) else Meaning.STOP
    return Meaning.UNCLEAR if meaning is Meaning.UNCLEAR and _mentions_stop(letters) else Meaning.NOTHING


def _is_stop(words: list[str]) -> bool:
    """Whether nothing but an opt-out is named: "stop", "opt out", with words that say what is stopped."""
    if "".join(words) in _STOPS:
        return True
    joined = " ".join(words).replace("opt out", "optout").split()
    return any(word in _STOPS for word in joined) and all(word in _STOPS | _FILLERS for word in joined)


def _is_ambiguous(text: str) -> bool:
    return text in _AMBIGUOUS or (built_in(text).meaning is Meaning.STOP and text.split()[0] in _AMBIGUOUS)


def _mentions_stop(words: list[str]) -> bool:
    known = keyword_lists.languages_by_word(keyword_lists.STOP)
    return any(word in known for word in words)
