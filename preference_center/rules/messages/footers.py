"""Opt-out keywords as the footers of messages print them: STOP au 36200, Reply STOP to 80888, STOP2END."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from preference_center.rules.messages import keyword_lists
from preference_center.rules.messages.grammars import PatternKind, grammars, polite, vocabulary
from preference_center.rules.messages.message_text import MAX_LENGTH, folded, keyword_key, normalised
from preference_center.rules.messages.phrases import words_of
from preference_center.rules.types import Meaning

MAX_WORDS: Final = 12
"""A longer message is more than a footer."""
_STOP_WORDS: Final = ("stopp", "stop")
_MIN_GLUED: Final = 7
"""Letters of a word with STOP that is more than a slip: STOPACME."""
_SEND: Final = frozenset(
    words_of("""
    reply replying text txt send sms message msg rply respond answer envoyer envoyez envoie repondez
    repondre tapez sende senden sendet schicke antworte antworten schreibe envia enviar envie
    responde responder responda manda mande invia inviare rispondi rispondere scrivi wyslij
    odpowiedz odpisz napisz svara skicka smsa stuur zend antwoord
""")
)
"""Verbs of instructions in the languages of the footers: reply STOP."""
_SMALL: Final = frozenset(words_of("with par mit con slowo med ordet met het woord mensagem word palavra"))
"""Words between such a verb and the keyword."""
_TO: Final = frozenset(words_of("to 2 at au a an al ao aan naar na pod nr numer numero para per til till"))
"""What stands between the keyword and the number."""
_NUMBER_WORDS: Final = frozenset(
    words_of("the number no nr numer numero nummer die der nummern il el le la o het de skrocony kort")
)
"""What may follow that: au numero 36200."""
_BY: Final = frozenset(words_of("by via per par por przez mit med door tramite con com"))
_TIMES: Final = frozenset(("at", "till", "til", "a", "2"))
"""Of these, those that a time of the day may follow: stop till 1800."""
_MIN_DIGITS, _MANY_DIGITS = 3, 5
"""How many digits make a number to write to; it takes many where they may be something else."""
_ENDINGS: Final = frozenset(
    words_of("""
    end quit stop stopp cancel optout unsubscribe unsub finish abmelden arreter
""")
)
"""What follows "2" in one word with STOP: STOP2END."""
_GLUED_ENDING: Final = re.compile("(?:2|4|to|for)?(?:" + "|".join(sorted(_ENDINGS)) + ")")
_GLUED_NUMBER: Final = re.compile("(?:to|au|an|al|ao|aan|naar|na|para|till)?[0-9]{2,}")
_TO_NUMBER: Final = re.compile(
    r"(?<!\w)(to|au|an|al|ao|aan|naar|na|para|till)(?=[0-9]{3,}(?!\w))", re.IGNORECASE
)
_OTHER_STOP_WORDS: Final = frozenset(
    words_of("""
    stops stopped stopping stopper stoppers stoppage stoppages stopwatch stopwatches stopover
    stopovers stopgap stopgaps stoplight stoplights stopcock stopband stopmotion stopsign stopsigns
    stoppable stoppuhr stoppschild stoppt stoppst stoppte stoppten stopfen stopfer stoppel stoppeln
    stoppelbart stoppelfeld stoppa stoppar stoppade stoppat stoppad stopptid stoppbel stopfritt
    stopte stopten stopt stopcontact stopcontacten stopbord stoplicht stopverf stopwoord stopki
    stopka stopnia stopnie stopien stopniowo stopni stopem stopie stopy stopu stopa stopow stopnet stoppljus
    stoppeur stoppe stoppes stoppez
""")
)
"""Words that begin with "stop" and mean something else, or that the wordings know."""
_STOP_TOKEN: Final = re.compile(r"(?<!\w)stop\w+", re.IGNORECASE)
_MIN_NAME: Final = 4
"""Letters of the first word of a name."""
_HYPHENATED: Final = re.compile(r"\W*stopp?[-_–:]([^\W_]{2,30})\W*", re.IGNORECASE)
_NOT_NAMES: Final = frozenset(
    words_of("""
    motion gap over light watch start go loss press cock off by frame and sign bit codon shop store
    word limit order losses the that
""")
)
"""What follows "stop-" in other words: stop-motion."""
_CHINESE: Final = re.compile(
    "(?:请|請)?(?:回复|回覆|回|发送|發送|傳送|发短信|傳簡訊|发|傳|输入|輸入|编辑|編輯)?"
    "(?:td|tdf|t|r|n|qx|stop|退订|退訂|取消)(?:退订|退訂|拒收|取消订阅|取消訂閱|取消|停止)?(?:到|至|给|給)?[0-9]*"
)
"""回复TD退订."""
_IDEOGRAPH: Final = re.compile("[\u3400-\u9fff]")


def read(text: str) -> Meaning:
    """Return WITHDRAWAL for an opt-out instruction of a footer, or the keyword that it prints; else NOTHING.

    UNCLEAR for one in a question, and for STOP with an unknown word glued to it, such as the name of a brand.
    """
    if len(text) > MAX_LENGTH:
        return Meaning.NOTHING
    if _is_footer(text):
        return Meaning.UNCLEAR if "?" in text or "？" in text else Meaning.WITHDRAWAL
    return Meaning.UNCLEAR if _is_glued(text) else Meaning.NOTHING


def _is_footer(text: str) -> bool:
    return _is_chinese(text) or _is_hyphenated(text) or _is_instruction(_instruction_words(text))


def _instruction_words(text: str) -> list[str]:
    words = " ".join(_words(text))
    return separated(_TO_NUMBER.sub(r"\1 ", words)).split()


def separated(text: str) -> str:
    """Return the text with a space after a STOP that a number or a word about messages is glued to."""
    return _STOP_TOKEN.sub(lambda found: " ".join(_parts(found[0])), text)


def names_unit(text: str, name: str) -> bool:
    """Whether the message is STOP with the unit's name or its first word: STOP ACME, STOPACME."""
    message = keyword_key(text[:MAX_LENGTH]).rstrip("0123456789")
    rests = {message.removeprefix(word) for word in _STOP_WORDS if message.startswith(word)} - {""}
    return "?" not in text and not rests.isdisjoint(_unit_names(name))


