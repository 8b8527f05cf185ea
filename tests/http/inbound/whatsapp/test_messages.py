"""Messages and buttons on WhatsApp are applied, and answered through the outbox (R27 to R29)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from preference_center.catalog import sender_numbers
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE_PHONE, Brands, Clock
from tests.http.inbound.meta import (
    BOB_ID,
    SENDER_NUMBER,
    SENDER_NUMBER_ID,
    Json,
    Meta,
    item,
    register,
    setting,
    text_message,
)
from tests.http.inbound.stored import BOB_PHONE, opted_out_units, queued_replies, stored_messages
from tests.http.records import changes, count, events
from tests.use_cases.inbound.texting import current_state

IN = PreferenceStatus.OPTED_IN


async def test_stop_opts_out_before_the_response_and_queues_one_reply(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R28"""
    number = await register()
    sent = clock.at - timedelta(seconds=5)
    response = await meta.deliver(text_message("Stop!", sent))
    assert (response.status_code, response.content) == (200, b"")
    assert await opted_out_units() == {brands.acme.id}
    assert (await current_state(channel=Channel.SMS)).opted_out_units == set()
    [event] = await events()
    assert (event["origin"], event["actor"], event["channel"]) == ("KEYWORD", "recipient", "WHATSAPP")
    assert (event["url"], event["wording"]) == (f"whatsapp:{SENDER_NUMBER}", "Stop!")
    [row] = await database.fetch("SELECT occurred_at FROM consent_events")
    assert database.instant(row["occurred_at"]) == sent
    assert await queued_replies() == [("STOPPED", "WHATSAPP", ALICE_PHONE)]
    [mail] = await database.fetch("SELECT sender_number_id, business_unit_id FROM outgoing_mails")
    assert (mail["sender_number_id"], mail["business_unit_id"]) == (number.id, brands.acme.id)


