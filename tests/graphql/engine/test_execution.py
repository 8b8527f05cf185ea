"""Execution: a fixed number of statements, and the same answers as graphql-core."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import parse

from api.graphql.http import encoded
from preference_center.catalog.catalog import Catalog, current_catalog
from preference_center.rules.types import Actor
from schema.engine.context import Context
from schema.engine.executor import PlannedExecutor
from schema.root import graphql_schema
from tests.conftest import Brands
from tests.graphql.conftest import Api
from tests.graphql.many_contacts import create_contacts, email
from tests.graphql.statements import CountedStatements

EVERYTHING = """
query ($first: Int!, $locale: Locale, $all: Boolean = true) {
  contacts(first: $first, orderBy: EMAIL_ASC, filter: {search: "person"}) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id } }
    nodes {
      __typename
      ...Person
      unsubscribedFromAllEmail
      optedOutOfEmail(subscriptionType: "weekly-digest")
      optOutsOfAll { channel since origin businessUnit { key } recipient { address } }
      emails: preferences(channel: EMAIL) { ...Held }
      acme: preferences(businessUnit: "acme") @include(if: $all) { ...Held recipient { id } }
      history(first: 2) {
        nodes { id before after origin actor subscriptionType { key } recipient { id kind } occurredAt }
        edges { cursor }
        pageInfo { hasNextPage endCursor }
      }
      older: history(last: 1) { nodes { explanation legalBasis } }
      recipients {
        ... on Recipient { kind address pauses { until } }
        history(first: 2) { nodes { id recipient { address } } }
        contacts { email preferences { status } }
      }
    }
  }
}
fragment Person on Contact {
  id email phone firstName lastName locale properties createdAt ... on Node { id }
}
fragment Held on Preference {
  subscriptionType { key name(locale: $locale) channels businessUnit { name subscriptionTypes { key } } }
  channel status origin legalBasis changedAt eligibility { allowed reason until }
}
"""


async def test_a_page_of_a_hundred_takes_as_many_statements_as_a_page_of_one(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 100)
    await api.execute("{ viewer { name } }")  # notes the token's use, once a minute
    counted = CountedStatements(monkeypatch)
    counts = {}
    for size in (1, 10, 100):
        counted.statements.clear()
        page = await api.execute(EVERYTHING, first=size)
        counts[size] = counted.take()
        assert len(page["nodes"]) == size
    assert counts[1] == counts[10] == counts[100]
    assert len(page["nodes"][0]["emails"]) == 6
    assert page["nodes"][0]["history"]["nodes"][0]["after"] == "OPTED_OUT"


async def test_a_hundred_contacts_with_preferences_eligibility_and_history_take_five_statements(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 100)
    counted = CountedStatements(monkeypatch)
    page = await api.execute(
        """{ contacts(first: 100) { nodes { email
             preferences { status eligibility { allowed } } history(first: 10) { nodes { after } } } } }"""
    )
    assert len(page["nodes"]) == 100
    # The token (and its last use, once a minute), the contacts, their states, their history.
    assert len(counted.statements) <= 5


async def test_the_total_is_counted_only_if_it_is_selected(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 3)
    counted = CountedStatements(monkeypatch)
    await api.execute("{ contacts { nodes { id } } }")
    assert not any("COUNT" in sql for sql in counted.statements)
    assert await api.execute("{ contacts(first: 1) { totalCount } }") == {"totalCount": 3}
    assert any("COUNT" in sql for sql in counted.statements)


async def test_planned_answers_equal_those_of_graphql_core(api: Api, brands: Brands) -> None:
    """For every kind of field."""
    await create_contacts(brands, 12)
    planned, unplanned = [
        await _executed(type_, EVERYTHING, first=12) for type_ in (PlannedExecutor, _Unplanned)
    ]
    assert planned == unplanned
    assert [contact["email"] for contact in planned["contacts"]["nodes"]] == [email(n) for n in range(12)]


async def test_an_invalid_argument_below_a_page_is_an_error_with_its_path(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 2)
    answer = await api.run('{ contacts { nodes { optedOutOfEmail(subscriptionType: "no-such") } } }')
    assert answer["data"] == {"contacts": {"nodes": [{"optedOutOfEmail": None}] * 2}}
    assert answer["errors"][0]["path"] == ["contacts", "nodes", 0, "optedOutOfEmail"]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    paged = await api.run("{ contacts { nodes { email older: history(first: 1000) { nodes { id } } } } }")
    assert [error["path"] for error in paged["errors"]] == [
        ["contacts", "nodes", index, "older"] for index in range(2)
    ]
    assert paged["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_type_that_another_process_has_just_created_is_known(api: Api, brands: Brands) -> None:
    """The catalog of this process is up to a second old."""
    catalog = await current_catalog()
    await create_contacts(brands, 1)
    older = Catalog(
        0, catalog.units[:1], tuple(t for t in catalog.types if t.business_unit is catalog.units[0])
    )
    context = Context(Actor("crm"), frozenset({"admin"}), older)
    executor = PlannedExecutor.build(
        graphql_schema,
        parse("{ contacts { nodes { preferences { subscriptionType { key } } } } }"),
        context_value=context,
    )
    assert not isinstance(executor, list)
    result = await executor.execute_operation(serially=True)  # type: ignore[misc]
    assert result.errors is None
    keys = [each["subscriptionType"]["key"] for each in result.data["contacts"]["nodes"][0]["preferences"]]
    assert "letters" in keys


class _Unplanned(PlannedExecutor):
    """Loads like the planned executor, and leaves completion to graphql-core."""

    def collect_and_execute_subfields(self, *arguments: Any) -> Any:
        return super(PlannedExecutor, self).collect_and_execute_subfields(*arguments)


async def _executed(type_: type[PlannedExecutor], query: str, **variables: Any) -> Any:
    context = Context(Actor("crm"), frozenset({"admin"}), await current_catalog())
    executor = type_.build(graphql_schema, parse(query), context_value=context, raw_variable_values=variables)
    assert not isinstance(executor, list), executor
    result = await executor.execute_operation(serially=True)  # type: ignore[misc]
    assert result.errors is None
    return orjson.loads(encoded(result.data))
