"""Senders without a phone number: known from an earlier delivery, or kept for review (R29, R32)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from preference_center.config.settings import Settings
from preference_center.erasure.erase import erase_recipient
from preference_center.inbound import review
from preference_center.inbound.review import MessageRow
from preference_center.rules.types import Channel, PreferenceStatus, Verdict
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from tests.conftest import ALICE_PHONE, TEAM, Brands, Clock
from tests.http.inbound import twilio_calls
from tests.http.inbound.meta import (
    ALICE_ID,
    BOB_ID,
    Json,
    Meta,
    register,
    setting,
    text_message,
)
from tests.http.inbound.stored import BOB_PHONE, opted_out_units, queued_replies
from tests.http.inbound.twilio_calls import Twilio
from tests.http.records import changes, count, events
from tests.use_cases.inbound.texting import ACME_NUMBER, acme_number, current_state

USER, PARENT, OTHER_USER = "GB.13491208655302741918", "GB.ENT.11815799212886844830", "PL.4Tq9ZxB2"
IN = PreferenceStatus.OPTED_IN


def by_user(text: str, at: Any, user: str = USER, **more: Any) -> Json:
    """A text message whose sender has no phone number."""
    message = text_message(text, at)
    del message["from"]
    return message | {"from_user_id": user} | more


def contact(user: str = USER, **more: Any) -> list[Json]:
    """The contacts of such a delivery."""
    return [{"profile": {"name": "Ann", "username": "ann.k"}, "user_id": user} | more]


async def waiting() -> list[MessageRow]:
    """The messages to review."""
    return await review.page(None, KeysetRange(50, ascending=True))


async def introduce(meta: Meta, clock: Clock, user: str = USER, wa_id: str = ALICE_ID) -> None:
    """Deliver a message that says nothing, with the user id and the phone number of its sender."""
    message = text_message("Good morning", clock.at, sender=wa_id)
    await meta.deliver(message, contacts=contact(user, wa_id=wa_id))


async def test_an_unknown_sender_waits_for_review_with_what_identifies_them(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    response = await meta.deliver(by_user("STOP", clock.at), contacts=contact())
    assert response.status_code == 200
    [message] = await waiting()
    assert (message.text, message.recipient_id) == ("STOP", None)
    assert (message.sender_id, message.sender_name) == (USER, "ann.k")
    assert (message.business_unit_id, message.occurred_at) == (brands.acme.id, clock.at)
    assert (await changes(), await queued_replies()) == ([], [])


@pytest.mark.parametrize("text", ["START", "HELP", "maybe stop", "When do you open?", "退订"])
async def test_whatever_an_unknown_sender_writes_waits(
    meta: Meta, brands: Brands, clock: Clock, text: str
) -> None:
    await register()
    for _ in range(2):
        message = by_user(text, clock.at, id="wamid.same")
        assert (await meta.deliver(message, contacts=contact())).status_code == 200
    assert [message.text for message in await waiting()] == [text]
    assert await changes() == []


async def test_an_empty_message_of_an_unknown_sender_does_not_wait(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    picture = by_user("", clock.at, type="image", image={"id": "1", "mime_type": "image/jpeg"})
    assert (await meta.deliver(picture, contacts=contact())).status_code == 200
    assert await waiting() == []


WAYS: dict[str, Json] = {
    "from_user_id": {"from_user_id": USER},
    "user_id": {"user_id": USER},
    "an id in from": {"from": USER},
    "an id in wa_id": {"wa_id": USER},
    "only the contact": {},
    "the company's id": {"from_user_id": "GB.new", "from_parent_user_id": USER},
    "the company's id in the contact": {"from_user_id": OTHER_USER},
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_known_user_id_opts_the_number_out(
    meta: Meta, brands: Brands, clock: Clock, way: str
) -> None:
    await register()
    await introduce(meta, clock)
    assert (await changes(), await count("recipients")) == ([], 0)
    message = text_message("STOP", clock.at)
    del message["from"]
    contacts = contact() if way == "only the contact" else []
    if way == "the company's id in the contact":
        contacts = contact(OTHER_USER, parent_user_id=USER)
    assert (await meta.deliver(message | WAYS[way], contacts=contacts)).status_code == 200
    assert await opted_out_units() == {brands.acme.id}
    assert await waiting() == []


async def test_the_contact_of_a_message_may_have_the_number(meta: Meta, brands: Brands, clock: Clock) -> None:
    await register()
    await meta.deliver(by_user("STOP", clock.at), contacts=contact(wa_id=ALICE_ID))
    assert await opted_out_units() == {brands.acme.id}
    assert [address for *_, address in await queued_replies()] == [ALICE_PHONE]


async def test_contacts_are_not_mixed_up(meta: Meta, brands: Brands, clock: Clock) -> None:
    """A contact with another user id is another person."""
    await register()
    contacts = [*contact(OTHER_USER, wa_id=BOB_ID), *contact(USER, wa_id=ALICE_ID)]
    await meta.deliver(by_user("STOP", clock.at), by_user("hi", clock.at, OTHER_USER), contacts=contacts)
    assert (await opted_out_units(), await opted_out_units(BOB_PHONE)) == ({brands.acme.id}, set())
    await meta.deliver(by_user("STOP", clock.at, "DE.1"), contacts=contact(OTHER_USER, wa_id=BOB_ID))
    assert await opted_out_units(BOB_PHONE) == set()
    assert [message.sender_id for message in await waiting()] == ["DE.1"]


async def test_a_known_sender_is_answered_and_can_come_back(meta: Meta, brands: Brands, clock: Clock) -> None:
    """R28"""
    await register()
    await meta.deliver(text_message("STOP", clock.at), contacts=contact(wa_id=ALICE_ID))
    clock.forward(minutes=1)
    await meta.deliver(by_user("START", clock.at), contacts=contact())
    held = await current_state(channel=Channel.WHATSAPP)
    assert (held.opted_out_units, held.statuses) == (set(), {brands.digest.id: IN})
    assert await queued_replies() == [
        ("STOPPED", "WHATSAPP", ALICE_PHONE),
        ("STARTED", "WHATSAPP", ALICE_PHONE),
    ]


async def test_a_start_of_a_number_that_is_not_on_record_waits(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """Sayso knows the number's fingerprint only: it could not ask for a confirmation."""
    await register()
    await introduce(meta, clock)
    await meta.deliver(by_user("START", clock.at), contacts=contact())
    assert await changes() == []
    [message] = await waiting()
    assert message.text == "START"
    await review.settle(message.id, Verdict.OPT_IN, TEAM)
    assert (await current_state(channel=Channel.WHATSAPP)).statuses == {brands.digest.id: IN}


