"""What people write and press on WhatsApp is done: each message once, in the order of writing (R27-R30)."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest

from preference_center import database, message_review, sender_numbers
from preference_center.rules.types import Actor, Channel, PreferenceStatus, Verdict
from preference_center.spans import Span
from tests.conftest import ALICE_PHONE, Brands, Clock
from tests.http.inbound.meta import (
    BOB_ID,
    OURS,
    OURS_ID,
    Json,
    Meta,
    change,
    chosen,
    delivery,
    item,
    register,
    typed,
    written,
)
from tests.http.records import changes, count, events
from tests.use_cases.texting import standing

IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
BOB_PHONE = f"+{BOB_ID}"


async def out_of(phone: str = ALICE_PHONE) -> set[int]:
    return (await standing(phone, Channel.WHATSAPP)).out_of


async def queued() -> list[tuple[str, str, str]]:
    """(kind, channel, address) of what goes out."""
    rows = await database.fetch("SELECT kind, channel, address FROM outgoing_mails ORDER BY id")
    return [(row["kind"], row["channel"], row["address"]) for row in rows]


async def kept() -> list[tuple[str, str | None, bool]]:
    """(meaning, text, waits for a person) of every message, in the order they were taken in."""
    rows = await database.fetch("SELECT meaning, body, needs_review FROM inbound_messages ORDER BY id")
    return [(row["meaning"], row["body"], bool(row["needs_review"])) for row in rows]


async def test_stop_opts_out_before_the_delivery_is_answered_and_queues_one_answer(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R28"""
    number = await register()
    sent = clock.at - timedelta(seconds=5)
    answer = await meta.deliver(typed("Stop!", sent))
    assert (answer.status_code, answer.content) == (200, b"")
    assert await out_of() == {brands.acme.id}
    assert (await standing(channel=Channel.SMS)).out_of == set()
    [event] = await events()
    assert (event["origin"], event["actor"], event["channel"]) == ("KEYWORD", "recipient", "WHATSAPP")
    assert (event["url"], event["wording"]) == (f"whatsapp:{OURS}", "Stop!")
    [row] = await database.fetch("SELECT occurred_at FROM consent_events")
    assert database.instant(row["occurred_at"]) == sent
    assert await queued() == [("STOPPED", "WHATSAPP", ALICE_PHONE)]
    [mail] = await database.fetch("SELECT sender_number_id, business_unit_id FROM outgoing_mails")
    assert (mail["sender_number_id"], mail["business_unit_id"]) == (number.id, brands.acme.id)


