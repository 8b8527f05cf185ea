"""The signed link to an operation's refusals: a browser opens it without a token, for an hour."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from preference_center.access.tokens import create_token, revoke_token
from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from tests.conftest import ALICE, Clock
from tests.http.log_lines import captured_logs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Authorization": ""}
PROGRAM = {"Accept": "*/*", "Authorization": ""}
FILE = f"email\n{ALICE}\nnobody\n".encode()


async def operation_of(reader: httpx.AsyncClient, *scopes: str) -> dict[str, str]:
    """An import with one refusal, as a token with these scopes sees it."""
    answer = await reader.post(
        "/imports/opt-outs?business_unit=acme&channel=EMAIL&explanation=x",
        content=FILE,
        headers={"Content-Type": "text/csv"},
    )
    while await run_next(HANDLERS):
        pass
    token = await create_token(" ".join(scopes), scopes)
    headers = {"Authorization": f"Bearer {token}"}
    found: dict[str, str] = (await reader.get(answer.headers["location"], headers=headers)).json()
    return found


async def test_a_browser_opens_the_file_without_a_token(reader: httpx.AsyncClient) -> None:
    url = (await operation_of(reader, "contacts:read"))["refusalsUrl"]
    for headers in (PAGE, PROGRAM):
        opened = await reader.get(url, headers=headers)
        assert opened.status_code == 200
        assert opened.headers["content-disposition"].startswith("attachment")
        assert opened.headers["cache-control"] == "no-store"
        assert "INVALID_ADDRESS" in opened.text
    lines = await reader.get(f"{url}&format=ndjson", headers=PROGRAM)
    assert lines.json()["code"] == "INVALID_ADDRESS"
    assert (await reader.get(f"{url}&business_unit=acme", headers=PROGRAM)).status_code == 400


async def test_a_link_ends_after_an_hour_with_a_page_or_json(reader: httpx.AsyncClient, clock: Clock) -> None:
    url = (await operation_of(reader, "contacts:read"))["refusalsUrl"]
    clock.forward(minutes=59, seconds=59)
    assert (await reader.get(url, headers=PAGE)).status_code == 200
    clock.forward(seconds=1)
    page, answer = await reader.get(url, headers=PAGE), await reader.get(url, headers=PROGRAM)
    assert (page.status_code, answer.status_code) == (403, 403)
    assert page.headers["content-type"].startswith("text/html")
    assert "This link has expired" in page.text
    assert answer.json()["code"] == "FORBIDDEN"
    assert "expired" in answer.json()["message"]


async def test_a_changed_link_and_that_of_another_operation_open_nothing(reader: httpx.AsyncClient) -> None:
    first = await operation_of(reader, "contacts:read")
    other = await operation_of(reader, "contacts:read", "preferences:read")
    url, access = first["refusalsUrl"], parse_qs(urlsplit(first["refusalsUrl"]).query)["access"][0]
    body, _, signature = access.partition(".")
    for changed in (
        url.replace(access, f"{body}.{signature[::-1]}"),
        url.replace(access, f"{body[:-4]}AAAA.{signature}"),
        url.replace(access, "x"),
        url.replace(access, ""),
        f"{url}&access={access}",
        url.replace(first["id"], other["id"]),
        url.replace(first["id"], "nonsense"),
    ):
        refused = await reader.get(changed, headers=PROGRAM)
        assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN"), changed
        assert (await reader.get(changed)).status_code == 403, "a token beside it changes nothing"


async def test_a_link_shows_what_the_token_that_asked_for_it_may_read(reader: httpx.AsyncClient) -> None:
    """Addresses need contacts:read: a link that was made without it has none."""
    clerk = await operation_of(reader, "operations:write")
    assert (await reader.get(clerk["refusalsUrl"], headers=PROGRAM)).status_code == 200
    assert (await operation_of(reader, "links:create")).get("refusalsUrl") is None
    both = await operation_of(reader, "contacts:read", "preferences:read")
    await revoke_token("contacts:read preferences:read")
    assert (await reader.get(both["refusalsUrl"], headers=PROGRAM)).status_code == 200


async def test_no_log_line_has_the_link(reader: httpx.AsyncClient) -> None:
    url = (await operation_of(reader, "contacts:read"))["refusalsUrl"]
    signature = url.rpartition(".")[2]
    with captured_logs() as out:
        await reader.get(url, headers=PROGRAM)
        await reader.get(f"{url}x", headers=PROGRAM)
    assert "/operations/{id}/refusals" in out.getvalue()
    assert signature not in out.getvalue()
    assert "access=" not in out.getvalue()
