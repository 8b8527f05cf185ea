"""Contacts from files as people have them: a bad cell costs only itself, rows go in by phone (R3, R6, R9)."""

from __future__ import annotations

import pytest

from preference_center.contacts import contacts
from preference_center.errors import Invalid
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, BOB, Brands
from tests.imports.files import contacts_from, count, numbers, refusals

EMAIL, SMS, WHATSAPP = Channel
IN = PreferenceStatus.OPTED_IN


async def opted_in(brands: Brands, channel: Channel) -> set[str]:
    """The addresses that are opted in to the digest."""
    rows = await database.fetch(
        "SELECT r.address FROM preferences p JOIN recipients r ON r.id = p.recipient_id"
        " WHERE p.status = 'OPTED_IN' AND p.channel = $1 AND p.subscription_type_id = $2",
        channel.value,
        brands.digest.id,
    )
    return {row["address"] for row in rows}


async def people() -> list[tuple[str | None, str | None, str | None]]:
    rows = await database.fetch("SELECT email, phone, first_name FROM contacts ORDER BY id")
    return [(row["email"], row["phone"], row["first_name"]) for row in rows]


async def test_a_bad_phone_costs_only_its_cell_and_is_reported(brands: Brands) -> None:
    text = (
        "EMAIL;LASTNAME;FIRSTNAME;SMS;opt_in:weekly-digest;opt_in:weekly-digest:SMS\n"
        "bp1@example.com;Doe;Jo;33611111111;yes;yes\nbp2@example.com;Doe;Al;N/A;yes;\n"
        "bp3@example.com;Doe;Mo;-;yes;no\nbp4@example.com;Doe;Bo;4.86E+10;yes;yes\n"
        "bp5@example.com;Doe;Di;0102030405;yes;\n"
    )
    done = await contacts_from(text)
    assert numbers(done) == (5, 0, 0, {"INVALID_ADDRESS": 4, "ADDRESS_MISSING": 1})
    assert await refusals(done) == [
        (3, "INVALID_ADDRESS", "phone"),
        (4, "INVALID_ADDRESS", "phone"),
        (5, "INVALID_ADDRESS", "phone"),
        (5, "ADDRESS_MISSING", "weekly-digest"),
        (6, "INVALID_ADDRESS", "phone"),
    ]
    assert await opted_in(brands, EMAIL) == {f"bp{n}@example.com" for n in range(1, 6)}
    assert await opted_in(brands, SMS) == {"+33611111111"}


async def test_a_country_makes_national_numbers_readable(brands: Brands) -> None:
    done = await contacts_from(f"email,phone\n{ALICE},0102030405\n", country="FR")
    assert numbers(done) == (1, 0, 0, {})
    assert await people() == [(ALICE, "+33102030405", None)]


@pytest.mark.parametrize("dry_run", [True, False])
async def test_rows_without_an_email_address_go_in_by_phone(brands: Brands, dry_run: bool) -> None:
    text = (
        "phone,first_name,opt_in:weekly-digest:SMS\n+447700900114,Ann,yes\n07700900115,Ed,yes\n,Al,yes\n"
        "+44 7700 900114,Anne,\n"
    )
    done = await contacts_from(text, dry_run=dry_run)
    assert numbers(done) == (2, 0, 2, {"INVALID_ADDRESS": 1, "ADDRESS_MISSING": 1})
    if not dry_run:
        assert await people() == [(None, "+447700900114", "Anne")]
        assert await opted_in(brands, SMS) == {"+447700900114"}
        again = await contacts_from(text)
        assert numbers(again) == (2, 0, 2, {"INVALID_ADDRESS": 1, "ADDRESS_MISSING": 1})
        assert await people() == [(None, "+447700900114", "Anne")]


