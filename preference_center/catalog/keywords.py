"""The words that a business unit adds to the keywords of R27."""

from __future__ import annotations

from dataclasses import replace

from preference_center.catalog import changes as catalog_changes
from preference_center.catalog.catalog import AddedKeyword, BusinessUnit, exact_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.messages import classify as rules
from preference_center.rules.messages.classify import Reading
from preference_center.rules.messages.message_text import key
from preference_center.rules.types import Meaning
from preference_center.storage import database, transactions
from preference_center.validation import check_locale, check_text

LONGEST = 80
"""Characters of a keyword."""
_ADDABLE = (Meaning.STOP, Meaning.START, Meaning.HELP)
_NOT_WANTING = (Meaning.STOP, Meaning.WITHDRAWAL, Meaning.UNCLEAR)


def read(text: str, unit: BusinessUnit) -> Reading:
    """What a message to a unit means by its own keywords and all others, and in which language."""
    reading = rules.classify(text, {keyword.word: keyword.meaning for keyword in unit.keywords})
    own = None if reading.language else _same(unit, text)
    return replace(reading, language=own.locale) if own and own.meaning is reading.meaning else reading


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
    async with transactions.write_transaction():
        await catalog_changes.moved()  # whoever changes the catalogue at the same moment waits here
        await _check_new(unit, normalised)
        await database.execute(
            "INSERT INTO keywords (business_unit_id, word, meaning, locale, created_at)"
            " VALUES ($1, $2, $3, $4, $5)",
            *(unit.id, normalised, meaning.value, spoken, database.now()),
        )
    return _existing(await _unit(business_unit), normalised)


async def remove(*, business_unit: str, word: str) -> AddedKeyword:
    """Take an added keyword away, and return it. Raises Invalid where the unit has not added it."""
    keyword = _existing(await _unit(business_unit), _normalised(word))
    async with transactions.write_transaction():
        if await database.execute("DELETE FROM keywords WHERE id = $1", keyword.id):
            await catalog_changes.moved()
    return keyword


def _normalised(word: str) -> str:
    """A word as it is kept. Raises Invalid for what no message could be."""
    normalised = rules.normalised(check_text(word, "word", max_length=LONGEST, required=True))
    if not normalised:
        raise Invalid(ErrorCode.INVALID_VALUE, "A keyword has letters or digits.", "word")
    if len(normalised) > LONGEST:
        raise Invalid(ErrorCode.INVALID_VALUE, f"At most {LONGEST} characters.", "word")
    return normalised


def _check_free(word: str, meaning: Meaning) -> None:
    """Raise Invalid where the word means something to every unit (R27, R29)."""
    known = rules.classify(word).meaning
    if known in _NOT_WANTING and meaning is not Meaning.STOP:
        message = "Whoever writes this may want to opt out: it can mean nothing else."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "word")
    if known is meaning:
        raise Invalid(ErrorCode.ALREADY_EXISTS, f"This means {known.value} to every unit.", "word")
    if known in _ADDABLE:
        raise Invalid(ErrorCode.INVALID_VALUE, f"This means {known.value} to every unit.", "word")


async def _check_new(unit: BusinessUnit, word: str) -> None:
    """Raise Invalid where messages of the word are taken for one that the unit has."""
    rows = await database.fetch("SELECT word FROM keywords WHERE business_unit_id = $1", unit.id)
    if key(word) in {key(row["word"]) for row in rows}:
        raise Invalid(ErrorCode.ALREADY_EXISTS, "The unit has that keyword already.", "word")


async def _unit(name: str) -> BusinessUnit:
    unit = (await exact_catalog()).unit_by_key(name)
    if unit is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {name[:80]!r}.", "businessUnit")
    return unit


def _existing(unit: BusinessUnit, word: str) -> AddedKeyword:
    found = _same(unit, word)
    if found is None:
        raise Invalid(ErrorCode.NOT_FOUND, "The unit has not added that keyword.", "word")
    return found


def _same(unit: BusinessUnit, word: str) -> AddedKeyword | None:
    """The unit's keyword that messages of this word are taken for."""
    wanted = key(word)
    return next((keyword for keyword in unit.keywords if key(keyword.word) == wanted), None)
