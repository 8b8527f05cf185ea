"""The words that a business unit adds to the keywords of R27."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from preference_center import catalog, catalog_changes, database
from preference_center.catalog import AddedKeyword, Unit
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Meaning
from preference_center.texts import check_locale, check_text

LONGEST = 80
"""Characters of a keyword."""
_ADDABLE = (Meaning.STOP, Meaning.START, Meaning.HELP)
_OPT_OUTS = (Meaning.STOP, Meaning.WITHDRAWAL)


async def added(unit_id: int) -> dict[str, Meaning]:
    """What a unit's own keywords mean, by the word as messages are compared: normalised."""
    unit = (await catalog.exact()).unit_by_id(unit_id)
    return {keyword.word: keyword.meaning for keyword in unit.keywords}


async def add(*, business_unit: str, word: str, meaning: Meaning, locale: str | None = None) -> AddedKeyword:
    """Let a word mean STOP, START or HELP to a unit.

    Raises Invalid for an unknown unit, an empty word, one that has a meaning already, and one that would
    take an opt-out from the people who write it (R29).
    """
    if meaning not in _ADDABLE:
        raise Invalid(ErrorCode.INVALID_VALUE, "A keyword means STOP, START or HELP.", "meaning")
    normalised = _normalised(word)
    _check_free(normalised, meaning)
    spoken = check_locale(locale, "locale") if locale else None
    unit = await _unit(business_unit)
    try:
        async with database.write_transaction():
            await database.execute(
                "INSERT INTO keywords (business_unit_id, word, meaning, locale, created_at)"
                " VALUES ($1, $2, $3, $4, $5)",
                *(unit.id, normalised, meaning.value, spoken, database.now()),
            )
            await catalog_changes.moved()
    except IntegrityError:
        raise Invalid(ErrorCode.ALREADY_EXISTS, "The unit has that keyword already.", "word") from None
    return await _keyword(unit.id, normalised)


async def remove(*, business_unit: str, word: str) -> AddedKeyword:
    """Take an added keyword away, and return it. Raises Invalid where the unit has not added it."""
    keyword = await _keyword((await _unit(business_unit)).id, _normalised(word))
    async with database.write_transaction():
        if await database.execute("DELETE FROM keywords WHERE id = $1", keyword.id):
            await catalog_changes.moved()
    return keyword


def _normalised(word: str) -> str:
    """A word as it is kept. Raises Invalid for what no message could be."""
    from preference_center.rules import keywords as rules

    normalised = rules.normalised(check_text(word, "word", longest=LONGEST, required=True))
    if not normalised:
        raise Invalid(ErrorCode.INVALID_VALUE, "A keyword has letters or digits.", "word")
    if len(normalised) > LONGEST:
        raise Invalid(ErrorCode.INVALID_VALUE, f"At most {LONGEST} characters.", "word")
    return normalised


def _check_free(word: str, meaning: Meaning) -> None:
    """Raise Invalid where the word means something to every unit (R27, R29)."""
    from preference_center.rules import keywords as rules

    known = rules.classify(word).meaning
    if known in _OPT_OUTS and meaning is not Meaning.STOP:
        message = "Whoever writes this opts out: it can mean nothing else."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "word")
    if known is meaning:
        raise Invalid(ErrorCode.ALREADY_EXISTS, f"This means {known.value} to every unit.", "word")
    if known in _ADDABLE:
        raise Invalid(ErrorCode.INVALID_VALUE, f"This means {known.value} to every unit.", "word")


async def _unit(key: str) -> Unit:
    unit = (await catalog.exact()).unit_by_key(key)
    if unit is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {key[:80]!r}.", "businessUnit")
    return unit


async def _keyword(unit_id: int, word: str) -> AddedKeyword:
    unit = (await catalog.exact()).unit_by_id(unit_id)
    found = next((keyword for keyword in unit.keywords if keyword.word == word), None)
    if found is None:
        raise Invalid(ErrorCode.NOT_FOUND, "The unit has not added that keyword.", "word")
    return found
