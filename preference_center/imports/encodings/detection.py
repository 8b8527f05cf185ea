"""Telling older encodings apart by the words that they make of a file's bytes.

Every encoding that may be meant reads the same words. A reading has a cost, the negative logarithm of how
likely such words are in the languages that use the encoding. The cheapest reading is taken if it is far
cheaper than all different ones; else the file is refused with the candidates.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from preference_center.imports.encodings.letters import ASCII_LETTER, alphabet, characters, likeliest

_CENTRAL: Final = ("pl", "cs", "sk", "hu", "ro", "hr", "sl", "sq", "de")
_WESTERN: Final = ("fr", "es", "pt", "it", "ca", "de", "sv", "fi", "da", "nb", "is", "nl", "ga")
_TURKISH: Final = ("tr", "az", "de", "fr")
_BALTIC: Final = ("lt", "lv", "et", "de", "fi")
_CYRILLIC: Final = ("ru", "uk", "bg", "mk", "sr")


class _Encoding(NamedTuple):
    """What an encoding is used for, and the cost of its being used at all."""

    languages: tuple[str, ...]
    cost: float


_ENCODINGS: Final = {
    "cp1252": _Encoding(_WESTERN, 1),
    "cp1250": _Encoding(_CENTRAL, 2),
    "cp1251": _Encoding(_CYRILLIC, 2.5),
    "cp1253": _Encoding(("el",), 3),
    "cp1254": _Encoding(_TURKISH, 3),
    "cp1255": _Encoding(("he",), 3.5),
    "cp1256": _Encoding(("ar", "fa"), 3.5),
    "cp1257": _Encoding(_BALTIC, 3.5),
    "cp874": _Encoding(("th",), 3.5),
    "gb18030": _Encoding(("zh_Hans",), 2),
    "big5hkscs": _Encoding(("zh_Hant",), 2.5),
    "cp932": _Encoding(("ja",), 2.5),
    "cp949": _Encoding(("ko",), 2.5),
    "euc_jp": _Encoding(("ja",), 5),
    "iso8859_2": _Encoding(_CENTRAL, 4),
    "iso8859_15": _Encoding(_WESTERN, 6),
    "iso8859_5": _Encoding(_CYRILLIC, 7),
    "iso8859_7": _Encoding(("el",), 5),
    "koi8_r": _Encoding(("ru", "bg"), 5),
    "koi8_u": _Encoding(("uk",), 6),
    "mac_roman": _Encoding(_WESTERN, 6),
    "mac_latin2": _Encoding(_CENTRAL, 7.5),
    "mac_cyrillic": _Encoding(_CYRILLIC, 7.5),
    "cp437": _Encoding(_WESTERN, 7.5),
    "cp850": _Encoding(_WESTERN, 6.5),
    "cp852": _Encoding(_CENTRAL, 6.5),
    "cp737": _Encoding(("el",), 7),
    "cp775": _Encoding(_BALTIC, 7),
    "cp855": _Encoding(_CYRILLIC, 8),
    "cp857": _Encoding(_TURKISH, 7),
    "cp862": _Encoding(("he",), 7),
    "cp1258": _Encoding(("vi",), 4.5),
    "iso8859_4": _Encoding(_BALTIC, 7.5),
    "iso8859_6": _Encoding(("ar", "fa"), 6),
    "iso8859_13": _Encoding(_BALTIC, 6.5),
    "mac_greek": _Encoding(("el",), 7.5),
    "mac_turkish": _Encoding(_TURKISH, 7.5),
    "cp866": _Encoding(("ru", "bg", "uk"), 6.5),
}
ENCODINGS: Final = tuple(_ENCODINGS)
_IDEOGRAPHIC: Final = frozenset(("zh_Hans", "zh_Hant", "ja", "ko"))
MULTIBYTE: Final = frozenset(
    code for code, use in _ENCODINGS.items() if _IDEOGRAPHIC.intersection(use.languages)
)
"""Encodings in which a character may take several bytes."""
_MARGIN: Final = 5.5
"""How much cheaper the best reading must be than any other, in nats: it is 240 times as likely."""
_MAX_COST: Final = 10.0
_MAX_COST_OF_ASCII: Final = 6.0
"""With higher costs per character on the average, the words are of no language that is known here."""
_CANDIDATE_MARGIN: Final = 14.0
_MAX_CANDIDATES: Final = 4
_MAX_WORDS: Final = 300
_MAX_WORD_BYTES: Final = 1_000
_MAX_BYTES: Final = 10_000
"""Bytes of all words: reading them in every encoding takes a while."""
_UNDECODABLE: Final = 25.0
_WRONG_CASE: Final = 4.0
_MIXED: Final = 5.0
_VOWEL_SIGN: Final = 3.0
_SMALL_INITIAL: Final = 1.5
_BETWEEN: Final = re.compile(rb"[\x00-\x2f\x3a-\x3f]+")
"""Bytes that no encoding has within a character."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_RUN: Final = re.compile("[A-Za-z\u0080-\U0010ffff]+")
_IN_WORDS: Final = frozenset("\u00a0’·")
_BEFORE_WORDS: Final = frozenset("“„‘‚«‹¿¡\u00a0’·")
_AFTER_WORDS: Final = frozenset("”“’‘»›…®™©°ºª\u00a0·")
_OTHERS: Final = _BEFORE_WORDS | _AFTER_WORDS | frozenset("–—€•£§´№")
_PUNCTUATION: Final = 7.0
_APOSTROPHE: Final = 4.0
_WIDE_PUNCTUATION: Final = re.compile("[\u3000-\u303f\u30fb\uff00-\uff60\uffe0-\uffe6]")
_HALF_WIDTH_KANA: Final = re.compile("[\uff61-\uff9f]")
_SYMBOL: Final = 16.0


