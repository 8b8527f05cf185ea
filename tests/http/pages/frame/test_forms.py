"""Bad forms get a page with a 4xx status and change nothing."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx
import pytest

from tests.conftest import Brands
from tests.http.records import dump
from tests.http.visit import Links, Visit

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
DIGEST = "weekly-digest:EMAIL"


def form(*fields: tuple[str, str]) -> bytes:
    return urlencode(fields).encode()


def _multipart(value: bytes) -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="do"\r\n\r\n' + value + b"\r\n--x--\r\n"


BAD_FORMS = {
    "nothing": (b"", URLENCODED, 422),
    "no button": (form(("was", f"{DIGEST}:0")), URLENCODED, 422),
    "an unknown button": (form(("do", "explode")), URLENCODED, 422),
    "two buttons": (form(("do", "save"), ("do", "save")), URLENCODED, 422),
    "an unknown field": (form(("do", "save"), ("admin", "1")), URLENCODED, 422),
    "a box that was not shown": (form(("do", "save"), ("on", DIGEST)), URLENCODED, 422),
    "a box twice": (
        form(("do", "save"), ("was", f"{DIGEST}:0"), ("on", DIGEST), ("on", DIGEST)),
        URLENCODED,
        422,
    ),
    "was twice": (form(("do", "save"), ("was", f"{DIGEST}:0"), ("was", f"{DIGEST}:1")), URLENCODED, 422),
    "an unknown type": (form(("do", "save"), ("was", "unknown:EMAIL:0")), URLENCODED, 422),
    "an unknown channel": (form(("do", "save"), ("was", "weekly-digest:FAX:0")), URLENCODED, 422),
    "a channel of another kind": (form(("do", "save"), ("was", "weekly-digest:SMS:0")), URLENCODED, 422),
    "a flag that is none": (form(("do", "save"), ("was", f"{DIGEST}:yes")), URLENCODED, 422),
    "an unknown unit": (form(("do", "out:nobody:EMAIL")), URLENCODED, 422),
    "no unit": (form(("do", "out:")), URLENCODED, 422),
    "fresh where nothing lapsed": (form(("do", "fresh")), URLENCODED, 422),
    "NUL in a value": (b"do=save%00", URLENCODED, 400),
    "NUL in a name": (b"do%00=save", URLENCODED, 400),
    "broken UTF-8": (b"do=%ff%fe", URLENCODED, 400),
    "raw bytes": (b"\xff\xfe\x00", URLENCODED, 400),
    "far too many fields": (b"a=1&" * 5000, URLENCODED, 400),
    "multipart without boundary": (b"--x\r\n", "multipart/form-data", 400),
    "multipart that breaks off": (b"--x\r\nContent-Disposition: form-data", MULTIPART, 422),
    "multipart of another boundary": (b"--y\r\n\r\n", MULTIPART, 400),
    "multipart without names": (
        b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n",
        MULTIPART,
        400,
    ),
    "a file": (
        b'--x\r\nContent-Disposition: form-data; name="do"; filename="f"\r\n\r\nsave\r\n--x--\r\n',
        MULTIPART,
        400,
    ),
    "an odd charset": (b"--x--\r\n", MULTIPART + "; charset=a\x7fb", 422),
    "a charset that reads nothing": (_multipart(b"save"), MULTIPART + "; charset=undefined", 400),
    "half a surrogate pair": (_multipart(b"+2AA-"), MULTIPART + "; charset=utf-7", 400),
    "JSON": (b'{"do": "save"}', "application/json", 415),
    "text": (b"do=save", "text/plain", 415),
    "no content type": (b"do=save", "", 415),
    "65 KB": (b"do=" + b"x" * 65_537, URLENCODED, 413),
    "10 MB": (b"x" * 10_000_000, URLENCODED, 413),
}  # fmt: skip


@pytest.mark.parametrize("page", ["manage", "confirm", "ask"])
async def test_each_bad_form_gets_a_page_and_changes_nothing(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, page: str
) -> None:
    path = "/p" if page == "ask" else getattr(links, page)()
    before = await dump()
    for name, (body, content_type, status) in BAD_FORMS.items():
        headers = {"content-type": content_type} if content_type else {}
        response = await client.post(path, content=body, headers=headers)
        assert 400 <= response.status_code < 500, name
        if page == "manage":
            assert response.status_code == status, name
        shown = Visit(response)
        assert "Nothing was changed." in shown.text, name
        assert "Reload the page" in shown.text, name
    assert await dump() == before


async def test_a_chunked_body_over_the_limit_is_refused(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    async def endless():  # type: ignore[no-untyped-def]
        for _ in range(1000):
            yield b"x" * 10_000

    response = await client.post(links.manage(), content=endless(), headers={"content-type": URLENCODED})
    assert response.status_code == 413


async def test_a_field_is_named_and_cannot_carry_markup(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    response = await client.post(links.manage(), data={"<script>alert(1)</script>": "1"})
    assert "&lt;script&gt;" in response.text
    assert "<script" not in response.text
