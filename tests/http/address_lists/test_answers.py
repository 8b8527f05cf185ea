"""Answers of /eligibility and /links, in every format: those that GraphQL gives to the same addresses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.files import duplex_response
from preference_center.access.tokens import create_token
from preference_center.address_lists.formats import ListFormat, line_reader
from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import archive_type
from preference_center.config.settings import Settings
from preference_center.links.claims import Target
from preference_center.links.maker import link_maker
from preference_center.preferences import eligibility
from preference_center.rules.addresses import parse_email
from preference_center.rules.types import Channel, RecipientKind
from tests.conftest import PUBLIC_URL, Brands, Clock
from tests.http.address_lists.population import EMAILS, NO_ADDRESSES, PHONES, UNKNOWN, populate

TEXT = {"Content-Type": "text/plain"}
CSV = {"Content-Type": "text/csv"}
NDJSON = {"Content-Type": "application/x-ndjson"}
DIGEST = {"subscription_type": "weekly-digest", "channel": "EMAIL"}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def client(db: Settings, brands: Brands) -> AsyncIterator[httpx.AsyncClient]:
    token = await create_token("sender", ["preferences:read", "links:create"])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(db)),
        base_url=PUBLIC_URL,
        headers={"Authorization": f"Bearer {token}"},
    ) as opened:
        yield opened


def objects(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def test_every_decision_is_that_of_the_eligibility_field(  # R21, R36
    client: httpx.AsyncClient, brands: Brands
) -> None:
    await populate(brands)
    await archive_type("letters")
    typed = [*EMAILS, *PHONES, *UNKNOWN, *NO_ADDRESSES]
    body = "".join(json.dumps(text) + "\n" for text in typed)
    seen: set[str | None] = set()
    for key in ("weekly-digest", "offers", "receipts", "letters", "alerts"):
        for channel in Channel:
            about = {"subscription_type": key, "channel": channel.value}
            answered = objects(await client.post("/eligibility", params=about, content=body, headers=NDJSON))
            type_ = (await exact_catalog()).type_by_key(key)
            assert type_
            expected = await eligibility.of_addresses(type_, channel, typed)
            assert [each["line"] for each in answered] == list(range(1, len(typed) + 1))
            assert [each["address"] for each in answered] == typed
            assert [(each["allowed"], each["reason"]) for each in answered] == [
                (each.allowed, each.reason and each.reason.value) for each in expected
            ]
            assert [each["until"] for each in answered] == [
                each.until and each.until.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for each in expected
            ]
            seen |= {each["reason"] for each in answered}
    assert len(seen) == 8, "every reason, and none"


async def test_a_bad_line_has_an_answer_of_its_own_and_ends_nothing(client: httpx.AsyncClient) -> None:
    body = b"\n".join(
        [b"{", b"7", b"", b'{"email": null}', b"\xff", b"x" * 70_000, b'"bob@example.com"', b'"b b"']
    )
    answered = objects(await client.post("/eligibility", params=DIGEST, content=body, headers=NDJSON))

    found = [(each["line"], each["address"], each["reason"], each["error"]) for each in answered]
    assert found == [
        *((line, "", "ADDRESS_UNUSABLE", "INVALID_VALUE") for line in (1, 2, 4, 5, 6)),
        (7, "bob@example.com", "NOT_OPTED_IN", None),
        (8, "b b", "ADDRESS_UNUSABLE", "INVALID_ADDRESS"),
    ]
    assert [each["allowed"] for each in answered] == [False] * 7
    assert answered[4]["message"] == "The line is longer than 65,536 bytes."


@on_sqlite
async def test_csv_has_its_column_found_and_is_answered_in_csv(client: httpx.AsyncClient) -> None:
    body = (
        'Name;E-Mail\r\n"Ż; 1\r\nx";ada@example.com\r\n\r\nB;"=1+1"\r\nC\r\n'
        'D;"bob@example.com\r\nE;"eve@example.com"'
    )
    answer = await client.post("/eligibility", params=DIGEST, content=body.encode(), headers=CSV)

    assert [(row["line"], row["address"], row["allowed"], row["error"]) for row in rows(answer)] == [
        ("2", "ada@example.com", "false", ""),
        ("5", "'=1+1", "false", "INVALID_ADDRESS"),
        ("6", "", "false", "INVALID_ADDRESS"),
        ("7", "", "false", "INVALID_VALUE"),
        ("8", "eve@example.com", "false", ""),
    ]
    headless = await client.post("/eligibility", params=DIGEST, content="a@b.pl,1\nc@d.pl,2", headers=CSV)
    assert [row["address"] for row in rows(headless)] == ["a@b.pl", "c@d.pl"]


@on_sqlite
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("\ufeffzoë@example.com\r\nBob@Example.com\r\n".encode(), "text/plain"),
        ("zoë@example.com\nBob@Example.com".encode("utf-16"), "text/plain; charset=utf-16"),
        ("zoë@example.com\nBob@Example.com".encode("cp1252"), "text/plain; charset=windows-1252"),
        ("zoë@example.com\nBob@Example.com".encode("utf-32"), "text/plain; charset=utf-32"),
        ("zoë@example.com\rBob@Example.com\r".encode(), "text/plain"),
    ],
)
async def test_text_may_have_any_encoding_that_is_named(
    client: httpx.AsyncClient, body: bytes, content_type: str
) -> None:
    headers = {"Content-Type": content_type}
    answered = objects(await client.post("/eligibility", params=DIGEST, content=body, headers=headers))
    assert [each["address"] for each in answered] == ["zoë@example.com", "Bob@Example.com"]
    assert [each["reason"] for each in answered] == ["NOT_OPTED_IN"] * 2


@on_sqlite
@pytest.mark.parametrize(
    ("sent", "accept", "parameter", "kind"),
    [
        (TEXT, "*/*", {}, "application/x-ndjson"),
        (NDJSON, "*/*", {}, "application/x-ndjson"),
        (CSV, "*/*", {}, "text/csv"),
        (CSV, "application/x-ndjson", {}, "application/x-ndjson"),
        (TEXT, "text/csv", {}, "text/csv"),
        (TEXT, "text/csv", {"format": "ndjson"}, "application/x-ndjson"),
    ],
)
async def test_the_answer_is_in_the_format_asked_for_or_in_that_of_the_list(
    client: httpx.AsyncClient, sent: dict[str, str], accept: str, parameter: dict[str, str], kind: str
) -> None:
    headers = {**sent, "Accept": accept}
    answer = await client.post("/links", params={**DIGEST, **parameter}, content=b"", headers=headers)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("line,address,manage_url,") if kind == "text/csv" else answer.text == ""


@on_sqlite
@pytest.mark.parametrize(
    ("path", "params", "headers", "status", "code", "field"),
    [
        ("/eligibility", {"channel": "EMAIL"}, TEXT, 400, "INVALID_VALUE", "subscription_type"),
        ("/eligibility", {"subscription_type": "offers"}, TEXT, 400, "INVALID_VALUE", "channel"),
        ("/eligibility", {**DIGEST, "subscription_type": "x"}, TEXT, 400, "NOT_FOUND", "subscription_type"),
        ("/eligibility", {**DIGEST, "channel": "CALL"}, TEXT, 400, "INVALID_VALUE", "channel"),
        ("/eligibility", {**DIGEST, "campaign": "x"}, TEXT, 400, "INVALID_VALUE", "campaign"),
        ("/eligibility", DIGEST, {"Content-Type": "application/json"}, 415, "UNSUPPORTED_MEDIA_TYPE", None),
        ("/eligibility", DIGEST, {**TEXT, "Accept": "image/png"}, 406, "NOT_ACCEPTABLE", None),
        ("/links", {}, TEXT, 400, "INVALID_VALUE", "subscription_type"),
        ("/links", {**DIGEST, "business_unit": "bazaar"}, TEXT, 400, "INVALID_VALUE", "business_unit"),
        ("/links", {**DIGEST, "campaign": "é" * 33}, TEXT, 400, "INVALID_VALUE", "campaign"),
        (
            "/links",
            {"subscription_type": "offers", "channel": "SMS"},
            TEXT,
            400,
            "CHANNEL_NOT_OFFERED",
            "channel",
        ),
    ],
)
async def test_a_wrong_request_is_refused_before_its_body_is_read(
    client: httpx.AsyncClient,
    path: str,
    params: dict[str, str],
    headers: dict[str, str],
    status: int,
    code: str,
    field: str | None,
) -> None:
    answer = await client.post(path, params=params, content=b"bob@example.com\n", headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, field)


async def test_links_are_those_that_open_the_pages_of_each_recipient(  # R31, R32
    client: httpx.AsyncClient, db: Settings, clock: Clock
) -> None:
    about = {"subscription_type": "weekly-digest", "campaign": "2026-11"}
    body = b"Bob@example.com\nnobody\nann@example.com\n"
    given = rows(await client.post("/links", params={**about, "format": "csv"}, content=body, headers=TEXT))
    assert objects(await client.post("/links", params=about, content=body, headers=TEXT)) == [
        {name: (int(text) if name == "line" else text or None) for name, text in row.items()} for row in given
    ]

    maker = link_maker(db)
    for row, text in ((given[0], "bob@example.com"), (given[2], "ann@example.com")):
        fingerprint = maker.fingerprint(parse_email(text))
        manage, unsubscribe, of_all = (
            row[name].rpartition("/") for name in ("manage_url", "unsubscribe_url", "unsubscribe_all_url")
        )
        assert (manage[0], unsubscribe[0]) == (f"{PUBLIC_URL}/p", f"{PUBLIC_URL}/u")
        assert maker.read_manage(manage[2], clock()).fingerprint == fingerprint
        withdrawal = maker.read_withdraw(unsubscribe[2])
        assert (withdrawal.fingerprint, withdrawal.target) == (fingerprint, Target.TYPE)
        assert (maker.read_withdraw(of_all[2]).target, withdrawal.campaign) == (Target.UNIT, "2026-11")
        assert row["list_unsubscribe"] == f"<{row['unsubscribe_url']}>"
        assert row["list_unsubscribe_post"] == "List-Unsubscribe=One-Click"
    assert (given[1]["error"], given[1]["manage_url"]) == ("INVALID_ADDRESS", "")


@on_sqlite
async def test_a_compressed_list_is_refused(client: httpx.AsyncClient) -> None:
    headers = {**TEXT, "Content-Encoding": "gzip"}
    refused = await client.post("/eligibility", params=DIGEST, content=b"\x1f\x8b\n", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 70_000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_alike_wherever_a_list_is_cut(end: str, size: int) -> None:
    lines = ["email", "a@example.com", "", "x" * 70_000, "b@example.com", '"c\nd"', "e@example.com"]
    data, reader = end.join(lines).encode(), line_reader(ListFormat.CSV, RecipientKind.EMAIL)
    parts = [reader.feed(data[start : start + size]) for start in range(0, len(data), size)]
    found: list[tuple[int, str]] = []
    for part in [*parts, reader.close()]:
        found += zip(part.numbers, part.texts, strict=True)
    assert found == [(2, "a@example.com"), (4, ""), (5, "b@example.com"), (6, "c\nd"), (8, "e@example.com")]


@on_sqlite
async def test_too_many_lists_at_once_are_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplex_response, "MAX_CONCURRENT", 0)
    busy = await client.post("/eligibility", params=DIGEST, content=b"", headers=TEXT)
    assert (busy.status_code, busy.json()["code"], busy.headers["retry-after"]) == (503, "BUSY", "10")
