"""The short ways to normalise and fingerprint addresses give what the long ones give (R3, R32)."""

from __future__ import annotations

import hashlib
import hmac
import random

import pytest

from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError, keyed_fingerprints, normalised, parse
from preference_center.rules.types import RecipientKind

_LOCAL = [*"abcXYZ019._+-'!#$%&*/=?^`{|}~ \"(),:;<>[]\\@", "..", "é", "ß", "İ", "K", "\u200b", "\t", ""]
_DOMAIN = [*"abcXYZ019.-_", "..", "--", "xn--", "xn--e1afmkfd", "é", "ł", "K", " ", "localhost", "local"]
_ENDINGS = [
    ".com",
    ".PL",
    ".museum",
    ".x",
    ".1",
    ".local",
    ".invalid",
    ".onion",
    ".arpa",
    ".test",
    "",
    ".com.",
]


def _often(pieces: list[str]) -> list[int]:
    """Weights with which letters and digits, the first nine pieces, are most of them."""
    return [60 if index < 9 else 1 for index, _ in enumerate(pieces)]


def _long_way(text: str) -> str | None:
    try:
        return addresses._normalised_email(addresses._trimmed(text))
    except AddressError:
        return None


def test_every_address_is_normalised_as_the_parser_does() -> None:
    chance = random.Random(7)
    plain = 0
    for _ in range(4_000):
        texts = [
            "".join(chance.choices(pieces, weights, k=chance.randint(0, 9)))
            for pieces, weights in ((_LOCAL, _often(_LOCAL)), (_DOMAIN, _often(_DOMAIN)))
        ]
        text = f"{texts[0]}@{texts[1]}{chance.choice(_ENDINGS)}"
        [found] = normalised([text], RecipientKind.EMAIL)
        assert (None if isinstance(found, AddressError) else found) == _long_way(text), repr(text)
        plain += addresses._plain_email(text) is not None
    assert plain > 300, "some are plain"


@pytest.mark.parametrize("length", [63, 64, 65, 254, 255])
def test_long_addresses_are_no_shorter_way(length: int) -> None:
    for text in (
        "a" * length + "@example.com",
        "a@" + "b." * (length // 2) + "com",
        "a@" + "b" * length + ".com",
    ):
        [found] = normalised([text], RecipientKind.EMAIL)
        assert (None if isinstance(found, AddressError) else found) == _long_way(text)


def test_phone_numbers_are_parsed_one_by_one() -> None:
    found = normalised(["+48 601 234 567", "601", "a@b.pl"], RecipientKind.PHONE)
    assert found[0] == parse("+48601234567").value
    assert [type(each) for each in found[1:]] == [AddressError] * 2


@pytest.mark.parametrize("length", [1, 32, 63, 64, 65, 200])
def test_fingerprints_are_those_of_hmac(length: int) -> None:
    chance = random.Random(length)
    key = chance.randbytes(length)
    values = [
        "alice@example.com",
        "",
        "zoë@example.com",
        "x" * 300,
        *(chance.randbytes(9).hex() for _ in range(50)),
    ]
    for kind, prefix in ((RecipientKind.EMAIL, "email:"), (RecipientKind.PHONE, "phone:")):
        expected = [hmac.digest(key, f"{prefix}{value}".encode(), hashlib.sha256)[:16] for value in values]
        assert keyed_fingerprints(kind, values, key) == expected
