"""The parameters of exports, and how wrong ones are refused."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import pytest

from preference_center.operations import parts, queue
from preference_center.operations.parts import RefusalRow
from preference_center.operations.queue import NewOperation
from preference_center.rules.types import OperationKind
from schema.contract.ids import global_id
from tests.conftest import ALICE, BOB, TEAM


async def addresses(reader: httpx.AsyncClient, path: str, column: str, **parameters: str) -> list[str]:
    response = await reader.get(path, params=parameters)
    assert response.status_code == 200, response.text
    return [row[column] for row in csv.DictReader(io.StringIO(response.text, newline=""))]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({}, [ALICE, BOB]),
        ({"search": "ali"}, [ALICE]),
        ({"subscription_type": "weekly-digest", "status": "OPTED_OUT"}, [BOB]),
        ({"subscription_type": "weekly-digest", "status": "NOT_OPTED", "channel": "EMAIL"}, [ALICE]),
        ({"subscription_type": "weekly-digest", "status": "NOT_OPTED", "channel": "SMS"}, []),
        ({"unsubscribed_from_all_email": "true"}, [ALICE]),
        ({"unsubscribed_from_all_email": "false"}, [BOB]),
        ({"filter": {"optedOutOfEmail": "weekly-digest"}}, [ALICE, BOB]),
        ({"filter": {"not": {"search": "ali"}}}, [BOB]),
        ({"filter": {"or": [{"emails": [ALICE]}, {"emails": [BOB]}]}, "search": "bob"}, [BOB]),
        ({"filter": {"optedOutOfAll": {"origins": ["IMPORT"]}}}, []),
        ({"filter": {"ids": [global_id("Contact", 2)]}}, [BOB]),
        ({"filter": {"createdAt": {"before": "2000-01-01T00:00:00Z"}}}, []),
    ],
)
async def test_contacts_can_be_filtered_by_json_and_by_parameters(
    reader: httpx.AsyncClient, parameters: dict[str, Any], found: list[str]
) -> None:
    """R26"""
    given = {name: v if isinstance(v, str) else json.dumps(v) for name, v in parameters.items()}

    assert await addresses(reader, "/exports/contacts", "email", **given) == found


async def test_suppressions_can_be_filtered(reader: httpx.AsyncClient) -> None:
    async def found(**parameters: str) -> list[str]:
        return sorted(await addresses(reader, "/exports/suppressions", "address", **parameters))

    assert await found(business_unit="acme", channel="EMAIL") == [ALICE, BOB]
    assert await found(opt_out_of_all="true") == [ALICE]
    assert await found(opt_out_of_all="false") == [BOB]
    assert await found(subscription_type="offers") == [ALICE]
    assert await found(business_unit="bazaar") == await found(channel="SMS") == []


@pytest.mark.parametrize("offset", ["Z", "+00:00", " 00:00"])
async def test_an_instant_may_have_any_offset_and_a_space_for_its_plus(
    reader: httpx.AsyncClient, offset: str
) -> None:
    assert await addresses(reader, "/exports/events", "address", before=f"2001-01-01T00:00:00{offset}") == []
    assert (
        len(await addresses(reader, "/exports/events", "address", **{"from": f"2001-01-01T00:00:00{offset}"}))
        == 2
    )


@pytest.mark.parametrize(
    ("path", "query", "code", "field"),
    [
        ("contacts", "fliter=%7B%7D", "INVALID_VALUE", "fliter"),
        ("contacts", "format=xls", "INVALID_VALUE", "format"),
        ("contacts", "format=csv&format=csv", "INVALID_VALUE", "format"),
        ("contacts", "search=a&search=b", "INVALID_VALUE", "search"),
        ("contacts", "search=", "INVALID_VALUE", "search"),
        ("contacts", "filter=%7B", "INVALID_VALUE", "filter"),
        ("contacts", "filter=%5B%5D", "INVALID_VALUE", "filter"),
        ("contacts", "filter=" + "%7B%22not%22:" * 2000, "INVALID_VALUE", "filter"),
        ("contacts", 'filter={"or":[{"serch":"a"}]}', "INVALID_VALUE", "filter.or.0"),
        ("contacts", 'filter={"search":5}', "INVALID_VALUE", "filter.search"),
        ("contacts", 'filter={"search":"\\u0000"}', "INVALID_VALUE", "filter.search"),
        ("contacts", 'filter={"optedOutOfEmail":"none"}', "NOT_FOUND", "filter.optedOutOfEmail"),
        ("contacts", "subscription_type=none&status=OPTED_IN", "NOT_FOUND", "subscription_type"),
        ("contacts", "subscription_type=weekly-digest", "INVALID_VALUE", "status"),
        ("contacts", "status=OPTED_IN", "INVALID_VALUE", "subscription_type"),
        ("contacts", "subscription_type=weekly-digest&status=IN", "INVALID_VALUE", "status"),
        ("contacts", "unsubscribed_from_all_email=yes", "INVALID_VALUE", "unsubscribed_from_all_email"),
        ("suppressions", "business_unit=none", "NOT_FOUND", "business_unit"),
        ("suppressions", "subscription_type=none", "NOT_FOUND", "subscription_type"),
        ("suppressions", "channel=email", "INVALID_VALUE", "channel"),
        ("events", "from=yesterday", "INVALID_VALUE", "from"),
        ("events", "from=2026-05-04T12:00:00", "INVALID_VALUE", "from"),
        ("events", "before=0001-01-01T00:00:00%2B14:00", "INVALID_VALUE", "before"),
    ],
)
async def test_a_wrong_parameter_is_named(
    reader: httpx.AsyncClient, path: str, query: str, code: str, field: str
) -> None:
    response = await reader.get(f"/exports/{path}?{query}")

    assert response.status_code == 400
    assert (response.json()["code"], response.json()["field"]) == (code, field)
    assert response.json()["message"]


async def test_the_refusals_of_an_operation_are_a_file(reader: httpx.AsyncClient) -> None:
    operation = await queue.enqueue(NewOperation(OperationKind.IMPORT_OPT_OUTS, TEAM, {}))
    refusal = RefusalRow("INVALID_ADDRESS", "=no address", line=2, about="email")
    await parts.add_refusals(operation.id, [refusal])
    number = global_id("Operation", operation.id)

    response = await reader.get(f"/operations/{number}/refusals")
    unknown = await reader.get(f"/operations/{global_id('Operation', 99)}/refusals")

    assert response.text == (
        "line,contact,address,about,code,message\n2,,,email,INVALID_ADDRESS,'=no address\n"
    )
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")
    assert (await reader.get(f"/operations/{global_id('Contact', 1)}/refusals")).status_code == 404
    assert (await reader.get(f"/operations/{number}/refusals?from=1")).json()["field"] == "from"
