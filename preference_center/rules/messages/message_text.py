"""Preparing a text message: normalised as a whole, or split into sentences of normalised words.

Accepts every string, also with lone surrogates and NULs, and reads at most `MAX_LENGTH` characters of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile
from typing import Final

MAX_LENGTH: Final = 1600
"""The length of the longest text message. Of a longer text, the start and the end are read."""
COMMA: Final = ","
"""Marks a pause among the words of a sentence."""

_APOSTROPHES: Final = frozenset("'’‘ʼ`´")
_QUOTES: Final = frozenset('"“”„‟«»「」『』《》')
_QUOTE: Final = re.compile(f"[{''.join(_QUOTES)}]")
_SINGLE_QUOTED: Final = re.compile(r"(?<!\w)['‘‚](\w[^\n]{0,300}?[\w.!?])['’‘](?!\w)")
_CITED: Final = re.compile(r"^[ \t]*>[ \t]*(\S.*)$", re.MULTILINE)
"""A line quoted from the previous message: > like this."""
_SENTENCE_ENDS: Final = frozenset(".!?;:\n。؟¿¡")
_PAUSES: Final = frozenset(",、،()[]–—|/")
_SPELLED_OUT: Final = re.compile(r"(?<!\w)(?:[^\W\d_][ .\-_*]){2,}[^\W\d_](?!\w)")
"""S.T.O.P and s t o p."""
_DOLLAR: Final = re.compile(r"\$(?=[^\W\d_])")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_UNFOLDED: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "œ": "oe", "æ": "ae"})
_ELIDED: Final = frozenset({"t", "s", "ll", "re", "ve", "m", "d"})
"""What follows an English apostrophe within a word. Any other apostrophe ends a word: l'envoi."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The normalised words and pauses of one sentence, and which of them are quoted or shouted."""

    words: tuple[str, ...]
    quoted: tuple[bool, ...]
    shouted: tuple[bool, ...]


def normalised(text: str) -> str:
    """Normalise text: without case, width, punctuation, emoji and invisible characters."""
    wide = unicodedata.normalize("NFKC", _start_and_end(text))
    visible = "".join(_visible(char) for char in wide)
    bare = (_without_loose_marks(written) for written in _composed(visible).split())
    words = [word for word in bare if word]
    apart = len(words) > 1 and all(len(word) == 1 for word in words)
    return ("" if apart else " ").join(words)


def keyword_key(text: str) -> str:
    """Return what all spellings of a keyword share: normalised text without spaces and diacritics."""
    return folded(normalised(text)).replace(" ", "")


def folded(text: str) -> str:
    """Return the text without diacritics."""
    bare = unicodedata.normalize("NFKD", text.translate(_UNFOLDED))
    return "".join(char for char in bare if unicodedata.category(char) != "Mn")


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text in order, each with at least one word."""
    seen = "".join(char for char in _start_and_end(text) if char in _APOSTROPHES or _visible(char))
    wide = _DOLLAR.sub("s", unicodedata.normalize("NFKC", seen)[: 2 * MAX_LENGTH])
    marked = _SINGLE_QUOTED.sub(r'"\1"', _CITED.sub(lambda line: f'"{_QUOTE.sub(" ", line[1])}"', wide))
    joined = _SPELLED_OUT.sub(lambda found: re.sub(r"[\W_]", "", found[0]), marked)
    return list(_split_at_ends(_Tokenizer(joined).tokens()))


def _start_and_end(text: str) -> str:
    """The text, or the start and the end of a text that is too long for a text message."""
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH // 2]}\n{text[-MAX_LENGTH // 2 :]}"


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _without_loose_marks(word: str) -> str:
    """The word without leading combining marks, which combine with nothing."""
    return "".join(dropwhile(lambda char: unicodedata.category(char)[0] == "M", word))


def _visible(char: str) -> str:
    """The character, a space for one that separates words, or "" for an invisible one."""
    if char in _APOSTROPHES:
        return ""
    category = unicodedata.category(char)
    if category[0] in "LN" or category in {"Mc", "Me"}:
        return char
    if category == "Mn":
        return "" if "\ufe00" <= char <= "\ufe0f" else char
    return "" if category in {"Cf", "Cs", "Co"} or (category == "Cc" and not char.isspace()) else " "


@dataclass(slots=True)
class _Tokenizer:
    """Splits a text into words, pauses and ends of sentences in one pass."""

    text: str
    word: str = ""
    quoted: bool = False

    def tokens(self) -> Iterator[tuple[str, bool]]:
        """Yield words as written, COMMA, or "" for the end of a sentence, each with whether it is quoted."""
        remaining_quotes = sum(char in _QUOTES for char in self.text)
        for at, char in enumerate(self.text):
            if self._continues_word(at, char):
                continue
            yield from self._finish_word()
            remaining_quotes -= char in _QUOTES
            if char in _QUOTES and (self.quoted or remaining_quotes):
                self.quoted = not self.quoted
            elif _is_ideograph(char):
                yield char, self.quoted
            elif char in _SENTENCE_ENDS:
                yield self._end(at), self.quoted
            elif char in _PAUSES or self._is_dash(at, char):
                yield COMMA, self.quoted
        yield from self._finish_word()
        yield "", False

    def _continues_word(self, at: int, char: str) -> bool:
        """Whether the character belongs to the current word, or is invisible."""
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
        """A full stop without a space after it ends no sentence: stop.texting."""
        inside = self.text[at] == "." and self.text[at + 1 : at + 2].isalnum()
        return COMMA if inside else ""

    def _finish_word(self) -> Iterator[tuple[str, bool]]:
        if self.word:
            yield self.word, self.quoted
            self.word = ""


def _is_ideograph(char: str) -> bool:
    """Whether a character is Chinese or kana, each of which counts as a word."""
    return "\u3041" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff"


def _split_at_ends(tokens: Iterator[tuple[str, bool]]) -> Iterator[Sentence]:
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
    shouted = tuple(len(written) > 1 and written.isupper() for written, _ in tokens)
    return Sentence(words, tuple(quoted for _, quoted in tokens), shouted)


def _word(written: str) -> str:
    return folded(_STRETCHED.sub(r"\1", _composed(written)))
