"""STOP and START in any order, more than once: the newest by the provider's clock is in force (R17)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, permutations

import pytest

from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.history import verification
from preference_center.inbound.message import Message
from preference_center.inbound.receive import receive_message
from preference_center.ledger.types import Provenance
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE_PHONE, Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.records import changes, dump, events
from tests.http.records import count as rows_of
from tests.use_cases.inbound.texting import CurrentState, acme_number, current_state, message

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
WHATSAPP = Channel.WHATSAPP
_phones = count()


@dataclass(frozen=True)
class Sent:
    """A message and its second by the provider's clock."""

    words: str
    second: int


@pytest.fixture
async def number(brands: Brands, clock: Clock) -> SenderNumber:
    """Acme's number on WhatsApp, whose messages have a time; all are sent before noon."""
    return await acme_number(channel=WHATSAPP)


def second(clock: Clock, number: int) -> datetime:
    """A second of the minute before noon."""
    return clock.at - timedelta(seconds=60 - number)


def sent(clock: Clock, words: str, at: int, phone: str = ALICE_PHONE, **more: object) -> Message:
    return message(words, sender=phone, channel=WHATSAPP, occurred_at=second(clock, at), **more)


async def reply_kind(message: Message) -> str | None:
    answer = await receive_message(message)
    return answer.kind if answer else None


async def test_an_older_stop_after_a_newer_start_has_no_effect(number: SenderNumber, clock: Clock) -> None:
    assert await reply_kind(sent(clock, "START", 20)) == "STARTED"
    assert await reply_kind(sent(clock, "STOP", 10)) is None  # a reply would be wrong
    assert (await current_state(channel=WHATSAPP)).opted_out_units == set()
    assert [(e["after"], bool(e["superseded"])) for e in await events()] == [
        ("OPTED_IN", False),
        ("OPTED_OUT", True),
    ]


async def test_an_older_start_after_a_newer_stop_has_no_effect(
    brands: Brands, number: SenderNumber, clock: Clock
) -> None:
    assert await reply_kind(sent(clock, "STOP", 20)) == "STOPPED"
    assert await reply_kind(sent(clock, "START", 10)) is None
    now = await current_state(channel=WHATSAPP)
    assert (now.opted_out_units, now.statuses) == ({brands.acme.id}, {})


@pytest.mark.parametrize("order", [("STOP", "START"), ("START", "STOP")])
async def test_r17_in_the_same_second_stop_wins(
    brands: Brands, number: SenderNumber, clock: Clock, order: tuple[str, str]
) -> None:
    for words in order:
        await receive_message(sent(clock, words, 10))
    assert (await current_state(channel=WHATSAPP)).opted_out_units == {brands.acme.id}


async def test_a_stop_wins_over_the_pages_change_in_the_same_second(
    brands: Brands, alice_phone: int, number: SenderNumber, clock: Clock
) -> None:
    """Sayso's clock has microseconds; the provider cuts off the fraction of a second."""
    decided = second(clock, 10) + timedelta(milliseconds=400)
    on_the_page = by_recipient(occurred_at=decided)
    await update_preferences(alice_phone, [(brands.digest, WHATSAPP, IN)], on_the_page)
    assert await reply_kind(sent(clock, "STOP", 10)) == "STOPPED"
    assert (await current_state(channel=WHATSAPP)).opted_out_units == {brands.acme.id}
    await preferences.remove_opt_out_of_all(
        alice_phone, WHATSAPP, brands.acme, by_recipient(occurred_at=decided + timedelta(milliseconds=100))
    )
    assert await reply_kind(sent(clock, "STOP", 10)) == "STOPPED"
    assert (await current_state(channel=WHATSAPP)).opted_out_units == {brands.acme.id}
    assert await reply_kind(sent(clock, "START", 10)) is None


