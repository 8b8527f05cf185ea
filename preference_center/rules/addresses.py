"""Addresses: normalisation, so that an address is one recipient (R3), and keyed fingerprints (R32)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import idna
from email_validator import EmailNotValidError, validate_email

from preference_center.rules.phone_numbers import PhoneNumberError, to_e164
from preference_center.rules.types import RecipientKind

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

MAX_TYPED_LENGTH: Final = 320
"""Without surrounding space. RFC 5321 allows 254 characters for an email address."""
FINGERPRINT_BYTES: Final = 16
_BLOCK_BYTES: Final = 64
"""Of SHA-256: the length of a key of HMAC."""
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))

_MAX_EMAIL_LENGTH: Final = 254
_INVISIBLE: Final = "\ufeff\u200b\u2060"
"""Characters that copying leaves around an address, and that `str.strip` does not remove."""
_ATOM: Final = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN_EMAIL: Final = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?!(?:arpa|invalid|local|localhost|onion)$)[a-z]{{2,63}}"
)
"""Email addresses that need no full parse, which are almost all: lower-case ASCII with a plain domain."""
_is_plain = _PLAIN_EMAIL.fullmatch


class AddressError(ValueError):
    """The text is not a valid address. The message is for end users and does not repeat the text."""


@dataclass(frozen=True, slots=True)
class Address:
    """A normalised address: an email with its domain in IDNA ASCII, or a phone number in E.164."""

    kind: RecipientKind
    value: str

    def __hash__(self) -> int:
        # An email has an "@" and a phone number begins with "+": the value alone tells addresses apart.
        return hash(self.value)


def parse(text: str) -> Address:
    """Parse an email address (with an "@") or a phone number. Raises `AddressError`."""
    return parse_email(text) if "@" in text else parse_phone(text)


def parse_email(text: str) -> Address:
    """Normalise an email address (R3): NFC, lower case, domain in IDNA ASCII. Raises `AddressError`.

    Dots and +tags are kept: addresses that differ in them may belong to different people.
    """
    if plain := _plain_email(text):
        return Address(RecipientKind.EMAIL, plain)
    typed = _trimmed(text)
    plain = _plain_email(typed)
    return Address(RecipientKind.EMAIL, plain or _normalised_email(typed))


def _plain_email(typed: str) -> str | None:
    """The address in lower case if it needs no full parse."""
    lower = typed.lower()
    # "--" may be Punycode, or a label that IDNA reserves: the library decides.
    if len(lower) <= _MAX_EMAIL_LENGTH and _is_plain(lower) and "--" not in lower and typed.isascii():
        return lower
    return None


def normalised(texts: Sequence[str], kind: RecipientKind) -> list[str | AddressError]:
    """Return the normalised value of each address of one kind (R3), or why it is not valid."""
    if kind is RecipientKind.PHONE:
        return [_value_or_error(parse_phone, text) for text in texts]
    return [
        lower
        if len(lower) <= _MAX_EMAIL_LENGTH and _is_plain(lower) and "--" not in lower and text.isascii()
        else _value_or_error(parse_email, text)
        for text, lower in zip(texts, map(str.lower, texts), strict=True)
    ]


def _value_or_error(parse: Callable[[str], Address], text: str) -> str | AddressError:
    try:
        return parse(text).value
    except AddressError as error:
        return error


def parse_phone(text: str) -> Address:
    """Normalise a phone number with its country code ("+48 …") to E.164 (R3). Raises `AddressError`."""
    try:
        return Address(RecipientKind.PHONE, to_e164(_trimmed(text)))
    except PhoneNumberError as error:
        raise AddressError(str(error)) from None


def keyed_fingerprint(address: Address, key: bytes) -> bytes:
    """Return the 16 bytes that identify an address in links and in the database (R32, R36).

    The first half of HMAC-SHA256 over "email:" or "phone:" and the normalised address in UTF-8. Without the
    key, nobody can find the address by trying.
    """
    return keyed_fingerprints(address.kind, (address.value,), key)[0]


def keyed_fingerprints(kind: RecipientKind, values: Iterable[str], key: bytes) -> list[bytes]:
    """Return the fingerprints of normalised addresses of one kind, in order."""
    inner, outer = _keyed(kind, key)
    found = []
    for value in values:
        inner_hash = inner.copy()
        inner_hash.update(value.encode())
        outer_hash = outer.copy()
        outer_hash.update(inner_hash.digest())
        found.append(outer_hash.digest()[:FINGERPRINT_BYTES])
    return found


def displayed(address: Address) -> str:
    """Return the address for display: with an international domain in its own script."""
    if address.kind is RecipientKind.PHONE:
        return address.value
    local, _, domain = address.value.rpartition("@")
    return f"{local}@{_unicode_domain(domain)}"


def masked(address: Address) -> str:
    """Return a hint that only its owner recognises: "a•••@e•••.com", "+48•••89".

    The number of dots is fixed, so that it does not reveal the length.
    """
    if address.kind is RecipientKind.PHONE:
        return f"{address.value[:3]}•••{address.value[-2:]}"
    local, _, domain = displayed(address).rpartition("@")
    return f"{local[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"


def _trimmed(text: str) -> str:
    trimmed = text.strip()
    if len(trimmed) > MAX_TYPED_LENGTH:
        raise AddressError(f"This is too long for an address: at most {MAX_TYPED_LENGTH} characters.")
    if not trimmed.isascii():
        trimmed = trimmed.strip(_INVISIBLE).strip()
    if not trimmed:
        raise AddressError("An address is missing.")
    return trimmed


def _normalised_email(typed: str) -> str:
    try:
        # `test_environment` admits the ".test" domains of RFC 2606.
        found = validate_email(typed, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise AddressError(str(error)) from None
    except ValueError:  # text that cannot be encoded, such as half a surrogate pair
        raise AddressError("The email address holds characters that no address can have.") from None
    if "." not in found.ascii_domain:
        raise AddressError("The part after the @-sign is not valid. It should have a period.")
    local = unicodedata.normalize("NFC", found.local_part.lower())
    return f"{local}@{found.ascii_domain}"


@lru_cache(maxsize=1024)
def _unicode_domain(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


@lru_cache(maxsize=16)
def _keyed(kind: RecipientKind, key: bytes) -> tuple[Hash, Hash]:
    """The two hashes of HMAC-SHA256 (RFC 2104) under a key, the inner one with the prefix of the kind.

    Copying prepared hashes takes a third of the time of keying a new HMAC.
    """
    block = (key if len(key) <= _BLOCK_BYTES else sha256(key).digest()).ljust(_BLOCK_BYTES, b"\0")
    inner = sha256(block.translate(_INNER))
    inner.update(b"email:" if kind is RecipientKind.EMAIL else b"phone:")
    return inner, sha256(block.translate(_OUTER))
