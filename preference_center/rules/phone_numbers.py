"""Phone numbers in E.164. Numbers that are already in E.164 take a fast path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

_E164: Final = re.compile(r"\+[1-9][0-9]{5,14}")
_FORMATTED: Final = re.compile(r"\+[0-9 ()\[\]./\-\u00a0\u2009\u2010-\u2015\u202f]+")
"""A plus, then digits and the punctuation people put between them; no letters, no extensions."""
_FULL_WIDTH: Final = str.maketrans("＋０１２３４５６７８９", "+0123456789")
_MAX_PASSES: Final = 4
_PREFIX: Final = re.compile(r"(?:whatsapp|rcs|sms|tel):", re.IGNORECASE)
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
_REACHABLE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_RENUMBERED: Final = (
    (re.compile(r"\+521([0-9]{10})"), r"+52\1"),  # Mexico dropped the 1 before mobile numbers
    (re.compile(r"\+55([1-9][0-9])([689][0-9]{7})"), r"+55\g<1>9\2"),  # Brazil added a 9 before them
)
"""Renumbered countries. WhatsApp and old address books still use the old form: both are one number (R3)."""


class PhoneNumberError(ValueError):
    """The text is not a valid phone number; the message is for end users."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A country's numbering plan: the digits after the calling code."""

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None
    """A prefix that is dialled within the country only, and removed in E.164."""


def to_e164(typed: str) -> str:
    """Normalise a phone number with its country code. Raises `PhoneNumberError`.

    Checks the length against the country's plan, but not number ranges: ranges are added faster than lists
    are updated, and the opt-out of a new number must not be lost.
    """
    if _E164.fullmatch(typed) and _is_plain(typed):
        return _renumbered(typed) if typed.startswith("+55") else typed
    wide = typed.translate(_FULL_WIDTH).removeprefix("tel:")
    if not wide.startswith("+"):
        raise PhoneNumberError("A phone number needs its country code, as in +48 601 234 567.")
    if not _FORMATTED.fullmatch(wide):
        raise PhoneNumberError("A phone number can have digits, spaces and ( ) . / - only.")
    return _renumbered(_parsed(_renumbered(wide)))


def parse_provider_number(text: str) -> str:
    """Normalise a number as Twilio and WhatsApp write it: after "whatsapp:", or without a plus.

    A number outside every numbering plan is kept as it is, so that its owner can opt out. Raises
    `PhoneNumberError` for anything but 7 to 15 digits, such as names and short codes.
    """
    bare = _PREFIX.sub("", text.strip()).strip()
    number = bare if bare.startswith("+") else f"+{bare}"
    try:
        return to_e164(number)
    except PhoneNumberError:
        if _REACHABLE.fullmatch(number):
            return number
        raise


def business_number(text: str) -> str:
    """Normalise a number that a message was sent to: to E.164 if possible; short codes stay as they are."""
    bare = _PREFIX.sub("", text.strip()).strip()
    if _SHORT_CODE.fullmatch(bare):
        return bare
    try:
        return parse_provider_number(bare)
    except PhoneNumberError:
        return bare


def _renumbered(number: str) -> str:
    """The number in its country's current form."""
    plain = "+" + "".join(char for char in number if "0" <= char <= "9")
    for old, new in _RENUMBERED:
        if old.fullmatch(plain):
            return old.sub(new, plain)
    return number


def _parsed(text: str) -> str:
    for _ in range(_MAX_PASSES):
        try:
            number = phonenumbers.parse(text, None)
        except phonenumbers.NumberParseException:
            raise PhoneNumberError("This is no phone number of any country.") from None
        if not phonenumbers.is_possible_number(number):
            raise PhoneNumberError("This phone number is too short or too long for its country.")
        normalised = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        # Removing a prefix can reveal another one: repeat until the number stays the same.
        if normalised == text:
            return normalised
        text = normalised
    raise PhoneNumberError("This is no phone number of any country.")


def _is_plain(number: str) -> bool:
    """Whether an E.164 number is already normalised: of a valid length, and without a national prefix."""
    plan, start = _plan(number[1:2]), 2
    if plan is None:
        plan, start = _plan(number[1:3]), 3
    if plan is None:
        plan, start = _plan(number[1:4]), 4
    if plan is None or len(number) - start not in plan.lengths:
        return False
    return plan.prefix is None or not plan.prefix.match(number, start)


@lru_cache(maxsize=2048)
def _plan(calling_code: str) -> _Plan | None:
    code = int(calling_code)
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code)
    if regions is None:
        return None
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
    if metadata is None or metadata.general_desc is None:
        return None
    prefix = metadata.national_prefix_for_parsing
    lengths = frozenset(metadata.general_desc.possible_length)
    return _Plan(lengths, re.compile(prefix) if prefix else None)
