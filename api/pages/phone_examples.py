"""An example of a phone number, as people of a country write it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import phonenumbers
from babel.core import get_global

_AT_HOME_IN: Final = {"en": "GB", "pt": "PT"}
"""Where it differs from CLDR's likely region: the spelling of Sayso's own texts."""
_FALLBACK: Final = "GB"


@lru_cache(maxsize=256)
def example_number(locale: str) -> str:
    """Return a mobile number of the country of a language tag (BCP 47): +48 512 345 678 for `pl`.

    The country is the tag's region, or else where most readers of the language live.
    """
    number = phonenumbers.example_number_for_type(_region(locale), phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        number = phonenumbers.example_number_for_type(_FALLBACK, phonenumbers.PhoneNumberType.MOBILE)
    assert number
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _region(locale: str) -> str:
    language, *rest = locale.replace("_", "-").split("-")
    region = next((part.upper() for part in rest if len(part) == 2), None)
    likely_tags = get_global("likely_subtags")
    likely = likely_tags.get("_".join((language, *rest[:1]))) or likely_tags.get(language, "")
    return region or _AT_HOME_IN.get(language) or likely.rpartition("_")[2] or _FALLBACK