async def test_a_row_by_phone_updates_the_contact_with_that_phone(brands: Brands) -> None:
    await contacts.create(email=ALICE, phone=ALICE_PHONE)
    done = await contacts_from(f"email,phone,first_name,opt_in:weekly-digest\n,{ALICE_PHONE},Alice,yes\n")
    assert numbers(done) == (1, 0, 0, {"ADDRESS_MISSING": 1})
    assert await people() == [(ALICE, ALICE_PHONE, "Alice")]
    # The row has no email address: the contact's is not meant.
    assert await opted_in(brands, EMAIL) == set()


async def test_a_phone_that_several_contacts_have_does_not_say_which_one_is_meant(brands: Brands) -> None:
    await contacts.create(email=ALICE, phone=ALICE_PHONE)
    await contacts.create(email=BOB, phone=ALICE_PHONE)
    text = f"email,phone,first_name\n,{ALICE_PHONE},Someone\n"
    done = await contacts_from(text)
    assert numbers(done) == (0, 0, 1, {"INVALID_VALUE": 1})
    await contacts.create(phone=ALICE_PHONE)
    assert numbers(await contacts_from(text)) == (1, 0, 0, {})
    assert (await people())[2] == (None, ALICE_PHONE, "Someone")


async def test_a_contact_made_by_an_earlier_row_is_found_by_its_phone(brands: Brands) -> None:
    text = f"email,phone,first_name,city\n{ALICE},{ALICE_PHONE},Alice,\n,{ALICE_PHONE},ALICE,Rome\n"
    assert numbers(await contacts_from(text)) == (2, 0, 0, {})
    assert await people() == [(ALICE, ALICE_PHONE, "ALICE")]


async def test_another_name_with_the_same_phone_is_another_contact(brands: Brands) -> None:
    """People share phone numbers."""
    await contacts.create(email=ALICE, phone=ALICE_PHONE, first_name="Alice")
    text = f"phone,first_name,opt_in:weekly-digest:SMS\n{ALICE_PHONE},Ann,yes\n"
    assert numbers(await contacts_from(text)) == (1, 0, 0, {})
    assert numbers(await contacts_from(text)) == (0, 1, 0, {})
    assert await people() == [(ALICE, ALICE_PHONE, "Alice"), (None, ALICE_PHONE, "Ann")]


async def test_an_opt_in_needs_the_rows_own_phone_not_an_older_one(brands: Brands) -> None:
    await contacts.create(email=ALICE, phone=ALICE_PHONE)
    done = await contacts_from(f"email,phone,opt_in:weekly-digest:SMS\n{ALICE},12,yes\n")
    assert done.refusals == {"INVALID_ADDRESS": 1, "ADDRESS_MISSING": 1}
    assert await opted_in(brands, SMS) == set()


async def test_wrapped_addresses_are_unwrapped_and_several_in_a_cell_are_refused(brands: Brands) -> None:
    text = (
        'email,phone\n"Doe, Jo <a@example.com>",p:+447700900114\nmailto:b@example.com,\n“c@example.com”;,\n'
        "d@example.com;e@example.com,\n"
    )
    done = await contacts_from(text)
    assert numbers(done) == (3, 0, 1, {"INVALID_ADDRESS": 1})
    assert await people() == [
        ("a@example.com", "+447700900114", None),
        ("b@example.com", None, None),
        ("c@example.com", None, None),
    ]


async def test_doubled_columns_are_kept_once_or_numbered(brands: Brands) -> None:
    text = (
        "Email Address,Name,UNSUB_REASON,Birthday,UNSUB_REASON,Birthday,NOTES\n"
        "a@example.com,Jo,,05/04,too many,05/04,\nb@example.com,Al,one,1,two,,\n"
    )
    assert numbers(await contacts_from(text)) == (2, 0, 0, {})
    found = {
        row.email: row.properties
        for row in (await contacts.by_emails(["a@example.com", "b@example.com"])).values()
    }
    assert found["a@example.com"] == {"Name": "Jo", "UNSUB_REASON": "too many", "Birthday": "05/04"}
    assert found["b@example.com"] == {
        "Name": "Al",
        "UNSUB_REASON": "one",
        "UNSUB_REASON_2": "two",
        "Birthday": "1",
    }


