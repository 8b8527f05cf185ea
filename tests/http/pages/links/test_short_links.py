"""Short links: a code stands for a signed link, under its rules; nobody guesses or reads it (R31, R33)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from api import pages
from api.http import guesses
from api.http.guesses import MAX_NETWORKS, MAX_WRONG, WrongGuesses
from api.pages.short_link import wrong_guesses
from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import update_type
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.erasure.erase import erase_recipient
from preference_center.links import short_links
from preference_center.links.kinds import TokenKind
from preference_center.links.short_links import ALPHABET, CODE, shorten
from preference_center.recipients.recipients import revoke_links
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE_PHONE, PUBLIC_URL, TEAM, Brands, Clock, by_team, update_preferences
from tests.http.records import changes, dump
from tests.http.visit import Links, open_page, press

SMS = Channel.SMS
UNKNOWN = "/s/BCDFGHJKLMNP"
KINDS = {
    TokenKind.MANAGE: lambda links: links.manage(ALICE_PHONE),
    TokenKind.WITHDRAW: lambda links: links.withdraw(ALICE_PHONE, SMS),
    TokenKind.CONFIRM: lambda links: links.confirm(ALICE_PHONE, "weekly-digest", SMS),
    TokenKind.ERASURE: lambda links: links.erasure(ALICE_PHONE),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
async def pending(brands: Brands, alice_phone: int, clock: Clock) -> AsyncIterator[None]:
    """Alice's phone number has a pending opt-in to the digest by SMS; no network has guessed yet."""
    await update_type("weekly-digest", double_opt_in=True)
    digest = (await exact_catalog()).type_by_key("weekly-digest")
    assert digest
    await update_preferences(alice_phone, [(digest, SMS, PreferenceStatus.OPTED_IN)], by_team())
    wrong_guesses.clear()
    yield
    wrong_guesses.clear()


async def short(links: Links, kind: TokenKind) -> tuple[str, str]:
    """The paths of a long link and of a short one that stands for it."""
    long = KINDS[kind](links)
    return long, "/s/" + await shorten(kind, long.rpartition("/")[2])


@every_kind
async def test_r33_a_short_link_shows_the_page_of_its_link_and_changes_nothing(
    client: httpx.AsyncClient, links: Links, kind: TokenKind
) -> None:
    long, code = await short(links, kind)
    assert CODE.fullmatch(code.removeprefix("/s/"))
    before = await dump()
    shown, meant = await open_page(client, code), await open_page(client, long)
    assert (shown.response.status_code, shown.headings) == (200, meant.headings)
    assert shown.buttons == meant.buttons
    for method in ("HEAD", "OPTIONS"):
        assert (await client.request(method, code)).status_code in (200, 204)
    assert shown.response.headers["referrer-policy"] == "no-referrer"
    assert shown.response.headers["cache-control"] == "no-store"
    assert await dump() == before


