"""Creates and changes business units and subscription types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.models import Model

from preference_center.catalog.catalog import KEY, BusinessUnit, SubscriptionType, exact_catalog
from preference_center.catalog.logos import check_logo
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.rules.references import type_reference
from preference_center.rules.types import Channel, Purpose, ResubscribePolicy
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables import catalog as tables
from preference_center.validation import check_locale, check_text

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


class UnitSettings(TypedDict, total=False):
    """The settings of a business unit. None or missing is the default, or unchanged in an update."""

    data_privacy: bool | None
    resubscribe: ResubscribePolicy | None
    default_locale: str | None
    colour: str | None
    """#rrggbb."""
    logo: str | None
    """A data: URI, see `logos`."""
    postal_address: str | None


class TypeSettings(TypedDict, total=False):
    """The settings of a subscription type. None or missing is the default, or unchanged in an update."""

    description: Any
    """The text by language, like the name."""
    channels: Sequence[Channel] | None
    is_public: bool | None
    double_opt_in: bool | None


async def create_unit(key: str, name: str, **settings: Unpack[UnitSettings]) -> BusinessUnit:
    """Create a business unit.

    Raises Invalid, naming the field, for an invalid value or a key that is taken.
    """
    with Faults() as faults:
        faults.of(_check_key, key)
        columns = faults.of(_unit_columns, {"name": name, **settings})
        if faults and (await exact_catalog()).unit_by_key(key):
            faults.add(_key_taken())
    try:
        await _create(tables.BusinessUnit, {"key": key, **columns, "created_at": database.now()})
    except IntegrityError:
        raise _key_taken() from None
    return await _existing_unit(key, "key")


async def update_unit(key: str, *, name: str | None = None, **settings: Unpack[UnitSettings]) -> BusinessUnit:
    """Change a business unit; None leaves a value unchanged. Raises Invalid as `create_unit` does."""
    with Faults() as faults:
        unit = await faults.awaited(_existing_unit(key, "key"))
        columns = faults.of(_unit_columns, {"name": name, **settings})
    await _update(tables.BusinessUnit, unit.id, columns)
    return await _existing_unit(key, "key")


async def create_type(
    key: str,
    business_unit: str,
    name: Any,
    purpose: Purpose | None = None,
    **settings: Unpack[TypeSettings],
) -> SubscriptionType:
    """Create a subscription type, by default for marketing by email. `name` is the text by language.

    Raises Invalid, naming the field, for an invalid value, an unknown unit or a key that is taken.
    """
    with Faults() as faults:
        faults.of(_check_key, key)
        unit = await faults.awaited(_existing_unit(business_unit, "businessUnit"))
        of_settings = faults.of(_type_columns, {"name": name, **settings})
        if faults and (await exact_catalog()).type_by_key(key):
            faults.add(_key_taken())
    columns = {
        "key": key,
        "descriptions": {},
        "channels": [Channel.EMAIL.value],
        **of_settings,
        "purpose": (purpose or Purpose.MARKETING).value,
        "reference": type_reference(key),
        "business_unit_id": unit.id,
        "created_at": database.now(),
    }
    try:
        await _create(tables.SubscriptionType, columns)
    except IntegrityError:
        raise _key_taken() from None
    return await _existing_type(key)


async def update_type(key: str, *, name: Any = None, **settings: Unpack[TypeSettings]) -> SubscriptionType:
    """Change a subscription type; None leaves a value unchanged.

    Names and descriptions of the given languages are set, or removed by None; other languages stay as they
    are. Raises Invalid as `create_type` does, and if no name would be left.
    """
    description = settings.pop("description", None)
    with Faults() as faults:
        subscription_type = await faults.awaited(_existing_type(key))
        texts = {
            "names": faults.of(_checked_changes, name, "name"),
            "descriptions": faults.of(_checked_changes, description, "description"),
        }
        columns = faults.of(_type_columns, settings)
    await _update_type(subscription_type.id, columns, texts)
    return await _existing_type(key)


async def archive_type(key: str, *, archived: bool = True) -> SubscriptionType:
    """Archive a type, or restore it; its preferences are kept. Raises Invalid for an unknown key."""
    subscription_type = await _existing_type(key)
    if archived != (subscription_type.archived_at is not None):
        archived_at = database.now() if archived else None
        await _update(tables.SubscriptionType, subscription_type.id, {"archived_at": archived_at})
    return await _existing_type(key)


async def increase_version() -> None:
    """Make every process read the catalog again once the open transaction has committed.

    It also locks the catalog: other changes wait until then.
    """
    await tables.CatalogState.filter(id=1).update(version=F("version") + 1)


async def _existing_unit(key: str, field: str) -> BusinessUnit:
    unit = (await exact_catalog()).unit_by_key(key)
    if unit is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {key!r}.", field)
    return unit


async def _existing_type(key: str) -> SubscriptionType:
    subscription_type = (await exact_catalog()).type_by_key(key)
    if subscription_type is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key!r}.", "key")
    return subscription_type


