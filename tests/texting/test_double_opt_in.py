"""Double opt-in by text message (R19): the link opens a page, and its button confirms."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from preference_center.catalog.catalog import SubscriptionType
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config.settings import Settings
from preference_center.outbox import delivery as outbox
from preference_center.preferences import changes as preferences
from preference_center.recipients.states import read_states
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, Brands, Clock, by_recipient, by_team, update_preferences
from tests.graphql.conftest import Api, api, http
from tests.http.records import changes, count, dump
from tests.http.visit import open_page, press, submit
from tests.texting.double_opt_in import create_news
from tests.texting.provider import Provider
from tests.texting.test_link_requests import link_in

__all__ = ["api", "http"]

IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
YES = "Yes, subscribe me"
UPDATE = """mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) {
  outcomes { status changed error { code } } userErrors { code field } } }"""


@pytest.fixture
async def news(brands: Brands) -> SubscriptionType:
    return await create_news()


async def opt_in(api: Api, channel: str, **recipient: str) -> None:
    """Opt a recipient in over GraphQL, as the team."""
    done = await api.execute(
        UPDATE,
        i={
            "recipient": recipient,
            "changes": [{"subscriptionType": "news", "channel": channel, "status": "OPTED_IN"}],
            "legalBasis": "CONSENT_WITH_NOTICE",
            "processingBasis": "PROCESS_AND_STORE",
            "explanation": "Asked for it at the fair.",
        },
    )
    assert done["userErrors"] == []
    assert [outcome["error"] for outcome in done["outcomes"]] == [None]


async def test_r19_an_opt_in_by_sms_is_confirmed_with_the_button_of_its_link_only(
    api: Api,
    client: httpx.AsyncClient,
    provider: Provider,
    news: SubscriptionType,
    alice_phone: int,
    acme_sms: SenderNumber,
) -> None:
    await opt_in(api, "SMS", phone=ALICE_PHONE)
    assert await changes() == []
    assert await outbox.deliver_due() == 1
    ((to, text),) = provider.texts()
    assert to == ALICE_PHONE
    assert text.startswith('Acme: get "News of the week" by SMS? Confirm:\n')
    assert text.endswith("STOP to opt out.")
    path, before = link_in(text), await dump()
    page = await open_page(client, path)
    await client.head(path)
    await client.options(path)
    assert await dump() == before  # R33
    assert "+48•••67" in page.text
    assert "Subscribe to News of the week?" in page.text
    assert "Acme will text you." in page.text
    done = await press(client, path, page, YES)
    assert "You’re subscribed to News of the week." in done.text
    assert await changes() == [("news", "NOT_OPTED", "OPTED_IN", "CONFIRMATION")]
    state = (await read_states([alice_phone]))[alice_phone]
    assert state.preferences[news.id, Channel.SMS].status is IN
    assert (news.id, Channel.WHATSAPP) not in state.preferences


async def test_each_channel_has_its_own_confirm_link(
    api: Api, client: httpx.AsyncClient, provider: Provider, db: Settings, news: SubscriptionType,
    alice_phone: int, acme_sms: SenderNumber,
) -> None:  # fmt: skip
    for channel in ("SMS", "WHATSAPP"):
        await opt_in(api, channel, phone=ALICE_PHONE)
    await opt_in(api, "EMAIL", email=ALICE)
    assert await outbox.deliver_due() == 3
    (_, by_sms), (_, on_whatsapp) = provider.texts()
    assert '"News of the week" on WhatsApp?' in on_whatsapp
    assert len(list((db.data_dir / "mail").iterdir())) == 1
    path = link_in(on_whatsapp)
    await press(client, path, await open_page(client, path), YES)
    state = (await read_states([alice_phone]))[alice_phone]
    assert list(state.preferences) == [(news.id, Channel.WHATSAPP)]
    assert (await open_page(client, link_in(by_sms))).response.status_code == 200  # still pending


@pytest.mark.parametrize(("hours", "by"), [(23, "whatsapp"), (25, "sms")])
async def test_a_confirmation_goes_by_whatsapp_within_24_hours_of_a_message_there(
    provider: Provider, news: SubscriptionType, alice_phone: int, acme_sms: SenderNumber,
    acme_whatsapp: SenderNumber, clock: Clock, hours: int, by: str,
) -> None:  # fmt: skip
    """WhatsApp accepts free-form messages for 24 hours after the person wrote."""
    await database.execute(
        "INSERT INTO inbound_messages (digest, channel, recipient_id, sender_number_id, business_unit_id,"
        " sent_to, meaning, occurred_at, received_at)"
        " VALUES ($1, 'WHATSAPP', $2, $3, $4, '', 'START', $5, $5)",
        *(b"0" * 32, alice_phone, acme_whatsapp.id, acme_whatsapp.unit_id, clock() - timedelta(hours=hours)),
    )
    await update_preferences(alice_phone, [(news, Channel.WHATSAPP, IN)], by_team())
    await outbox.deliver_due()
    (one,) = provider.received
    if by == "sms":
        assert one.form["From"] == acme_sms.number
    else:
        assert one.path == f"/v23.0/{acme_whatsapp.provider_id}/messages"


async def test_no_confirmation_is_sent_after_an_opt_out(
    provider: Provider, news: SubscriptionType, alice_phone: int, acme_sms: SenderNumber, brands: Brands
) -> None:
    await update_preferences(alice_phone, [(news, Channel.SMS, IN)], by_team())
    await preferences.opt_out_of_all(alice_phone, Channel.SMS, brands.acme, by_recipient())
    assert await outbox.deliver_due() == 1
    assert provider.received == []
    assert await count("outgoing_mails") == 0


async def test_an_expired_confirm_link_offers_to_request_a_link(
    client: httpx.AsyncClient, provider: Provider, news: SubscriptionType, alice_phone: int,
    acme_sms: SenderNumber, clock: Clock,
) -> None:  # fmt: skip
    await update_preferences(alice_phone, [(news, Channel.SMS, IN)], by_team())
    await outbox.deliver_due()
    path = link_in(provider.texts()[0][1])
    clock.forward(days=7, seconds=1)
    assert (await submit(client, path, [("do", "confirm")])).response.status_code == 410
    page = await open_page(client, path)
    assert page.response.status_code == 410
    response = await press(client, path, page, "Send me a link", email=ALICE_PHONE)
    assert "Check your text messages" in response.text
    assert await changes() == []


async def test_an_expired_manage_link_of_a_phone_sends_a_new_one(
    client: httpx.AsyncClient, provider: Provider, alice_phone: int, acme_sms: SenderNumber, clock: Clock
) -> None:
    """R34."""
    await submit(client, "/p", [("email", ALICE_PHONE), ("unit", "acme")])
    await outbox.deliver_due()
    old = link_in(provider.texts()[0][1])
    clock.forward(days=181)
    page = await open_page(client, old)
    assert page.response.status_code == 410
    await press(client, old, page, "Text me a new link")
    await outbox.deliver_due()
    fresh = link_in(provider.texts()[1][1])
    assert fresh != old
    assert (await open_page(client, fresh)).response.status_code == 200
