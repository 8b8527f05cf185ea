"""Phone numbers in E.164, read fast where they are written so already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

_E164: Final = re.compile(r"\+[1-9][0-9]{5,14}")
_FORMATTED: Final = re.compile(r"\+[0-9 ()\[\]./\-\u00a0\u2009\u2010-\u2015\u202f]+")
"""A plus and then digits with the punctuation put between them: neither letters nor extensions."""
_WIDE_DIGITS: Final = str.maketrans("＋０１２３４５６７８９", "+0123456789")
_PASSES: Final = 4
_PREFIX: Final = re.compile(r"(?:whatsapp|rcs|sms|tel):", re.IGNORECASE)
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
_REACHABLE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_RENUMBERED: Final = (
    (re.compile(r"\+521([0-9]{10})"), r"+52\1"),  # Mexico gave up the 1 before mobile numbers
    (re.compile(r"\+55([1-9][0-9])([689][0-9]{7})"), r"+55\g<1>9\2"),  # Brazil put a 9 before all of them
)
"""What a country changed, and WhatsApp or an old address book has not: both stand for one number (R3)."""


class PhoneNumberError(ValueError):
    """What was typed is no phone number; the message is for people."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a country's numbering plan says of numbers after the calling code."""

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None
    """What is dialled within the country before the number, and has to be taken away."""


def to_e164(typed: str) -> str:
    """Normalise a phone number with its country code; raises `PhoneNumberError`.

    Lengths are checked against the country's plan, ranges are not: plans grow faster than any list of them,
    and an opt-out of a number that the list does not know yet must not be lost.
    """
    if _E164.fullmatch(typed) and _is_plain(typed):
        return _renumbered(typed) if typed.startswith("+55") else typed
    wide = typed.translate(_WIDE_DIGITS).removeprefix("tel:")
    if not wide.startswith("+"):
        raise PhoneNumberError("A phone number needs its country code, as in +48 601 234 567.")
    if not _FORMATTED.fullmatch(wide):
        raise PhoneNumberError("A phone number can have digits, spaces and ( ) . / - only.")
    return _renumbered(_parsed(_renumbered(wide)))


def from_provider(text: str) -> str:
    """Read a number as Twilio and WhatsApp write it, with "whatsapp:" before it or without a plus.

    One that no numbering plan explains is taken as it is: who writes from it can opt out. Raises
    `PhoneNumberError` for what has not 7 to 15 digits: names and short codes.
    """
    bare = _PREFIX.sub("", text.strip()).strip()
    number = bare if bare.startswith("+") else f"+{bare}"
    try:
        return to_e164(number)
    except PhoneNumberError:
        if _REACHABLE.fullmatch(number):
            return number
        raise


def of_the_business(text: str) -> str:
    """The number that a message was sent to: in E.164, a short code as it is, and so is what is neither."""
    bare = _PREFIX.sub("", text.strip()).strip()
    if _SHORT_CODE.fullmatch(bare):
        return bare
    try:
        return from_provider(bare)
    except PhoneNumberError:
        return bare


def _renumbered(number: str) -> str:
    """The number as its country writes it today; the same where nothing changed."""
    plain = "+" + "".join(character for character in number if "0" <= character <= "9")
    for old, new in _RENUMBERED:
        if old.fullmatch(plain):
            return old.sub(new, plain)
    return number


def _parsed(text: str) -> str:
    for _ in range(_PASSES):
        try:
            number = phonenumbers.parse(text, None)
        except phonenumbers.NumberParseException:
            raise PhoneNumberError("This is no phone number of any country.") from None
        if not phonenumbers.is_possible_number(number):
            raise PhoneNumberError("This phone number is too short or too long for its country.")
        normalised = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        # Taking away a prefix can bring another to light: only what stays as it is stands for one number.
        if normalised == text:
            return normalised
        text = normalised
    raise PhoneNumberError("This is no phone number of any country.")


def _is_plain(number: str) -> bool:
    """Whether an E.164 number stays as it is: of a plausible length, and without a prefix to take away."""
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
