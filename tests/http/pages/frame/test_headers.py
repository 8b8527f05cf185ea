"""A page's URL is a capability: strict headers, and GET, HEAD and scanners change nothing (R33)."""

from __future__ import annotations

import asyncio
import base64
import hashlib

import httpx
import pytest

from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import Brands, by_recipient, by_team, update_preferences
from tests.http.records import dump
from tests.http.visit import Links, Visit, open_page, post_form

EMAIL = Channel.EMAIL
IN = PreferenceStatus.OPTED_IN


@pytest.fixture
async def paths(brands: Brands, alice: int, links: Links) -> list[str]:
    """Every page, for a recipient who has opted in and has a pending opt-in."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    everything = links.withdraw(type_key=None)
    forget = [links.manage() + "/forget", links.erasure(), "/f/damaged"]
    known = [links.manage(), links.withdraw(), everything, links.confirm(), links.preview(), "/p"]
    return [*known, "/p/damaged", "/u/damaged", *forget]


async def test_every_page_has_headers_that_keep_its_url_private(
    client: httpx.AsyncClient, paths: list[str]
) -> None:
    for path in paths:
        for response in (await client.get(path), await post_form(client, path, [("do", "?")])):
            headers = response.headers
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert "noindex" in headers["x-robots-tag"]
            assert headers["x-content-type-options"] == "nosniff"
            policy = headers["content-security-policy"].split("; ")
            assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy)
            assert "unsafe" not in headers["content-security-policy"]
            assert "set-cookie" not in headers


async def test_nothing_is_loaded_and_no_script_runs(client: httpx.AsyncClient, paths: list[str]) -> None:
    for path in paths:
        page = await open_page(client, path)
        assert page.find("//script | //@style") == []
        attributes = [(name, value) for element in page.find("//*") for name, value in element.items()]
        assert not [name for name, _ in attributes if name.startswith("on")]
        loaded = [value for name, value in attributes if name in ("src", "href")]
        assert loaded
        assert not [address for address in loaded if address.startswith(("http:", "https:", "//"))]


async def test_the_policy_names_the_pages_own_style_sheets(
    client: httpx.AsyncClient, paths: list[str]
) -> None:
    page = await open_page(client, paths[0])
    sheets = [sheet.text for sheet in page.find("//style")]
    assert sheets
    for sheet in sheets:
        digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.response.headers["content-security-policy"]


async def test_the_token_is_in_no_title_and_nowhere_else_on_the_page(
    client: httpx.AsyncClient, paths: list[str]
) -> None:
    for path in paths:
        token = path.rpartition("/")[2]
        if len(token) > 20:
            page = await open_page(client, path)
            assert token not in page.response.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, paths: list[str], method: str) -> None:
    before = await dump()
    for path in paths:
        response = await client.request(method, path + "?lang=fr")
        assert response.status_code == 405
        assert "Rien n’a été modifié." in response.text
        assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert await dump() == before


async def test_a_mail_scanner_leaves_the_database_byte_for_byte(
    client: httpx.AsyncClient, paths: list[str]
) -> None:
    # Hundreds of simultaneous requests to every link, with every method but POST.
    before = await dump()
    visits = [
        client.request(method, path, follow_redirects=True)
        for _ in range(10)
        for method in ("GET", "HEAD", "OPTIONS")
        for path in [*paths, *(f"{path}?lang=pl&chosen=1&do=unsubscribe" for path in paths)]
    ]
    responses = await asyncio.gather(*visits)
    assert all(response.status_code < 500 for response in responses)
    assert await dump() == before
    for response in responses:
        assert "set-cookie" not in response.headers


async def test_links_still_work_after_a_scanner_opened_them(
    client: httpx.AsyncClient, paths: list[str]
) -> None:
    await asyncio.gather(*(client.get(paths[3]) for _ in range(20)))
    page = await open_page(client, paths[3])
    done = Visit(await post_form(client, paths[3], page.form.fields("Yes, subscribe me")))
    assert "You’re subscribed to Offers." in done.text


async def test_a_trailing_slash_opens_the_page_without_a_redirect(
    client: httpx.AsyncClient, paths: list[str]
) -> None:
    for path in paths:
        with_slash, without = await client.get(path + "/"), await client.get(path)
        assert with_slash.status_code == without.status_code
        # From a URL with a trailing slash the relative link is one step longer.
        assert with_slash.text.replace('href=".."', 'href="."') == without.text
    response = await client.post(paths[1] + "/", data={"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200


async def test_urls_come_from_the_settings_and_not_from_the_host_header(
    client: httpx.AsyncClient, paths: list[str]
) -> None:
    for path in paths:
        response = await client.get(path, headers={"host": "evil.test", "x-forwarded-host": "evil.test"})
        assert "evil.test" not in response.text
    saved = await client.post(paths[0], data={"do": "save"}, headers={"host": "evil.test"})
    assert saved.headers["location"].startswith("?")
