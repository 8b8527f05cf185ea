"""Keywords that a business unit adds to those of R27."""

from __future__ import annotations

import asyncio

import pytest

from preference_center.catalog import keywords
from preference_center.catalog.catalog import BusinessUnit, exact_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Meaning
from preference_center.storage import database
from tests.conftest import Brands

STOP, START, HELP = Meaning.STOP, Meaning.START, Meaning.HELP


async def add(word: str, meaning: Meaning = START, unit: str = "acme", locale: str | None = None) -> str:
    made = await keywords.add(business_unit=unit, word=word, meaning=meaning, locale=locale)
    return made.word


async def refusal(
    word: str, meaning: Meaning = START, **more: str
) -> tuple[ErrorCode, tuple[str, ...] | None]:
    with pytest.raises(Invalid) as caught:
        await add(word, meaning, **more)
    return caught.value.code, caught.value.field


async def unit(key: str = "acme") -> BusinessUnit:
    found = (await exact_catalog()).unit_by_key(key)
    assert found
    return found


async def stored(key: str = "acme") -> dict[str, Meaning]:
    return {keyword.word: keyword.meaning for keyword in (await unit(key)).keywords}


async def test_an_added_keyword_works_for_its_unit_only(brands: Brands) -> None:
    assert await add(" Books! ") == "books"
    assert await add("Żadnych książek", STOP, locale="pl") == "żadnych książek"
    assert await stored() == {"books": START, "żadnych książek": STOP}
    assert await stored("bazaar") == {}
    acme, bazaar = await unit(), await unit("bazaar")
    assert keywords.read("BOOKS", acme).meaning is START
    assert keywords.read("books, please", acme).meaning is Meaning.NOTHING  # the whole message is compared
    assert keywords.read("BOOKS", bazaar).meaning is Meaning.NOTHING
    assert await add("books", HELP, "bazaar") == "books"


async def test_an_added_keyword_has_its_own_language(brands: Brands) -> None:
    await add("zadnych ksiazek", STOP, locale="pl-PL")
    reading = keywords.read("Żadnych książek!", await unit())
    assert (reading.meaning, reading.language) == (STOP, "pl-PL")
    assert keywords.read("koniec", await unit()).language == "pl"
    assert keywords.read("hello", await unit()).language is None


@pytest.mark.parametrize(
    "word",
    [
        "stop",
        "S.T.O.P",
        "Koniec",
        "please unsubscribe me",
        "remove me from your list",
        "stop it",
        "not interested",
    ],
)
async def test_r29_a_possible_opt_out_cannot_get_another_meaning(brands: Brands, word: str) -> None:
    for meaning in (START, HELP):
        assert await refusal(word, meaning) == (ErrorCode.INVALID_VALUE, ("word",))
    assert await stored() == {}


async def test_a_keyword_of_every_unit_is_neither_redefined_nor_added_again(brands: Brands) -> None:
    for word, meaning in (("start", HELP), ("info", START), ("help", STOP), ("subskrybuj", STOP)):
        assert await refusal(word, meaning) == (ErrorCode.INVALID_VALUE, ("word",)), word
    for word, meaning in (("Stop", STOP), ("START", START), ("info", HELP)):
        assert await refusal(word, meaning) == (ErrorCode.ALREADY_EXISTS, ("word",)), word


async def test_spellings_that_match_the_same_messages_are_one_keyword(brands: Brands) -> None:
    await add("łap okazje", START)
    for same in ("łap okazje", "LAP OKAZJE", "lapokazje", "Ｌａｐ okazje…"):
        for meaning in (START, HELP):
            assert await refusal(same, meaning) == (ErrorCode.ALREADY_EXISTS, ("word",))
    await keywords.remove(business_unit="acme", word="LAP OKAZJE")
    assert await stored() == {}
    with pytest.raises(Invalid) as caught:
        await keywords.remove(business_unit="acme", word="lap okazje")
    assert (caught.value.code, caught.value.field) == (ErrorCode.NOT_FOUND, ("word",))


@pytest.mark.parametrize("word", ["", "  ", "?!", "\u200b", "\u2764\ufe0f", "x" * 81, "a\x00b", "ﷺ" * 40])
async def test_a_keyword_that_no_message_could_match_is_refused(brands: Brands, word: str) -> None:
    assert await refusal(word) == (ErrorCode.INVALID_VALUE, ("word",))


async def test_other_invalid_values_are_refused_by_field(brands: Brands) -> None:
    assert await refusal("books", unit="nobody") == (ErrorCode.NOT_FOUND, ("businessUnit",))
    assert await refusal("books", locale="in Polish") == (ErrorCode.INVALID_VALUE, ("locale",))
    assert await refusal("books", Meaning.WITHDRAWAL) == (ErrorCode.INVALID_VALUE, ("meaning",))


async def test_a_refused_keyword_leaves_the_catalog_unchanged(brands: Brands) -> None:
    await add("books")
    assert await refusal("books", HELP) == (ErrorCode.ALREADY_EXISTS, ("word",))
    assert await stored() == {"books": START}
    rows = await database.fetch("SELECT word FROM keywords")
    assert [row["word"] for row in rows] == ["books"]


async def test_of_the_same_keyword_added_simultaneously_one_is_stored(brands: Brands) -> None:
    acts = [add("lap okazje", START), add("łap okazje", HELP), add("LAPOKAZJE", STOP)]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [getattr(error, "code", error) for error in errors] == [ErrorCode.ALREADY_EXISTS] * 2
    assert len(await stored()) == 1
