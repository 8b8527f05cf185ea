"""Choices in WhatsApp's own settings: stop and resume (R17, R28)."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from api.inbound import whatsapp_payload
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE_PHONE, Brands, Clock
from tests.http.inbound.meta import (
    ALICE_ID,
    SENDER_NUMBER_ID,
    Meta,
    change,
    delivery,
    encoded,
    register,
    setting,
    text_message,
)
from tests.http.inbound.stored import opted_out_units, queued_replies, stored_messages
from tests.http.records import changes, count, events
from tests.use_cases.inbound.texting import current_state

IN = PreferenceStatus.OPTED_IN


@pytest.mark.parametrize("as_written", [str, int, float])
async def test_stop_and_resume_in_whatsapps_settings_are_recipient_made(
    meta: Meta, brands: Brands, clock: Clock, as_written: Any
) -> None:
    """R17, R28: the timestamp is a number or a string; WhatsApp answers itself."""
    await register()
    earlier, later = int(clock.at.timestamp()) - 90, int(clock.at.timestamp()) - 60
    assert (await _choose(meta, "stop", as_written(earlier))).status_code == 200
    assert await opted_out_units() == {brands.acme.id}
    [event] = await events()
    assert (event["origin"], event["actor"]) == ("PROVIDER", "recipient")
    assert event["wording"] == "User requested to stop marketing messages"
    [row] = await database.fetch("SELECT occurred_at FROM consent_events")
    assert int(database.instant(row["occurred_at"]).timestamp()) == earlier

    await _choose(meta, "resume", as_written(later))
    held = await current_state(channel=Channel.WHATSAPP)
    assert (held.opted_out_units, held.statuses) == (set(), {brands.digest.id: IN})
    await _choose(meta, "stop", as_written(earlier))  # the same again
    assert await opted_out_units() == set()
    assert await queued_replies() == []


async def test_without_a_time_a_stop_in_the_settings_counts_as_now_and_a_resume_is_ignored(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R17: without a time nobody is opted in."""
    await register()
    for unknown in (None, "soon", 0, -1, 1e300, 10**18, True, [1]):
        clock.forward(minutes=1)
        await meta.deliver(text_message("START", clock.at))
        clock.forward(minutes=1)
        assert (await _choose(meta, "stop", unknown)).status_code == 200
        assert await opted_out_units() == {brands.acme.id}
        assert (await _choose(meta, "resume", unknown)).status_code == 200
        assert await opted_out_units() == {brands.acme.id}


async def test_settings_that_sayso_does_not_know_wait_for_review(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R29"""
    await register()
    now = int(clock.at.timestamp())
    unknown = [
        setting("stop", now, category="utility"),
        setting("pause", now, detail=None),
        setting("resume", None),
    ]
    for _ in range(2):  # the same again is the same
        await meta.deliver(*unknown, field="user_preferences")
    assert await changes() == []
    assert sorted(await stored_messages()) == [
        ("UNCLEAR", "User requested to resume marketing messages", True),
        ("UNCLEAR", "User requested to stop marketing messages", True),
        ("UNCLEAR", "marketing_messages: pause", True),
    ]


async def test_other_fields_change_nothing(meta: Meta, brands: Brands, clock: Clock) -> None:
    await register()
    now = int(clock.at.timestamp())
    status = {"id": "wamid.1", "status": "read", "timestamp": str(now), "recipient_id": "48601234567"}
    assert (await meta.deliver(statuses=[status])).status_code == 200
    for field in ("message_template_status_update", "smb_message_echoes", "history", None, 7):
        other = change(text_message("STOP", clock.at)) | {"field": field}
        assert (await meta.post(encoded(delivery(other)))).status_code == 200
    assert (await count("inbound_messages"), await changes()) == (0, [])


async def _choose(meta: Meta, value: str, timestamp: object) -> Any:
    return await meta.deliver(setting(value, timestamp), field="user_preferences")


async def test_the_id_of_a_setting_does_not_contain_the_phone_number(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R36: the id outlives an erasure, and a phone number in it could be found by trying all."""
    await register()
    at = int(clock.at.timestamp()) - 60
    await _choose(meta, "stop", at)
    [row] = await database.fetch("SELECT digest FROM inbound_messages")
    when = datetime.fromtimestamp(at, UTC).isoformat()
    guess = f"whatsapp:STOP:{ALICE_PHONE}:{SENDER_NUMBER_ID}:{when}"
    assert bytes(row["digest"]) != sha256(guess.encode()).digest()
    body = encoded(delivery(change(setting("stop", at), field="user_preferences")))
    [message] = whatsapp_payload.read_batch(body).messages
    assert ALICE_ID not in message.message_id
    assert message.message_id == whatsapp_payload.read_batch(body).messages[0].message_id
