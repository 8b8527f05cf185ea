"""Limits of link requests, by network and address; they do not reveal who is known (R35)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from starlette.applications import Starlette

from api import pages
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.outbox import delivery as outbox
from preference_center.outbox import link_requests
from preference_center.rules.addresses import parse
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, PUBLIC_URL, Brands, Clock
from tests.graphql.statements import CountedStatements
from tests.http.pages.link_requests import request_link
from tests.http.pages.mails import delivered
from tests.http.records import count, dump
from tests.http.visit import Links, Visit, open_page, press

HOME = "203.0.113.9"
At = Callable[[str], httpx.AsyncClient]


@pytest.fixture
async def at(db: Settings) -> AsyncIterator[At]:
    """A browser in the network of an IP address."""
    made: list[httpx.AsyncClient] = []

    def client_at(host: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(Starlette(routes=pages.routes), client=(host, 50000))
        made.append(httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL))
        made[-1].headers["accept-language"] = "en"
        return made[-1]

    yield client_at
    for client in made:
        await client.aclose()


async def request_links(number: int, host: str | None = HOME) -> int:
    """Request links from a network for different addresses; return how many were accepted."""
    waits = [
        await link_requests.request_link(parse(f"person{n}@example.com"), None, None, host)
        for n in range(number)
    ]
    return waits.count(None)


async def test_the_21st_request_of_an_hour_is_refused(
    client: httpx.AsyncClient, brands: Brands, clock: Clock
) -> None:
    await request_links(19)
    clock.forward(minutes=15)
    assert (await request_link(client, ALICE)).status_code == 200
    queued = await count("outgoing_mails")
    refused = await request_link(client, ALICE)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "2700"
    assert refused.headers["cache-control"] == "no-store"
    page = Visit(refused)
    assert "Too many requests" in page.text
    assert "Please try again later. To unsubscribe, use the link" in page.text
    assert page.lang == "en"
    assert await count("outgoing_mails") == queued
    clock.forward(minutes=44, seconds=59)
    assert (await request_link(client, ALICE)).status_code == 429
    clock.forward(seconds=1)
    assert (await request_link(client, ALICE)).status_code == 200


async def test_requests_are_also_limited_per_day(
    client: httpx.AsyncClient, brands: Brands, clock: Clock
) -> None:
    for _ in range(5):
        assert await request_links(20) == 20
        clock.forward(hours=1)
    refused = await request_link(client, ALICE)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, str(19 * 3600))
    clock.forward(hours=19)
    assert (await request_link(client, ALICE)).status_code == 200


async def test_known_and_unknown_addresses_get_the_same_response_below_and_over_the_limit(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements run, so that the response time does not tell either (R35)."""
    counted = CountedStatements(monkeypatch)
    seen_by: dict[str, list[tuple[int, str, list[str]]]] = {ALICE: [], "nobody@example.com": []}
    await request_links(12)
    for _ in range(7):  # below the limits, over the address's, and over the network's
        for address, responses in seen_by.items():
            counted.statements.clear()
            response = await client.post("/p", data={"email": address})
            # Once a second a request checks the catalog's version.
            run = [sql for sql in counted.statements if "catalog_state" not in sql]
            responses.append((response.status_code, response.text, run))
    known, unknown = seen_by.values()
    assert [status for status, *_ in known] == [200] * 4 + [429] * 3
    assert known == unknown
    assert len(known[0][2]) == 2  # one counts, one queues
    assert len(known[-1][2]) == 1


async def test_an_address_gets_at_most_five_links_a_day_and_the_page_stays_the_same(
    at: At, db: Settings, brands: Brands, alice: int, clock: Clock
) -> None:
    responses = set()
    for n in range(8):
        responses.add((await request_link(at(f"198.51.100.{n}"), ALICE)).text)
        await outbox.deliver_due()
        clock.forward(minutes=30)
    assert len(responses) == 1
    assert [mail["To"] for mail in delivered(db)] == [ALICE] * 5
    clock.forward(hours=20)
    await request_link(at(HOME), ALICE)
    await outbox.deliver_due()
    assert len(delivered(db)) == 6


