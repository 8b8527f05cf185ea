"""Phone numbers as systems and spreadsheets write them: `whatsapp:+44…`, `33611111111`, `4.86E+10`."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache, partial
from typing import Final

import phonenumbers

from preference_center.errors import ErrorCode, Invalid
from preference_center.imports.cells.addresses import MOST_ADDRESSES, TOO_MANY, Finder, Found
from preference_center.imports.cells.yes_no import is_blank
from preference_center.imports.csv_reader import clean
from preference_center.rules.addresses import AddressError, parse_phone
from preference_center.rules.unicode_text import normalised

_BETWEEN: Final = re.compile(r"[;,|\n、]|:::|(?<=\d)\s+(?:or|and|oder|und|ou|et|y|o|i|lub)\s+(?=[+\d(])")
_NEXT_NUMBER: Final = re.compile(r"(?<=\d)[^\d+]*(?=\+)")
_LABEL: Final = re.compile(r"^[^\d+(]*(?:\([^\d+]*)?(?=[\d+(])")
"""What comes before a number: "Mobile:", "p:", "Jo Doe <"."""
_TO_LAST_DIGIT: Final = re.compile(r".*\d", re.DOTALL)
_LINK: Final = re.compile(r"(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?", re.IGNORECASE)
_SCIENTIFIC: Final = re.compile(r"\+?(\d)(?:[.,](\d*))?e\+?(\d{1,2})", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"\+?\d{6,15}[.,]0+")
_DIGITS: Final = re.compile(r"\d{11,15}")
_MIN_NATIONAL: Final = 11
"""Shorter numbers without a plus are national numbers of too many countries."""
_COMPARED_DIGITS: Final = 2
_SHORTENED: Final = (
    "A spreadsheet shortened this number, and its last digits are lost. Format the column as text there."
)
_NO_COUNTRY: Final = (
    "A phone number needs its country code, as in +48 601 234 567. Name the `country` of national numbers."
)
_WRONG: Final = "This is no phone number of the country, and it has no other country code."


def check_country(text: str | None) -> str | None:
    """Return the ISO 3166 code of the country that national numbers are of. Raises Invalid."""
    if text is None:
        return None
    code = {"UK": "GB"}.get(text.strip().upper(), text.strip().upper())
    if code not in phonenumbers.SUPPORTED_REGIONS:
        message = f"{text[:40]!r} is not a country. Use a code of two letters, such as FR or GB."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "country")
    return code


def phone_finder(country: str | None) -> Finder:
    """Find phone numbers in cells; numbers without a country code are national numbers of `country`."""
    return partial(phones_in, country=country)


def phones_in(cell: str, country: str | None = None) -> Found:
    """Find the phone numbers in a cell, in E.164. The problem's message does not repeat the cell."""
    text = clean(cell)
    try:
        return Found([parse_phone(text).value])
    except AddressError as error:
        if is_blank(text):
            return Found([], str(error) if not text else "There is no phone number in this cell.")
    return _unwrapped(_plain(text), country)


def _plain(text: str) -> str:
    """Without invisible characters and full-width forms, and as digits if a spreadsheet made it a decimal."""
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    plain = _LINK.sub("+", normalised("NFKC", visible)).strip()
    return re.split("[.,]", plain)[0] if _DECIMAL.fullmatch(plain) else plain


def _unwrapped(text: str, country: str | None) -> Found:
    scientific = _SCIENTIFIC.fullmatch(text.replace(" ", ""))
    parts = [_digits_of(scientific)] if scientific else _parts(text)
    found: dict[str, None] = {}
    problem = None if parts else _NO_COUNTRY
    for part in parts[:MOST_ADDRESSES]:
        try:
            found[_number(part, country)] = None
        except AddressError as error:
            problem = str(error)
    if len(parts) > MOST_ADDRESSES:
        problem = TOO_MANY
    return Found(list(found), problem)


def _parts(text: str) -> list[str]:
    """The numbers in a text, without the labels and brackets around them."""
    pieces = [piece for part in _BETWEEN.split(text) for piece in _NEXT_NUMBER.split(part)]
    return [found[0] for piece in pieces if (found := _TO_LAST_DIGIT.match(_LABEL.sub("", piece)))]


def _digits_of(scientific: re.Match[str]) -> str:
    """The digits of a number such as 4.8601234567E+10; an empty text if some of them are lost."""
    digits = scientific[1] + (scientific[2] or "")
    return digits if len(digits) == int(scientific[3]) + 1 else ""


def _number(text: str, country: str | None) -> str:
    if not text:
        raise AddressError(_SHORTENED)
    if text.startswith("+"):
        return parse_phone(text).value
    if text.startswith("00"):
        return parse_phone("+" + text[2:]).value
    if re.search(r"[^\d\s().\-/\u2010-\u2015]", text):
        raise AddressError("A phone number can have digits, spaces and ( ) . / - only.")
    number = _national(text, country) if country else _concluded(text)
    if number is None:
        raise AddressError(_WRONG if country else _NO_COUNTRY)
    return parse_phone(number).value


def _national(text: str, country: str) -> str | None:
    """The number in E.164: a number of the country, or an international one without its plus."""
    own = _concluded(text)
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return own
    if own and own.startswith(f"+{number.country_code}"):
        return own
    if phonenumbers.is_valid_number(number):
        return _e164(number)
    return own or (_e164(number) if phonenumbers.is_possible_number(number) else None)


def _concluded(text: str) -> str | None:
    """The number in E.164 if its digits are those of one country only; None otherwise.

    33611111111 is a French number without its plus. 13802345678 may be a number of Ohio, or a Chinese one.
    """
    digits = re.sub(r"\D", "", text)
    if not _DIGITS.fullmatch(digits) or digits.startswith("0"):
        return None
    if any(pattern.fullmatch(digits) for pattern in _long_national_numbers()):
        return None
    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return None
    return _e164(number) if phonenumbers.is_valid_number(number) or _is_like_a_mobile(number) else None


def _is_like_a_mobile(number: phonenumbers.PhoneNumber) -> bool:
    """Whether the country has mobile numbers that begin alike: ranges are added all the time."""
    national = phonenumbers.national_significant_number(number)
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    mobile = metadata.mobile.national_number_pattern if metadata and metadata.mobile else None
    rest = len(national) - _COMPARED_DIGITS
    return mobile is not None and any(
        re.fullmatch(mobile, national[:_COMPARED_DIGITS] + digit * rest) for digit in "123456789"
    )


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@lru_cache(maxsize=1)
def _long_national_numbers() -> list[re.Pattern[str]]:
    """Patterns of national mobile numbers, of countries that have long ones."""
    patterns = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        mobile = metadata.mobile if metadata else None
        if mobile and max(mobile.possible_length, default=0) >= _MIN_NATIONAL:
            patterns.append(re.compile(mobile.national_number_pattern or r"(?!)"))
    return patterns
