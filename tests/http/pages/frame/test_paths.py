"""`/` leads to the page that requests a link; unknown paths and methods get a page, programs plain text."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from preference_center.config.settings import Settings
from tests.conftest import PUBLIC_URL, Brands
from tests.http.visit import Links, Visit, open_page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
async def browser(db: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole server that asks for pages, in Polish."""
    transport = httpx.ASGITransport(create_app(db))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as made:
        made.headers.update({"accept": BROWSER, "accept-language": "pl"})
        yield made


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_root_leads_to_the_page_that_requests_a_link(
    browser: httpx.AsyncClient, brands: Brands, method: str
) -> None:
    response = await browser.request(method, "/")
    assert (response.status_code, response.headers["location"]) == (303, "/p")
    asked = await browser.request(method, "/?lang=sv&chosen=1&utm_source=x")
    assert asked.headers["location"] == "/p?lang=sv&chosen=1"
    assert (await browser.get("/", follow_redirects=True)).status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/preferences", "/index.html", "/p2/x", "/logo", "/pp", "/P"])
async def test_an_unknown_path_gets_a_page_in_the_language_of_the_request(
    browser: httpx.AsyncClient, brands: Brands, path: str
) -> None:
    page = await open_page(browser, path)
    assert page.response.status_code == 404
    assert page.lang == "pl"
    assert page.response.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.response.headers["content-security-policy"]
    assert [form.action for form in page.forms] == ["/p"]
    assert page.find("//script") == []
    assert (await browser.head(path)).status_code == 404


async def test_a_wrong_method_gets_a_page(browser: httpx.AsyncClient, brands: Brands, links: Links) -> None:
    wrong = (("PUT", links.manage()), ("DELETE", links.withdraw()), ("POST", "/"), ("PATCH", "/p"))
    for method, path in wrong:
        page = Visit(await browser.request(method, path))
        assert page.response.status_code == 405
        assert page.response.headers["allow"]
        assert "Nic nie zmieniono." in page.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/graphql/", 404),
        ("GET", "/imports/nothing", 404),
        ("GET", "/exports", 404),
        ("GET", "/inbound/sms/nobody", 404),
        ("GET", "/imports/contacts", 405),
        ("POST", "/healthz", 405),
    ],
)
async def test_programs_get_plain_text(
    browser: httpx.AsyncClient, brands: Brands, method: str, path: str, status: int
) -> None:
    for accept in (BROWSER, "*/*", "application/json"):
        response = await browser.request(method, path, headers={"accept": accept})
        assert response.status_code == status
        assert response.headers["content-type"].startswith("text/plain")
    unknown = await browser.get("/nothing", headers={"accept": "application/json"})
    assert (unknown.status_code, unknown.text) == (404, "Not Found")
    anything = Visit(await browser.get("/nothing", headers={"accept": "*/*", "accept-language": "en"}))
    assert "We can’t find that page" in anything.headings
