"""Phone numbers in E.164. Numbers that are already in E.164 take a fast path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

from preference_center.rules.phone_spellings import todays_form

_E164: Final = re.compile(r"\+[1-9][0-9]{5,14}")
_FORMATTED: Final = re.compile(r"\+[0-9 ()\[\]./\-\u00a0\u2009\u2010-\u2015\u202f]+")
"""A plus, then digits and the punctuation people put between them; no letters, no extensions."""
_FULL_WIDTH: Final = str.maketrans("＋０１２３４５６７８９", "+0123456789")
_MAX_PASSES: Final = 4
_TEL: Final = re.compile(r"tel:", re.IGNORECASE)
_PREFIX: Final = re.compile(r"(?:whatsapp|rcs|sms|tel):", re.IGNORECASE)
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
_REACHABLE: Final = re.compile(r"\+[1-9][0-9]{6,14}")


class PhoneNumberError(ValueError):
    """The text is not a valid phone number; the message is for end users."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A country's numbering plan: the digits after the calling code."""

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None
    """A prefix that is dialled within the country only, and removed in E.164."""


def to_e164(typed: str) -> str:
    """Normalise a phone number with its country code to the form in use today. Raises `PhoneNumberError`.

    Checks the length against the country's plan, but not number ranges: ranges are added faster than lists
    are updated, and the opt-out of a new number must not be lost.
    """
    if _E164.fullmatch(typed) and _is_plain(typed) and todays_form(typed) == typed:
        return typed
    number = _digits(typed)
    for _ in range(_MAX_PASSES):
        # Removing a prefix can reveal another one: repeat until the number stays the same.
        normalised = todays_form(_parsed(todays_form(number)))
        if normalised == number:
            return number
        number = normalised
    raise PhoneNumberError("This is no phone number of any country.")


def parse_provider_number(text: str) -> str:
    """Normalise a number as Twilio and WhatsApp write it: after "whatsapp:", or without a plus.

    A number outside every numbering plan is kept as it is, so that its owner can opt out. Raises
    `PhoneNumberError` for anything but 7 to 15 digits, such as names and short codes.
    """
    number = _with_plus(text)
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


def e164_as_written(typed: str) -> str:
    """Normalise how a number is written, but keep the form of the country's plan if the plan still has it.

    For the business's own numbers: a provider sends from a number as it is registered there. Raises
    `PhoneNumberError`.
    """
    try:
        return _parsed(_digits(typed))
    except PhoneNumberError:
        return to_e164(typed)


def _with_plus(text: str) -> str:
    bare = _PREFIX.sub("", text.strip()).strip()
    return bare if bare.startswith("+") else f"+{bare}"


def _digits(typed: str) -> str:
    """The number as a plus sign and digits. Raises `PhoneNumberError`."""
    wide = _TEL.sub("", typed.translate(_FULL_WIDTH))
    if not wide.startswith("+"):
        raise PhoneNumberError("A phone number needs its country code, as in +48 601 234 567.")
    if not _FORMATTED.fullmatch(wide):
        raise PhoneNumberError("A phone number can have digits, spaces and ( ) . / - only.")
    return "+" + "".join(char for char in wide if "0" <= char <= "9")


def _parsed(number: str) -> str:
    """The number without prefixes that are dialled within its country only. Raises `PhoneNumberError`."""
    try:
        found = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        raise PhoneNumberError("This is no phone number of any country.") from None
    if not phonenumbers.is_possible_number(found):
        raise PhoneNumberError("This phone number is too short or too long for its country.")
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def _is_plain(number: str) -> bool:
    """Whether an E.164 number is already normalised: of a valid length, and without a national prefix."""
    plan, start = _plan(number[1:2]), 2
    if plan is None:
        plan, start = _plan(number[1:3]), 3
    if plan is None:
        plan, start = _plan(number[1:4]), 4
    if plan is None or len(number) - start not in plan.lengths:
        return False
    prefix = plan.prefix.match(number, start) if plan.prefix else None
    return prefix is None or prefix.end() == start


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