async def test_two_columns_for_one_address_conflict_only_where_they_differ(brands: Brands) -> None:
    text = (
        "Email,E-Mail,first name,First_Name\na@example.com,A@example.com,,Al\n,b@example.com,Bo,Bo\n"
        "c@x.example,d@x.example,,\n"
    )
    done = await contacts_from(text)
    assert numbers(done) == (2, 0, 1, {"INVALID_ADDRESS": 1})
    assert await people() == [("a@example.com", None, "Al"), ("b@example.com", None, "Bo")]


async def test_a_second_phone_column_is_used_where_the_first_is_empty(brands: Brands) -> None:
    await contacts_from(
        "email,phone,mobile\na@example.com,,+447700900114\nb@example.com,+447700900115,+447700900116\n"
    )
    assert [phone for _, phone, _ in await people()] == ["+447700900114", "+447700900115"]


@pytest.mark.parametrize(
    "answer", ["WAHR", "VRAI", "VERDADERO", "PRAWDA", "Active", "1.0", "是", "はい", "ИСТИНА"]
)
async def test_a_spreadsheets_yes_opts_in(brands: Brands, answer: str) -> None:
    assert numbers(await contacts_from(f"email,opt_in:weekly-digest\n{ALICE},{answer}\n")) == (1, 0, 0, {})
    assert await opted_in(brands, EMAIL) == {ALICE}


@pytest.mark.parametrize(
    "header",
    [
        "邮箱,名,姓,手机",
        "電子郵件,名,姓,手機號碼",
        "メールアドレス,名,姓,携帯電話",
        "이메일,이름,성,휴대폰 번호",
        "Adresse e-mail,Prénom,Nom,Téléphone",
        "Correo electrónico,Nombre,Apellidos,Teléfono móvil",
        "E-Mail-Adresse,Vorname,Nachname,Mobilnummer",
        "Endereço de e-mail,Nome,Sobrenome,Celular",
        "Indirizzo email,Nome,Cognome,Cellulare",
        "E-mailadres,Voornaam,Achternaam,Telefoonnummer",
        "Adres e-mail,Imię,Nazwisko,Telefon komórkowy",
        "E-postadress,Förnamn,Efternamn,Mobilnummer",
        "Email*,First Name (required),“Last name”,Phone:",
        '\u200bEMAIL_ADDRESS,first-name,LAST\u00a0NAME,="Mobile phone"',
    ],
)
async def test_headers_of_many_languages_are_known(brands: Brands, header: str) -> None:
    text = f"{header}\n{ALICE},Alice,Doe,{ALICE_PHONE}\n"
    assert numbers(await contacts_from(text)) == (1, 0, 0, {})
    [found] = (await contacts.by_emails([ALICE])).values()
    assert (found.first_name, found.last_name, found.phone, found.properties) == (
        "Alice",
        "Doe",
        ALICE_PHONE,
        {},
    )


async def test_an_unclear_encoding_keeps_nothing(brands: Brands) -> None:
    with pytest.raises(Invalid, match="gb18030"):
        await contacts_from("email,first_name\na@example.com,陈\n".encode("gb18030"))
    assert await count("operations") == await count("contacts") == 0


async def test_names_of_every_script_are_stored_as_they_were_written(brands: Brands) -> None:
    for encoding, name in {
        "gb18030": "张伟",
        "big5": "張偉",
        "shift_jis": "山田",
        "euc_kr": "김철수",
    }.items():
        await contacts_from(f"email,first_name\n{encoding}@example.com,{name}\n".encode(encoding))
    assert [name for _, _, name in await people()] == ["张伟", "張偉", "山田", "김철수"]


async def test_the_recipient_of_a_row_by_phone_has_the_preference(brands: Brands) -> None:
    await contacts_from("phone,opt_in:weekly-digest:SMS\n+447700900114,yes\n")
    found = await recipients.find(parse("+447700900114"))
    assert found
    assert (await read_states([found.id]))[found.id].preferences[brands.digest.id, SMS].status is IN
