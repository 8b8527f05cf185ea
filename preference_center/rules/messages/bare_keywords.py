"""Keywords that stand in a message among others: STOP please, STOP 48123, I said STOP."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Final

from preference_center.rules.messages import keyword_lists
from preference_center.rules.messages import typing_slips as slips
from preference_center.rules.messages.grammars import answers, grammars, polite
from preference_center.rules.messages.message_text import COMMA, Sentence
from preference_center.rules.messages.phrases import Match
from preference_center.rules.messages.sentence_signs import MASK

CURT: Final = 6
"""Words. In so short a message the word stop means something wherever it stands."""

_EVERYWHERE: Final = frozenset({"stop", "stopp", "stopall", "стоп"})
_LEET: Final = str.maketrans("01345", "oieas")


def parts(words: list[str]) -> Iterator[str]:
    """What a sentence says between its pauses, each as one keyword would be; "" for mere politeness."""
    for pause, run in groupby(words, lambda word: word == COMMA):
        if not pause:
            yield _part(list(run))


def is_keyword(part: str) -> bool:
    """True for an opt-out keyword, repeated perhaps, or with ciphers for letters or behind it."""
    spelt = part.rstrip("0123456789")
    return spelt in _keys() or part.translate(_LEET) in _keys()


def is_slip(part: str) -> bool:
    """True for what may be meant for an opt-out keyword, or is another word of the lists said politely."""
    return part in _others() or slips.is_glued(part) or slips.is_near(part, _keys())


def stands_out(sentence: Sentence, words: list[str], curt: bool) -> list[bool]:
    """For each keyword that stands out among other words: is it negated? A lone "no" is not clear enough."""
    shouting = any(sentence.loud) and not _all_loud(sentence)
    last = len(words) - 1
    return [
        _negated(words, at)
        for at, word in enumerate(words)
        if (word in _EVERYWHERE and (curt or at in {0, last}))
        or (shouting and sentence.loud[at] and word in _keys())
    ]


def is_last_word(sentence: Sentence) -> bool:
    """True where the sentence ends in a word that is shouted, or is stop, and stands in no quotation."""
    said = [at for at, word in enumerate(sentence.words) if word != COMMA]
    last = said[-1]
    return not sentence.quoted[last] and (sentence.loud[last] or sentence.words[last] in _EVERYWHERE)


def _part(words: list[str]) -> str:
    if all(word in answers() or word == MASK for word in words):
        return ""
    idle = polite()
    while words and (words[-1] in idle or words[-1].isdecimal()):
        words.pop()
    while words and words[0] in idle:
        words.pop(0)
    said = list(dict.fromkeys(words))
    return "".join(said[:1] if all(word in _keys() for word in said) else words)


def _negated(words: list[str], at: int) -> bool:
    match = Match(at, at + 1)
    return words[max(at - 1, 0)] != "no" and any(
        grammar.negation(words, match) is not None for grammar in grammars()
    )


def _all_loud(sentence: Sentence) -> bool:
    letters = [loud for word, loud in zip(sentence.words, sentence.loud, strict=True) if len(word) > 1]
    return all(letters)


@cache
def _keys() -> frozenset[str]:
    return frozenset(keyword_lists.words(keyword_lists.STOP))


@cache
def _others() -> frozenset[str]:
    lists = (keyword_lists.START, keyword_lists.HELP, keyword_lists.UNCLEAR)
    return frozenset(word for listed in lists for word in keyword_lists.words(listed)) - {"fine"}
