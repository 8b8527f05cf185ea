"""An address without a mailbox is unusable (R21) until a server accepts a mail to it."""

from __future__ import annotations

import pytest

from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.outbox import delivery as outbox
from preference_center.preferences import eligibility
from preference_center.recipients import recipients
from preference_center.recipients.states import RecipientState
from preference_center.rules.addresses import parse
from preference_center.rules.eligibility import BlockReason
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, BOB, TEAM, Brands, Clock, by_team, update_preferences
from tests.graphql.conftest import Api
from tests.http.records import count, events
from tests.mailing.queueing import request_link
from tests.mailing.relay import Relay

UNUSABLE = BlockReason.ADDRESS_UNUSABLE


async def reasons(brands: Brands, *addresses: str) -> list[BlockReason | None]:
    """Why receipts, which need no opt-in, may not be sent to each address."""
    found = await eligibility.of_addresses(brands.receipts, Channel.EMAIL, addresses)
    return [one.reason for one in found]


@pytest.mark.parametrize(
    "answer", ["550 5.1.1 No such user", "550 No such user", "550 5.1.10 Null MX", "550 5.2.1 Disabled"]
)
async def test_an_address_without_a_mailbox_is_unusable(relay: Relay, brands: Brands, answer: str) -> None:
    """R21."""
    relay.will_reply("RCPT", answer)
    await request_link(ALICE)
    await request_link(BOB)
    await outbox.deliver_due()
    assert await reasons(brands, ALICE, BOB, "new@example.com") == [UNUSABLE, None, None]
    assert await events() == []  # consent does not change


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("RCPT", "552 5.2.2 Mailbox full"),
        ("RCPT", "550 5.7.1 We do not like you"),
        ("RCPT", "450 4.1.1 Not now"),
        ("DATA", "550 This looks like spam"),
        ("MAIL", "550 5.1.1 Who are you"),
    ],
)
async def test_other_rejections_leave_the_address_usable(
    relay: Relay, brands: Brands, command: str, answer: str
) -> None:
    relay.will_reply(command, answer)
    await request_link(ALICE)
    await outbox.deliver_due()
    assert await reasons(brands, ALICE) == [None]


async def test_an_accepted_mail_makes_the_address_usable_again(
    relay: Relay, brands: Brands, clock: Clock
) -> None:
    """R21, R35."""
    relay.will_reply("RCPT", "550 5.1.1 No such user", "550 5.1.1 No such user")
    for _ in range(2):
        await request_link(ALICE)
        await outbox.deliver_due()
        assert await reasons(brands, ALICE) == [UNUSABLE]
        clock.forward(minutes=11)
    assert await count("address_refusals") == 1
    await request_link(ALICE)
    await outbox.deliver_due()
    assert relay.recipients() == [ALICE]
    assert await reasons(brands, ALICE) == [None]


async def test_erasing_a_recipient_deletes_the_rejection(relay: Relay, brands: Brands, alice: int) -> None:
    """R36."""
    relay.will_reply("RCPT", "550 5.1.1 No such user")
    await request_link(ALICE)
    await outbox.deliver_due()
    await erase_recipient(alice, TEAM)
    assert await count("address_refusals") == 0
    await recipients.ensure([parse(ALICE)])
    assert await reasons(brands, ALICE) == [None]


async def test_a_contacts_phone_stays_usable(relay: Relay, brands: Brands, alice_phone: int) -> None:
    relay.will_reply("RCPT", "550 5.1.1 No such user")
    await request_link(ALICE)
    await outbox.deliver_due()
    opted_in = (brands.digest, Channel.SMS, PreferenceStatus.OPTED_IN)
    await update_preferences(alice_phone, [opted_in], by_team())
    (found,) = await eligibility.of_addresses(brands.digest, Channel.SMS, [ALICE_PHONE])
    assert found.allowed
    unreachable = RecipientState(refused_at=database.now())  # shown with a phone number
    assert (
        eligibility.of_state(unreachable, None, brands.digest, Channel.EMAIL, database.now()).reason
        is UNUSABLE
    )
    answer = eligibility.of_state(unreachable, None, brands.digest, Channel.SMS, database.now())
    assert answer.reason is BlockReason.NOT_OPTED_IN


async def test_the_contact_shows_an_unusable_address(relay: Relay, brands: Brands, api: Api) -> None:
    """R21."""
    await contacts.create(email=ALICE)
    relay.will_reply("RCPT", "550 5.1.1 No such user")
    await request_link(ALICE)
    await outbox.deliver_due()
    found = await api.execute(
        "query ($email: String!) { contact(by: {email: $email}) {"
        " preferences(channel: EMAIL) { eligibility { allowed reason } } } }",
        email=ALICE,
    )
    answers = {(one["eligibility"]["allowed"], one["eligibility"]["reason"]) for one in found["preferences"]}
    assert answers == {(False, "ADDRESS_UNUSABLE")}