def _key_taken() -> Invalid:
    return Invalid(ErrorCode.ALREADY_EXISTS, "This key is taken.", "key")


def _check_key(key: str) -> None:
    if len(key) > 64 or not KEY.fullmatch(key):
        message = "A key is a lower-case slug such as weekly-digest, of at most 64 characters."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "key")


def _unit_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Check the values of a unit that are set and return them as columns."""
    columns = {name: value for name, value in values.items() if value is not None}
    with Faults() as faults:
        for name, check in _UNIT_CHECKS.items():
            if name in columns:
                columns[name] = faults.of(check, columns[name])
    return columns


def _checked_colour(colour: str) -> str:
    if not _COLOUR.fullmatch(colour):
        raise Invalid(ErrorCode.INVALID_VALUE, "Write a colour as #rrggbb, such as #0a5c36.", "colour")
    return colour


def _checked_logo(logo: str) -> str:
    check_logo(logo, "logo")
    return logo


_UNIT_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "name": lambda name: check_text(name, "name", max_length=200, required=True),
    "default_locale": lambda locale: check_locale(locale, "defaultLocale"),
    "resubscribe": lambda policy: policy.value,
    "colour": _checked_colour,
    "postal_address": lambda text: check_text(text, "postalAddress", max_length=1000),
    "logo": _checked_logo,
}


def _type_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Check the values of a type that are set and return them as columns."""
    values = {name: value for name, value in values.items() if value is not None}
    columns: dict[str, Any] = {
        name: values[name] for name in ("is_public", "double_opt_in") if name in values
    }
    with Faults() as faults:
        if "name" in values:
            columns["names"] = faults.of(_checked_texts, values["name"], "name")
        if "description" in values:
            columns["descriptions"] = faults.of(_checked_texts, values["description"], "description")
        if "channels" in values:
            columns["channels"] = [channel.value for channel in Channel if channel in values["channels"]]
            if not values["channels"]:
                faults.add(Invalid(ErrorCode.INVALID_VALUE, "Name at least one channel.", "channels"))
    return columns


def _checked_texts(texts: Any, field: str) -> dict[str, str]:
    """Return a text by language, such as {"en": …}. Raises Invalid."""
    if not isinstance(texts, dict) or (field == "name" and not texts):
        message = 'Give a text for each language, such as {"en": "Weekly digest"}.'
        raise Invalid(ErrorCode.INVALID_VALUE, message, field)
    checked: dict[str, str] = {}
    with Faults() as faults:
        for written, text in texts.items():
            locale = faults.of(check_locale, written, field, written) or written
            if locale in checked:
                message = f"The language {locale} is given twice. Give each language once."
                faults.add(Invalid(ErrorCode.INVALID_VALUE, message, field, written))
            checked[locale] = faults.of(_checked_text, text, field, written)
    return checked


def _checked_changes(texts: Any, field: str) -> dict[str, str | None]:
    """Return changes of a text by language, None where it is removed; nothing for None. Raises Invalid."""
    if not isinstance(texts, dict):
        return {} if texts is None else {**_checked_texts(texts, field)}
    removed = [locale for locale, text in texts.items() if text is None]
    kept = {locale: text for locale, text in texts.items() if text is not None}
    with Faults() as faults:
        locales = {faults.of(check_locale, locale, field, locale) or locale for locale in removed}
        changes = faults.of(_checked_texts, kept, field) if kept or not removed else {}
        for locale in sorted(locales & (changes or {}).keys()):
            message = f"The language {locale} is given twice. Give each language once."
            faults.add(Invalid(ErrorCode.INVALID_VALUE, message, field))
    return {**changes, **dict.fromkeys(locales)}


def _checked_text(text: Any, field: str, locale: str) -> str:
    required = field == "name"
    return check_text(text, field, locale, max_length=200 if required else 2000, required=required)


@transaction
async def _create(table: type[Model], columns: Mapping[str, Any]) -> None:
    await table.create(**columns)
    await increase_version()


@transaction
async def _update(table: type[Model], row_id: int, columns: Mapping[str, Any]) -> None:
    if columns:
        await increase_version()
        await table.filter(id=row_id).update(**columns)


@transaction
async def _update_type(
    row_id: int, columns: Mapping[str, Any], texts: Mapping[str, Mapping[str, str | None]]
) -> None:
    """Update a type. Its texts are read once the catalog is locked, so that no change between is lost."""
    if not columns and not any(texts.values()):
        return
    await increase_version()
    row = await tables.SubscriptionType.get(id=row_id)
    merged = {
        column: {
            locale: text for locale, text in {**getattr(row, column), **changes}.items() if text is not None
        }
        for column, changes in texts.items()
        if changes
    }
    if not merged.get("names", row.names):
        raise Invalid(ErrorCode.INVALID_VALUE, "Give the name in at least one language.", "name")
    await tables.SubscriptionType.filter(id=row_id).update(**columns, **merged)