async def test_the_setting_of_a_sender_without_a_number(meta: Meta, brands: Brands, clock: Clock) -> None:
    """Known: opted out as of its time, by the provider. Unknown: it waits, once."""
    await register()
    await introduce(meta, clock)
    at = int(clock.at.timestamp()) - 60

    async def choose(user: str) -> None:
        choice = setting("stop", str(at), user_id=user)
        del choice["wa_id"]
        response = await meta.deliver(choice, field="user_preferences", contacts=contact(user))
        assert response.status_code == 200

    for user in (USER, OTHER_USER, USER, OTHER_USER):
        await choose(user)
    assert await opted_out_units() == {brands.acme.id}
    [event] = await events()
    assert event["origin"] == "PROVIDER"
    [message] = await waiting()
    assert (message.sender_id, message.by_provider) == (OTHER_USER, True)
    assert message.text == "User requested to stop marketing messages"


async def test_the_status_of_a_message_tells_whose_number_a_user_id_is(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    status = {
        "id": "wamid.9", "status": "delivered", "timestamp": str(int(clock.at.timestamp())),
        "recipient_id": ALICE_ID, "recipient_user_id": USER, "recipient_parent_user_id": PARENT,
    }  # fmt: skip
    await meta.deliver(statuses=[status], contacts=[])
    await meta.deliver(statuses=[status], contacts=[])
    assert await count("whatsapp_users") == 2
    await meta.deliver(by_user("STOP", clock.at, PARENT), contacts=[])
    assert await opted_out_units() == {brands.acme.id}


async def test_what_waited_is_done_when_the_number_becomes_known(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R17, R29: opt-outs at their own time; the rest still waits, with its sender."""
    await register()
    sent = clock.at
    await meta.deliver(by_user("STOP", sent), contacts=contact())
    await meta.deliver(by_user("hm, maybe no more", sent), contacts=contact())
    await meta.deliver(by_user("stop", sent, OTHER_USER), contacts=contact(OTHER_USER))
    clock.forward(hours=2)
    await introduce(meta, clock)
    assert await opted_out_units() == {brands.acme.id}
    [row] = await database.fetch("SELECT occurred_at FROM consent_events")
    assert database.instant(row["occurred_at"]) == sent
    [event] = await events()
    assert (event["origin"], event["wording"], event["actor"]) == ("KEYWORD", "STOP", "recipient")
    mine, others = await waiting()
    assert mine.recipient_id is not None
    assert (others.sender_id, others.recipient_id) == (OTHER_USER, None)
    await review.settle(mine.id, Verdict.NOTHING, TEAM)


async def test_a_start_after_a_waiting_stop_stays_in_force(meta: Meta, brands: Brands, clock: Clock) -> None:
    """R17"""
    await register()
    await meta.deliver(by_user("STOP", clock.at - timedelta(hours=2)), contacts=contact())
    await meta.deliver(text_message("START", clock.at), contacts=contact(wa_id=ALICE_ID))
    held = await current_state(channel=Channel.WHATSAPP)
    assert (held.opted_out_units, held.statuses) == (set(), {brands.digest.id: IN})


async def test_r36_an_erased_persons_user_id_is_forgotten(meta: Meta, brands: Brands, clock: Clock) -> None:
    await register()
    await meta.deliver(text_message("STOP", clock.at), contacts=contact(wa_id=ALICE_ID))
    rows = await database.fetch("SELECT * FROM whatsapp_users")
    assert USER.encode() not in repr([tuple(row) for row in rows]).encode()
    [recipient] = await database.fetch("SELECT id FROM recipients")
    await erase_recipient(recipient["id"], TEAM)
    assert await count("whatsapp_users") == 0
    clock.forward(minutes=1)
    await meta.deliver(by_user("START", clock.at), contacts=contact())
    assert await opted_out_units() == {brands.acme.id}
    assert [message.sender_id for message in await waiting()] == [USER]


async def test_a_reused_user_id_follows_the_provider(meta: Meta, brands: Brands, clock: Clock) -> None:
    await register()
    await introduce(meta, clock)
    await introduce(meta, clock, wa_id=BOB_ID)
    await meta.deliver(by_user("STOP", clock.at), contacts=contact())
    assert (await opted_out_units(), await opted_out_units(BOB_PHONE)) == (set(), {brands.acme.id})


@pytest.fixture
async def twilio(db: Settings, brands: Brands) -> AsyncIterator[Twilio]:
    """Twilio, with Acme's number on both channels."""
    await acme_number()
    await acme_number(channel=Channel.WHATSAPP)
    async with twilio_calls.client_of(db) as http:
        yield Twilio(http)


ON_WHATSAPP = {"From": f"whatsapp:{USER}", "To": f"whatsapp:{ACME_NUMBER}", "ExternalUserId": USER}


async def test_by_twilio_an_unknown_sender_waits_and_gets_no_confirmation(twilio: Twilio) -> None:
    assert await twilio.text("STOP", **ON_WHATSAPP, ProfileName="Ann") is None
    [message] = await waiting()
    assert (message.channel, message.sender_id, message.sender_name) == (Channel.WHATSAPP, USER, "Ann")
    assert await changes() == []


async def test_by_twilio_a_known_user_id_opts_the_number_out(twilio: Twilio, brands: Brands) -> None:
    with_number = {**ON_WHATSAPP, "From": f"whatsapp:{ALICE_PHONE}"}
    assert await twilio.text("Good morning", **with_number) is None
    assert await twilio.text("STOP", **ON_WHATSAPP) is not None
    assert await opted_out_units() == {brands.acme.id}
    assert (await current_state()).opted_out_units == set()


async def test_by_twilio_the_number_may_be_in_another_field(twilio: Twilio, brands: Brands) -> None:
    assert await twilio.text("STOP", **ON_WHATSAPP, WaId=ALICE_PHONE[1:]) is not None
    assert await opted_out_units() == {brands.acme.id}
    assert await count("whatsapp_users") == 1


@pytest.mark.parametrize(
    ("change", "sender"),
    [
        ({"From": None}, None),
        ({"From": ""}, None),
        ({"From": "Acme"}, "Acme"),
        ({"From": "72345"}, "72345"),
        ({"From": "messenger:1234567890123456789"}, "messenger:1234567890123456789"),
        ({"From": "whatsapp:"}, None),
        ({"From": "whatsapp:@ann.k"}, "@ann.k"),
    ],
)
async def test_by_twilio_whoever_writes_is_read(
    twilio: Twilio, change: dict[str, str | None], sender: str | None
) -> None:
    for _ in range(2):
        assert await twilio.text("STOP", MessageSid="SM1", **change) is None
    assert [(message.text, message.sender_id) for message in await waiting()] == [("STOP", sender)]


@pytest.mark.parametrize("change", [{"To": None}, {"To": " "}])
async def test_by_twilio_a_message_to_nobody_waits(twilio: Twilio, change: dict[str, str | None]) -> None:
    assert await twilio.text("STOP", **change) is None
    [message] = await waiting()
    assert message.recipient_id is not None


async def test_by_twilio_a_message_without_an_id_counts_once(twilio: Twilio, brands: Brands) -> None:
    """R30"""
    nameless = {"MessageSid": None, "SmsSid": None}
    assert await twilio.text("STOP", **nameless) is not None
    await twilio.text("START")
    assert await twilio.text("STOP", **nameless) is None
    assert (await current_state()).opted_out_units == set()
