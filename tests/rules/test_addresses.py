"""Normalisation makes an address one recipient (R3); its keyed fingerprint identifies it (R32, R36)."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import string

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from preference_center.rules import addresses, phone_numbers
from preference_center.rules.addresses import (
    Address,
    AddressError,
    displayed,
    keyed_fingerprint,
    masked,
    parse,
)
from preference_center.rules.phone_numbers import PhoneNumberError, parse_provider_number
from preference_center.rules.types import RecipientKind

KEY = b"a key of its own, never rotated."
ALICE = Address(RecipientKind.EMAIL, "alice@example.com")
BOB = Address(RecipientKind.PHONE, "+48601234567")


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("alice@example.com", "alice@example.com"),
        ("  Alice@Example.COM\t\r\n", "alice@example.com"),
        ("\ufeffalice@example.com\u200b", "alice@example.com"),
        ("ZAŻÓŁĆ@Żółw.pl", "zażółć@xn--w-uga1v8h.pl"),
        ("zaz\u0307o\u0301łc\u0301@z\u0307o\u0301łw.pl", "zażółć@xn--w-uga1v8h.pl"),
        ("bob@XN--W-UGA1V8H.pl", "bob@xn--w-uga1v8h.pl"),
        ("bob@żółw．pl", "bob@xn--w-uga1v8h.pl"),
        ("o'hara_99%x@mail.example.co.uk", "o'hara_99%x@mail.example.co.uk"),
        ("charlie@staging.test", "charlie@staging.test"),
    ],
)
def test_an_email_address_is_normalised(typed: str, normalised: str) -> None:  # R3
    assert parse(typed) == Address(RecipientKind.EMAIL, normalised)


@pytest.mark.parametrize("other", ["a.lice@example.com", "alice+news@example.com", "alice@example.org"])
def test_dots_and_tags_make_another_address(other: str) -> None:  # R3
    assert parse(other) != ALICE
    assert parse(other).value == other


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("+48601234567", "+48601234567"),
        (" +48 601-234-567 ", "+48601234567"),
        ("tel:+48601234567", "+48601234567"),
        ("＋４８ 601 234 567", "+48601234567"),
        ("+48\u00a0601\u00a0234\u00a0567", "+48601234567"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("+4402079460000", "+442079460000"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+54 9 11 1234-5678", "+5491112345678"),
        ("+5411157290902", "+549117290902"),
        ("+200032371400", "+2032371400"),
        ("+52 1 55 1234 5678", "+525512345678"),
        ("+5215512345678", "+525512345678"),
        ("+55 (31) 8888-8888", "+5531988888888"),
        ("+553188888888", "+5531988888888"),
        ("+553138888888", "+553138888888"),
        ("+5531988888888", "+5531988888888"),
    ],
)
def test_a_phone_number_is_normalised(typed: str, normalised: str) -> None:  # R3
    assert parse(typed) == Address(RecipientKind.PHONE, normalised)


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("+48601234567", "+48601234567"),
        ("whatsapp:+48601234567", "+48601234567"),
        ("WhatsApp: +48601234567", "+48601234567"),
        ("48601234567", "+48601234567"),
        (" 48601234567", "+48601234567"),  # an unescaped plus, decoded as a form's space
        ("15550783881", "+15550783881"),
        ("+1 555-078-3881", "+15550783881"),
        ("5215512345678", "+525512345678"),
        ("553188888888", "+5531988888888"),
        ("whatsapp:+553188888888", "+5531988888888"),
        ("9991234567", "+9991234567"),
        ("+486012345678901", "+486012345678901"),
        ("+4860123456", "+4860123456"),
    ],
)
def test_a_number_from_a_provider_is_normalised(written: str, normalised: str) -> None:
    """R3. Numbers outside every numbering plan are kept as they are: their STOP must not be lost (R28)."""
    assert parse_provider_number(written) == normalised
    assert parse_provider_number(normalised) == normalised


@pytest.mark.parametrize(
    "written",
    [
        "",
        "+",
        "whatsapp:",
        "Acme",
        "12345",
        "+123456",
        "+0601234567",
        "+1234567890123456",
        "+48\x00601234567",
    ],
)
def test_senders_that_cannot_be_phone_numbers_are_refused(written: str) -> None:
    with pytest.raises(PhoneNumberError):
        parse_provider_number(written)


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=40) | st.from_regex(r"(whatsapp:)?\+?[0-9]{0,17}", fullmatch=True))
@example("+5510800000000")
def test_a_providers_number_is_stable_and_equals_the_typed_one(written: str) -> None:  # R3
    try:
        number = parse_provider_number(written)
    except PhoneNumberError:
        return
    assert parse_provider_number(number) == number
    with contextlib.suppress(AddressError):  # outside every numbering plan
        assert parse(number).value == number


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "missing"),
        (" \t", "missing"),
        ("602 345 678", "country code"),
        ("00 48 601 234 567", "country code"),
        ("Alice", "country code"),
        ("+48", "too short|no phone number"),
        ("+48601", "too short"),
        ("+486012345678901", "too long|too short or too long"),
        ("+999 601 234 567", "no phone number"),
        ("+1 800 FLOWERS", "digits"),
        ("+48601234567 ext. 5", "digits"),
        ("+48601234\x00567", "digits"),
        ("a" * 400 + "@example.com", "too long"),
        ("a" * 250 + "@example.com", "too long"),
        ("+" + "4" * 400, "too long"),
        ("@example.com", "before the @-sign"),
        ("alice@", "after the @-sign"),
        ("alice@localhost", "period"),
        ("alice@test", "period"),
        ("alice@printer.local", "special-use"),
        ("alice@@example.com", "@-sign"),
        ("al ice@example.com", "before the @-sign"),
        ('"alice"@example.com', "[Qq]uot"),
        ("alice@[127.0.0.1]", "bracketed"),
        ("Alice <alice@example.com>", "not permitted|invalid"),
        ("alice@exa\x00mple.com", "invalid"),
        ("al\x00ice@example.com", "invalid"),
        ("alice@example..com", "period"),
        ("alice@-example.com", "hyphen"),
        ("alice@ab--cd.com", "dashes"),
        ("alice@xn--\u00e9.com", "invalid|IDNA"),
        ("\ud800@example.com", "unsafe|characters"),
    ],
)
def test_an_invalid_address_is_refused_with_a_message_that_does_not_repeat_it(
    typed: str, message: str
) -> None:
    with pytest.raises(AddressError, match=message) as refused:
        parse(typed)
    assert typed.strip() == "" or typed not in str(refused.value)


@settings(deadline=None)
@given(st.text(max_size=400) | st.text(alphabet='a@.+-0148 ()"\x00żİ\ud800\u200b．', max_size=40))
@example("\u212a@example.com")
@example("İ@example.com")
def test_any_text_is_a_stable_address_or_an_address_error(typed: str) -> None:
    try:
        address = parse(typed)
    except AddressError:
        return
    assert parse(address.value) == address
    assert parse(displayed(address)) == address
    assert len(address.value) <= 254


_LABELS = st.text(alphabet=string.ascii_letters + string.digits + "-xn_", min_size=1, max_size=10)


@settings(deadline=None)
@given(
    st.text(
        alphabet=string.ascii_letters + string.digits + ".!#$%&'*+/=?^_`{|}~-\"( ", min_size=1, max_size=12
    ),
    st.lists(_LABELS, min_size=1, max_size=4),
    st.sampled_from(
        ["com", "pl", "museum", "local", "localhost", "onion", "arpa", "invalid", "test", "c0m", "x"]
    ),
)
def test_the_fast_path_for_emails_agrees_with_the_library(local: str, labels: list[str], tld: str) -> None:
    typed = f"{local}@{'.'.join([*labels, tld])}".strip()
    try:
        found = validate_email(typed, check_deliverability=False, test_environment=True)
        expected = f"{found.local_part}@{found.ascii_domain}".lower()
    except EmailNotValidError:
        expected = None
    try:
        parsed = addresses.parse_email(typed).value
    except AddressError:
        parsed = None
    assert parsed == expected


@settings(deadline=None)
@given(
    st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    st.from_regex(r"[0-9]{2,12}", fullmatch=True),
)
@example(44, "02079460000")
@example(1, "12025550123")
@example(39, "0612345678")
@example(39, "000000000")
@example(54, "11157290902")
def test_the_fast_path_for_e164_agrees_with_the_library(calling_code: int, rest: str) -> None:
    number = f"+{calling_code}{rest}"
    if phone_numbers._E164.fullmatch(number) and phone_numbers._is_plain(number):
        parsed = phonenumbers.parse(number, None)
        assert phonenumbers.is_possible_number(parsed)
        assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number


def test_the_fingerprint_is_a_keyed_hash_of_kind_and_address() -> None:  # R32
    expected = hmac.new(KEY, b"email:alice@example.com", hashlib.sha256).digest()[:16]
    assert keyed_fingerprint(ALICE, KEY) == expected
    assert keyed_fingerprint(BOB, KEY) == hmac.new(KEY, b"phone:+48601234567", hashlib.sha256).digest()[:16]


def test_another_key_gives_another_fingerprint() -> None:  # R32
    assert keyed_fingerprint(ALICE, KEY) != keyed_fingerprint(ALICE, b"another key" + bytes(21))


def test_the_fingerprint_is_that_of_the_normalised_address() -> None:  # R3
    assert keyed_fingerprint(parse(" ALICE@example.COM "), KEY) == keyed_fingerprint(ALICE, KEY)


def test_equal_addresses_are_the_same_dictionary_key() -> None:
    assert {ALICE: 1, BOB: 2}[parse("Alice@example.com")] == 1
    assert Address(RecipientKind.PHONE, "1") != Address(RecipientKind.EMAIL, "1")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("alice@example.com", "a•••@e•••.com"),
        ("b@mail.example.co.uk", "b•••@m•••.uk"),
        ("zażółć@żółw.pl", "z•••@ż•••.pl"),
        ("+48601234567", "+48•••67"),
    ],
)
def test_a_masked_address_hides_all_but_a_hint(typed: str, shown: str) -> None:
    assert masked(parse(typed)) == shown


def test_an_international_domain_is_displayed_in_its_own_script() -> None:
    assert displayed(parse("bob@xn--w-uga1v8h.pl")) == "bob@żółw.pl"
    assert displayed(BOB) == "+48601234567"
