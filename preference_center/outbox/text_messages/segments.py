"""How many SMS a text takes: 160 characters of GSM 03.38 or 70 of UCS-2, a few less if there are several."""

from __future__ import annotations

from typing import Final

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic table (3GPP TS 23.038 §6.2.1)."""
_EXTENDED: Final = frozenset("^{}\\[~]|€\f")
"""The extension table: two septets each (§6.2.1.1)."""


def is_gsm(text: str) -> bool:
    """Return whether a text can be sent with seven bits for each character."""
    return _GSM.issuperset(set(text) - _EXTENDED)


def segments(text: str) -> int:
    """Return how many SMS a text takes: each part of a longer one has a header of six bytes."""
    if is_gsm(text):
        return _parts(len(text) + sum(character in _EXTENDED for character in text), 160, 153)
    return _parts(len(text.encode("utf-16-be")) // 2, 70, 67)


def _parts(length: int, alone: int, each: int) -> int:
    return 1 if length <= alone else -(-length // each)