def _is_glued(text: str) -> bool:
    """Whether the whole message is STOP with an unknown word glued to it."""
    words = _words(text)
    stem = words[0].rstrip("0123456789") if len(words) == 1 else ""
    return stem.startswith("stop") and len(stem) >= _MIN_GLUED and stem not in _OTHER_STOP_WORDS


@lru_cache(maxsize=1024)
def _unit_names(name: str) -> frozenset[str]:
    """The name in one word, and its first word if that means nothing else."""
    first = _words(name)[:1]
    distinctive = (word for word in first if len(word) >= _MIN_NAME and word not in _known_words())
    return frozenset((keyword_key(name), *distinctive)) - _NOT_NAMES


def _words(text: str) -> list[str]:
    return folded(normalised(text)).split()


def _parts(token: str) -> list[str]:
    """Split a token that begins with STOP, if what follows is known; else return it as it is."""
    word = folded(token.casefold())
    for stop in _STOP_WORDS if word not in _OTHER_STOP_WORDS else ():
        rest = word.removeprefix(stop)
        stem = rest.rstrip("0123456789")
        if not word.startswith(stop) or not rest:
            continue
        if _GLUED_ENDING.fullmatch(rest) or (stem == rest and stem in polite()):
            return ["stop"]
        if _GLUED_NUMBER.fullmatch(rest):
            return ["stop", "".join(filter(str.isdecimal, rest))]
        if _is_about_messages(stem):
            return ["stop", stem, *filter(None, [rest[len(stem) :]])]
    return [token]


def _is_instruction(words: list[str]) -> bool:
    """[reply] STOP [name] [to 80888] [please]: with more than the keyword, unless it was glued to more."""
    if not words or len(words) > MAX_WORDS:
        return False
    at = _after(words, _SEND | _SMALL | polite())
    if at == len(words) or words[at] not in _keywords():
        return False
    sent, is_stop = not _SEND.isdisjoint(words[:at]), words[at] in _STOP_WORDS
    rest = _without_way(_without_endings(words[at + 1 :]))
    if not rest:
        return sent or words == ["stop"]
    if is_stop and rest[0] == "2" and "".join(rest[1:]) in _ENDINGS:
        return True
    if _is_destination(rest, _MIN_DIGITS if sent or is_stop else _MIN_DIGITS + 1, sent=sent):
        return True
    names = _names(rest) if is_stop else 0
    return names > 0 and _is_destination(rest[names:], _MANY_DIGITS, sent=sent)


def _names(words: Sequence[str]) -> int:
    """How many words, two at most, are the name of a brand: words that mean nothing, or messages."""
    known = _known_words()
    return len(
        [
            word
            for at, word in enumerate(words[:2])
            if not word.isdecimal()
            and word not in _TO
            and (word not in known or _is_about_messages(word))
            and not any(before.isdecimal() or before in _TO for before in words[:at])
        ]
    )


def _is_destination(words: Sequence[str], at_least: int, *, sent: bool) -> bool:
    """Whether the words are a number to write to: "to 80888", "36 200"."""
    to = words[0] if words and words[0] in _TO else ""
    start = _after(words[1:], _NUMBER_WORDS) + 1 if to else 0
    digits = "".join(words[start:])
    if to:
        at_least = _MANY_DIGITS if to in _TIMES and not sent else _MIN_DIGITS
    return digits.isdecimal() and digits.isascii() and len(digits) >= at_least


def _after(words: Sequence[str], skipped: frozenset[str]) -> int:
    return next((at for at, word in enumerate(words) if word not in skipped), len(words))


def _without_way(words: list[str]) -> list[str]:
    """The words without a leading "by SMS"."""
    by_message = len(words) > 1 and words[0] in _BY and _is_about_messages(words[1])
    return words[2:] if by_message else words


def _without_endings(words: list[str]) -> list[str]:
    """The words without the last ones that add nothing: please, and German "senden"."""
    while words and (words[-1] in polite() or words[-1] in _SEND):
        words = words[:-1]
    return words


def _is_hyphenated(text: str) -> bool:
    """Whether the message is STOP-NAME: a keyword for one brand among several on a number."""
    found = _HYPHENATED.fullmatch(text.strip())
    name = keyword_key(found[1]) if found else ""
    return bool(name) and name not in _NOT_NAMES and (_is_about_messages(name) or name not in _known_words())


def _is_chinese(text: str) -> bool:
    key = keyword_key(text)
    return bool(_CHINESE.fullmatch(key) and _IDEOGRAPH.search(key))


def _is_about_messages(word: str) -> bool:
    """Whether a word of any language means messages: promo, werbung, pub."""
    return any(grammar.mentions_messages([word]) for grammar in grammars())


@cache
def _keywords() -> frozenset[str]:
    return frozenset(keyword_lists.languages_by_word(keyword_lists.STOP))


@cache
def _known_words() -> frozenset[str]:
    """The words that mean something in other messages."""
    return vocabulary(tuple(PatternKind)) | polite()
