"""Whether a key was generated, or can be guessed: repetition, sequences, words, or such text encoded."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from itertools import pairwise

_MIN_GUESSES_LOG10 = 25
"""A random key of 32 hexadecimal digits takes 10^28 guesses at least by this measure; phrases take fewer."""
_MEASURED_CHARACTERS = 72
"""The estimate takes longer than linear time, and zxcvbn accepts no more."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")

HOW_TO_GENERATE = "generate one with: openssl rand -base64 32"


def is_guessable(key: str) -> bool:
    """Return whether a key, or what it encodes in base64 or hexadecimal, is not random."""
    return _few_guesses(key) or any(map(_is_guessable_data, _decoded(key)))


def _few_guesses(text: str) -> bool:
    from zxcvbn import zxcvbn  # imported here: its word lists take a while, and development needs none

    return float(zxcvbn(text[:_MEASURED_CHARACTERS])["guesses_log10"]) < _MIN_GUESSES_LOG10


def _decoded(key: str) -> list[bytes]:
    found = []
    if _HEX.fullmatch(key):
        found.append(bytes.fromhex(key))
    if _BASE64.fullmatch(key):
        unpadded = key.rstrip("=").replace("-", "+").replace("_", "/")
        with contextlib.suppress(binascii.Error):
            found.append(base64.b64decode(unpadded + "=" * (-len(unpadded) % 4)))
    return found


def _is_guessable_data(data: bytes) -> bool:
    """Whether bytes are few different ones, ascend or descend evenly, or are text that can be guessed."""
    steps = {(second - first) % 256 for first, second in pairwise(data)}
    if min(len(steps), len(set(data))) < len(data) / 4:
        return True
    return data.isascii() and data.decode().isprintable() and _few_guesses(data.decode())
