"""`totalCount`: exact up to a bound, an estimate above it, and counted only if it is selected."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.contacts import pages as contact_pages
from preference_center.storage import counting, database
from preference_center.storage.counting import count_rows
from tests.conftest import Brands
from tests.graphql.conftest import Api
from tests.graphql.many_contacts import create_contacts, email
from tests.graphql.statements import CountedStatements

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
COUNTS = "totalCount totalCountIsEstimate"


async def counted(api: Api, field: str) -> tuple[int, bool]:
    answer: dict[str, Any] = await api.execute(f"{{ {field} {{ {COUNTS} }} }}")
    return answer["totalCount"], answer["totalCountIsEstimate"]


async def test_every_list_says_how_many_items_it_has(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 20)
    assert await counted(api, "contacts(first: 1)") == (20, False)
    assert await counted(api, 'contacts(filter: {search: "person01"}, first: 0)') == (10, False)
    assert await counted(api, "consentEvents(first: 1)") == (20 * 2 + 7 + 2, False)
    assert await counted(api, "consentEvents(statuses: [OPTED_OUT])") == (9, False)
    assert await counted(api, "operations") == (0, False)
    assert await counted(api, "operations(kinds: [BULK_UPDATE])") == (0, False)
    assert await counted(api, "messagesToReview") == (0, False)
    assert await counted(api, 'messagesToReview(businessUnit: "acme")') == (0, False)


async def test_the_ledger_of_an_unknown_recipient_has_no_events(api: Api) -> None:
    assert await counted(api, 'consentEvents(recipient: {email: "nobody@example.com"})') == (0, False)


async def test_each_history_in_a_list_has_its_own_count(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 12)
    page = await api.execute(
        "{ contacts(orderBy: EMAIL_ASC) { nodes { email history(first: 1) { totalCount nodes { id } }"
        " out: history(statuses: [OPTED_OUT]) { totalCount totalCountIsEstimate } } } }"
    )
    for n, contact in enumerate(page["nodes"]):
        out = (n % 3 == 0) + (n % 10 == 0)
        assert contact["email"] == email(n)
        assert contact["history"]["totalCount"] == 2 + out
        assert contact["out"] == {"totalCount": out, "totalCountIsEstimate": False}


@on_sqlite
async def test_the_counts_of_a_hundred_histories_take_as_many_statements_as_of_one_and_none_if_not_selected(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 30)
    query = "{ contacts { nodes { history(first: 1) { nodes { id } %s } } } }"
    await api.execute(query % "")
    statements = CountedStatements(monkeypatch)
    await api.execute(query % "")
    without = statements.take()
    await api.execute(query % COUNTS)
    # Without counts one statement reads contacts with their history; counts are read the ordinary way.
    assert statements.take() == without + 2


async def test_above_the_bound_the_count_is_an_estimate(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 30)
    await database.execute("ANALYZE")
    monkeypatch.setattr(counting, "MOST_COUNTED", dict.fromkeys(counting.MOST_COUNTED, 20))
    monkeypatch.setattr(contact_pages, "MOST_COUNTED", 20)
    exact = {"contacts": 30, "consentEvents": 73}
    for field, number in exact.items():
        estimate, is_estimate = await counted(api, field)
        assert is_estimate
        assert estimate == (number if database.dialect() == "postgres" else 20)
    assert await counted(api, "consentEvents(statuses: [OPTED_OUT])") == (13, False)


async def test_an_estimate_is_at_least_the_bound(db: object) -> None:
    counted_rows = await count_rows("(SELECT 1 AS n UNION ALL SELECT 2) AS two WHERE n < $1", [9], most=1)
    assert counted_rows.is_estimate
    assert counted_rows.number >= 1
