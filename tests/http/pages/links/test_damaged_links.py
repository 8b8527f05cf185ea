"""Signs that programs and people pick up with a link are cut off, whatever kind of link it is (R34)."""

from __future__ import annotations

import httpx
import pytest

from api.pages.frame.damaged_links import find_token
from tests.conftest import Brands
from tests.http.records import changes, count, dump
from tests.http.visit import Links, open_page

TAILS = [
    *(">", ".", ",", ";", ":", "!", ")", "]", "}", '"', "'", "*", "_", "`", "|", "\\", "”", "’", "»", "…"),
    *("。", "，", "）", ").", ">.", "[1]", "&gt;", "&quot;", "&amp;utm_source=news", "&utm_source=news"),
    *("?utm_source=news&utm_medium=email", "%3Futm_source=x", ";jsessionid=1", "%3E", "%3e", "%20", "%22"),
    *("%253E", "%2520", "%", "%2", "%0D%0A", "=", "%3D", "=3D", "=20", "=%0D%0A", "%3D%0D%0A", "=0D=0A"),
    *("%E2%80%8B", "%EF%BB%BF", "%C2%A0", "%C2%AD", "/", "//", "/>", "/.", "/)", "%3C/a%3E", "<br />"),
]
HEADS = ["%3C", "%20", "%E2%80%8B", "(", "[", "%22", "/"]


@pytest.mark.parametrize("kind", ["manage", "withdraw", "confirm", "erasure", "preview"])
async def test_signs_behind_a_link_are_cut_off(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, kind: str
) -> None:
    path = getattr(links, kind)()
    right = await open_page(client, path)
    before = await dump()
    for tail in TAILS:
        page = await open_page(client, path + tail)
        assert page.response.status_code == right.response.status_code, tail
        assert page.title == right.title, tail
    assert await dump() == before  # R33


async def test_signs_before_a_link_and_breaks_within_it_are_cut_out(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.withdraw()
    token = path.removeprefix("/u/")
    head, tail = token[:20], token[20:]
    broken = [f"/u/{sign}{token}" for sign in HEADS]
    breaks = ("%0D%0A", "=%0D%0A", "=0D=0A", "%20", "%0A%20", "=", "%E2%80%8B")
    broken += [f"/u/{head}{sign}{tail}" for sign in breaks]
    broken += [path.replace(".", sign) for sign in ("%2E", "%2e", "%252E", "=2E", "%26%2346%3B")]
    broken += ["/u/" + "".join(f"%{ord(sign):02{case}}" for sign in token) for case in "xX"]
    for damaged in broken:
        page = await open_page(client, damaged)
        assert page.response.status_code == 200, damaged
        assert "Unsubscribe from Weekly digest" in page.text


@pytest.mark.parametrize("tail", TAILS)
async def test_one_click_counts_through_a_link_with_signs_behind_it(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, tail: str
) -> None:
    response = await client.post(links.withdraw() + tail, data={"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert await changes() == [("weekly-digest", "NOT_OPTED", "OPTED_OUT", "ONE_CLICK")]


async def test_the_request_of_an_erasure_is_found_behind_a_damaged_link(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    for path in (links.manage() + "/forget", links.manage() + "/forget)", links.manage() + ">/forget"):
        assert "Delete my data" in (await open_page(client, path)).headings, path


async def test_another_token_or_path_is_no_link(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path, before = links.withdraw(), await dump()
    for damaged in (
        path + "/more",
        path[:-1] + ">",
        path[:-1] + "=",
        path[:9] + ">" + path[9:],
        "/u/>",
        "/u/%3E",
    ):
        assert (await client.post(damaged)).status_code == 404, damaged
    assert await dump() == before
    assert await count("consent_events") == 0


def test_a_whole_token_is_left_as_it_is() -> None:
    token = "A" * 30 + "." + "b" * 43
    assert find_token(token) == (token, "")
    assert find_token(token + ">") == (token, ">")
    assert find_token("nonsense>") == ("nonsense>", "")
    assert find_token("%" * 40_000) == ("%" * 40_000, "")