async def test_a_change_on_the_page_a_second_later_wins_over_a_stop(
    brands: Brands, alice_phone: int, number: SenderNumber, clock: Clock
) -> None:
    later = by_recipient(occurred_at=second(clock, 11))
    await update_preferences(alice_phone, [(brands.digest, WHATSAPP, IN)], later)
    assert await reply_kind(sent(clock, "STOP", 10)) is None
    assert (await current_state(channel=WHATSAPP)).opted_out_units == set()


async def test_a_provider_time_in_the_future_counts_as_now(
    brands: Brands, number: SenderNumber, clock: Clock
) -> None:
    assert await reply_kind(sent(clock, "STOP", 60 + 3600)) == "STOPPED"
    rows = await database.fetch("SELECT occurred_at FROM consent_events")
    assert [database.instant(row["occurred_at"]) for row in rows] == [clock.at]
    clock.forward(seconds=5)
    assert await reply_kind(message("START", channel=WHATSAPP, occurred_at=clock.at)) == "STARTED"
    assert (await current_state(channel=WHATSAPP)).opted_out_units == set()


async def test_a_start_from_the_future_opts_nobody_in_and_waits_for_a_person(
    brands: Brands, number: SenderNumber, clock: Clock
) -> None:
    """R17, R29: a wrong clock could otherwise lift a STOP that was sent after it."""
    assert await reply_kind(sent(clock, "STOP", 60 + 3600)) == "STOPPED"
    clock.forward(seconds=5)
    assert await reply_kind(sent(clock, "START", 60 + 1800)) is None
    assert (await current_state(channel=WHATSAPP)).opted_out_units == {brands.acme.id}
    waiting = await database.fetch("SELECT body FROM inbound_messages WHERE needs_review")
    assert [row["body"] for row in waiting] == ["START"]


async def test_events_have_the_providers_time(number: SenderNumber, clock: Clock) -> None:
    await receive_message(sent(clock, "STOP", 10))
    await receive_message(sent(clock, "START", 20))
    rows = await database.fetch("SELECT occurred_at FROM consent_events ORDER BY id")
    wanted = [second(clock, 10), second(clock, 20), second(clock, 20)]
    assert [database.instant(row["occurred_at"]) for row in rows] == wanted


async def test_a_late_stop_does_not_undo_a_start_that_found_nothing_to_change(
    brands: Brands, alice_phone: int, number: SenderNumber, clock: Clock
) -> None:
    """The ledger then has both, in the order in which they were sent."""
    await update_preferences(
        alice_phone, [(brands.digest, WHATSAPP, IN)], by_team(occurred_at=second(clock, 1))
    )
    assert await reply_kind(sent(clock, "START", 20)) == "STARTED"
    assert await reply_kind(sent(clock, "STOP", 10)) is None
    assert (await current_state(channel=WHATSAPP)).opted_out_units == set()
    assert (await changes())[1:] == [
        (None, "NOT_OPTED", "OPTED_OUT", "KEYWORD"),
        (None, "OPTED_OUT", "NOT_OPTED", "KEYWORD"),
    ]


async def test_a_late_start_does_not_undo_a_stop_that_changed_nothing(
    brands: Brands, alice_phone: int, number: SenderNumber, clock: Clock
) -> None:
    out = by_recipient(occurred_at=second(clock, 1))
    await preferences.opt_out_of_all(alice_phone, WHATSAPP, brands.acme, out)
    await receive_message(sent(clock, "STOP", 20))
    assert await reply_kind(sent(clock, "START", 10)) is None
    assert (await current_state(channel=WHATSAPP)).opted_out_units == {brands.acme.id}


Before = Callable[[int, Brands, Clock], Awaitable[object]]


async def _nothing(_who: int, _brands: Brands, _clock: Clock) -> None:
    """No earlier decision."""


async def _opted_out_on_the_page(recipient_id: int, brands: Brands, clock: Clock) -> None:
    source = by_recipient(occurred_at=second(clock, 1))
    await preferences.opt_out_of_all(recipient_id, WHATSAPP, brands.acme, source)


