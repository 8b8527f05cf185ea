"""References: the few bytes that name a subscription type or a business unit in a link."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Final

REFERENCE_BYTES: Final = 6


@lru_cache(maxsize=4096)
def type_reference(key: str) -> bytes:
    """Return the reference of a subscription type: it depends on the key alone, in every installation."""
    return sha256(b"type:" + key.encode()).digest()[:REFERENCE_BYTES]


@lru_cache(maxsize=4096)
def unit_reference(key: str) -> bytes:
    """Return the reference of a business unit."""
    return sha256(b"unit:" + key.encode()).digest()[:REFERENCE_BYTES]
