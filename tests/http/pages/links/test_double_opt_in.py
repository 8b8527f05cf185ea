"""A double opt-in of every origin: pending, shown, mailed, scanned and confirmed (R19)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest

from preference_center.catalog.catalog import SubscriptionType
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter
from preference_center.operations import bulk_updates
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.outbox import delivery as outbox
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from tests.conftest import ALICE, ALICE_PHONE, TEAM, Brands, Clock
from tests.graphql.conftest import Api, api, http, token
from tests.graphql.recipients.test_confirmations import pending_opt_ins
from tests.http.pages.mails import delivered, texts
from tests.http.records import changes, dump
from tests.http.visit import Links, open_page, press, submit
from tests.imports.files import contacts_from, finished
from tests.texting.double_opt_in import create_news
from tests.use_cases.inbound.texting import acme_number, send_message
from tests.use_cases.workflows.enrolling import create_workflow, run_all, set_status

__all__ = ["api", "http"]

IN = PreferenceStatus.OPTED_IN
YES = "Yes, subscribe me"
GROUNDS = (LegalBasis.CONSENT_WITH_NOTICE, "They asked at the fair.")
MAY_SEND = """query ($channel: Channel!, $to: [String!]!) {
  eligibility(subscriptionType: "news", channel: $channel, addresses: $to) {
    eligibility { allowed reason } } }"""


@dataclass(frozen=True)
class World:
    """What the origins of an opt-in need."""

    api: Api
    client: httpx.AsyncClient
    links: Links
    news: SubscriptionType


@pytest.fixture
async def world(api: Api, client: httpx.AsyncClient, links: Links, brands: Brands) -> World:
    return World(api, client, links, await create_news())


async def by_the_team(world: World, api: Api | None = None) -> None:
    done = await (api or world.api).execute(
        "mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i)"
        " { outcomes { pending changed } userErrors { code } } }",
        i={
            "recipient": {"email": ALICE},
            "changes": [{"subscriptionType": "news", "status": "OPTED_IN"}],
            "legalBasis": "CONSENT_WITH_NOTICE",
            "processingBasis": "PROCESS_AND_STORE",
            "explanation": GROUNDS[1],
        },
    )
    assert done == {"outcomes": [{"pending": True, "changed": False}], "userErrors": []}


async def by_an_integration(world: World) -> None:
    signup_form = await token("preferences:write", origin=ConsentOrigin.INTEGRATION)
    await by_the_team(world, world.api.using(signup_form))


async def by_an_import(world: World) -> None:
    await contacts_from(f"email,opt_in:news\n{ALICE},yes\n", explanation=GROUNDS[1])


async def by_a_bulk_update(world: World) -> None:
    await contacts.create(email=ALICE)
    update = BulkUpdate(
        ContactFilter(),
        Channel.EMAIL,
        [world.news],
        IN,
        explanation=GROUNDS[1],
        legal_basis=GROUNDS[0],
        processing_basis=LegalBasis.PROCESS_AND_STORE,
    )
    await finished(await bulk_updates.enqueue(update, TEAM))


async def by_a_workflow(world: World) -> None:
    await create_workflow(actions=[set_status("news")])
    await contacts.create(email=ALICE, processing_basis=LegalBasis.PROCESS_AND_STORE)
    await run_all()


async def on_the_page_of_another_link(world: World) -> None:
    """The link of the email address also shows the phone number, and proves nothing about it."""
    await contacts.create(email=ALICE, phone=ALICE_PHONE)
    path = world.links.manage()
    page = await open_page(world.client, path)
    page.form.boxes["news:SMS"] = True
    await press(world.client, path, page, "Save choices")


async def by_keyword(world: World) -> None:
    await acme_number("news")
    await send_message("START")


ORIGINS: list[tuple[Callable[[World], Awaitable[None]], ConsentOrigin]] = [
    (by_the_team, ConsentOrigin.CONTACT_RECORD),
    (by_an_integration, ConsentOrigin.INTEGRATION),
    (by_an_import, ConsentOrigin.IMPORT),
    (by_a_bulk_update, ConsentOrigin.BULK_UPDATE),
    (by_a_workflow, ConsentOrigin.WORKFLOW),
    (on_the_page_of_another_link, ConsentOrigin.PREFERENCE_PAGE),
    (by_keyword, ConsentOrigin.KEYWORD),
]
every_origin = pytest.mark.parametrize(
    ("opt_in", "origin"), ORIGINS, ids=[opt_in.__name__ for opt_in, _ in ORIGINS]
)


def channel_and_address(origin: ConsentOrigin) -> tuple[Channel, str]:
    by_text = origin in (ConsentOrigin.PREFERENCE_PAGE, ConsentOrigin.KEYWORD)
    return (Channel.SMS, ALICE_PHONE) if by_text else (Channel.EMAIL, ALICE)


async def may_send(world: World, channel: Channel, address: str) -> tuple[bool, str | None]:
    (response,) = await world.api.execute(MAY_SEND, channel=channel.value, to=[address])
    return response["eligibility"]["allowed"], response["eligibility"]["reason"]


def confirm_links(settings: Settings) -> list[str]:
    """The paths of the confirm links in all sent mails and text messages."""
    messages = [texts(mail)[0] for mail in delivered(settings)]
    messages += [file.read_text() for file in sorted((settings.data_dir / "texts").glob("*-confirm*"))]
    return re.findall(r"/[cs]/[\w.-]+", "\n".join(messages))


@every_origin
async def test_an_opt_in_of_any_origin_is_pending_until_it_is_confirmed_with_the_button(
    world: World,
    db: Settings,
    clock: Clock,
    opt_in: Callable[[World], Awaitable[None]],
    origin: ConsentOrigin,
) -> None:
    """R18, R19, R21, R33"""
    await opt_in(world)
    channel, address = channel_and_address(origin)
    named = {"email": address} if channel is Channel.EMAIL else {"phone": address}
    pending = await pending_opt_ins(world.api, **named)
    assert pending["news"]["origin"] == origin.value
    assert pending["news"]["expiresAt"] == "2026-05-11T12:00:00Z"
    assert await may_send(world, channel, address) == (False, "CONFIRMATION_PENDING")

    await outbox.deliver_due()
    (path,) = confirm_links(db)
    before = await dump()
    scanner = [
        world.client.request(method, path, headers={"user-agent": "Scanner"})
        for method in ("GET", "HEAD", "OPTIONS", "GET") * 25
    ]
    assert {response.status_code for response in await asyncio.gather(*scanner)} == {200, 204}
    assert await dump() == before
    assert await may_send(world, channel, address) == (False, "CONFIRMATION_PENDING")

    clock.forward(days=6, hours=23, minutes=59, seconds=59)
    await press(world.client, path, await open_page(world.client, path), YES)
    assert await changes() == [("news", "NOT_OPTED", "OPTED_IN", "CONFIRMATION")]
    recipient = await recipients.find(parse(address))
    assert recipient
    state = (await read_states([recipient.id]))[recipient.id]
    held = state.preferences[world.news.id, channel]
    asked_with = GROUNDS if origin.maker.name == "TEAM" else (None, None)
    assert (held.status, held.origin) == (IN, ConsentOrigin.CONFIRMATION)
    assert (held.legal_basis, held.explanation) == asked_with
    assert state.pending_opt_ins == {}
    assert await pending_opt_ins(world.api, **named) == {}
    assert await may_send(world, channel, address) == (True, None)


@every_origin
async def test_after_seven_days_to_the_second_there_is_nothing_to_confirm(
    world: World,
    db: Settings,
    clock: Clock,
    opt_in: Callable[[World], Awaitable[None]],
    origin: ConsentOrigin,
) -> None:
    """R19"""
    await opt_in(world)
    channel, address = channel_and_address(origin)
    await outbox.deliver_due()
    (path,) = confirm_links(db)
    clock.forward(days=7)
    assert (await submit(world.client, path, [("do", "confirm")])).response.status_code == 410
    assert await changes() == []
    assert await may_send(world, channel, address) == (False, "NOT_OPTED_IN")