async def test_the_buttons_of_a_short_link_do_what_those_of_its_link_do(
    client: httpx.AsyncClient, links: Links
) -> None:
    _, confirm = await short(links, TokenKind.CONFIRM)
    page = await open_page(client, confirm)
    await press(client, confirm, page, page.buttons[0])
    _, withdraw = await short(links, TokenKind.WITHDRAW)
    answer = await client.post(withdraw, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert [(after, origin) for _, _, after, origin in await changes()] == [
        ("OPTED_IN", "CONFIRMATION"),
        ("OPTED_OUT", "ONE_CLICK"),
    ]


@pytest.mark.parametrize("ended", ["expired", "revoked", "erased"])
async def test_r31_a_short_link_ends_with_its_link_and_says_the_same(
    client: httpx.AsyncClient, links: Links, alice_phone: int, clock: Clock, ended: str
) -> None:
    long, code = await short(links, TokenKind.MANAGE)
    clock.forward(days=181 if ended == "expired" else 1)
    if ended == "revoked":
        await revoke_links(alice_phone)
    if ended == "erased":
        await erase_recipient(alice_phone, TEAM)
    shown, meant = await open_page(client, code), await open_page(client, long)
    assert (shown.response.status_code, shown.text) == (410, meant.text)
    clock.forward(days=366 + 181)
    assert await short_links.delete_old() == 1
    assert (await open_page(client, code)).response.status_code == 404


@every_kind
async def test_r31_removing_the_key_of_a_link_ends_its_codes(
    client: httpx.AsyncClient, db: Settings, links: Links, kind: TokenKind
) -> None:
    name = {TokenKind.MANAGE: "manage_keys", TokenKind.WITHDRAW: "withdraw_keys"}.get(kind, "secret_keys")
    _, code = await short(links, kind)
    rotated = replace(db, **{name: (b"n" * 40, *getattr(db, name))})
    settings.use(rotated)
    assert (await open_page(client, code)).response.status_code == 200
    settings.use(replace(db, **{name: (b"n" * 40,)}))
    assert (await open_page(client, code)).response.status_code == 404


@every_kind
async def test_r31_the_database_has_nothing_that_opens_a_link(links: Links, kind: TokenKind) -> None:
    long, code = await short(links, kind)
    [row] = await database.fetch("SELECT * FROM short_links")
    kept = repr(
        [bytes(value) if isinstance(value, memoryview) else value for value in tuple(dict(row).values())]
    )
    assert code.removeprefix("/s/") not in kept
    assert long.rpartition(".")[2] not in kept
    assert await short_links.find(row["digest"][:12]) is None


async def test_an_unknown_code_gets_the_page_of_a_link_with_a_wrong_signature(
    client: httpx.AsyncClient, links: Links
) -> None:
    wrong = await open_page(client, links.manage(ALICE_PHONE)[:-1] + "A")
    for path in (
        UNKNOWN,
        "/s/",
        "/s",
        "/s/x",
        UNKNOWN + "Q",
        UNKNOWN + "/more",
        links.manage().replace("/p/", "/s/"),
    ):
        page = await open_page(client, path)
        assert (page.response.status_code, page.text) == (404, wrong.text), path


async def test_signs_around_a_code_are_cut_off(client: httpx.AsyncClient, links: Links) -> None:
    _, code = await short(links, TokenKind.MANAGE)
    for damaged in (
        "{}.",
        "{})",
        "{}%20",
        "{}%E2%80%8B",
        "{}&gt;",
        "{}/",
        "/s/%3C" + code[3:],
        "/s/" + code[3:9] + "%0A" + code[9:],
    ):
        assert (await open_page(client, damaged.format(code))).response.status_code == 200, damaged


def test_a_code_has_twelve_characters_that_nobody_mixes_up() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 49
    assert not set(ALPHABET) & set("01OoIlAaEeUu")
    assert 49**12 > 2**67


Reader = Callable[[str], httpx.AsyncClient]


@pytest.fixture
async def at(db: Settings) -> AsyncIterator[Reader]:
    """A client at an address."""
    opened: list[httpx.AsyncClient] = []

    def make(host: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(Starlette(routes=pages.routes), client=(host, 1))
        opened.append(httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL))
        return opened[-1]

    yield make
    for each in opened:
        await each.aclose()


async def test_a_network_that_guesses_gets_no_answer_for_ten_minutes(
    at: Reader, links: Links, clock: Clock
) -> None:
    guesser, other = at("203.0.113.9"), at("203.0.113.10")
    _, code = await short(links, TokenKind.MANAGE)
    before = await dump()
    assert (await guesser.get(code)).status_code == 200
    for _ in range(MAX_WRONG):
        assert (await guesser.get(UNKNOWN)).status_code == 404
    for path in (code, UNKNOWN):
        refused = await guesser.get(path)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "600")
        assert "reply STOP" in refused.text
    assert (await guesser.post(code, data={"do": "save"})).status_code == 429
    assert (await other.get(code)).status_code == 200
    assert (await guesser.get(links.withdraw(ALICE_PHONE, SMS))).status_code == 200  # long links work
    assert await dump() == before  # a guess writes nothing
    clock.forward(minutes=10)
    assert (await guesser.get(code)).status_code == 200


def test_the_memory_of_guesses_is_limited(clock: Clock) -> None:
    counted = WrongGuesses()
    for number in range(MAX_NETWORKS + 500):
        counted.count(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(counted) == MAX_NETWORKS
    assert guesses.MAX_WRONG == 60
