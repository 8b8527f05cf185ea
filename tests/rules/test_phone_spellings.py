"""One mobile is one recipient however it is written: old plans, mobile digits, trunk prefixes (R3)."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumberFormat

from preference_center.rules.phone_numbers import (
    business_number,
    e164_as_written,
    parse_provider_number,
    to_e164,
)
from preference_center.rules.phone_spellings import SPELLINGS, Spelling, older_forms, todays_form

REGIONS = sorted(
    region
    for region in phonenumbers.SUPPORTED_REGIONS
    if (plan := PhoneMetadata.metadata_for_region(region))
    and plan.mobile
    and plan.mobile.national_number_pattern
)
"""The regions that have mobile numbers."""
OLD_FORM_OF_GABON = re.compile(r"\+241(?:0[2-7]|[2-7])\d{6}")
"""libphonenumber still takes the form from before 2019 for valid."""


@pytest.mark.parametrize(
    ("today", "written"),
    [
        # Argentina: the 9 of mobile numbers, the 15 of national calls, the trunk zero
        (
            "+5491128507544",
            [
                "+54 11 2850-7544",
                "+54 9 11 2850-7544",
                "+54 11 15 2850-7544",
                "+54 011 15-2850-7544",
                "+54 (011) 2850 7544",
                "+54 9 11 15 2850 7544",
                "+54 9 011 2850-7544",
                "+54 9 (011) 15 2850-7544",
                "5491128507544",
                "541128507544",
                "whatsapp:+541128507544",
            ],
        ),
        (
            "+5493515123456",
            ["+54 351 512-3456", "+54 0351 15 512 3456", "+54 9 351 15 512 3456", "543515123456"],
        ),
        ("+5492944512345", ["+54 294 451-2345", "+54 0294 15 451-2345", "5492944512345"]),
        # Mexico: the 1 of mobile numbers, the prefixes of national calls
        (
            "+525512345678",
            [
                "+52 1 55 1234 5678",
                "+52 044 55 1234 5678",
                "+52 045 55 1234 5678",
                "+52 01 55 1234 5678",
                "5215512345678",
                "525512345678",
                "whatsapp:+5215512345678",
            ],
        ),
        # Brazil: the ninth digit, the trunk zero with and without a carrier
        (
            "+5531988888888",
            [
                "+55 31 8888-8888",
                "+55 (031) 98888-8888",
                "+55 0 31 8888 8888",
                "+55 0 15 31 98888 8888",
                "553188888888",
                "5531988888888",
            ],
        ),
        ("+5511961234567", ["+55 11 6123-4567", "551161234567"]),
        # Côte d'Ivoire: eight digits until 2021, whose second digit names the operator; a dropped zero
        (
            "+2250709139490",
            ["+225 09 13 94 90", "22509139490", "+225 07 09 13 94 90", "+225 7 09 13 94 90", "2250709139490"],
        ),
        ("+2250101234567", ["+225 01 23 45 67", "22501234567", "+225 1 01 23 45 67"]),
        ("+2250140123456", ["+225 40 12 34 56"]),
        ("+2250153123456", ["+225 53 12 34 56"]),
        ("+2250172123456", ["22572123456"]),
        ("+2250504123456", ["+225 04 12 34 56", "22504123456", "+225 5 04 12 34 56"]),
        ("+2250545123456", ["+225 45 12 34 56"]),
        ("+2250586123456", ["+225 86 12 34 56"]),
        ("+2250505123456", ["+225 05 12 34 56"]),
        ("+2250747123456", ["+225 47 12 34 56"]),
        ("+2250788123456", ["+225 88 12 34 56"]),
        ("+2250797123456", ["+225 97 12 34 56"]),
        ("+2250708123456", ["+225 08 12 34 56"]),
        # Benin: eight digits until 2024; a dropped zero
        ("+2290197123456", ["+229 97 12 34 56", "22997123456", "+229 01 97 12 34 56", "+229 1 97 12 34 56"]),
        ("+2290140123456", ["+229 40 12 34 56"]),
        ("+2290151123456", ["22951123456"]),
        ("+2290161234567", ["+229 61 23 45 67"]),
        # Congo: the zero belongs to the number
        ("+242066612345", ["+242 06 661 23 45", "+242 6 661 23 45", "24266612345"]),
        ("+242055212345", ["+242 5 521 23 45"]),
        # Gabon: 0 gave way to 6 or 7 in 2019
        ("+24166123456", ["+241 06 12 34 56", "+241 6 12 34 56", "+241 066 12 34 56", "24106123456"]),
        ("+24162123456", ["+241 02 12 34 56", "2412123456"]),
        ("+24165123456", ["+241 05 12 34 56"]),
        ("+24174123456", ["+241 04 12 34 56"]),
        ("+24177123456", ["+241 07 12 34 56", "+241 77 12 34 56", "24107123456", "2417123456"]),
        # Cameroon: nine digits since 2014
        ("+237675123456", ["+237 75 12 34 56", "23775123456", "+237 6 75 12 34 56"]),
        ("+237699123456", ["+237 99 12 34 56"]),
        ("+237655123456", ["+237 55 12 34 56"]),
        ("+237666123456", ["+237 66 12 34 56"]),
        # Mauritius: eight digits since 2013
        ("+23057123456", ["+230 712 3456", "2307123456", "+230 5712 3456"]),
        ("+23059123456", ["+230 912 3456"]),
        # Guinea-Bissau: nine digits since 2015
        ("+245955123456", ["+245 512 3456", "2455123456", "+245 955 123 456"]),
        ("+245966123456", ["+245 612 3456"]),
        # Vietnam: ten digits instead of eleven since 2018
        ("+84321234567", ["+84 162 123 4567", "+84 0162 123 4567", "841621234567", "+84 32 123 4567"]),
        ("+84381234567", ["+84 168 123 4567"]),
        ("+84701234567", ["+84 120 123 4567"]),
        ("+84791234567", ["+84 121 123 4567"]),
        ("+84831234567", ["+84 123 123 4567"]),
        ("+84821234567", ["+84 129 123 4567"]),
        ("+84561234567", ["+84 186 123 4567"]),
        ("+84591234567", ["+84 199 123 4567"]),
        # French overseas departments, written as if they were on the mainland
        ("+262692123456", ["+33 6 92 12 34 56", "+33 (0)6 92 12 34 56", "+262 0692 12 34 56", "33692123456"]),
        ("+262639012345", ["+33 6 39 01 23 45"]),
        ("+590690123456", ["+33 6 90 12 34 56", "+590 (0)690 12 34 56"]),
        ("+594694123456", ["+33 6 94 12 34 56"]),
        ("+596696123456", ["+33 6 96 12 34 56"]),
        # Kosovo, and the trunk prefix 8 of Russia and Kazakhstan
        ("+38349123456", ["+386 49 123 456", "38649123456", "+383 049 123 456"]),
        ("+79123456789", ["+8 912 345-67-89", "89123456789", "+7 8 912 345 67 89", "+7 (912) 345-67-89"]),
        # A trunk prefix kept after the country code
        ("+447911123456", ["+44 (0)7911 123456", "+44 07911 123456", "4407911123456"]),
        ("+36201234567", ["+36 06 20 123 4567"]),
        ("+37061234567", ["+370 8 612 34567", "+370 0 612 34567"]),
        ("+9613123456", ["+961 03 123 456"]),
        ("+972542345678", ["+972 054-234-5678"]),
        ("+628123456789", ["+62 0812-3456-789"]),
        ("+60123456789", ["+60 012-345 6789"]),
        ("+2348031234567", ["+234 0803 123 4567", "+234 (0) 803 123 4567"]),
        ("+8613812345678", ["+86 0 138 1234 5678", "+86 138 1234 5678"]),
        ("+919812345678", ["+91 0 98123 45678"]),
        ("+994501234567", ["+994 (0)50 123 45 67"]),
        ("+573101234567", ["+57 03 310 1234567"]),
        ("+12025550123", ["+1 1 202 555 0123", "+1 (202) 555-0123"]),
    ],
)
def test_every_way_to_write_a_mobile_is_one_number(today: str, written: list[str]) -> None:  # R3
    assert {text: parse_provider_number(text) for text in [today, *written]} == dict.fromkeys(
        [today, *written], today
    )
    for text in [today, *written]:
        if text.startswith("+"):
            assert to_e164(text) == today
    assert phonenumbers.is_valid_number(phonenumbers.parse(today))


@pytest.mark.parametrize(
    "number",
    [
        "+548001234567",  # Argentina, freephone
        "+556134567890",  # Brazil, a fixed line
        "+551178123456",  # Brazil, trunked radio kept eight digits
        "+2252720123456",  # Côte d'Ivoire, a fixed line of today
        "+2302123456",  # Mauritius, a fixed line
        "+24111123456",  # Gabon, a fixed line
        "+33612345678",
        "+33695123456",  # mainland France, between the ranges of the overseas departments
        "+38643123456",  # Slovenia uses 43, which Kosovo had
        "+37744123456",  # Monaco uses 44, which Kosovo had
        "+972599123456",  # WhatsApp keeps +970 and +972 apart as two accounts
        "+390347123456",  # Italy, a fixed line: the zero is part of it
        "+393471234567",
        "+22890123456",  # Togo: an old first digit stood for two operators
        "+841900123456",  # Vietnam, a service number
        "+84912345678",
    ],
)
def test_numbers_that_can_be_somebody_elses_stay_as_they_are(number: str) -> None:  # R3
    assert to_e164(number) == number


@pytest.mark.parametrize(
    "number",
    ["22520123456", "22590512345", "22580012345", "22500123456"],
)
def test_old_numbers_without_one_successor_are_kept_as_the_provider_writes_them(number: str) -> None:
    assert parse_provider_number(number) == f"+{number}"


@pytest.mark.parametrize(
    "spelling", [row for row in SPELLINGS if not row.only_typed], ids=lambda row: f"{row.old}-{row.new}"
)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(data=st.data())
def test_each_row_of_the_table_leads_to_a_number_of_today_and_back(
    spelling: Spelling, data: st.DataObject
) -> None:
    pattern = re.compile(rf"({spelling.head})@({spelling.rest})", re.ASCII)
    old = data.draw(st.from_regex(pattern, fullmatch=True)).replace("@", spelling.old)
    today = to_e164(old)
    assert to_e164(today) == todays_form(today) == today
    assert phonenumbers.is_possible_number(phonenumbers.parse(today))
    assert old in older_forms(today)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=st.data())
def test_every_argentine_number_is_one_with_and_without_its_9(data: st.DataObject) -> None:
    number = valid_number("AR", data)
    today = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    assume(today.startswith("+549"))
    without = today.replace("+549", "+54", 1)
    assert to_e164(without) == to_e164(today) == today
    assert older_forms(today) == [without]


@pytest.mark.parametrize("region", REGIONS)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(data=st.data())
def test_valid_mobiles_of_today_stay_apart_and_all_their_formats_agree(
    region: str, data: st.DataObject
) -> None:
    """R3. A valid number normalises to itself, so no two are merged."""
    number = valid_number(region, data)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    normalised = to_e164(e164)
    assert to_e164(normalised) == normalised
    if not OLD_FORM_OF_GABON.fullmatch(e164):
        assert normalised == e164
    assert parse_provider_number(e164[1:]) == normalised
    for written in formats(number):
        assert to_e164(written) == normalised, written


def valid_number(region: str, data: st.DataObject) -> phonenumbers.PhoneNumber:
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata
    assert metadata.mobile
    assert metadata.mobile.national_number_pattern
    pattern = re.compile(metadata.mobile.national_number_pattern, re.ASCII)
    national = data.draw(st.from_regex(pattern, fullmatch=True))
    number = phonenumbers.parse(f"+{metadata.country_code}{national}")
    assume(phonenumbers.is_valid_number(number))
    return number


def formats(number: phonenumbers.PhoneNumber) -> list[str]:
    """International, RFC 3966, with other punctuation, and as nationals write it after the country code."""
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    code, _, rest = international.partition(" ")
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return [
        international,
        phonenumbers.format_number(number, PhoneNumberFormat.RFC3966),
        international.replace(" ", "."),
        international.replace(" ", "\u00a0").replace("-", "\u2011"),
        f"{code} ({rest})",
        f"{code} {national}",
    ]


@pytest.mark.parametrize(
    ("registered", "kept", "sent_to"),
    [
        ("+54 11 4321-1234", "+541143211234", "+5491143211234"),
        ("+5491143211234", "+5491143211234", "+5491143211234"),
        ("+44 (0)7911 123456", "+447911123456", "+447911123456"),
        ("+52 1 55 1234 5678", "+525512345678", "+525512345678"),
    ],
)
def test_a_businesss_own_number_is_kept_as_its_provider_knows_it(
    registered: str, kept: str, sent_to: str
) -> None:
    assert e164_as_written(registered) == kept
    assert business_number(kept) == sent_to
