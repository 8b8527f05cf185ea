"""A contact file that says no never leaves the person mailable in silence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from preference_center.catalog.catalog import SubscriptionType
from preference_center.contacts import contacts
from preference_center.errors import Invalid
from preference_center.operations import reversals
from preference_center.operations.operations import OperationRow
from preference_center.preferences.eligibility import of_addresses
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, BOB, TEAM, Brands, by_recipient, update_preferences
from tests.imports.files import contacts_from, count, finished, numbers, opted_out, refusals

EMAIL, SMS, WHATSAPP = Channel
IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
TEN_YEARS_AGO = "1443651125"


async def why_not(address: str, type_: SubscriptionType, channel: Channel = EMAIL) -> str | None:
    """Why a message may not be sent; None if it may."""
    (answer,) = await of_addresses(type_, channel, [address])
    return answer.reason.value if answer.reason else None


async def status(address: str, type_: SubscriptionType, channel: Channel = EMAIL) -> PreferenceStatus:
    recipient = await recipients.find(parse(address))
    assert recipient
    preference = (await read_states([recipient.id]))[recipient.id].preferences.get((type_.id, channel))
    return preference.status if preference else NEITHER


async def messages(done: OperationRow) -> list[str]:
    sql = "SELECT message FROM operation_refusals WHERE operation_id = $1 ORDER BY line, id"
    return [row["message"] for row in await database.fetch(sql, done.id)]


async def test_a_word_for_an_opt_out_in_an_opt_in_column_opts_out_of_the_type(brands: Brands) -> None:
    done = await contacts_from(
        f"email,opt_in:letters\n{ALICE},unsubscribed\n{BOB},no\nc@example.com,\nd@example.com,perhaps\n"
    )
    assert numbers(done) == (4, 0, 0, {"INVALID_VALUE": 1})
    assert done.opted_out == 1
    assert [await status(one, brands.letters) for one in (ALICE, BOB, "c@example.com")] == [
        OUT,
        NEITHER,
        NEITHER,
    ]
    assert await why_not(ALICE, brands.letters) == "OPTED_OUT"


async def test_a_column_of_another_system_opts_out_of_all_units_if_the_file_names_none(
    brands: Brands,
) -> None:
    text = (
        "EMAIL;LASTNAME;EMAIL_BLACKLISTED;SMS_BLACKLISTED;SMS;ADDED_TIME\n"
        f"{ALICE};Doe;Yes;No;{ALICE_PHONE};12-04-2022 09:30\n{BOB};Roe;No;No;;12-04-2022 09:30\n"
    )
    done = await contacts_from(text)
    assert numbers(done) == (2, 0, 0, {})
    assert done.opted_out == 1
    assert await why_not(ALICE, brands.letters) == await why_not(ALICE, brands.digest) == "OPTED_OUT_OF_ALL"
    assert await why_not(BOB, brands.letters) is None
    assert await opted_out(brands, SMS) == set()
    row = (await database.fetch("SELECT origin, legal_basis FROM consent_events"))[0]
    assert (row["origin"], row["legal_basis"]) == ("IMPORT", None)


async def test_the_units_of_the_file_and_of_the_request_are_those_that_are_opted_out_of(
    brands: Brands,
) -> None:
    await contacts_from(f"email,status,opt_in:letters\n{ALICE},unsubscribed,yes\n")
    assert await opted_out(brands) == set()
    assert await why_not(ALICE, brands.letters) == "OPTED_OUT_OF_ALL"
    await contacts_from(f"email,status\n{BOB},Cleaned\nc@example.com,Unsubscribed\n", unit=brands.acme)
    assert await opted_out(brands) == {"c@example.com"}
    assert await why_not("c@example.com", brands.letters) is None


async def test_a_no_wins_over_a_yes_in_the_same_row_and_both_are_reported(brands: Brands) -> None:
    text = (
        "email,Status,opt_in:letters,opt_out:alerts,opt_in:alerts\n"
        f"{ALICE},unsubscribed,yes,,\n{BOB},pending,yes,,\nc@example.com,active,yes,yes,yes\n"
    )
    done = await contacts_from(text)
    assert done.opted_out == 2
    assert await refusals(done) == [
        (2, "OPTED_OUT_OF_ALL", "letters"),
        (3, "INVALID_VALUE", "Status"),
        (3, "INVALID_VALUE", "letters"),
        (4, "PREVIOUSLY_OPTED_OUT", "alerts"),
    ]
    assert await why_not(ALICE, brands.letters) == "OPTED_OUT_OF_ALL"
    assert [await status(one, brands.letters) for one in (BOB, "c@example.com")] == [NEITHER, IN]
    assert await status("c@example.com", brands.alerts) is OUT


async def test_a_yes_in_a_column_of_another_system_opts_nobody_in(brands: Brands) -> None:
    done = await contacts_from(
        f"email,Accepts Email Marketing,Status,unsubscribed\n{ALICE},yes,Subscribed,no\n"
    )
    assert (numbers(done), done.opted_out) == ((1, 0, 0, {}), 0)
    assert await count("consent_events") == 0


async def test_who_came_back_since_stays_in(brands: Brands, alice: int) -> None:
    """R17"""
    await update_preferences(alice, [(brands.letters, EMAIL, IN)], by_recipient())
    text = (
        f"email,Status,UNSUB_TIME\n{ALICE},Unsubscribed,{TEN_YEARS_AGO}\n{BOB},Unsubscribed,{TEN_YEARS_AGO}\n"
    )
    done = await contacts_from(text, unit=brands.bazaar)
    assert await why_not(ALICE, brands.letters) is None
    assert await why_not(BOB, brands.letters) == "OPTED_OUT_OF_ALL"
    assert {refusal[1] for refusal in await refusals(done)} == {"SUPERSEDED"}
    at = (await database.fetch("SELECT occurred_at FROM opt_outs_of_all WHERE active"))[0]["occurred_at"]
    assert database.instant(at) == datetime.fromtimestamp(int(TEN_YEARS_AGO), UTC)
    events = await count("consent_events")
    again = await contacts_from(text, unit=brands.bazaar)
    assert (again.changed, again.opted_out) == (0, 1)
    assert await count("consent_events") == events


async def test_a_bounce_makes_the_address_unusable_and_changes_no_consent(brands: Brands) -> None:
    """R40"""
    text = f"email,Status,opt_in:letters\n{ALICE},Bounced,yes\n{BOB},,cleaned\n"
    done = await contacts_from(text)
    assert (numbers(done), done.opted_out) == ((2, 0, 0, {}), 0)
    assert await why_not(ALICE, brands.letters) == await why_not(BOB, brands.letters) == "ADDRESS_UNUSABLE"
    assert [await status(one, brands.letters) for one in (ALICE, BOB)] == [IN, NEITHER]
    assert numbers(await contacts_from(text)) == (0, 2, 0, {})
    phones = await contacts_from(f"phone,status\n{ALICE_PHONE},bounced\n")
    assert numbers(phones) == (0, 0, 1, {"INVALID_VALUE": 1})


async def test_a_value_that_is_not_understood_refuses_the_row_with_a_hint(brands: Brands) -> None:
    text = (
        f"email,Status,Segment,property:Remark\n{ALICE},gone,,\n{BOB},,Opted-Out,\n"
        "c@example.com,,,unsubscribed\n"
    )
    done = await contacts_from(text)
    assert numbers(done) == (1, 0, 2, {"INVALID_VALUE": 2})
    assert await refusals(done) == [(2, "INVALID_VALUE", "Status"), (3, "INVALID_VALUE", "Segment")]
    hint = (await messages(done))[0]
    assert "Column 'Status': the value 'gone'" in hint
    assert all(part in hint for part in ("opt_out:all", "/imports/opt-outs", "property:NAME"))
    assert await count("contacts") == 1


@pytest.mark.parametrize(
    ("column", "cell"),
    [("Email OK", "no"), ("Zgoda na newsletter", "nie"), ("接收推广", "否"), ("Notes", "UNSUBSCRIBED!")],
)
async def test_a_no_in_a_column_that_is_not_known_refuses_the_row_unless_it_is_a_property(
    brands: Brands, column: str, cell: str
) -> None:
    done = await contacts_from(f"email,{column},City\n{ALICE},{cell},no\n{BOB},yes,no\n")
    assert await refusals(done) == [(2, "INVALID_VALUE", column)]
    done = await contacts_from(f"email,property:{column}\n{ALICE},{cell}\n")
    assert await refusals(done) == []


@pytest.mark.parametrize(
    "text",
    [
        f'email,unsubscribed\n"{ALICE}; {BOB}",yes\n',
        f"email,email 2,unsubscribed\n{ALICE},{BOB},yes\n",
        f"email,email,unsubscribed\n{ALICE},{BOB},yes\n",
        f'email,unsubscribed\n"{ALICE}; {BOB}",yes,more\n',
        f'email,opt_in:letters\n"{ALICE}; {BOB}",unsubscribed\n',
    ],
)
async def test_a_row_that_says_no_opts_out_every_address_that_it_names(brands: Brands, text: str) -> None:
    done = await contacts_from(text)
    assert done.opted_out == 2
    assert {await why_not(address, brands.letters) for address in (ALICE, BOB)} <= {
        "OPTED_OUT",
        "OPTED_OUT_OF_ALL",
    }


async def test_a_hint_never_repeats_what_may_name_somebody(brands: Brands) -> None:
    done = await contacts_from(f"email,Status\n{ALICE},{BOB}\n{BOB},+48 600 100 200\n")
    assert all("the value may" in message for message in await messages(done))


async def test_columns_of_sayso_opt_out_of_a_type_or_of_all(brands: Brands) -> None:
    text = (
        "email,phone,opt_out:weekly-digest,opt_out:weekly-digest:SMS,opt_out:all@bazaar,opt_out:all:WHATSAPP\n"
        f"{ALICE},{ALICE_PHONE},yes,no,1,x\n{BOB},,,yes,,\nc@example.com,,2021-05-06,,,\n"
        "d@example.com,,whatever,,,\n"
    )
    done = await contacts_from(text)
    assert numbers(done) == (3, 0, 1, {"ADDRESS_MISSING": 1, "INVALID_VALUE": 1})
    assert [about for _, _, about in await refusals(done)] == [
        "opt_out:weekly-digest:SMS",
        "opt_out:weekly-digest",
    ]
    assert await status(ALICE, brands.digest) is OUT
    assert [await status(ALICE_PHONE, brands.digest, channel) for channel in (SMS, WHATSAPP)] == [OUT, OUT]
    assert await why_not(ALICE, brands.letters) == "OPTED_OUT_OF_ALL"
    assert await opted_out(brands, WHATSAPP) == {ALICE_PHONE}
    assert await opted_out(brands) == await opted_out(brands, SMS) == set()
    assert await status("c@example.com", brands.digest) is OUT


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("opt_out:nonsense", "no subscription type 'nonsense'"),
        ("opt_out:all@nowhere", "no business unit 'nowhere'"),
        ("opt_out:letters:SMS", "not offered on SMS"),
        ("opt_out:all:PIGEON", "not a channel"),
        ("opt_out:letters,Opt-out: letters", "Two columns"),
    ],
)
async def test_a_column_that_opts_out_of_nothing_is_refused(
    brands: Brands, column: str, message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        await contacts_from(f"email,{column}\n{ALICE},1,1\n")


async def test_a_column_without_a_channel_is_about_every_address_of_the_row(brands: Brands) -> None:
    text = f"email,phone,unsubscribed\n{ALICE},{ALICE_PHONE},yes\n{BOB},,yes\n,+48600100200,yes\n"
    done = await contacts_from(text, unit=brands.acme)
    assert done.opted_out == 3
    assert await opted_out(brands) == {ALICE, BOB}
    assert await opted_out(brands, SMS) == await opted_out(brands, WHATSAPP) == {ALICE_PHONE, "+48600100200"}


async def test_an_opt_out_of_the_recipient_stays_the_recipients(brands: Brands, alice: int) -> None:
    """R11"""
    await update_preferences(alice, [(brands.letters, EMAIL, OUT)], by_recipient())
    done = await contacts_from(f"email,opt_in:letters\n{ALICE},unsubscribed\n")
    assert done.opted_out == 1
    preference = (await read_states([alice]))[alice].preferences[brands.letters.id, EMAIL]
    assert preference.origin is ConsentOrigin.PREFERENCE_PAGE


async def test_calls_are_reported_because_sayso_keeps_no_opt_outs_of_them(brands: Brands) -> None:
    done = await contacts_from(f"email,DoNotCall\n{ALICE},TRUE\n{BOB},FALSE\n")
    assert await refusals(done) == [(2, "INVALID_VALUE", "DoNotCall")]
    contact = await contacts.by_email(parse(ALICE))
    assert contact
    assert contact.properties == {"DoNotCall": "TRUE"}


@pytest.mark.parametrize("header", ["Status", "opt_out:all", "UNSUB_TIME"])
async def test_a_dry_run_reports_the_same(brands: Brands, header: str) -> None:
    cell = {"Status": "unsubscribed", "opt_out:all": "yes", "UNSUB_TIME": TEN_YEARS_AGO}[header]
    text = f"email,{header},opt_in:letters\n{ALICE},{cell},yes\n{BOB},,yes\n{ALICE},{cell},\n"
    dry = await contacts_from(text, dry_run=True)
    assert [await count(table) for table in ("contacts", "recipients", "consent_events")] == [0, 0, 0]
    real = await contacts_from(text)
    assert (numbers(dry), dry.opted_out, await refusals(dry)) == (
        numbers(real),
        real.opted_out,
        await refusals(real),
    )
    assert real.opted_out == 2
    assert dry.parameters["columns"] == real.parameters["columns"]


async def test_undoing_an_import_removes_its_opt_outs(brands: Brands) -> None:
    """R20"""
    done = await contacts_from(f"email,Status\n{ALICE},unsubscribed\n")
    await finished(await reversals.enqueue(done.id, "The wrong file.", TEAM))
    assert await why_not(ALICE, brands.letters) is None


async def test_the_operation_names_the_columns_that_are_used_and_those_that_are_not(brands: Brands) -> None:
    text = (
        "id,email,First Name,City,Status,EMAIL_BLACKLISTED,CLEAN_TIME,opt_in:letters,property:x,,created_at\n"
        f"1,{ALICE},,,,,,,,,\n"
    )
    done = await contacts_from(text)
    assert done.parameters["columns"] == {
        "used": [
            {"name": "email", "as": "email"},
            {"name": "First Name", "as": "first_name"},
            {"name": "City", "as": "property:City"},
            {"name": "Status", "as": "opt_out:all (status)"},
            {"name": "EMAIL_BLACKLISTED", "as": "opt_out:all:EMAIL"},
            {"name": "CLEAN_TIME", "as": "unusable address"},
            {"name": "opt_in:letters", "as": "opt_in:letters:EMAIL"},
            {"name": "property:x", "as": "property:x"},
        ],
        "ignored": ["id", "", "created_at"],
    }