class Reading(NamedTuple):
    """How one encoding reads the words of a file."""

    encoding: str
    words: tuple[str, ...]
    cost: float


class Unclear(Exception):
    """Several encodings are about as likely. `readings` are the candidates, likeliest first."""

    def __init__(self, readings: list[Reading]) -> None:
        super().__init__("the encoding is unclear")
        self.readings = readings


def words_beyond_ascii(sample: bytes, *, final: bool) -> list[bytes]:
    """The different words of a sample that have other bytes than ASCII; the last one may be cut off."""
    pieces = _BETWEEN.split(sample)
    if not final:
        pieces.pop()
    # "Łódź1" and "Łódź2" are one word: what is repeated is no more evidence than once.
    words = {piece.strip(b"0123456789"): piece for piece in pieces if not piece.isascii()}
    shown = [word[:_MAX_WORD_BYTES] for word in list(words.values())[:_MAX_WORDS]]
    sizes = accumulate(map(len, shown))
    return [word for word, size in zip(shown, sizes, strict=True) if size <= _MAX_BYTES]


def detect(
    words: Sequence[bytes], encodings: Iterable[str] = ENCODINGS, known: frozenset[str] = frozenset()
) -> list[str]:
    """Return the encodings that read the words in the likeliest way: all alike, the likeliest one first.

    `known` are words that column names have, in lower case. Raises Unclear.
    """
    readings = sorted(
        (_reading(words, encoding, known) for encoding in encodings), key=lambda reading: reading.cost
    )
    best = readings[0]
    alike = [reading for reading in readings if reading.words == best.words]
    different = [reading for reading in readings if reading.words != best.words]
    characters = [char for word in best.words for run in _runs(word) for char in run]
    dearest = _MARGIN + sum(_MAX_COST_OF_ASCII if char.isascii() else _MAX_COST for char in characters)
    is_clear = not different or different[0].cost - best.cost >= _MARGIN
    if not is_clear or best.cost > dearest:
        raise Unclear(_candidates(readings))
    return [reading.encoding for reading in alike]


