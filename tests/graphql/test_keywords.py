"""Keywords of a unit's own over GraphQL (R27)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.graphql.conftest import Api, token

SHOWN = "keyword { word meaning locale } businessUnit { key keywords { word } } userErrors { code field }"
ADD = f"mutation ($i: AddKeywordInput!) {{ addKeyword(input: $i) {{ {SHOWN} }} }}"
REMOVE = f"mutation ($i: RemoveKeywordInput!) {{ removeKeyword(input: $i) {{ {SHOWN} }} }}"
HELD = "{ businessUnits { key keywords { word meaning locale } } }"
BOOKS = {"businessUnit": "acme", "word": " Books! ", "meaning": "START", "locale": "en-GB"}


async def held(api: Api) -> Any:
    return {unit["key"]: unit["keywords"] for unit in await api.ask(HELD)}


async def test_a_word_that_was_added_is_seen_with_its_unit_at_once_and_gone_once_removed(api: Api) -> None:
    assert await held(api) == {"acme": [], "bazaar": []}
    shown = {"word": "books", "meaning": "START", "locale": "en-GB"}
    assert await api.ask(ADD, i=BOOKS) == {
        "keyword": shown,
        "businessUnit": {"key": "acme", "keywords": [{"word": "books"}]},
        "userErrors": [],
    }
    assert await held(api) == {"acme": [shown], "bazaar": []}
    gone = await api.ask(REMOVE, i={"businessUnit": "acme", "word": "BOOKS"})
    assert gone == {"keyword": shown, "businessUnit": {"key": "acme", "keywords": []}, "userErrors": []}
    assert await held(api) == {"acme": [], "bazaar": []}


async def test_what_cannot_be_added_is_said_with_its_field(api: Api) -> None:
    await api.ask(ADD, i=BOOKS)
    for given, code, field in (
        ({}, "ALREADY_EXISTS", "word"),
        ({"meaning": "HELP"}, "ALREADY_EXISTS", "word"),
        ({"word": "stop"}, "INVALID_VALUE", "word"),
        ({"word": "…"}, "INVALID_VALUE", "word"),
        ({"word": "a\x00b"}, "INVALID_VALUE", "word"),
        ({"businessUnit": "nobody"}, "NOT_FOUND", "businessUnit"),
        ({"word": "livres", "locale": "français"}, "INVALID_VALUE", "locale"),
    ):
        answer = await api.ask(ADD, i={**BOOKS, **given})
        nothing = {"keyword": None, "businessUnit": None}
        assert answer == {**nothing, "userErrors": [{"code": code, "field": [field]}]}, given
    unknown = await api.ask(REMOVE, i={"businessUnit": "bazaar", "word": "books"})
    assert unknown["userErrors"] == [{"code": "NOT_FOUND", "field": ["word"]}]
    assert len((await held(api))["acme"]) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_words_are_read_without_a_scope_and_changed_with_one(api: Api) -> None:
    linker = api.using(await token("links:create"))
    assert (await linker.refused(ADD, i=BOOKS))[0] == "FORBIDDEN"
    assert (await api.using(await token("integrations:write")).ask(ADD, i=BOOKS))["userErrors"] == []
    assert len((await held(linker))["acme"]) == 1
