"""Which way a root field is answered, and what is kept for it."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import REGISTRY

from api.graphql.ways import count_ways
from preference_center.catalog.changes import create_type, update_type
from schema.engine.statements.memo import MOST_CHARACTERS, Memo
from tests.conftest import Brands
from tests.graphql.conftest import Api
from tests.graphql.many_contacts import create_contacts, email
from tests.graphql.statements import CountedStatements

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LIST = "{ contacts { nodes { id email preferences { subscriptionType { key name } channel status } } } }"
RECORD = """query ($email: String!) { contact(by: {email: $email}) { id
  preferences { status eligibility { allowed reason } pendingOptIn { expiresAt } }
  optOutsOfAll { since removable { allowed } } pauses { until } unsubscribedFromAllEmail
  recipients { address deliverability { usable } }
  history(first: 10) { nodes { id recipient { id } } pageInfo { hasNextPage } } } }"""


def _counted() -> dict[str, float]:
    name = "sayso_graphql_root_fields_total"
    return {way: REGISTRY.get_sample_value(name, {"way": way}) or 0 for way in ("statement", "ordinary")}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (LIST, {}),
        (RECORD, {"email": email(0)}),
        ("query ($email: String!) { recipient(by: {email: $email}) { address kind preferences { id } } }",
         {"email": email(1)}),
        ("{ consentEvents(first: 3) { totalCount nodes { id actor businessUnit { key } } } }", {}),
    ],
)  # fmt: skip
async def test_a_root_field_takes_one_statement_with_all_that_is_below(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch, query: str, variables: dict[str, Any]
) -> None:
    await create_contacts(brands, 12)
    await api.execute("{ viewer { name } }")  # notes the token's use, once a minute
    counted = CountedStatements(monkeypatch)
    await api.execute(query, **variables)
    read = [sql for sql in counted.statements if "COUNT" not in sql and "access_tokens" not in sql]
    assert len(read) == 1, read


@on_sqlite
async def test_metrics_count_each_way(api: Api, brands: Brands) -> None:
    count_ways()
    await create_contacts(brands, 1)
    before = _counted()
    await api.execute(LIST)
    await api.execute("{ contacts { nodes { callPermission { allowed } } } businessUnits { key } }")
    after = _counted()
    assert {way: after[way] - before[way] for way in after} == {"statement": 1, "ordinary": 2}


@on_sqlite
async def test_a_kept_statement_shows_the_catalog_as_it_is_now(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 1)
    [before] = (await api.execute(LIST))["nodes"]
    await update_type(brands.digest.key, name={"en": '100 % "Friday"'})
    await create_type(key="new-one", business_unit="acme", name={"en": "New"})
    [after] = (await api.execute(LIST))["nodes"]
    names = {
        each["subscriptionType"]["key"]: each["subscriptionType"]["name"] for each in after["preferences"]
    }
    assert names[brands.digest.key] == '100 % "Friday"'
    assert set(names) == {each["subscriptionType"]["key"] for each in before["preferences"]} | {"new-one"}


def test_the_texts_that_are_kept_stay_within_their_bound() -> None:
    memo = Memo()
    for number in range(3_000):
        memo.keep(number, "x" * 10_000)
    memo.keep("too long", "x" * 30_000)
    assert memo.characters <= MOST_CHARACTERS
    assert memo.get(2_999) is not None
    assert memo.get("too long") is None