async def test_start_and_help_are_answered_and_other_words_are_not(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R28"""
    await register()
    await meta.deliver(typed("STOP", clock.at - timedelta(minutes=3)))
    await meta.deliver(typed("start", clock.at - timedelta(minutes=2)))
    held = await standing(channel=Channel.WHATSAPP)
    assert (held.out_of, held.statuses) == (set(), {brands.digest.id: IN})
    await meta.deliver(typed("Help", clock.at), typed("When do you open tomorrow?", clock.at))
    assert [kind for kind, _, _ in await queued()] == ["STOPPED", "STARTED", "HELPED"]
    assert len(await changes()) == 3
    assert (await kept())[-1] == ("NOTHING", None, False)


async def test_a_batch_is_taken_in_by_the_providers_time(meta: Meta, brands: Brands, clock: Clock) -> None:
    """R17, R30: entries, changes and messages in any order, of several people."""
    await register()
    at = [clock.at - timedelta(minutes=10 - n) for n in range(4)]
    body = delivery(
        change(typed("STOP", at[3]), typed("START", at[0])),
        change(typed("START", at[2], sender=BOB_ID), typed("STOP", at[1], sender=BOB_ID)),
    )
    body["entry"] += delivery(change(typed("STOP", at[1]), typed("START", at[2])))["entry"]
    assert (await meta.post(written(body))).status_code == 200
    assert (await out_of(), await out_of(BOB_PHONE)) == ({brands.acme.id}, set())
    bob = await standing(BOB_PHONE, Channel.WHATSAPP)
    assert bob.statuses == {brands.digest.id: IN}


@pytest.mark.parametrize("first", ["STOP", "START"])
async def test_deliveries_out_of_order_leave_what_was_written_last(
    meta: Meta, brands: Brands, clock: Clock, first: str
) -> None:
    """R17, R30: in whichever order the two arrive."""
    await register()
    second = "START" if first == "STOP" else "STOP"
    earlier, later = clock.at - timedelta(minutes=2), clock.at - timedelta(minutes=1)
    await meta.deliver(typed(second, later))
    await meta.deliver(typed(first, earlier))
    assert await out_of() == ({brands.acme.id} if second == "STOP" else set())


@pytest.mark.parametrize("order", [["STOP", "START"], ["START", "STOP"]])
@pytest.mark.parametrize("together", [True, False])
async def test_at_the_same_second_stop_holds(
    meta: Meta, brands: Brands, clock: Clock, order: list[str], together: bool
) -> None:
    """R17"""
    await register()
    items = [typed(word, clock.at - timedelta(seconds=30)) for word in order]
    for batch in [items] if together else [[one] for one in items]:
        await meta.deliver(*batch)
    assert await out_of() == {brands.acme.id}


async def test_the_same_delivery_again_changes_nothing(meta: Meta, brands: Brands, clock: Clock) -> None:
    """R30: not even after the person came back in another way."""
    await register()
    stop = typed("STOP", clock.at - timedelta(minutes=5))
    await meta.deliver(stop, stop)
    await meta.deliver(typed("START", clock.at - timedelta(minutes=1)))
    before = (await changes(), await queued(), await kept())
    assert (await meta.deliver(stop)).status_code == 200
    assert (await changes(), await queued(), await kept()) == before
    assert await out_of() == set()


async def test_a_hundred_parallel_deliveries_of_a_batch_are_one(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R30"""
    await register()
    at = clock.at - timedelta(minutes=1)
    body = written(delivery(change(typed("STOP", at), typed("what is this?", at))))
    answers = await asyncio.gather(*(meta.post(body) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert await changes() == [(None, "NOT_OPTED", "OPTED_OUT", "KEYWORD")]
    assert await queued() == [("STOPPED", "WHATSAPP", ALICE_PHONE)]
    assert await count("inbound_messages") == 2


def pressed(kind: str, name: str, title: str) -> Json:
    """A button of the business's own, or a line of a list."""
    return {"type": "interactive", "interactive": {"type": kind, kind: {"id": name, "title": title}}}


BUTTONS: list[Json] = [
    {"type": "button", "button": {"text": "Stop", "payload": "anything"}},
    {"type": "button", "button": {"text": "Nie, dziękuję", "payload": "STOP_PROMOTIONS"}},
    {"type": "button", "button": {"payload": "stop"}},
    pressed("button_reply", "b1", "STOP"),
    pressed("button_reply", "opt-out", "✋"),
    pressed("list_reply", "row-7", "Unsubscribe"),
    {"type": "image", "image": {"id": "1", "mime_type": "image/jpeg", "caption": "stop"}},
]


@pytest.mark.parametrize("content", BUTTONS)
async def test_buttons_and_captions_are_words_too(
    meta: Meta, brands: Brands, clock: Clock, content: Json
) -> None:
    """R29: a way to say it, however it is pressed."""
    await register()
    assert (await meta.deliver(item(clock.at, **content))).status_code == 200
    assert await out_of() == {brands.acme.id}
    assert [kind for kind, _, _ in await queued()] == ["STOPPED"]


@pytest.mark.parametrize(
    "content",
    [
        {"type": "button", "button": {"text": "Cancel my table", "payload": "CANCEL"}},
        {"type": "button", "button": {"text": "Let's go", "payload": "START"}},
        pressed("button_reply", "START", "Show me more"),
        {"type": "image", "image": {"id": "1"}},
        {"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}},
        {"type": "unsupported", "errors": [{"code": 131051}]},
        {"type": "order", "order": {"text": 5}},
    ],
)
async def test_what_a_button_is_called_inside_opts_nobody_in(
    meta: Meta, brands: Brands, clock: Clock, content: Json
) -> None:
    """R29: the words that the person saw decide."""
    await register()
    assert (await meta.deliver(item(clock.at, **content))).status_code == 200
    assert (await changes(), await queued()) == ([], [])
    assert await count("inbound_messages") == 1


@pytest.mark.parametrize("as_written", [str, int, float])
async def test_stop_and_resume_in_whatsapps_settings_are_the_persons_own_act(
    meta: Meta, brands: Brands, clock: Clock, as_written: Any
) -> None:
    """R17, R28: the timestamp is a number or a string; WhatsApp answers itself."""
    await register()
    earlier, later = int(clock.at.timestamp()) - 90, int(clock.at.timestamp()) - 60
    assert (await _choose(meta, "stop", as_written(earlier))).status_code == 200
    assert await out_of() == {brands.acme.id}
    [event] = await events()
    assert (event["origin"], event["actor"]) == ("PROVIDER", "recipient")
    assert event["wording"] == "User requested to stop marketing messages"
    [row] = await database.fetch("SELECT occurred_at FROM consent_events")
    assert int(database.instant(row["occurred_at"]).timestamp()) == earlier

    await _choose(meta, "resume", as_written(later))
    held = await standing(channel=Channel.WHATSAPP)
    assert (held.out_of, held.statuses) == (set(), {brands.digest.id: IN})
    await _choose(meta, "stop", as_written(earlier))  # once more
    assert await out_of() == set()
    assert await queued() == []


async def test_a_stop_in_the_settings_without_a_time_counts_as_of_now_and_a_resume_not_at_all(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R17: nobody is opted in on a guess at the time."""
    await register()
    for unknown in (None, "soon", 0, -1, 1e300, 10**18, True, [1]):
        clock.forward(minutes=1)
        await meta.deliver(typed("START", clock.at))
        clock.forward(minutes=1)
        assert (await _choose(meta, "stop", unknown)).status_code == 200
        assert await out_of() == {brands.acme.id}
        assert (await _choose(meta, "resume", unknown)).status_code == 200
        assert await out_of() == {brands.acme.id}


async def test_other_preferences_and_other_fields_change_nothing(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    now = int(clock.at.timestamp())
    await meta.deliver(
        chosen("stop", now, category="utility"), chosen("pause", now), field="user_preferences"
    )
    status = {"id": "wamid.1", "status": "read", "timestamp": str(now), "recipient_id": "48601234567"}
    assert (await meta.deliver(statuses=[status])).status_code == 200
    for field in ("message_template_status_update", "smb_message_echoes", "history", None, 7):
        other = change(typed("STOP", clock.at)) | {"field": field}
        assert (await meta.post(written(delivery(other)))).status_code == 200
    assert (await count("inbound_messages"), await changes()) == (0, [])


async def test_whoever_is_not_named_is_passed_over_and_the_others_are_not(
    meta: Meta, brands: Brands, clock: Clock, log: io.StringIO
) -> None:
    now = int(clock.at.timestamp())
    await register()
    nameless = typed("STOP", clock.at)
    del nameless["from"]
    unwilling = chosen("stop", now)
    del unwilling["wa_id"]
    several = [{"wa_id": "48600000001"}, {"wa_id": "48600000002"}]
    assert (await meta.deliver(nameless, contacts=several)).status_code == 200
    assert (await meta.deliver(nameless, contacts=[{"profile": {"name": "Alice"}}])).status_code == 200
    answer = await meta.deliver(
        unwilling, chosen("stop", now, wa_id=BOB_ID), field="user_preferences", contacts=[]
    )
    assert answer.status_code == 200
    assert (await count("recipients"), await out_of(BOB_PHONE)) == (1, {brands.acme.id})
    assert log.getvalue().count('"whatsapp_passed_over"') == 3
    assert "Alice" not in log.getvalue()
    assert BOB_ID not in log.getvalue()


async def test_the_one_contact_of_a_delivery_is_who_it_is_from_where_that_is_left_out(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    nameless = typed("STOP", clock.at)
    del nameless["from"]
    await meta.deliver(nameless)
    assert await out_of() == {brands.acme.id}


async def test_a_message_to_an_unknown_number_waits_for_a_person(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R29"""
    assert (await meta.deliver(typed("STOP", clock.at))).status_code == 200
    assert await kept() == [("STOP", "STOP", True)]
    assert (await changes(), await queued()) == ([], [])


async def test_what_is_unclear_waits_for_a_person_who_settles_it_as_of_when_it_was_written(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R17, R29: never dropped, never answered, and a later START holds."""
    await register()
    unclear = typed("maybe stop", clock.at - timedelta(minutes=9))
    await meta.deliver(unclear, typed("maybe stop", clock.at - timedelta(minutes=9), sender=BOB_ID))
    await meta.deliver(typed("START", clock.at - timedelta(minutes=5), sender=BOB_ID))
    assert await out_of() == await out_of(BOB_PHONE) == set()
    waiting = await message_review.page(brands.acme, Span(10, up=True))
    assert [row.text for row in waiting] == ["maybe stop", "maybe stop"]
    for row in waiting:
        await message_review.settle(row.id, Verdict.OPT_OUT, Actor("desk"))
    assert (await out_of(), await out_of(BOB_PHONE)) == ({brands.acme.id}, set())
    assert [kind for kind, _, _ in await queued()] == ["STARTED"]


@pytest.mark.parametrize("shown", ["447400123456", "+44 7400 123456", "+447400123456", "44 7400-123456"])
async def test_the_business_number_is_found_however_it_is_written_and_its_id_is_learned(
    meta: Meta, brands: Brands, clock: Clock, shown: str
) -> None:
    number = await register()
    await meta.deliver(typed("STOP", clock.at), shown=shown)
    assert await out_of() == {brands.acme.id}
    assert (await sender_numbers.get_many([number.id]))[number.id].provider_id == OURS_ID


async def test_one_bad_message_holds_up_none_of_the_others(meta: Meta, brands: Brands, clock: Clock) -> None:
    await register()
    now = clock.at
    bad: list[Any] = [
        None, 7, "STOP", [], {}, [typed("STOP", now)], typed("STOP", now) | {"from": "nobody"},
        typed("STOP", now) | {"id": None}, typed("x\x00y\ud800", now), typed("hm", now) | {"timestamp": {}},
        typed("hm", now) | {"from": "48601234567" * 400}, {"text": {"body": ["STOP"]}} | item(now),
    ]  # fmt: skip
    assert (await meta.deliver(*bad, typed("STOP", now, sender=BOB_ID), *bad)).status_code == 200
    assert await out_of(BOB_PHONE) == {brands.acme.id}
    assert await out_of() == set()


async def test_characters_that_no_database_keeps_are_kept_out_and_the_word_is_heard(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    await meta.deliver(typed("ST\x00OP", clock.at))
    assert await out_of() == {brands.acme.id}
    await meta.deliver(typed("ok \ud83d", clock.at), typed("whole 👍", clock.at), shown="+1 555 0100")
    assert "\x00" not in str(await kept())
    assert len(await kept()) == 3


async def _choose(meta: Meta, value: str, timestamp: object) -> Any:
    return await meta.deliver(chosen(value, timestamp), field="user_preferences")