def _candidates(readings: Sequence[Reading]) -> list[Reading]:
    """The likely readings, each once."""
    by_words: dict[tuple[str, ...], Reading] = {}
    for reading in readings:
        if reading.cost - readings[0].cost <= _CANDIDATE_MARGIN:
            by_words.setdefault(reading.words, reading)
    return list(by_words.values())[:_MAX_CANDIDATES]


def _reading(words: Sequence[bytes], encoding: str, known: frozenset[str]) -> Reading:
    use = _ENCODINGS[encoding]
    # Windows-1258 writes Vietnamese accents as characters of their own.
    texts = tuple(unicodedata.normalize("NFC", word.decode(encoding, "replace")) for word in words)
    cost = _cost_of_characters if _IDEOGRAPHIC.intersection(use.languages) else _cost_of_words
    total = sum(min(cost(text, use.languages), 1.0 if text.lower() in known else math.inf) for text in texts)
    return Reading(encoding, texts, use.cost + total)


def _cost_of_words(text: str, languages: Sequence[str]) -> float:
    total = 0.0
    for word in (word for run in _runs(text) for word in _WORD.findall(run)):
        total += likeliest([alphabet(language).cost(word.lower()) for language in languages]) + _case(word)
    symbols = (n for n, char in enumerate(text) if not char.isascii() and not char.isalpha())
    return total + sum(_cost_of_symbol(text, n) for n in symbols)


def _runs(text: str) -> list[str]:
    """The parts of a text that have other characters than ASCII, with the letters around them."""
    return [run for run in _RUN.findall(text) if not run.isascii()]


def _case(word: str) -> float:
    """The cost of capitals within a word, or of none at its beginning, where the letter is beyond ASCII."""
    begins_small = 0.0 if word[0].isascii() or not word[0].islower() else _SMALL_INITIAL
    if word.islower() or word.isupper() or word[1:].islower():
        return begins_small
    changes = sum(not (a + b).isascii() and a.islower() and b.isupper() for a, b in pairwise(word))
    return begins_small + _WRONG_CASE * changes + 1.0


def _cost_of_symbol(text: str, index: int) -> float:
    """The cost of a character that is no letter."""
    char, before, after = text[index], text[index - 1 : index], text[index + 1 : index + 2]
    category = unicodedata.category(char)
    if category in ("Cc", "Co", "Cn") or char == "\ufffd":
        return _UNDECODABLE
    if (
        category.startswith("M")
        and before
        and not (before.isascii() or (after.isascii() and after.isalpha()))
    ):
        return _VOWEL_SIGN  # of Thai, Arabic or Hebrew
    if char in _IN_WORDS:
        return _APOSTROPHE if char == "’" and before.isalpha() and after.isalpha() else _PUNCTUATION
    is_wrong = (char not in _AFTER_WORDS and before.isalpha()) or (
        char not in _BEFORE_WORDS and after.isalpha()
    )
    return _PUNCTUATION if char in _OTHERS and not is_wrong else _SYMBOL


def _cost_of_characters(text: str, languages: Sequence[str]) -> float:
    table = characters(languages[0])
    total, before = 0.0, ""
    for char in text:
        if not char.isascii():
            total += table.cost(char) if char.isalpha() else _cost_of_wide_symbol(char, before)
            if _HALF_WIDTH_KANA.match(char):
                total -= 7.0 if before and _HALF_WIDTH_KANA.match(before) else 4.0
        if before and char.isalpha() and before.isalpha() and char.isascii() != before.isascii():
            total += _MIXED
        before = char
    return total + ASCII_LETTER * sum(letter.isascii() for run in _runs(text) for letter in run)


def _cost_of_wide_symbol(char: str, before: str) -> float:
    if _WIDE_PUNCTUATION.match(char):
        return _SYMBOL if before.isalpha() and before.isascii() else 6.0
    return _UNDECODABLE if char == "\ufffd" or unicodedata.category(char) in ("Cc", "Co", "Cn") else _SYMBOL