async def test_the_limit_covers_every_page_that_requests_links(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    """R34: pages of an expired link, of an invalid link and of a late confirmation."""
    expired = links.manage()
    clock.forward(days=181)
    for path, label in ((expired, "Email me a new link"), ("/p/lost", "Send me a link"),
                        (links.confirm(), "Send me a link"), ("/p", "Send me a link")):  # fmt: skip
        await database.execute("DELETE FROM network_askings")
        typed = {"email": ALICE} if label == "Send me a link" else {}
        page = await open_page(client, path)
        assert (await press(client, path, page, label, **typed)).response.status_code == 200
        await request_links(20)
        assert (await press(client, path, page, label, **typed)).response.status_code == 429


async def test_opening_pages_and_typing_no_address_do_not_count(
    client: httpx.AsyncClient, brands: Brands
) -> None:
    for _ in range(25):
        assert (await client.get("/p")).status_code == 200
        assert (await client.post("/p", data={"email": "alice"})).status_code == 422
    assert await count("network_askings") == 0


@pytest.mark.parametrize(
    ("network", "other", "is_same"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("2001:db8::1", "203.0.113.9", False),
    ],
)
async def test_a_network_is_an_ipv4_address_or_the_first_64_bits_of_an_ipv6_address(
    at: At, brands: Brands, network: str, other: str, is_same: bool
) -> None:
    await request_links(20, network)
    assert (await request_link(at(other), ALICE)).status_code == (429 if is_same else 200)
    assert (await request_link(at(network), ALICE)).status_code == 429


@pytest.mark.parametrize(
    ("prefix", "accepted"),
    [("2001:db8:1:2ff::{n:x}", 20), ("2001:db8:1:2{n:02x}::1", 40), ("2001:db8:1:{n:x}00::1", 80)],
)
async def test_networks_of_networks_have_limits_too(db: Settings, prefix: str, accepted: int) -> None:
    """A /56 may request twice as much as a /64, and a /48 four times as much."""
    hosts = [prefix.format(n=number) for number in range(100)]
    waits = [await link_requests.request_link(parse(ALICE), None, None, host) for host in hosts]

    assert waits.count(None) == accepted
    assert await request_links(1, "2001:db8:2::1") == 1


async def test_what_a_small_network_may_not_request_does_not_count_for_the_large_one(db: Settings) -> None:
    assert await request_links(100, "2001:db8:1:2::1") == 20
    assert await request_links(20, "2001:db8:1:3::1") == 20


@pytest.mark.parametrize("host", [None, "", "unix", "203.0.113", "unknown", "_hidden", "x" * 1000])
async def test_requests_from_unknown_networks_count_as_one_network(db: Settings, host: str | None) -> None:
    assert await request_links(10, host) == 10
    assert await request_links(20, "unknown") == 10


async def test_the_zone_of_an_address_makes_no_other_network(db: Settings) -> None:
    assert await request_links(20, "fe80::1%eth0") == 20
    assert await request_links(1, "fe80::1%eth1") == 0


async def test_of_fifty_simultaneous_requests_twenty_are_accepted(db: Settings, clock: Clock) -> None:
    waits = await asyncio.gather(
        *(link_requests.request_link(parse(f"person{n}@example.com"), None, None, HOME) for n in range(50))
    )
    assert sum(wait is None for wait in waits) == await count("outgoing_mails") == 20


async def test_networks_are_stored_as_digests_and_for_a_day(
    at: At, db: Settings, brands: Brands, clock: Clock
) -> None:
    await request_link(at(HOME), ALICE_PHONE)
    rows = await database.fetch("SELECT * FROM network_askings")
    assert len(bytes(rows[0]["digest"])) == 16
    kept = repr([tuple(dict(row).values()) for row in rows])
    assert HOME not in kept
    assert repr(bytes([203, 0, 113, 9])) not in kept
    clock.forward(hours=23, minutes=59)
    await request_link(at("198.51.100.1"), ALICE_PHONE)
    assert await link_requests.delete_expired_counts() == 0
    clock.forward(minutes=1)
    assert await link_requests.delete_expired_counts() == 1
    assert await count("network_askings") == 1


async def test_a_limited_network_can_still_unsubscribe(
    client: httpx.AsyncClient, db: Settings, brands: Brands
) -> None:
    """Only requesting links is limited: links that a person already has opt out (R31)."""
    await contacts.create(email=ALICE)
    await request_links(25)
    links = Links(db)
    before = await dump()
    response = await client.post(links.withdraw(), data={"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert await dump() != before
