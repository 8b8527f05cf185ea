"""Telling older encodings apart by the words that their letters make.

The same byte is "č" in Windows-1250 and "è" in Windows-1252. Statistics need pages of text; a list of
customers has a dozen such letters. So it is asked whether one language has them all, and whether vowels
stand among consonants: "Michèle", "Kučera".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

_CENTRAL: Final = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîşţ",  # Romanian
    "čćđšž",  # Croatian, Slovene
    "äöüß",  # German
)
_WESTERN: Final = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "áéíñóúü",  # Spanish
    "ãáàâçéêíõóôúü",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "äöüß",  # German
    "åäöé",  # Swedish, Finnish
    "æøåé",  # Danish, Norwegian
    "áðéíóúýþæö",  # Icelandic
    "ëïéèöü",  # Dutch
)
_ENCODINGS: Final = (("cp1250", _CENTRAL), ("cp1252", _WESTERN), ("iso8859_2", _CENTRAL))
_VOWELS: Final = frozenset("aeiouyąęóáéěíúůýäôöőüűăâîàæèêëïœùûÿãõìòåø")
_NOT_BEFORE_VOWELS: Final = frozenset("ń")
"""Polish writes "ni" there; what looks like one is a Spanish "ñ"."""
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")
_AROUND_WORDS: Final = frozenset("\u00a0€‚„…‹›‘’“”•–—™§©«»®°·¿¡´`\u00ad")


def likeliest(sample: bytes) -> str:
    """Which of Windows-1250, Windows-1252 and ISO-8859-2 a text is in: Python's name for it."""
    scores = {name: _score(sample, name, alphabets) for name, alphabets in _ENCODINGS}
    return max(scores, key=lambda name: scores[name])


def _score(sample: bytes, encoding: str, alphabets: tuple[str, ...]) -> float:
    """From 0 to 2: the share that the best language has of the letters, and of those in their place."""
    text = sample.decode(encoding, "replace").lower()
    letters: Counter[str] = Counter()
    placed = 0.0
    for before, letter, after in _in_context(text):
        letters[letter] += 1
        placed += _in_place(before, letter, after)
    total = letters.total()
    if not total:
        return 0.0
    best = max(sum(letters[letter] for letter in alphabet) for alphabet in alphabets)
    return (best + placed) / total


def _in_context(text: str) -> Iterator[tuple[str, str, str]]:
    """Each character beyond ASCII with its neighbours; punctuation that stands around words left out."""
    padded = f" {text} "
    for found in _FOREIGN.finditer(padded):
        place, character = found.start(), found[0]
        if character not in _AROUND_WORDS:
            yield padded[place - 1], character, padded[place + 1]


def _in_place(before: str, letter: str, after: str) -> float:
    """How well a letter stands among its neighbours, from 0 to 1."""
    if not letter.isalpha():
        return 0.0
    if letter in _NOT_BEFORE_VOWELS and after in _VOWELS:
        return 0.0
    neighbours = [character for character in (before, after) if character.isalpha()]
    if not neighbours:
        return 0.5
    fitting = sum((letter in _VOWELS) != (neighbour in _VOWELS) for neighbour in neighbours)
    return fitting / len(neighbours)
