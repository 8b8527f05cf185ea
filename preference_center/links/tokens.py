"""Signed tokens: a payload in base64url, a dot, and its signature; one salt for each purpose (R31)."""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from hashlib import sha256
from hmac import HMAC
from hmac import new as new_hmac
from typing import Final

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import SigningAlgorithm

SIGNATURE_LENGTH: Final = 43
"""Characters: HMAC-SHA256 in base64url without padding."""

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = str.maketrans("-_", "+/")
_SHAPE: Final = re.compile(rf"([A-Za-z0-9_-]{{2,20000}})\.([A-Za-z0-9_-]{{{SIGNATURE_LENGTH}}})")


class LinkInvalid(Exception):
    """The token is not one of ours, or of another kind; the message says why without repeating it."""


class TokenSigner:
    """Signs payloads for one purpose and reads them back.

    `keys` are newest first, as in the settings: the first signs, all verify. The signing key is the
    HMAC-SHA256 of the salt under the key, so a signature for one purpose is invalid for every other.
    """

    def __init__(self, keys: Sequence[bytes], salt: bytes) -> None:
        if not keys or not all(keys):
            raise ValueError(f"{salt.decode()} needs at least one key")
        self._signer = _CachedSigner(keys[::-1], salt)
        self._sign = self._signer.sign

    def token(self, payload: bytes) -> str:
        """Return the signed payload: ASCII that needs no escaping in a URL."""
        return self._sign(_encoded(payload)).decode()

    def payload(self, token: str) -> bytes:
        """Return the payload that was signed; raises `LinkInvalid` for anything else.

        The unused bits at the end of a base64 text have to be zero: then a payload has one token for each
        key, and nobody can derive a second token from the first.
        """
        shape = _SHAPE.fullmatch(token)
        if shape is None:
            raise LinkInvalid("it does not have the shape of a link")
        payload = _decoded(shape[1])
        _decoded(shape[2])
        try:
            self._signer.unsign(token)
        except BadSignature:
            raise LinkInvalid("its signature is wrong") from None
        return payload


def _encoded(payload: bytes) -> bytes:
    return b2a_base64(payload, newline=False).translate(_TO_URL, b"=")


def _decoded(text: str) -> bytes:
    try:
        decoded = a2b_base64(text.translate(_FROM_URL) + "=" * (-len(text) % 4))
    except ValueError:
        raise LinkInvalid("it is not base64") from None
    if _encoded(decoded).decode() != text:
        raise LinkInvalid("its base64 has bits left over")
    return decoded


class _PreparedHmac(SigningAlgorithm):
    """HMAC-SHA256 that sets up each key once: copying the state costs half as much."""

    def __init__(self) -> None:
        self._prepared: dict[bytes, HMAC] = {}

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        mac = (self._prepared.get(key) or self._prepare(key)).copy()
        mac.update(value)
        return mac.digest()

    def _prepare(self, key: bytes) -> HMAC:
        return self._prepared.setdefault(key, new_hmac(key, b"", sha256))


class _CachedSigner(Signer):
    """A Signer that derives each key once instead of for each signature."""

    def __init__(self, keys: Sequence[bytes], salt: bytes) -> None:
        super().__init__(
            keys, salt=salt, key_derivation="hmac", digest_method=sha256, algorithm=_PreparedHmac()
        )
        self._derived: dict[bytes, bytes] = {key: super(_CachedSigner, self).derive_key(key) for key in keys}
        self._signing_key = self._derived[keys[-1]]

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        if secret_key is None:
            return self._signing_key
        return self._derived[secret_key if isinstance(secret_key, bytes) else secret_key.encode()]