async def _out_by_the_team(recipient_id: int, brands: Brands, clock: Clock) -> None:
    await preferences.opt_out_of_all(
        recipient_id, WHATSAPP, brands.acme, by_team(occurred_at=second(clock, 1))
    )


async def _in(recipient_id: int, brands: Brands, source: Provenance) -> None:
    await update_preferences(recipient_id, [(brands.digest, WHATSAPP, IN)], source)


async def _in_by_the_team(recipient_id: int, brands: Brands, clock: Clock) -> None:
    await _in(recipient_id, brands, by_team(occurred_at=second(clock, 1)))


async def _in_on_the_page(recipient_id: int, brands: Brands, clock: Clock) -> None:
    await _in(recipient_id, brands, by_recipient(occurred_at=second(clock, 1)))


async def _out_of_the_type(recipient_id: int, brands: Brands, clock: Clock) -> None:
    await update_preferences(
        recipient_id, [(brands.digest, WHATSAPP, OUT)], by_recipient(occurred_at=second(clock, 1))
    )


_STARTS = (
    _nothing,
    _opted_out_on_the_page,
    _out_by_the_team,
    _in_by_the_team,
    _in_on_the_page,
    _out_of_the_type,
)
_CONVERSATIONS = (
    (Sent("STOP", 10), Sent("START", 20), Sent("STOP", 30)),
    (Sent("START", 10), Sent("STOP", 20), Sent("START", 30)),
    (Sent("START", 10), Sent("START", 20), Sent("STOP", 30)),
    (Sent("STOP", 10), Sent("STOP", 20), Sent("START", 30)),
    (Sent("START", 10), Sent("STOP", 10), Sent("START", 20)),
    (Sent("STOP", 10), Sent("START", 20), Sent("STOP", 20)),
)
"""Each in the order of its times; in the same second STOP comes after START."""


@pytest.mark.parametrize("before", _STARTS)
async def test_r30_every_order_of_arrival_gives_the_result_of_the_order_of_sending(
    brands: Brands, number: SenderNumber, clock: Clock, before: Before
) -> None:
    """Each message is delivered twice. Under an opt-out of all an older opt-in is superseded, so the single
    statuses may differ there (R17)."""
    for conversation in _CONVERSATIONS:
        stopped = conversation[-1].words == "STOP"
        for arrivals in permutations(conversation):
            now = await _state_after(arrivals, before, brands, clock)
            assert now.opted_out_units == ({brands.acme.id} if stopped else set()), arrivals
            assert stopped or now.statuses == {brands.digest.id: IN}, arrivals
    assert [line async for line in verification.verify()] == []


async def _state_after(
    arrivals: Sequence[Sent], before: Before, brands: Brands, clock: Clock
) -> CurrentState:
    """The state of a new recipient after these messages arrived in this order, twice."""
    phone = f"+4860{next(_phones):07d}"
    recipient_id = (await recipients.ensure([parse(phone)]))[parse(phone)]
    await before(recipient_id, brands, clock)
    messages = [sent(clock, one.words, one.second, phone) for one in arrivals]
    for one in (*messages, *messages):
        await receive_message(one)
    return await current_state(phone, WHATSAPP)


async def test_relayed_and_typed_keywords_are_ordered_together(
    brands: Brands, number: SenderNumber, clock: Clock
) -> None:
    await receive_message(sent(clock, "START", 30))
    assert await reply_kind(sent(clock, "", 20, provider_meaning=None)) is None
    before = await dump()
    stop = sent(clock, "STOP", 10, origin=ConsentOrigin.PROVIDER, provider_replied=True)
    await receive_message(stop)
    assert await dump() != before
    assert (await current_state(channel=WHATSAPP)).opted_out_units == set()
    assert await rows_of("inbound_messages") == 3