async def test_start_and_help_are_answered_and_other_words_are_not(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R28"""
    await register()
    await meta.deliver(text_message("STOP", clock.at - timedelta(minutes=3)))
    await meta.deliver(text_message("start", clock.at - timedelta(minutes=2)))
    state = await current_state(channel=Channel.WHATSAPP)
    assert (state.opted_out_units, state.statuses) == (set(), {brands.digest.id: IN})
    await meta.deliver(text_message("Help", clock.at), text_message("When do you open tomorrow?", clock.at))
    assert [kind for kind, _, _ in await queued_replies()] == ["STOPPED", "STARTED", "HELPED"]
    assert len(await changes()) == 3
    assert (await stored_messages())[-1] == ("NOTHING", None, False)


def interactive(kind: str, name: str, title: str) -> Json:
    """A button of the team's own, or a list item."""
    return {"type": "interactive", "interactive": {"type": kind, kind: {"id": name, "title": title}}}


BUTTONS: list[Json] = [
    {"type": "button", "button": {"text": "Stop", "payload": "anything"}},
    {"type": "button", "button": {"text": "Nie, dziękuję", "payload": "STOP_PROMOTIONS"}},
    {"type": "button", "button": {"payload": "stop"}},
    interactive("button_reply", "b1", "STOP"),
    interactive("button_reply", "opt-out", "✋"),
    interactive("list_reply", "row-7", "Unsubscribe"),
    {"type": "image", "image": {"id": "1", "mime_type": "image/jpeg", "caption": "stop"}},
]


@pytest.mark.parametrize("content", BUTTONS)
async def test_buttons_and_captions_are_read_as_text(
    meta: Meta, brands: Brands, clock: Clock, content: Json
) -> None:
    """R29: an opt-out counts in every type of message."""
    await register()
    assert (await meta.deliver(item(clock.at, **content))).status_code == 200
    assert await opted_out_units() == {brands.acme.id}
    assert [kind for kind, _, _ in await queued_replies()] == ["STOPPED"]


@pytest.mark.parametrize(
    "content",
    [
        {"type": "button", "button": {"text": "Cancel my table", "payload": "CANCEL"}},
        {"type": "button", "button": {"text": "Let's go", "payload": "START"}},
        interactive("button_reply", "START", "Show me more"),
        {"type": "image", "image": {"id": "1"}},
        {"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}},
        {"type": "unsupported", "errors": [{"code": 131051}]},
        {"type": "order", "order": {"text": 5}},
    ],
)
async def test_a_button_id_never_opts_in(meta: Meta, brands: Brands, clock: Clock, content: Json) -> None:
    """R29: the label that the person saw decides."""
    await register()
    assert (await meta.deliver(item(clock.at, **content))).status_code == 200
    assert (await changes(), await queued_replies()) == ([], [])
    assert await count("inbound_messages") == 1


async def test_messages_without_a_sender_wait_for_review_and_the_others_are_applied(
    meta: Meta, brands: Brands, clock: Clock, log: io.StringIO
) -> None:
    """R29: a message is never dropped because nobody knows who sent it."""
    now = int(clock.at.timestamp())
    await register()
    without_sender = text_message("STOP", clock.at)
    del without_sender["from"]
    nameless_setting = setting("stop", now)
    del nameless_setting["wa_id"]
    contacts = [{"wa_id": "48600000001"}, {"wa_id": "48600000002"}]
    assert (await meta.deliver(without_sender, contacts=contacts)).status_code == 200
    assert (await meta.deliver(without_sender, contacts=[{"profile": {"name": "Alice"}}])).status_code == 200
    response = await meta.deliver(
        nameless_setting,
        setting("stop", now, wa_id=BOB_ID),
        field="user_preferences",
        contacts=[],
    )
    assert response.status_code == 200
    assert (await count("recipients"), await opted_out_units(BOB_PHONE)) == (1, {brands.acme.id})
    assert await stored_messages() == [
        ("STOP", "STOP", True),  # a second delivery of it acts on nothing
        ("STOP", "User requested to stop marketing messages", True),
        ("STOP", None, False),
    ]
    assert "Alice" not in log.getvalue()
    assert BOB_ID not in log.getvalue()


async def test_without_a_sender_the_only_contact_of_a_delivery_is_it(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    without_sender = text_message("STOP", clock.at)
    del without_sender["from"]
    await meta.deliver(without_sender)
    assert await opted_out_units() == {brands.acme.id}


async def test_a_message_to_an_unknown_number_needs_review(meta: Meta, brands: Brands, clock: Clock) -> None:
    """R29"""
    assert (await meta.deliver(text_message("STOP", clock.at))).status_code == 200
    assert await stored_messages() == [("STOP", "STOP", True)]
    assert (await changes(), await queued_replies()) == ([], [])


@pytest.mark.parametrize("shown", ["447400123456", "+44 7400 123456", "+447400123456", "44 7400-123456"])
async def test_the_sender_number_is_found_in_any_notation_and_its_id_is_stored(
    meta: Meta, brands: Brands, clock: Clock, shown: str
) -> None:
    number = await register()
    await meta.deliver(text_message("STOP", clock.at), shown=shown)
    assert await opted_out_units() == {brands.acme.id}
    assert (await sender_numbers.get_many([number.id]))[number.id].provider_id == SENDER_NUMBER_ID


async def test_a_failing_message_does_not_stop_the_others(meta: Meta, brands: Brands, clock: Clock) -> None:
    await register()
    now = clock.at
    bad: list[Any] = [
        None, 7, "STOP", [], {}, [text_message("STOP", now)], text_message("STOP", now) | {"from": "nobody"},
        text_message("x\x00y\ud800", now),
        text_message("hm", now) | {"timestamp": {}},
        text_message("hm", now) | {"from": "48601234567" * 400},
    ]  # fmt: skip
    assert (await meta.deliver(*bad, text_message("STOP", now, sender=BOB_ID), *bad)).status_code == 200
    assert await opted_out_units(BOB_PHONE) == {brands.acme.id}
    assert await opted_out_units() == set()


async def test_a_message_without_an_id_counts_once(meta: Meta, brands: Brands, clock: Clock) -> None:
    """R29, R30"""
    await register()
    nameless = text_message("STOP", clock.at - timedelta(minutes=2)) | {"id": None}
    await meta.deliver(nameless)
    await meta.deliver(text_message("START", clock.at))
    await meta.deliver(nameless)
    assert await opted_out_units() == set()
    assert [after for _, _, after, _ in await changes()] == ["OPTED_OUT", "NOT_OPTED", "OPTED_IN"]


async def test_unstorable_characters_are_removed_and_the_keyword_counts(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    await meta.deliver(text_message("ST\x00OP", clock.at))
    assert await opted_out_units() == {brands.acme.id}
    await meta.deliver(
        text_message("ok \ud83d", clock.at), text_message("whole 👍", clock.at), shown="+1 555 0100"
    )
    assert "\x00" not in str(await stored_messages())
    assert len(await stored_messages()) == 3
