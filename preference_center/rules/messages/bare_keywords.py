"""Opt-out keywords among other words: STOP please, STOP 48123, I said STOP."""

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

SHORT_MESSAGE_WORDS: Final = 6
"""In a message of up to this many words, the word stop counts wherever it is."""

_INTERNATIONAL: Final = frozenset({"stop", "stopp", "stopall", "стоп"})
_LEET: Final = str.maketrans("01345", "oieas")


def parts(words: list[str]) -> Iterator[str]:
    """Yield the parts of a sentence between pauses, each joined like a keyword; "" for mere politeness."""
    for pause, run in groupby(words, lambda word: word == COMMA):
        if not pause:
            yield _part(list(run))


def is_keyword(part: str) -> bool:
    """Whether a part is an opt-out keyword, also repeated, or with digits for or after its letters."""
    spelt = part.rstrip("0123456789")
    return spelt in _opt_out_keywords() or part.translate(_LEET) in _opt_out_keywords()


def is_slip(part: str) -> bool:
    """Whether a part may be a mistyped opt-out keyword, or is another listed word with polite words."""
    return (
        part in _other_keywords() or slips.is_glued(part) or slips.is_slip_of_any(part, _opt_out_keywords())
    )


def negated_keywords(sentence: Sentence, words: list[str], is_short: bool) -> list[bool]:
    """Return, for each keyword that stands out, whether it is negated; a "no" alone negates nothing."""
    shouting = any(sentence.shouted) and not _all_shouted(sentence)
    last = len(words) - 1
    return [
        _negated(words, at)
        for at, word in enumerate(words)
        if (word in _INTERNATIONAL and (is_short or at in {0, last}))
        or (shouting and sentence.shouted[at] and word in _opt_out_keywords())
    ]


def is_last_word(sentence: Sentence) -> bool:
    """Whether the last word of a sentence is shouted, or is stop, and is not quoted."""
    last = max(at for at, word in enumerate(sentence.words) if word != COMMA)
    return not sentence.quoted[last] and (sentence.shouted[last] or sentence.words[last] in _INTERNATIONAL)


def _part(words: list[str]) -> str:
    if all(word in answers() or word == MASK for word in words):
        return ""
    ignored = polite()
    while words and (words[-1] in ignored or words[-1].isdecimal()):
        words.pop()
    while words and words[0] in ignored:
        words.pop(0)
    distinct = list(dict.fromkeys(words))
    return "".join(distinct[:1] if all(word in _opt_out_keywords() for word in distinct) else words)


def _negated(words: list[str], at: int) -> bool:
    match = Match(at, at + 1)
    return words[max(at - 1, 0)] != "no" and any(
        grammar.negation(words, match) is not None for grammar in grammars()
    )


def _all_shouted(sentence: Sentence) -> bool:
    letters = [
        shouted for word, shouted in zip(sentence.words, sentence.shouted, strict=True) if len(word) > 1
    ]
    return all(letters)


@cache
def _opt_out_keywords() -> frozenset[str]:
    return frozenset(keyword_lists.languages_by_word(keyword_lists.STOP))


@cache
def _other_keywords() -> frozenset[str]:
    lists = (keyword_lists.START, keyword_lists.HELP, keyword_lists.UNCLEAR)
    return frozenset(word for listed in lists for word in keyword_lists.languages_by_word(listed)) - {"fine"}
