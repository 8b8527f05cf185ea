"""Opt-out lists as people have them: no opt-out is lost for how its address or time is written (R17)."""

from __future__ import annotations

import pytest

from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, BOB, CHARLIE, Brands, Clock, by_recipient, update_preferences
from tests.imports.files import numbers, opt_outs, opted_out, refusals

SMS = Channel.SMS


async def times() -> dict[str, str]:
    rows = await database.fetch(
        "SELECT r.address, o.occurred_at FROM opt_outs_of_all o JOIN recipients r ON r.id = o.recipient_id"
    )
    return {
        row["address"].partition("@")[0]: database.instant(row["occurred_at"]).isoformat() for row in rows
    }


async def test_times_that_mean_one_thing_are_read_and_others_lose_no_opt_out(brands: Brands) -> None:
    text = (
        "email,unsubscribed_at\nt1@example.com,2022-12-31 10:05:06 UTC\nt2@example.com,2022/12/31 10:05\n"
        't3@example.com,"Fri, 21 Oct 2011 11:02:55 GMT"\nt4@example.com,1443651125\n'
        "t5@example.com,0000-00-00 00:00:00\nt6@example.com,12/31/2022\nt7@example.com,03/04/2022\n"
        "t8@example.com,some day\n"
    )
    done = await opt_outs(text, brands)
    assert numbers(done) == (8, 0, 0, {"INVALID_VALUE": 2})
    assert await refusals(done) == [
        (8, "INVALID_VALUE", "occurred_at"),
        (9, "INVALID_VALUE", "occurred_at"),
    ]
    found = await times()
    assert {name: found[name] for name in ("t1", "t2", "t3", "t4", "t6", "t7")} == {
        "t1": "2022-12-31T10:05:06+00:00",
        "t2": "2022-12-31T10:05:00+00:00",
        "t3": "2011-10-21T11:02:55+00:00",
        "t4": "2015-09-30T22:12:05+00:00",
        "t6": "2022-12-31T00:00:00+00:00",
        "t7": "2022-04-03T00:00:00+00:00",
    }
    assert found["t5"] == found["t8"] > "2026"


@pytest.mark.parametrize("dry_run", [True, False])
async def test_every_address_in_a_cell_is_opted_out(brands: Brands, dry_run: bool) -> None:
    text = (
        f'email\n"Jo Doe <{ALICE}>"\nmailto:{BOB}\n{CHARLIE};\n“d@example.com”\n'
        '"e@example.com; f@example.com, nobody@"\nnobody\n'
    )
    done = await opt_outs(text, brands, dry_run=dry_run)
    assert (done.total, *numbers(done)) == (8, 6, 0, 2, {"INVALID_ADDRESS": 2})
    expected = {ALICE, BOB, CHARLIE, "d@example.com", "e@example.com", "f@example.com"}
    assert await opted_out(brands) == (set() if dry_run else expected)


async def test_wrapped_phone_numbers_are_opted_out(brands: Brands) -> None:
    text = "phone\nwhatsapp:+447700900114\np:+44 7700 900115\ntel:+447700900116\n447700900117\n"
    assert numbers(await opt_outs(text, brands, channel=SMS)) == (4, 0, 0, {})
    assert await opted_out(brands, SMS) == {f"+44770090011{n}" for n in range(4, 8)}


async def test_both_of_two_columns_for_the_address_are_opted_out(brands: Brands) -> None:
    text = f"email,E-Mail,contact email\n{ALICE},{BOB},\n,,{CHARLIE}\n"
    assert (await opt_outs(text, brands)).changed == 3
    assert await opted_out(brands) == {ALICE, BOB, CHARLIE}


async def test_an_ambiguous_date_is_the_later_one_and_still_older_than_a_new_opt_in(
    brands: Brands, alice: int, clock: Clock
) -> None:
    opted_in = [(brands.digest, Channel.EMAIL, PreferenceStatus.OPTED_IN)]
    await update_preferences(alice, opted_in, by_recipient(occurred_at=clock.at))
    done = await opt_outs(f"email,unsubscribed_at\n{ALICE},03/04/2022\n", brands)
    assert done.refusals == {"INVALID_VALUE": 1, "SUPERSEDED": 1}
    assert await opted_out(brands) == set()


@pytest.mark.parametrize(
    "header", ["邮箱", "電子信箱", "メールアドレス", "이메일 주소", "Adresse e-mail", "Email*"]
)
async def test_headers_of_many_languages_are_known(brands: Brands, header: str) -> None:
    assert numbers(await opt_outs(f"{header}\n{ALICE}\n", brands)) == (1, 0, 0, {})
