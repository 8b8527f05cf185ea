"""Messages out of order, repeated and in parallel, some failing: each acts once (R17, R30)."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest

from preference_center.config.settings import Settings
from preference_center.inbound import receive as inbound
from preference_center.inbound import review
from preference_center.inbound.message import Message
from preference_center.rules.types import Actor, Channel, PreferenceStatus, Verdict
from preference_center.storage.keyset import KeysetRange
from tests.conftest import ALICE_PHONE, Brands, Clock
from tests.http.inbound.meta import (
    BOB_ID,
    Json,
    Meta,
    change,
    client_of,
    delivery,
    encoded,
    register,
    text_message,
)
from tests.http.inbound.stored import BOB_PHONE, opted_out_units, queued_replies, stored_messages
from tests.http.records import changes, count, events
from tests.use_cases.inbound.texting import current_state

IN = PreferenceStatus.OPTED_IN


async def test_a_batch_is_applied_in_the_order_of_the_providers_times(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R17, R30: entries, changes and messages in any order, of several people."""
    await register()
    at = [clock.at - timedelta(minutes=10 - n) for n in range(4)]
    body = delivery(
        change(text_message("STOP", at[3]), text_message("START", at[0])),
        change(text_message("START", at[2], sender=BOB_ID), text_message("STOP", at[1], sender=BOB_ID)),
    )
    body["entry"] += delivery(change(text_message("STOP", at[1]), text_message("START", at[2])))["entry"]
    assert (await meta.post(encoded(body))).status_code == 200
    assert (await opted_out_units(), await opted_out_units(BOB_PHONE)) == ({brands.acme.id}, set())
    bob = await current_state(BOB_PHONE, Channel.WHATSAPP)
    assert bob.statuses == {brands.digest.id: IN}
    assert not any(event["superseded"] for event in await events())
    assert [kind for kind, _, address in await queued_replies() if address == BOB_PHONE] == [
        "STOPPED",
        "STARTED",
    ]


@pytest.mark.parametrize("first", ["STOP", "START"])
async def test_of_deliveries_out_of_order_the_newest_message_wins(
    meta: Meta, brands: Brands, clock: Clock, first: str
) -> None:
    """R17, R30: in whichever order the two arrive."""
    await register()
    second = "START" if first == "STOP" else "STOP"
    earlier, later = clock.at - timedelta(minutes=2), clock.at - timedelta(minutes=1)
    await meta.deliver(text_message(second, later))
    await meta.deliver(text_message(first, earlier))
    assert await opted_out_units() == ({brands.acme.id} if second == "STOP" else set())


@pytest.mark.parametrize("order", [["STOP", "START"], ["START", "STOP"]])
@pytest.mark.parametrize("together", [True, False])
async def test_at_the_same_second_the_opt_out_wins(
    meta: Meta, brands: Brands, clock: Clock, order: list[str], together: bool
) -> None:
    """R17"""
    await register()
    items = [text_message(word, clock.at - timedelta(seconds=30)) for word in order]
    for batch in [items] if together else [[item] for item in items]:
        await meta.deliver(*batch)
    assert await opted_out_units() == {brands.acme.id}


async def test_the_same_delivery_again_changes_nothing(meta: Meta, brands: Brands, clock: Clock) -> None:
    """R30: not even after the person opted in again elsewhere."""
    await register()
    stop = text_message("STOP", clock.at - timedelta(minutes=5))
    await meta.deliver(stop, stop)
    await meta.deliver(text_message("START", clock.at - timedelta(minutes=1)))
    before = (await changes(), await queued_replies(), await stored_messages())
    assert (await meta.deliver(stop)).status_code == 200
    assert (await changes(), await queued_replies(), await stored_messages()) == before
    assert await opted_out_units() == set()


async def test_a_batch_delivered_100_times_in_parallel_acts_once(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R30"""
    await register()
    at = clock.at - timedelta(minutes=1)
    body = encoded(delivery(change(text_message("STOP", at), text_message("what is this?", at))))
    responses = await asyncio.gather(*(meta.post(body) for _ in range(100)))
    assert {response.status_code for response in responses} == {200}
    assert await changes() == [(None, "NOT_OPTED", "OPTED_OUT", "KEYWORD")]
    assert await queued_replies() == [("STOPPED", "WHATSAPP", ALICE_PHONE)]
    assert await count("inbound_messages") == 2


async def test_an_unclear_message_waits_for_review_and_is_settled_as_of_its_time(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R17, R29: never dropped, never answered, and a later START wins."""
    await register()
    unclear = text_message("maybe stop", clock.at - timedelta(minutes=9))
    await meta.deliver(unclear, text_message("maybe stop", clock.at - timedelta(minutes=9), sender=BOB_ID))
    await meta.deliver(text_message("START", clock.at - timedelta(minutes=5), sender=BOB_ID))
    assert await opted_out_units() == await opted_out_units(BOB_PHONE) == set()
    waiting = await review.page(brands.acme, KeysetRange(10, ascending=True))
    assert [row.text for row in waiting] == ["maybe stop", "maybe stop"]
    for row in waiting:
        await review.settle(row.id, Verdict.OPT_OUT, Actor("desk"))
    assert (await opted_out_units(), await opted_out_units(BOB_PHONE)) == ({brands.acme.id}, set())
    assert [kind for kind, _, _ in await queued_replies()] == ["STARTED"]


async def test_a_failing_message_is_requested_again_and_does_not_stop_the_others(
    db: Settings, brands: Brands, clock: Clock, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R29, R30: no withdrawal is lost because of an error."""
    await register()
    receive_message = inbound.receive_message

    async def faulty(message: Message, **more: Any) -> Any:
        if message.sender and message.sender.value == ALICE_PHONE:
            raise LookupError("a fault nobody foresaw")
        return await receive_message(message, **more)

    async with client_of(db) as http:
        meta, body = Meta(http), encoded(delivery(change(text_message("STOP", clock.at), _bobs_stop(clock))))
        with monkeypatch.context() as broken:
            broken.setattr(inbound, "receive_message", faulty)
            assert (await meta.post(body)).status_code == 503
        assert (await opted_out_units(), await opted_out_units(BOB_PHONE)) == (set(), {brands.acme.id})
        assert log.getvalue().count('"whatsapp_failed"') == 1
        assert (await meta.post(body)).status_code == 200
    assert (await opted_out_units(), await count("consent_events")) == ({brands.acme.id}, 2)


def _bobs_stop(clock: Clock) -> Json:
    return text_message("STOP", clock.at, sender=BOB_ID)
