"""A unit's logo: a file that browsers cache, and in which no script runs."""

from __future__ import annotations

from base64 import b64decode, b64encode

import httpx
import pytest

from preference_center.catalog import catalog as catalog_cache
from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import update_unit
from tests.conftest import Brands
from tests.http.visit import Links, open_page

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def logo_of(client: httpx.AsyncClient, page: str) -> httpx.Response:
    """Fetch the picture in a page's head as a browser does."""
    picture = (await open_page(client, page)).one("//img[@alt='Acme']")
    return await client.get(picture.get("src"))


async def test_a_logo_replaces_the_units_name_and_is_cached_across_pages(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_unit("acme", logo=f"data:image/png;base64,{PIXEL}")
    logo = await logo_of(client, links.manage())
    assert logo.content == b64decode(PIXEL)
    assert logo.headers["content-type"] == "image/png"
    assert logo.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await logo_of(client, links.withdraw())).url == logo.url
    assert links.manage().rpartition("/")[2] not in str(logo.url)


async def test_another_logo_has_another_url(client: httpx.AsyncClient, brands: Brands, links: Links) -> None:
    await update_unit("acme", logo=f"data:image/png;base64,{PIXEL}")
    before = (await logo_of(client, links.preview())).url
    await update_unit("acme", logo=f"data:image/svg+xml;base64,{b64encode(SVG).decode()}")
    assert (await logo_of(client, links.preview())).url != before
    assert (await client.get(before)).status_code == 404


async def test_an_svg_logo_runs_no_script(client: httpx.AsyncClient, brands: Brands, links: Links) -> None:
    await update_unit("acme", logo=f"data:image/svg+xml;base64,{b64encode(SVG).decode()}")
    logo = await logo_of(client, links.preview())
    assert logo.headers["content-type"] == "image/svg+xml"
    policy = logo.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "sandbox"} <= set(policy)
    assert logo.headers["x-content-type-options"] == "nosniff"
    page = await client.get(links.preview())
    assert "img-src 'self' data:;" in page.headers["content-security-policy"]
    assert "<svg xmlns" not in page.text


async def test_a_process_with_a_stale_catalog_finds_a_new_logo(
    client: httpx.AsyncClient, brands: Brands, links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    await exact_catalog()
    stale = catalog_cache._cached
    await update_unit("acme", logo=f"data:image/png;base64,{PIXEL}")
    address = (await logo_of(client, links.preview())).url
    monkeypatch.setattr(catalog_cache, "_cached", stale)  # as in another process, for a second
    assert (await client.get(address)).status_code == 200
