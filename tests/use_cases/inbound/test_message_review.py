"""Messages that need review: listed, settled once, erased (R17, R29, R36)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from preference_center.catalog import changes as catalog_changes
from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import BusinessUnit
from preference_center.erasure.erase import erase_recipient
from preference_center.errors import ErrorCode, Invalid
from preference_center.history import verification
from preference_center.inbound import review
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent
from preference_center.preferences import changes as preferences
from preference_center.recipients.states import read_states
from preference_center.rules.types import Actor, Channel, ConsentOrigin, Maker, PreferenceStatus, Verdict
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from tests.conftest import ALICE_PHONE, TEAM, Brands, Clock, by_recipient, by_team
from tests.use_cases.inbound.pending_messages import message_to_review
from tests.use_cases.inbound.texting import ACME_NUMBER, acme_number, send_message

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP
READER = Actor("desk", on_behalf_of="jane@example.com")
KEYWORD = by_recipient(ConsentOrigin.KEYWORD)


async def events() -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT subscription_type_id AS type, channel, before, after, origin, actor, superseded, occurred_at,"
        " w.text AS wording, v.url, v.explanation FROM consent_events e"
        " LEFT JOIN evidence v ON v.event_id = e.id"
        " LEFT JOIN shown_wordings w ON w.id = v.wording_id ORDER BY e.id"
    )
    return [dict(row) for row in rows]


async def state_of(recipient: int, channel: Channel = SMS) -> tuple[dict[int, PreferenceStatus], set[int]]:
    """The statuses by type id, and the ids of the units opted out of."""
    state = (await read_states([recipient]))[recipient]
    statuses = {kind: one.status for (kind, on), one in state.preferences.items() if on is channel}
    return statuses, {unit for unit, on in state.opt_outs_of_all if on is channel}


async def refused(message: int, verdict: Verdict, **options: Any) -> tuple[ErrorCode, tuple[str, ...] | None]:
    with pytest.raises(Invalid) as caught:
        await review.settle(message, verdict, READER, **options)
    return caught.value.code, caught.value.field


async def listed(business_unit: BusinessUnit | None = None) -> list[int]:
    return [row.id for row in await review.page(business_unit, KeysetRange(100, ascending=True))]


async def test_an_opt_out_is_recipient_made_at_the_messages_time_and_names_the_reviewer(
    brands: Brands, alice_phone: int, clock: Clock
) -> None:
    """R17, R28, R29"""
    await acme_number()
    sent = clock.at
    message = await message_to_review("No more of this, I guess")
    clock.forward(hours=3)
    settled = await review.settle(message, Verdict.OPT_OUT, READER, explanation="Clear enough.")

    assert (settled.verdict, settled.settled_by) == (Verdict.OPT_OUT, "desk for jane@example.com")
    assert (settled.settled_at, settled.text) == (clock.at, None)
    assert await state_of(alice_phone) == ({}, {brands.acme.id})
    assert await state_of(alice_phone, WHATSAPP) == ({}, set())
    [event] = await events()
    assert database.instant(event.pop("occurred_at")) == sent
    assert bool(event.pop("superseded")) is False
    assert event == {
        "type": None,
        "channel": "SMS",
        "before": "NOT_OPTED",
        "after": "OPTED_OUT",
        "origin": "KEYWORD",
        "actor": "desk for jane@example.com",
        "wording": "No more of this, I guess",
        "url": f"sms:{ACME_NUMBER}",
        "explanation": "Clear enough.",
    }
    assert await listed() == []
    assert [line async for line in verification.verify()] == []


async def test_an_opt_in_lifts_the_opt_out_of_all_and_opts_in_to_the_numbers_types(
    brands: Brands, alice_phone: int, clock: Clock
) -> None:
    """R28"""
    await acme_number("weekly-digest", "receipts", channel=WHATSAPP)
    await catalog_changes.archive_type(key="receipts", archived=True)
    await preferences.opt_out_of_all(alice_phone, WHATSAPP, brands.acme, KEYWORD)
    clock.forward(minutes=1)
    message = await message_to_review("ok you can write again", channel=WHATSAPP)
    await review.settle(message, Verdict.OPT_IN, READER)
    assert await state_of(alice_phone, WHATSAPP) == ({brands.digest.id: IN}, set())
    assert {(event["origin"], event["url"]) for event in (await events())[1:]} == {
        ("KEYWORD", f"whatsapp:{ACME_NUMBER}")
    }


async def test_settling_as_neither_changes_nothing_and_deletes_the_text(
    brands: Brands, alice_phone: int
) -> None:
    await acme_number()
    message = await message_to_review("what do you sell?")
    settled = await review.settle(message, Verdict.NOTHING, READER)
    assert (settled.verdict, settled.text, await listed()) == (Verdict.NOTHING, None, [])
    assert await events() == []


async def test_r17_a_newer_decision_of_the_recipient_is_not_overridden(
    brands: Brands, alice_phone: int, clock: Clock
) -> None:
    """The message sent first is settled last: it is recorded as superseded."""
    await acme_number()
    before_start = await message_to_review("enough?")
    clock.forward(minutes=1)
    back = [
        Intent(alice_phone, SMS, NEITHER, brands.acme),
        Intent(alice_phone, SMS, IN, brands.acme, brands.digest),
    ]
    await record(back, by_recipient(ConsentOrigin.KEYWORD, occurred_at=clock.at))
    clock.forward(minutes=1)
    await review.settle(before_start, Verdict.OPT_OUT, READER)
    assert await state_of(alice_phone) == ({brands.digest.id: IN}, set())
    late = (await events())[-1]
    assert (bool(late["superseded"]), late["after"], late["wording"]) == (True, "OPTED_OUT", "enough?")

    before_stop = await message_to_review("yes?")
    clock.forward(minutes=1)
    await preferences.opt_out_of_all(alice_phone, SMS, brands.acme, KEYWORD)
    await review.settle(before_stop, Verdict.OPT_IN, READER)
    assert (await state_of(alice_phone))[1] == {brands.acme.id}


async def test_messages_settled_in_another_order_leave_the_newest_decision_in_force(
    brands: Brands, alice_phone: int, clock: Clock
) -> None:
    """R17: even if the newer one changed nothing when it was settled, and left no event."""
    first = await message_to_review("leave me", to="+48229999999")
    clock.forward(minutes=1)
    second = await message_to_review("no, stay", to="+48229999999")
    clock.forward(minutes=1)
    for message, verdict in ((second, Verdict.OPT_IN), (first, Verdict.OPT_OUT)):
        await review.settle(message, verdict, READER, business_unit=brands.bazaar)
    assert (await state_of(alice_phone))[1] == set()


async def test_a_message_to_a_deleted_number_keeps_its_unit(brands: Brands, alice_phone: int) -> None:
    number = await acme_number()
    first, second = await message_to_review("yes"), await message_to_review("no")
    await sender_numbers.delete(number.id)
    await review.settle(first, Verdict.OPT_IN, READER)
    assert await state_of(alice_phone) == ({}, set())
    await review.settle(second, Verdict.OPT_OUT, READER)
    assert await state_of(alice_phone) == ({}, {brands.acme.id})


async def test_in_the_same_second_the_opt_out_wins(brands: Brands, alice_phone: int, clock: Clock) -> None:
    """R17"""
    await acme_number()
    first, second = (
        await message_to_review("stop it or not", at=clock.at),
        await message_to_review("go on or not", at=clock.at),
    )
    clock.forward(minutes=5)
    await review.settle(first, Verdict.OPT_OUT, READER)
    await review.settle(second, Verdict.OPT_IN, READER)
    assert (await state_of(alice_phone))[1] == {brands.acme.id}


async def test_r8_only_the_recipient_can_lift_an_opt_out_from_a_review(
    brands: Brands, alice_phone: int
) -> None:
    await acme_number()
    await review.settle(await message_to_review(), Verdict.OPT_OUT, READER)
    by_the_team = await preferences.remove_opt_out_of_all(alice_phone, SMS, brands.acme, by_team())
    assert not by_the_team.changed
    state = (await read_states([alice_phone]))[alice_phone]
    assert state.opt_outs_of_all[brands.acme.id, SMS].origin.maker is Maker.RECIPIENT


async def test_a_message_dated_in_the_future_counts_as_now(
    brands: Brands, alice_phone: int, clock: Clock
) -> None:
    """R17"""
    await acme_number()
    message = await message_to_review(at=clock.at + timedelta(seconds=90))
    await review.settle(message, Verdict.OPT_OUT, READER)
    assert (await state_of(alice_phone))[1] == {brands.acme.id}


async def test_the_text_is_kept_as_evidence_if_no_event_keeps_it(brands: Brands, alice_phone: int) -> None:
    """R16: a second opt-out writes no event."""
    await acme_number()
    await preferences.opt_out_of_all(alice_phone, SMS, brands.acme, KEYWORD)
    settled = await review.settle(await message_to_review("bye then"), Verdict.OPT_OUT, READER)
    assert (settled.text, len(await events())) == ("bye then", 1)


async def test_the_text_of_an_erased_recipient_is_deleted(brands: Brands, alice_phone: int) -> None:  # R36
    await acme_number()
    await send_message("STOP")
    await erase_recipient(alice_phone, TEAM)
    await send_message("Who are you?")
    [number] = await listed()

    settled = await review.settle(number, Verdict.OPT_OUT, READER)

    assert (settled.verdict, settled.text) == (Verdict.OPT_OUT, None)


async def test_settling_twice_is_refused_and_changes_nothing(brands: Brands, alice_phone: int) -> None:
    await acme_number()
    message = await message_to_review()
    await review.settle(message, Verdict.NOTHING, TEAM)
    assert await refused(message, Verdict.OPT_OUT) == (ErrorCode.INVALID_VALUE, ("id",))
    assert (await review.get_many([message]))[message].settled_by == "crm"
    assert await state_of(alice_phone) == ({}, set())


async def test_only_messages_that_need_review_are_listed_and_can_be_settled(brands: Brands) -> None:
    await acme_number()
    message = await message_to_review(needs_review=False)
    assert await listed() == []
    assert await refused(message, Verdict.OPT_OUT) == (ErrorCode.INVALID_VALUE, ("id",))
    assert await refused(message + 1, Verdict.OPT_OUT) == (ErrorCode.NOT_FOUND, ("id",))


async def test_settling_a_message_to_an_unknown_number_requires_a_unit(
    brands: Brands, alice_phone: int
) -> None:
    message = await message_to_review("STOP", to="+48229999999")
    assert await refused(message, Verdict.OPT_OUT) == (ErrorCode.INVALID_VALUE, ("businessUnit",))
    assert await refused(message, Verdict.OPT_IN) == (ErrorCode.INVALID_VALUE, ("businessUnit",))
    assert await listed() == [message]
    settled = await review.settle(message, Verdict.OPT_OUT, READER, business_unit=brands.bazaar)
    assert settled.business_unit_id == brands.bazaar.id
    assert await state_of(alice_phone) == ({}, {brands.bazaar.id})


async def test_settling_as_neither_needs_no_unit(brands: Brands) -> None:
    message = await message_to_review("who is this?", to="+48229999999")
    settled = await review.settle(message, Verdict.NOTHING, READER)
    assert (settled.business_unit_id, settled.verdict) == (None, Verdict.NOTHING)


async def test_a_number_registered_later_determines_unit_and_types(brands: Brands, alice_phone: int) -> None:
    message = await message_to_review("START", to=ACME_NUMBER)
    await acme_number()
    assert (await review.get_many([message]))[message].business_unit_id is None
    await review.settle(message, Verdict.OPT_IN, READER)
    assert await state_of(alice_phone) == ({brands.digest.id: IN}, set())


async def test_a_message_to_one_unit_cannot_be_settled_for_another(brands: Brands, alice_phone: int) -> None:
    await acme_number()
    message = await message_to_review()
    answer = await refused(message, Verdict.OPT_OUT, business_unit=brands.bazaar)
    assert answer == (ErrorCode.INVALID_VALUE, ("businessUnit",))
    await review.settle(message, Verdict.OPT_OUT, READER, business_unit=brands.acme)
    assert await state_of(alice_phone) == ({}, {brands.acme.id})


async def test_of_simultaneous_reviews_one_wins(brands: Brands, alice_phone: int) -> None:
    await acme_number()
    for round_ in range(5):
        message = await message_to_review(f"round {round_}")
        verdicts = [Verdict.OPT_OUT, Verdict.OPT_IN, Verdict.NOTHING, Verdict.OPT_OUT]
        settling = [review.settle(message, verdict, Actor(f"desk-{n}")) for n, verdict in enumerate(verdicts)]
        answers = await asyncio.gather(*settling, return_exceptions=True)
        won = [n for n, answer in enumerate(answers) if not isinstance(answer, BaseException)]
        assert len(won) == 1
        others = [answer for n, answer in enumerate(answers) if n not in won]
        assert all(isinstance(one, Invalid) and one.field == ("id",) for one in others)
        row = (await review.get_many([message]))[message]
        assert (row.settled_by, row.verdict) == (f"desk-{won[0]}", verdicts[won[0]])
        assert {e["actor"] for e in await events() if e["wording"] == f"round {round_}"} <= {row.settled_by}


async def test_messages_are_listed_oldest_first_for_one_unit_or_all(brands: Brands, clock: Clock) -> None:
    await acme_number()
    ours = [await message_to_review(), await message_to_review()]
    strange = await message_to_review(to="+48229999999")
    assert await listed() == [*ours, strange]
    assert await listed(business_unit=brands.acme) == ours
    assert await listed(business_unit=brands.bazaar) == []


async def test_r36_erasing_deletes_texts_and_closes_open_reviews(brands: Brands, alice_phone: int) -> None:
    await acme_number()
    await preferences.opt_out_of_all(alice_phone, SMS, brands.acme, KEYWORD)
    settled = await message_to_review("I am Alice and out already")
    await review.settle(settled, Verdict.OPT_OUT, READER)
    open_, bobs = (
        await message_to_review("Alice here, who are you?"),
        await message_to_review("Bob!", sender="+48601000000"),
    )

    await erase_recipient(alice_phone, TEAM)

    rows = await review.get_many([settled, open_, bobs])
    assert [rows[n].text for n in (settled, open_, bobs)] == [None, None, "Bob!"]
    assert await listed() == [bobs]
    assert rows[settled].verdict is Verdict.OPT_OUT
    assert await refused(open_, Verdict.OPT_IN) == (ErrorCode.INVALID_VALUE, ("id",))
    left = [tuple(row) for row in await database.fetch("SELECT * FROM inbound_messages")]
    assert "Alice" not in str(left)
    assert ALICE_PHONE not in str(left)
