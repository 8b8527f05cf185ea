"""One mail asks to confirm several opt-ins, and one button confirms them (R19)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from preference_center.catalog.catalog import SubscriptionType, exact_catalog
from preference_center.catalog.changes import create_type
from preference_center.ledger.types import Provenance
from preference_center.outbox import delivery as outbox
from preference_center.rules.types import Channel, LegalBasis, PreferenceStatus
from preference_center.storage import database
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences
from tests.html import visible_text
from tests.http.pages.mails import path_in, texts
from tests.http.records import changes, count
from tests.http.visit import open_page, press
from tests.mailing.relay import Relay

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT


@pytest.fixture
async def types(brands: Brands, clock: Clock) -> list[SubscriptionType]:
    """Three double-opt-in types of Acme and one of Bazaar."""
    for key, unit in (("news", "acme"), ("reads", "acme"), ("tips", "acme"), ("bazaar-news", "bazaar")):
        await create_type(key=key, business_unit=unit, name={"en": key.title()}, double_opt_in=True)
    catalog = await exact_catalog()
    return [type_ for key in ("news", "reads", "tips", "bazaar-news") if (type_ := catalog.type_by_key(key))]


async def opt_in(
    recipient_id: int, types: Sequence[SubscriptionType], provenance: Provenance | None = None
) -> None:
    changes = [(type_, EMAIL, IN) for type_ in types]
    await update_preferences(recipient_id, changes, provenance or by_team())


async def test_one_mail_asks_for_all_and_one_button_confirms_them(
    relay: Relay, client: httpx.AsyncClient, alice: int, types: list[SubscriptionType], clock: Clock
) -> None:
    news, reads, tips, bazaar = types
    await opt_in(alice, [news, bazaar])
    await opt_in(alice, [reads], by_team(legal_basis=LegalBasis.LEGITIMATE_INTEREST_CLIENT))
    clock.forward(minutes=1)
    await opt_in(alice, [tips])
    assert await outbox.deliver_due() == 4
    together, other = (one.message for one in relay.accepted)
    assert other["Subject"] == "Bazaar: potwierdź „Bazaar-News”"  # in its own language, with no other brand's
    assert together["Subject"] == "Acme: please confirm 3 subscriptions"
    assert "List-Id" not in together
    for text in texts(together):
        assert [text.index(name) for name in ("News", "Reads", "Tips")] == sorted(
            text.index(name) for name in ("News", "Reads", "Tips")
        )
    path = path_in(texts(together)[0], "c")
    page = await open_page(client, path)
    assert [visible_text(row) for row in page.find("//main//li")] == ["News", "Reads", "Tips"]
    await press(client, path, page, page.buttons[0])
    assert [(key, after, origin) for key, _, after, origin in await changes()] == [
        (key, "OPTED_IN", "CONFIRMATION") for key in ("news", "tips", "reads")
    ]
    rows = await database.fetch("SELECT subscription_type_id, legal_basis FROM consent_events")
    assert {row["subscription_type_id"]: row["legal_basis"] for row in rows} == {
        news.id: "CONSENT_WITH_NOTICE",
        reads.id: "LEGITIMATE_INTEREST_CLIENT",  # each with its own grounds
        tips.id: "CONSENT_WITH_NOTICE",
    }
    assert await outbox.deliver_due() == 0


async def test_what_was_taken_back_is_neither_asked_for_nor_confirmed(
    relay: Relay, client: httpx.AsyncClient, alice: int, types: list[SubscriptionType]
) -> None:
    news, reads, tips, _ = types
    await opt_in(alice, [news, reads, tips])
    await update_preferences(alice, [(tips, EMAIL, OUT)], by_recipient())
    await outbox.deliver_due()
    (mail,) = relay.accepted
    assert "Tips" not in texts(mail.message)[0]
    await update_preferences(alice, [(reads, EMAIL, OUT)], by_recipient())
    path = path_in(texts(mail.message)[0], "c")
    page = await open_page(client, path)
    await press(client, path, page, page.buttons[0])
    assert [(key, after) for key, _, after, _ in await changes()] == [
        ("tips", "OPTED_OUT"),
        ("reads", "OPTED_OUT"),
        ("news", "OPTED_IN"),
    ]


async def test_workers_at_the_same_moment_send_one_mail_to_each_address(
    relay: Relay, alice: int, bob: int, types: list[SubscriptionType]
) -> None:
    for recipient_id in (alice, bob):
        await opt_in(recipient_id, types[:3])
    while any(await asyncio.gather(*(outbox.deliver_due(limit=1) for _ in range(4)))):
        pass
    assert sorted(relay.recipients()) == ["alice@example.com", "bob@example.com"]
    assert await count("outgoing_mails") == 6  # each keeps its limits


async def test_what_fails_together_is_tried_again_together(
    relay: Relay, alice: int, types: list[SubscriptionType], clock: Clock
) -> None:
    await opt_in(alice, types[:3])
    relay.will_reply("DATA", "451 4.3.0 later")
    await outbox.deliver_due()
    clock.forward(seconds=31)
    assert await outbox.deliver_due() == 3
    assert [one.message["Subject"] for one in relay.accepted] == ["Acme: please confirm 3 subscriptions"]
    rows = await database.fetch("SELECT id, sent_with_id, attempts, trouble FROM outgoing_mails ORDER BY id")
    first = rows[0]["id"]
    assert [(row["sent_with_id"], row["attempts"], row["trouble"]) for row in rows] == [
        (None, 2, None),
        (first, 2, None),
        (first, 2, None),
    ]


async def test_a_type_that_was_just_asked_for_is_not_asked_for_again(
    relay: Relay, alice: int, types: list[SubscriptionType], clock: Clock
) -> None:
    """R35: within ten minutes an earlier mail answers."""
    news, reads, *_ = types
    await opt_in(alice, [news])
    await outbox.deliver_due()
    clock.forward(minutes=1)
    await database.execute(
        "INSERT INTO outgoing_mails (kind, channel, fingerprint, address, business_unit_id,"
        " subscription_type_id, created_at, due_at) SELECT kind, channel, fingerprint, address,"
        " business_unit_id, subscription_type_id, $1, $1 FROM outgoing_mails",
        clock(),
    )
    await opt_in(alice, [reads])
    await outbox.deliver_due()
    assert [one.message["Subject"] for one in relay.accepted] == [
        "Acme: please confirm “News”",
        "Acme: please confirm “Reads”",
    ]
