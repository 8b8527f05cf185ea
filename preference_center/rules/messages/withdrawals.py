"""Withdrawals in people's own words (R29).

Patterns of words are searched in each sentence. A negation reverses a match. A question, a limit or a
contradiction leaves the message to a person: whatever is in doubt is UNCLEAR.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from preference_center.rules.messages import bare_keywords
from preference_center.rules.messages import typing_slips as slips
from preference_center.rules.messages.grammars import Grammar, PatternKind, grammars, vocabulary
from preference_center.rules.messages.message_text import COMMA, Sentence, sentences
from preference_center.rules.messages.sentence_signs import Sign, masked, signs
from preference_center.rules.types import Meaning

MAX_WORDS: Final = 40
"""A request in a longer message is reviewed by a person."""
_MAX_WORDS_TO_CORRECT: Final = 12
"""Typing slips are corrected in messages of up to this many words."""
_STOP_SIGNS: Final = frozenset("🛑✋🤚🖐🚫⛔🔕📵🙅")


def read(text: str) -> tuple[Meaning, str | None]:
    """Return WITHDRAWAL, UNCLEAR or NOTHING, and the language if it is known."""
    found = sentences(text)
    if not found:
        return (Meaning.UNCLEAR if _STOP_SIGNS & set(text[:100]) else Meaning.NOTHING), None
    message = _MessageSigns(sum(word != COMMA for sentence in found for word in sentence.words))
    for sentence in found:
        message.add(sentence)
    meaning = message.meaning()
    can_correct = not message.signs and message.length <= _MAX_WORDS_TO_CORRECT
    if can_correct and _has_meaningful_slips(found, message.length):
        return Meaning.UNCLEAR, None
    return meaning, None if meaning is Meaning.NOTHING else message.language(found)


def _has_meaningful_slips(found: list[Sentence], length: int) -> bool:
    """Whether the message would mean something without typing slips."""
    known, wanted = vocabulary(tuple(PatternKind)), vocabulary((PatternKind.REQUEST,))
    corrected_signs = _MessageSigns(length)
    for sentence in found:
        words = tuple(slips.corrected(sentence.words, known, wanted))
        if words != sentence.words:
            corrected_signs.add(Sentence(words, sentence.quoted, sentence.shouted))
    return corrected_signs.meaning() is not Meaning.NOTHING or _is_slip(found)


def _is_slip(found: list[Sentence]) -> bool:
    parts = [part for sentence in found for part in bare_keywords.parts(masked(sentence)[0]) if part]
    return len(parts) == 1 and bare_keywords.is_slip(parts[0])


@dataclass(slots=True)
class _MessageSigns:
    """What the sentences of a message of `length` words indicate together."""

    length: int
    signs: set[Sign] = field(default_factory=set)
    speaking: list[Grammar] = field(default_factory=list)
    """The languages of the wordings found."""
    keyword: bool = False
    """An opt-out keyword stands alone between two pauses."""
    last_word: bool = False
    """Such a keyword, shouted, is the last word."""
    unexplained: bool = False
    """A part of the message indicates nothing."""

    def add(self, sentence: Sentence) -> None:
        """Add what one sentence indicates."""
        words, instructed = masked(sentence)
        found = list(signs(words, sentence.quoted))
        self.signs.update(sign for sign, _ in found)
        self.speaking += [grammar for sign, grammar in found if sign is not Sign.REFUSED]
        if instructed:
            self.signs.add(Sign.UNCLEAR)
        self._add_keywords(words, sentence, explained=bool(found))

    def _add_keywords(self, words: list[str], sentence: Sentence, *, explained: bool) -> None:
        parts = [part for part in bare_keywords.parts(words) if part]
        keywords = [part for part in parts if bare_keywords.is_keyword(part)]
        self.keyword |= bool(keywords)
        self.unexplained |= len(parts) > len(keywords) and not explained
        if parts:
            self.last_word = bare_keywords.is_keyword(parts[-1]) and bare_keywords.is_last_word(sentence)
        if not explained and not keywords:
            is_short = self.length <= bare_keywords.SHORT_MESSAGE_WORDS
            negated = bare_keywords.negated_keywords(sentence, words, is_short)
            self.signs.update(Sign.REFUSED if is_negated else Sign.UNCLEAR for is_negated in negated)

    def meaning(self) -> Meaning:
        """Return what all signs mean together."""
        if self.keyword:
            self.signs.add(Sign.PLAIN if self.last_word or not self.unexplained else Sign.UNCLEAR)
        if self.signs <= {Sign.REFUSED}:
            return Meaning.NOTHING
        plain = Sign.PLAIN in self.signs and Sign.REFUSED not in self.signs
        return Meaning.WITHDRAWAL if plain and self.length <= MAX_WORDS else Meaning.UNCLEAR

    def language(self, found: list[Sentence]) -> str | None:
        """Return the language of the wordings that has most of the words, or None if it is ambiguous."""
        words = [word for sentence in found for word in sentence.words[:MAX_WORDS]]
        known = {grammar: grammar.known_words(words) for grammar in self.speaking or grammars()}
        best = max(known, key=lambda grammar: known[grammar])
        tied = not self.speaking and sum(count == known[best] for count in known.values()) > 1
        return None if tied else best.language
