"""A text message as it is compared: normalised as a whole, or cut into sentences of plain words.

Every string is taken, lone surrogates and NULs too, and no more of it is looked at than `READ` characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile
from typing import Final

READ: Final = 1600
"""Characters: the longest text message. Of longer texts the two ends are read."""
COMMA: Final = ","
"""Stands among a sentence's words wherever the writer paused."""

_APOSTROPHES: Final = frozenset("'’‘ʼ`´")
_QUOTES: Final = frozenset('"“”„‟«»「」『』《》')
_QUOTE: Final = re.compile(f"[{''.join(_QUOTES)}]")
_SINGLE_QUOTED: Final = re.compile(r"(?<!\w)['‘‚](\w[^\n]{0,300}?[\w.!?])['’‘](?!\w)")
_CITED: Final = re.compile(r"^[ \t]*>[ \t]*(\S.*)$", re.MULTILINE)
"""A line that answers quote from the message before: > like this."""
_ENDS: Final = frozenset(".!?;:\n。؟¿¡")
_PAUSES: Final = frozenset(",、،()[]–—|/")
_LETTERS_APART: Final = re.compile(r"(?<!\w)(?:[^\W\d_][ .\-_*]){2,}[^\W\d_](?!\w)")
"""S.T.O.P and s t o p."""
_DOLLAR: Final = re.compile(r"\$(?=[^\W\d_])")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_UNFOLDED: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "œ": "oe", "æ": "ae"})
_ELIDED: Final = frozenset({"t", "s", "ll", "re", "ve", "m", "d"})
"""What stands behind an English apostrophe. Before any other apostrophe a word ends: l'envoi."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words of one sentence, folded, with pauses among them; and which of them were quoted or shouted."""

    words: tuple[str, ...]
    quoted: tuple[bool, ...]
    loud: tuple[bool, ...]


def normalised(text: str) -> str:
    """The text as added keywords are kept: without case, width, punctuation, emoji and what nobody sees."""
    wide = unicodedata.normalize("NFKC", _ends(text))
    visible = "".join(_visible(char) for char in wide)
    bare = (_without_loose_marks(written) for written in _composed(visible).split())
    words = [word for word in bare if word]
    apart = len(words) > 1 and all(len(word) == 1 for word in words)
    return ("" if apart else " ").join(words)


def key(text: str) -> str:
    """What texts that are the same keyword have in common: spaces and diacritics don't tell them apart."""
    return folded(normalised(text)).replace(" ", "")


def folded(text: str) -> str:
    """The text without diacritics."""
    bare = unicodedata.normalize("NFKD", text.translate(_UNFOLDED))
    return "".join(char for char in bare if unicodedata.category(char) != "Mn")


def sentences(text: str) -> list[Sentence]:
    """The text's sentences, in order, each with at least one word."""
    seen = "".join(char for char in _ends(text) if char in _APOSTROPHES or _visible(char))
    wide = _DOLLAR.sub("s", unicodedata.normalize("NFKC", seen)[: 2 * READ])
    marked = _SINGLE_QUOTED.sub(r'"\1"', _CITED.sub(lambda line: f'"{_QUOTE.sub(" ", line[1])}"', wide))
    joined = _LETTERS_APART.sub(lambda found: re.sub(r"[\W_]", "", found[0]), marked)
    return list(_cut(_Reader(joined).tokens()))


def _ends(text: str) -> str:
    """All of a text that may have come by a text message, else its two ends."""
    return text if len(text) <= READ else f"{text[: READ // 2]}\n{text[-READ // 2 :]}"


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _without_loose_marks(word: str) -> str:
    """The word from its first letter on: marks that combine with nothing are none."""
    return "".join(dropwhile(lambda char: unicodedata.category(char)[0] == "M", word))


def _visible(char: str) -> str:
    """The character, a space for what parts words, or nothing for what nobody sees."""
    if char in _APOSTROPHES:
        return ""
    category = unicodedata.category(char)
    if category[0] in "LN" or category in {"Mc", "Me"}:
        return char
    if category == "Mn":
        return "" if "\ufe00" <= char <= "\ufe0f" else char
    return "" if category in {"Cf", "Cs", "Co"} or (category == "Cc" and not char.isspace()) else " "


@dataclass(slots=True)
class _Reader:
    """Goes through a text once and tells words, pauses and ends of sentences."""

    text: str
    word: str = ""
    quoted: bool = False

    def tokens(self) -> Iterator[tuple[str, bool]]:
        """Words as written, COMMA, or "" for an end; each with whether it is quoted."""
        quotes_left = sum(char in _QUOTES for char in self.text)
        for at, char in enumerate(self.text):
            if self._goes_on(at, char):
                continue
            yield from self._word_done()
            quotes_left -= char in _QUOTES
            if char in _QUOTES and (self.quoted or quotes_left):
                self.quoted = not self.quoted
            elif _is_ideograph(char):
                yield char, self.quoted
            elif char in _ENDS:
                yield self._end(at), self.quoted
            elif char in _PAUSES or self._is_dash(at, char):
                yield COMMA, self.quoted
        yield from self._word_done()
        yield "", False

    def _goes_on(self, at: int, char: str) -> bool:
        """True where the character belongs to a word or is one that nobody sees."""
        if char in _APOSTROPHES:
            return bool(self.word) and self._is_elision(at)
        seen = _visible(char)
        if not seen:
            return True
        if seen == " " or _is_ideograph(char):
            return False
        self.word += char
        return True

    def _is_elision(self, at: int) -> bool:
        rest = re.match(r"[^\W\d_]{1,3}", self.text[at + 1 : at + 4])
        return rest is not None and rest[0].casefold() in _ELIDED

    def _is_dash(self, at: int, char: str) -> bool:
        return char == "-" and self.text[at - 1 : at].isspace()

    def _end(self, at: int) -> str:
        """A full stop within what is written together ends nothing: stop.texting."""
        inside = self.text[at] == "." and self.text[at + 1 : at + 2].isalnum()
        return COMMA if inside else ""

    def _word_done(self) -> Iterator[tuple[str, bool]]:
        if self.word:
            yield self.word, self.quoted
            self.word = ""


def _is_ideograph(char: str) -> bool:
    """Chinese and kana, where every character counts as a word."""
    return "\u3041" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff"


def _cut(tokens: Iterator[tuple[str, bool]]) -> Iterator[Sentence]:
    sentence: list[tuple[str, bool]] = []
    for token in tokens:
        if token[0]:
            sentence.append(token)
        elif any(word != COMMA for word, _ in sentence):
            yield _sentence(sentence)
            sentence = []
        else:
            sentence = []


def _sentence(tokens: list[tuple[str, bool]]) -> Sentence:
    words = tuple(_word(written) for written, _ in tokens)
    loud = tuple(len(written) > 1 and written.isupper() for written, _ in tokens)
    return Sentence(words, tuple(quoted for _, quoted in tokens), loud)


def _word(written: str) -> str:
    return folded(_STRETCHED.sub(r"\1", _composed(written)))
