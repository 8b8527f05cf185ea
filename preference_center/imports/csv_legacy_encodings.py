"""Telling older encodings apart by the words that their letters form.

The same byte is "č" in Windows-1250 and "è" in Windows-1252. Statistics need pages of text, and a list of
customers has a dozen such letters. So the score asks whether one language has all the letters, and whether
vowels are next to consonants: "Michèle", "Kučera".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

_CENTRAL_EUROPEAN: Final = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîşţ",  # Romanian
    "čćđšž",  # Croatian, Slovene
    "äöüß",  # German
)
_WESTERN_EUROPEAN: Final = (
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
_ALPHABETS: Final = {
    "cp1250": _CENTRAL_EUROPEAN,
    "cp1252": _WESTERN_EUROPEAN,
    "iso8859_2": _CENTRAL_EUROPEAN,
}
_VOWELS: Final = frozenset("aeiouyąęóáéěíúůýäôöőüűăâîàæèêëïœùûÿãõìòåø")
_NOT_BEFORE_VOWELS: Final = frozenset("ń")
"""Polish writes "ni" there; what looks like "ń" is a Spanish "ñ"."""
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_PUNCTUATION: Final = frozenset("\u00a0€‚„…‹›‘’“”•–—™§©«»®°·¿¡´`\u00ad")


def likeliest(sample: bytes) -> str:
    """Return the likeliest of cp1250, cp1252 and iso8859_2, as Python names them."""
    return max(_ALPHABETS, key=lambda encoding: _score(sample, encoding))


def _score(sample: bytes, encoding: str) -> float:
    """From 0 to 2: the share of letters that the best language has, plus the share in a likely position."""
    text = sample.decode(encoding, "replace").lower()
    letters: Counter[str] = Counter()
    likely = 0.0
    for before, letter, after in _letters_in_context(text):
        letters[letter] += 1
        likely += _likelihood(before, letter, after)
    total = letters.total()
    if not total:
        return 0.0
    best = max(sum(letters[letter] for letter in alphabet) for alphabet in _ALPHABETS[encoding])
    return (best + likely) / total


def _letters_in_context(text: str) -> Iterator[tuple[str, str, str]]:
    """Each character beyond ASCII with its neighbours, without punctuation."""
    padded = f" {text} "
    for found in _NOT_ASCII.finditer(padded):
        index, character = found.start(), found[0]
        if character not in _PUNCTUATION:
            yield padded[index - 1], character, padded[index + 1]


def _likelihood(before: str, letter: str, after: str) -> float:
    """How likely a letter is between its neighbours, from 0 to 1."""
    if not letter.isalpha():
        return 0.0
    if letter in _NOT_BEFORE_VOWELS and after in _VOWELS:
        return 0.0
    neighbours = [character for character in (before, after) if character.isalpha()]
    if not neighbours:
        return 0.5
    alternating = sum((letter in _VOWELS) != (neighbour in _VOWELS) for neighbour in neighbours)
    return alternating / len(neighbours)
