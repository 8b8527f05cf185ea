"""The keywords that a business unit adds to those of R27."""

from __future__ import annotations

from dataclasses import replace

from preference_center.catalog.catalog import AddedKeyword, BusinessUnit, exact_catalog
from preference_center.catalog.changes import increase_version
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.rules.messages import classify as rules
from preference_center.rules.messages import footers
from preference_center.rules.messages.classify import Reading
from preference_center.rules.messages.message_text import keyword_key
from preference_center.rules.types import Meaning
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables.messaging import Keyword
from preference_center.validation import check_locale, check_text

MAX_LENGTH = 80
"""Characters of a keyword."""
_ADDABLE = (Meaning.STOP, Meaning.START, Meaning.HELP)
_MAYBE_NAMED = (Meaning.UNCLEAR, Meaning.NOTHING)
"""What STOP with a name means to a reader who does not know that it is the unit's."""
_MAYBE_OPT_OUT = (Meaning.STOP, Meaning.WITHDRAWAL, Meaning.UNCLEAR)


def read(text: str, unit: BusinessUnit) -> Reading:
    """Return what a message to a unit means, by the unit's own keywords and all others, and its language."""
    reading = rules.classify(text, {keyword.word: keyword.meaning for keyword in unit.keywords})
    if reading.meaning in _MAYBE_NAMED and footers.names_unit(text, unit.name):
        return replace(reading, meaning=Meaning.WITHDRAWAL)
    own = None if reading.language else _matching(unit, text)
    return replace(reading, language=own.locale) if own and own.meaning is reading.meaning else reading


async def add(*, business_unit: str, word: str, meaning: Meaning, locale: str | None = None) -> AddedKeyword:
    """Add a keyword that means STOP, START or HELP to one unit.

    Raises Invalid for an unknown unit, an empty word, a word that has a meaning already, and one with which
    people may want to opt out (R29).
    """
    with Faults() as faults:
        unit = await faults.awaited(_unit(business_unit))
        faults.of(_check_addable, meaning)
        normalised = faults.of(_normalised, word)
        if normalised:
            faults.of(_check_available, normalised, meaning)
        language = faults.of(check_locale, locale, "locale") if locale else None
    await _insert(unit, normalised, meaning, language)
    return _existing(await _unit(business_unit), normalised)


async def remove(*, business_unit: str, word: str) -> AddedKeyword:
    """Remove a keyword that the unit added, and return it. Raises Invalid if there is none."""
    with Faults() as faults:
        unit = await faults.awaited(_unit(business_unit))
        normalised = faults.of(_normalised, word)
    keyword = _existing(unit, normalised)
    await _delete(keyword.id)
    return keyword


@transaction
async def _insert(unit: BusinessUnit, word: str, meaning: Meaning, locale: str | None) -> None:
    await increase_version()  # locks the catalog: of two who add the same word, one is refused
    await _check_new(unit, word)
    await Keyword.create(
        business_unit_id=unit.id,
        word=word,
        meaning=meaning.value,
        locale=locale,
        created_at=database.now(),
    )


@transaction
async def _delete(keyword_id: int) -> None:
    if await Keyword.filter(id=keyword_id).delete():
        await increase_version()


def _check_addable(meaning: Meaning) -> None:
    if meaning not in _ADDABLE:
        message = "Choose STOP, START or HELP: a keyword means nothing else."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "meaning")


def _normalised(word: str) -> str:
    """Return a word as it is stored. Raises Invalid for a word that no message could be."""
    normalised = rules.normalised(check_text(word, "word", max_length=MAX_LENGTH, required=True))
    if not normalised:
        raise Invalid(ErrorCode.INVALID_VALUE, "A keyword needs at least one letter or digit.", "word")
    if len(normalised) > MAX_LENGTH:
        raise Invalid(ErrorCode.INVALID_VALUE, f"A keyword may have at most {MAX_LENGTH} characters.", "word")
    return normalised


def _check_available(word: str, meaning: Meaning) -> None:
    """Raise Invalid if the word has a meaning for every unit (R27, R29)."""
    known = rules.classify(word).meaning
    if known in _MAYBE_OPT_OUT and meaning is not Meaning.STOP:
        message = (
            "People who write this may want to opt out, so it cannot mean anything else. Choose another word."
        )
        raise Invalid(ErrorCode.INVALID_VALUE, message, "word")
    if known is meaning:
        raise Invalid(
            ErrorCode.ALREADY_EXISTS,
            f"This means {known.value} to every business unit. Choose another word.",
            "word",
        )
    if known in _ADDABLE:
        raise Invalid(
            ErrorCode.INVALID_VALUE,
            f"This means {known.value} to every business unit. Choose another word.",
            "word",
        )


async def _check_new(unit: BusinessUnit, word: str) -> None:
    """Raise Invalid if the unit has a keyword that the same messages match."""
    words = await Keyword.filter(business_unit_id=unit.id).values_list("word", flat=True)
    if keyword_key(word) in {keyword_key(str(existing)) for existing in words}:
        raise Invalid(ErrorCode.ALREADY_EXISTS, "The business unit has this keyword already.", "word")


async def _unit(unit_key: str) -> BusinessUnit:
    unit = (await exact_catalog()).unit_by_key(unit_key)
    if unit is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {unit_key[:80]!r}.", "businessUnit")
    return unit


def _existing(unit: BusinessUnit, word: str) -> AddedKeyword:
    found = _matching(unit, word)
    if found is None:
        raise Invalid(
            ErrorCode.NOT_FOUND,
            "The business unit has not added this keyword. Only keywords that it added can be removed.",
            "word",
        )
    return found


def _matching(unit: BusinessUnit, word: str) -> AddedKeyword | None:
    """The unit's keyword that a message with this word matches."""
    wanted = keyword_key(word)
    return next((keyword for keyword in unit.keywords if keyword_key(keyword.word) == wanted), None)
