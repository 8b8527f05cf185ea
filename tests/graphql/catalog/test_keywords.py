"""A business unit's own keywords over GraphQL (R27)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.graphql.conftest import Api, token

SHOWN = "keyword { word meaning locale } businessUnit { key keywords { word } } userErrors { code field }"
ADD = f"mutation ($i: AddKeywordInput!) {{ addKeyword(input: $i) {{ {SHOWN} }} }}"
REMOVE = f"mutation ($i: RemoveKeywordInput!) {{ removeKeyword(input: $i) {{ {SHOWN} }} }}"
KEYWORDS = "{ businessUnits { key keywords { word meaning locale } } }"
BOOKS = {"businessUnit": "acme", "word": " Books! ", "meaning": "START", "locale": "en-GB"}


async def keywords_by_unit(api: Api) -> Any:
    return {unit["key"]: unit["keywords"] for unit in await api.execute(KEYWORDS)}


async def test_a_keyword_is_added_to_its_business_unit_and_removed(api: Api) -> None:
    assert await keywords_by_unit(api) == {"acme": [], "bazaar": []}
    shown = {"word": "books", "meaning": "START", "locale": "en-GB"}
    assert await api.execute(ADD, i=BOOKS) == {
        "keyword": shown,
        "businessUnit": {"key": "acme", "keywords": [{"word": "books"}]},
        "userErrors": [],
    }
    assert await keywords_by_unit(api) == {"acme": [shown], "bazaar": []}
    removed = await api.execute(REMOVE, i={"businessUnit": "acme", "word": "BOOKS"})
    assert removed == {"keyword": shown, "businessUnit": {"key": "acme", "keywords": []}, "userErrors": []}
    assert await keywords_by_unit(api) == {"acme": [], "bazaar": []}


async def test_an_invalid_keyword_is_a_user_error_that_names_the_field(api: Api) -> None:
    await api.execute(ADD, i=BOOKS)
    for input, code, field in (
        ({}, "ALREADY_EXISTS", "word"),
        ({"meaning": "HELP"}, "ALREADY_EXISTS", "word"),
        ({"word": "stop"}, "INVALID_VALUE", "word"),
        ({"word": "…"}, "INVALID_VALUE", "word"),
        ({"word": "a\x00b"}, "INVALID_VALUE", "word"),
        ({"businessUnit": "nobody"}, "NOT_FOUND", "businessUnit"),
        ({"word": "livres", "locale": "français"}, "INVALID_VALUE", "locale"),
    ):
        answer = await api.execute(ADD, i={**BOOKS, **input})
        nothing = {"keyword": None, "businessUnit": None}
        assert answer == {**nothing, "userErrors": [{"code": code, "field": [field]}]}, input
    unknown = await api.execute(REMOVE, i={"businessUnit": "bazaar", "word": "books"})
    assert unknown["userErrors"] == [{"code": "NOT_FOUND", "field": ["word"]}]
    assert len((await keywords_by_unit(api))["acme"]) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_keywords_are_read_without_a_scope_and_changed_with_integrations_write(api: Api) -> None:
    linker = api.using(await token("links:create"))
    assert (await linker.first_error(ADD, i=BOOKS))[0] == "FORBIDDEN"
    assert (await api.using(await token("integrations:write")).execute(ADD, i=BOOKS))["userErrors"] == []
    assert len((await keywords_by_unit(linker))["acme"]) == 1
