"""Every column of imported files with extremes in its cells: refused with a reason, or read everywhere."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from tests.extremes.client import Client
from tests.extremes.test_every_argument import TEXTS
from tests.extremes.test_instants import NO_INSTANT, OUT_OF_RANGE

CELLS = [
    *TEXTS,
    *OUT_OF_RANGE,
    *NO_INSTANT,
    "yes",
    "unsubscribed",
    "bounced",
    "1e308",
    "9" * 19,
    "1" * 4_400,
    "31.12.0001",
    "31/12/9999 23:59:59 -14:00",
    "2022-12-31 10:05 Europe/../../etc/passwd",
    "2022-12-31 10:05 +99:99",
    "a@b.example;" * 1_100,
    "+48601000001;" * 1_100,
    '="0102"',
]
COLUMNS = [
    "email",
    "phone",
    "first_name",
    "last_name",
    "locale",
    "processing_basis",
    "property:note",
    "city",
    "opt_in:weekly-digest",
    "opt_in:alerts:SMS",
    "opt_out:all",
    "opt_out:weekly-digest:EMAIL",
    "unsubscribed",
    "UNSUB_TIME",
    "Status",
    "Do not call",
    "Accepts email marketing",
    "Bounced at",
    "Tags",
    "id",
]
CONTACTS = {
    "business_unit": "acme",
    "explanation": "The fair.",
    "legal_basis": "CONSENT_WITH_NOTICE",
    "processing_basis": "PROCESS_AND_STORE",
}
OPT_OUTS = {"business_unit": "acme", "explanation": "From the old system."}


def file_of(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


async def sent(client: Client, path: str, parameters: dict[str, str], content: bytes) -> httpx.Response:
    headers = {"Content-Type": "text/csv"}
    answer = await client.http.post(f"/imports/{path}", params=parameters, content=content, headers=headers)
    assert answer.status_code in (202, 422), answer.text
    assert answer.status_code == 202 or (answer.json()["message"] and answer.json()["field"])
    return answer


async def test_whatever_a_contact_file_has_in_its_cells_can_be_read_everywhere(client: Client) -> None:
    rows = [
        [f"p{number}x{position}@example.com", *(cell if n == position else "" for n in range(len(COLUMNS)))]
        for position in range(len(COLUMNS))
        for number, cell in enumerate(CELLS)
    ]
    answer = await sent(client, "contacts", CONTACTS, file_of([["e-mail", *COLUMNS[1:], "email 2"], *rows]))
    assert answer.status_code == 202
    await client.read_everything()
    assert len(await client.export("/exports/contacts")) > len(rows) / 2


@pytest.mark.parametrize("channel", ["EMAIL", "SMS"])
async def test_whatever_an_opt_out_list_has_in_its_cells_can_be_read_everywhere(
    client: Client, channel: str
) -> None:
    addresses = [f"p{n}@example.com" if channel == "EMAIL" else f"+4860100{n:04}" for n in range(len(CELLS))]
    rows = [[address, cell] for address, cell in zip(addresses, CELLS, strict=True)]
    rows += [[cell, ""] for cell in CELLS]
    parameters = {**OPT_OUTS, "channel": channel}
    answer = await sent(client, "opt-outs", parameters, file_of([["address", "occurred_at"], *rows]))
    assert answer.status_code == 202
    await client.read_everything()
    suppressed = {row["address"] for row in await client.export("/exports/suppressions")}
    assert suppressed >= set(addresses), "an opt-out is lost for no time (R17)"


async def test_whatever_a_header_or_a_parameter_has_is_refused_or_can_be_read(client: Client) -> None:
    taken = 0
    for text in CELLS:
        content = file_of([["email", text, f"property:{text}"], ["p@example.com", "1", "2"]])
        taken += (await sent(client, "contacts", CONTACTS, content)).status_code == 202
        await sent(client, "opt-outs", {**OPT_OUTS, "channel": "EMAIL"}, content)
    for name in (*CONTACTS, "encoding", "country", "expect", "dry_run"):
        for text in (text for text in CELLS if text.isprintable() and len(text) < 10_000):
            parameters = {**CONTACTS, name: text}
            answer = await client.http.post(
                "/imports/contacts",
                params=parameters,
                content=b"email\n",
                headers={"Content-Type": "text/csv"},
            )
            assert answer.status_code in (202, 422), (name, text, answer.text)
    assert taken > 5
    await client.read_everything()


@pytest.mark.parametrize("encoding", ["utf-16", "UTF_32", "utf-16le", "idna", "base64", "rot13", "utf-7"])
async def test_no_encoding_of_a_file_without_a_mark_is_a_fault(client: Client, encoding: str) -> None:
    """The content may be anything."""
    parameters: dict[str, Any] = {**OPT_OUTS, "channel": "EMAIL", "encoding": encoding}
    for content in (
        b"email\na@example.com\n",
        "email\na@example.com\n".encode("utf-16-le"),
        bytes(range(256)),
        b"",
    ):
        await sent(client, "opt-outs", parameters, content)
    charset = {"Content-Type": f"text/csv; charset={encoding}"}
    answer = await client.http.post(
        "/imports/opt-outs", params={**OPT_OUTS, "channel": "EMAIL"}, content=b"\xff", headers=charset
    )
    assert answer.status_code == 422


async def test_text_of_a_stored_filter_that_no_database_takes_is_refused_by_name(client: Client) -> None:
    action = '{subscriptionTypes: ["weekly-digest"], status: OPTED_OUT}'
    create = (
        'mutation ($f: ContactFilter) { createWorkflow(input: {name: "W", triggers: [CONTACT_CREATED],'
        f" actions: [{action}], filter: $f}}) {{ userErrors {{ code field }} }} }}"
    )
    update = (
        "mutation ($f: ContactFilter!) { bulkUpdatePreferences(input: {contacts: {filter: $f}, optOutOfAll:"
        ' true, businessUnit: "acme", explanation: "Asked.", legalBasis: NON_GDPR})'
        " { userErrors { code field } } }"
    )
    filters: list[tuple[list[str], dict[str, Any]]] = [
        (["emails"], {"emails": ["a@b.example", "a\x00"]}),
        (["or", "0", "not", "search"], {"or": [{"not": {"search": "\x00"}}]}),
        (["locale"], {"locale": "\x00"}),
        (["property", "value"], {"property": {"name": "a", "value": {"b": ["\x00"]}}}),
        (["property", "value"], {"property": {"name": "a", "value": {"\x00": 1}}}),
    ]
    for query, argument in ((create, ["filter"]), (update, ["contacts", "filter"])):
        for path, wanted in filters:
            [payload] = (await client.read(query, {"f": wanted})).values()
            faults = [error["field"] for error in payload["userErrors"] if error["code"] == "INVALID_VALUE"]
            assert faults == [argument + path]
