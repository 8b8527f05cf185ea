"""One-click (RFC 8058): a mail program's POST opts out at once; repeating it changes nothing."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from preference_center.erasure.erase import erase_recipient
from preference_center.rules.types import Channel
from tests.conftest import ALICE_PHONE, TEAM, Brands
from tests.http.records import changes, count, dump, events
from tests.http.visit import Links

BODY = {"List-Unsubscribe": "One-Click"}
Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def post(client: httpx.AsyncClient) -> Post:
    """Post as a mail provider does, in either encoding that RFC 8058 allows."""

    async def _post(path: str, encoding: str = "urlencoded") -> httpx.Response:
        if encoding == "multipart":
            return await client.post(path, files={"List-Unsubscribe": (None, "One-Click")})
        return await client.post(path, data=BODY)

    return _post


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
async def test_one_click_opts_out_without_redirect_or_cookie(
    brands: Brands,
    alice: int,
    links: Links,
    post: Post,
    encoding: str,
) -> None:
    response = await post(links.withdraw(campaign="w18"), encoding)
    assert response.status_code == 200
    assert "set-cookie" not in response.headers
    assert await changes() == [("weekly-digest", "NOT_OPTED", "OPTED_OUT", "ONE_CLICK")]
    proof = (await events())[0]
    assert proof["wording"] == "List-Unsubscribe=One-Click"
    assert proof["url"] == "http://sayso.test/u?campaign=w18"


async def test_one_click_works_without_a_content_type(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    response = await client.post(links.withdraw(), content=b"List-Unsubscribe=One-Click")
    assert response.status_code == 200
    assert await changes() == [("weekly-digest", "NOT_OPTED", "OPTED_OUT", "ONE_CLICK")]


async def test_a_repeated_one_click_changes_nothing(
    brands: Brands, alice: int, links: Links, post: Post
) -> None:
    path = links.withdraw()
    await post(path)
    before = await dump()
    for _ in range(3):
        assert (await post(path)).status_code == 200
    assert await dump() == before  # R16


async def test_fifty_at_once_make_one_event(brands: Brands, links: Links, post: Post) -> None:
    path = links.withdraw("new@example.com")
    responses = await asyncio.gather(*(post(path) for _ in range(50)))
    assert {response.status_code for response in responses} == {200}
    assert await count("consent_events") == 1
    assert await count("recipients") == 1


async def test_one_click_needs_no_referrer_cookie_or_user_agent(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    del client.headers["user-agent"]
    response = await client.post(links.withdraw(), data=BODY)
    assert response.status_code == 200
    assert (await events())[0]["after"] == "OPTED_OUT"


async def test_other_fields_and_another_case_are_accepted(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    response = await client.post(links.withdraw(), data={"list-unsubscribe": "one-click", "x": "y"})
    assert response.status_code == 200
    assert await count("consent_events") == 1


async def test_one_click_works_on_sms_and_for_erased_recipients(
    brands: Brands,
    alice: int,
    alice_phone: int,
    links: Links,
    post: Post,
) -> None:
    assert (await post(links.withdraw(ALICE_PHONE, Channel.SMS))).status_code == 200
    await erase_recipient(alice, TEAM)
    assert (await post(links.withdraw(type_key=None, unit="acme"))).status_code == 200  # R34
    assert [(e["channel"], e["origin"]) for e in await events()] == [
        ("SMS", "ONE_CLICK"),
        ("EMAIL", "ONE_CLICK"),
    ]


def multipart(body: bytes, parameters: str = "; boundary=x") -> tuple[bytes, str]:
    """A multipart body with its content type."""
    return body, "multipart/form-data" + parameters


URLENCODED, LINE = "application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"
BODIES: dict[str, tuple[bytes, str | None]] = {
    "text": (LINE, "text/plain;charset=UTF-8"),
    "a line end": (LINE + b"\r\n", URLENCODED),
    "a line end before it": (b"\n" + LINE, URLENCODED),
    "blanks around the sign": (b"List-Unsubscribe = One-Click", URLENCODED),
    "capitals": (b"LIST-UNSUBSCRIBE=ONE-CLICK", URLENCODED),
    "a value that is none": (b"List-Unsubscribe=Maybe", URLENCODED),
    "another name": (b"Unsubscribe=One-Click", URLENCODED),
    "octets": (LINE, "application/octet-stream"),
    "no type": (LINE, None),
    "nothing": (b"", None),
    "nothing, as a form": (b"", URLENCODED),
    "nothing, as text": (b"", "text/plain"),
    "nothing, as parts": (b"", "multipart/form-data"),
    "no such type": (LINE, "?;;charset"),
    "an empty type": (LINE, ""),
    "JSON": (b'{"List-Unsubscribe": "One-Click"}', "application/json"),
    "an empty object": (b"{}", "application/json"),
    "parts without a boundary": multipart(b"--x\r\n", ""),
    "parts that break off": multipart(b'--x\r\nContent-Disposition: form-data; name="Lis'),
    "parts of another boundary": multipart(b"--y\r\n\r\n"),
    "parts without names": multipart(b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n"),
    "an unknown charset": multipart(b"--x--\r\n", "; boundary=x; charset=klingon"),
    "UTF-16": (LINE.decode().encode("utf-16"), URLENCODED + "; charset=utf-16"),
    "bytes that are no text": (b"\xff\xfe\x00=%ff", URLENCODED),
    "NUL": (b"do=save%00", URLENCODED),
    "compressed": (gzip.compress(LINE), URLENCODED),
    "a field that no page has": (b"admin=1", URLENCODED),
    "a button that no page has": (b"do=explode", URLENCODED),
    "a button of another page": (b"do=save&was=weekly-digest:EMAIL:0", URLENCODED),
    "two buttons": (b"do=unsubscribe&do=unsubscribe", URLENCODED),
    "both": (b"do=undo&undo=x&List-Unsubscribe=One-Click", URLENCODED),
    "far too many fields": (b"a=1&" * 5000, URLENCODED),
    "64 KiB": (b"x" * 65_536, "text/plain"),
}


@pytest.mark.parametrize("name", BODIES)
async def test_r33_any_post_to_a_valid_link_counts_whatever_its_body(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, name: str
) -> None:
    body, content_type = BODIES[name]
    headers = {} if content_type is None else {"content-type": content_type}
    if name == "compressed":
        headers["content-encoding"] = "gzip"
    for _ in range(2):
        response = await client.post(links.withdraw(), content=body, headers=headers)
        assert (response.status_code, response.text) == (200, "You are unsubscribed\n")
        assert response.headers["content-type"].startswith("text/plain")
        assert not {"location", "set-cookie"} & set(response.headers)
    assert await changes() == [("weekly-digest", "NOT_OPTED", "OPTED_OUT", "ONE_CLICK")]


async def test_a_body_in_pieces_counts(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"List-Uns", b"ubscribe=One", b"-Click\r\n"):
            yield piece

    response = await client.post(links.withdraw(), content=pieces())
    assert response.status_code == 200
    assert await count("consent_events") == 1


async def test_a_body_over_the_limit_is_refused(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    before = await dump()
    response = await client.post(links.withdraw(), content=b"x" * 65_537)
    assert response.status_code == 413
    assert "Nothing was changed." in response.text
    assert await dump() == before


async def test_a_damaged_link_is_a_404_and_changes_nothing(
    brands: Brands, alice: int, links: Links, post: Post
) -> None:
    path, before = links.withdraw(), await dump()
    for damaged in (path[:-1], path[:-3] + "AAA", path.replace("/u/A", "/u/B"), "/u/" + "x" * 5000, "/u/%00"):
        assert (await post(damaged)).status_code == 404
    assert await dump() == before
