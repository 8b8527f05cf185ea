"""R29: withdrawals in words of people's own.

Patterns of words are found in each sentence; a negation turns one round, a question or a limit leaves it to a
person, and so does whatever contradicts itself. UNCLEAR is the answer to every doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from preference_center.rules.messages import bare_keywords
from preference_center.rules.messages import typing_slips as slips
from preference_center.rules.messages.grammars import Grammar, Kind, grammars, vocabulary
from preference_center.rules.messages.message_text import COMMA, Sentence, sentences
from preference_center.rules.messages.sentence_signs import Sign, masked, signs
from preference_center.rules.types import Meaning

SHORT: Final = 40
"""Words. A request in a longer message is for a person to read."""
_CORRECTABLE: Final = 12
"""Words. In a longer message no slips are looked for."""
_STOP_SIGNS: Final = frozenset("🛑✋🤚🖐🚫⛔🔕📵🙅")


def read(text: str) -> tuple[Meaning, str | None]:
    """WITHDRAWAL, UNCLEAR or NOTHING, and the language in which it is said where that is known."""
    said = sentences(text)
    if not said:
        return (Meaning.UNCLEAR if _STOP_SIGNS & set(text[:100]) else Meaning.NOTHING), None
    found = _Found(sum(word != COMMA for sentence in said for word in sentence.words))
    for sentence in said:
        found.look_at(sentence)
    meaning = found.meaning()
    if not found.signs and found.length <= _CORRECTABLE and _is_mended(said, found.length):
        return Meaning.UNCLEAR, None
    return meaning, None if meaning is Meaning.NOTHING else found.language(said)


def _is_mended(said: list[Sentence], length: int) -> bool:
    """True where the message would say something if it had no typing slips."""
    known, wanted = vocabulary(tuple(Kind)), vocabulary((Kind.REQUEST,))
    mended = _Found(length)
    for sentence in said:
        words = tuple(slips.corrected(sentence.words, known, wanted))
        if words != sentence.words:
            mended.look_at(Sentence(words, sentence.quoted, sentence.loud))
    return mended.meaning() is not Meaning.NOTHING or _is_slip(said)


def _is_slip(said: list[Sentence]) -> bool:
    parts = [part for sentence in said for part in bare_keywords.parts(masked(sentence)[0]) if part]
    return len(parts) == 1 and bare_keywords.is_slip(parts[0])


@dataclass(slots=True)
class _Found:
    """What the sentences of a message of so many words point to, together."""

    length: int
    signs: set[Sign] = field(default_factory=set)
    speaking: list[Grammar] = field(default_factory=list)
    """The languages in which something is said."""
    keyword: bool = False
    """An opt-out keyword stands for itself between two pauses."""
    last_word: bool = False
    """Such a keyword, shouted, is the last that is said."""
    unexplained: bool = False
    """Something is said that points nowhere."""

    def look_at(self, sentence: Sentence) -> None:
        """Add what one sentence points to."""
        words, instructed = masked(sentence)
        found = list(signs(words, sentence.quoted))
        self.signs.update(sign for sign, _ in found)
        self.speaking += [grammar for sign, grammar in found if sign is not Sign.REFUSED]
        if instructed:
            self.signs.add(Sign.UNCLEAR)
        self._look_for_keywords(words, sentence, explained=bool(found))

    def _look_for_keywords(self, words: list[str], sentence: Sentence, *, explained: bool) -> None:
        parts = [part for part in bare_keywords.parts(words) if part]
        keywords = [part for part in parts if bare_keywords.is_keyword(part)]
        self.keyword |= bool(keywords)
        self.unexplained |= len(parts) > len(keywords) and not explained
        if parts:
            self.last_word = bare_keywords.is_keyword(parts[-1]) and bare_keywords.is_last_word(sentence)
        if not explained and not keywords:
            curt = self.length <= bare_keywords.CURT
            negated = bare_keywords.stands_out(sentence, words, curt)
            self.signs.update(Sign.REFUSED if it else Sign.UNCLEAR for it in negated)

    def meaning(self) -> Meaning:
        """What all signs come to."""
        if self.keyword:
            self.signs.add(Sign.PLAIN if self.last_word or not self.unexplained else Sign.UNCLEAR)
        if self.signs <= {Sign.REFUSED}:
            return Meaning.NOTHING
        plain = Sign.PLAIN in self.signs and Sign.REFUSED not in self.signs
        return Meaning.WITHDRAWAL if plain and self.length <= SHORT else Meaning.UNCLEAR

    def language(self, said: list[Sentence]) -> str | None:
        """Of the languages in which something is said, the one that knows most of the words."""
        words = [word for sentence in said for word in sentence.words[:SHORT]]
        known = {grammar: grammar.knows(words) for grammar in self.speaking or grammars()}
        best = max(known, key=lambda grammar: known[grammar])
        tied = not self.speaking and sum(count == known[best] for count in known.values()) > 1
        return None if tied else best.language
