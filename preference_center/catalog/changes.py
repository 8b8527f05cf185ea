"""Making and changing business units and subscription types."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tortoise.exceptions import IntegrityError

from preference_center.catalog.catalog import KEY, BusinessUnit, SubscriptionType, exact_catalog
from preference_center.catalog.logos import check_logo
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.references import type_reference
from preference_center.rules.types import Channel, Purpose, ResubscribePolicy
from preference_center.storage import database, transactions
from preference_center.validation import check_locale, check_text

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


async def create_unit(
    *,
    key: str,
    name: str,
    data_privacy: bool = True,
    resubscribe: ResubscribePolicy = ResubscribePolicy.WITH_LEGAL_BASIS,
    default_locale: str = "en",
    **look: Any,
) -> BusinessUnit:
    """Make a business unit. `look`: colour (#rrggbb), logo (a data: URI, see `logos`), postal_address.

    Raises Invalid for a bad or taken key, a name that is empty, a language tag that is none.
    """
    columns = {
        "key": _new_key(key),
        **_unit_columns({"name": name, "default_locale": default_locale, **look}),
        "data_privacy": data_privacy,
        "resubscribe": resubscribe.value,
        "created_at": database.now(),
    }
    await _insert("business_units", columns)
    made = (await exact_catalog()).unit_by_key(key)
    if made is None:
        raise RuntimeError("a unit that was made is gone")
    return made


async def update_unit(key: str, **changes: Any) -> BusinessUnit:
    """Change what is given of a unit, None for what stays. Raises Invalid as `create_unit`."""
    unit = (await exact_catalog()).unit_by_key(key)
    if unit is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {key!r}.", "key")
    columns = _unit_columns({name: value for name, value in changes.items() if value is not None})
    await _update("business_units", unit.id, columns)
    return (await exact_catalog()).unit_by_id(unit.id)


async def create_type(
    *,
    key: str,
    business_unit: str,
    name: Any,
    description: Any = None,
    purpose: Purpose = Purpose.MARKETING,
    channels: Sequence[Channel] = (Channel.EMAIL,),
    is_public: bool = True,
    double_opt_in: bool = False,
) -> SubscriptionType:
    """Make a subscription type. `name`, `description`: texts by language.

    Raises Invalid for a bad or taken key, an unknown unit, texts that are none, no channel.
    """
    unit = (await exact_catalog()).unit_by_key(business_unit)
    if unit is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {business_unit!r}.", "businessUnit")
    changed = {"name": name, "description": description or {}, "channels": channels}
    columns = {
        "key": _new_key(key),
        "reference": type_reference(key),
        "business_unit_id": unit.id,
        **_type_columns(changed),
        "purpose": purpose.value,
        "is_public": is_public,
        "double_opt_in": double_opt_in,
        "created_at": database.now(),
    }
    await _insert("subscription_types", columns)
    return await _existing_type(key)


async def update_type(key: str, **changes: Any) -> SubscriptionType:
    """Change what is given of a type, None for what stays. Raises Invalid as `create_type`."""
    kind = await _existing_type(key)
    columns = _type_columns({name: value for name, value in changes.items() if value is not None})
    await _update("subscription_types", kind.id, columns)
    return await _existing_type(key)


async def archive_type(key: str, *, archived: bool = True) -> SubscriptionType:
    """Take a type out of use, or into it again; its preferences stay. Raises Invalid for an unknown key."""
    kind = await _existing_type(key)
    if archived != (kind.archived_at is not None):
        await _update("subscription_types", kind.id, {"archived_at": database.now() if archived else None})
    return await _existing_type(key)


async def _existing_type(key: str) -> SubscriptionType:
    kind = (await exact_catalog()).type_by_key(key)
    if kind is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key!r}.", "key")
    return kind


def _new_key(key: str) -> str:
    if len(key) > 64 or not KEY.fullmatch(key):
        message = "A key is a lower-case slug such as weekly-digest, of at most 64 characters."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "key")
    return key


def _unit_columns(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what is given of a unit and name it as the table does."""
    columns = dict(given)
    if "name" in given:
        columns["name"] = check_text(given["name"], "name", max_length=200, required=True)
    if "default_locale" in given:
        columns["default_locale"] = check_locale(given["default_locale"], "defaultLocale")
    if isinstance(given.get("resubscribe"), ResubscribePolicy):
        columns["resubscribe"] = given["resubscribe"].value
    if given.get("colour") is not None and not _COLOUR.fullmatch(given["colour"]):
        raise Invalid(ErrorCode.INVALID_VALUE, "A colour is written #rrggbb.", "colour")
    if given.get("postal_address") is not None:
        columns["postal_address"] = check_text(given["postal_address"], "postalAddress", max_length=1000)
    if given.get("logo") is not None:
        check_logo(given["logo"], "logo")
    return {name: value for name, value in columns.items() if value is not None}


def _type_columns(given: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in given.items() if name in ("is_public", "double_opt_in")}
    if "name" in given:
        columns["names"] = json.dumps(_texts(given["name"], "name", max_length=200, required=True))
    if "description" in given:
        columns["descriptions"] = json.dumps(_texts(given["description"], "description", max_length=2000))
    if "channels" in given:
        if not given["channels"]:
            raise Invalid(ErrorCode.INVALID_VALUE, "At least one channel is needed.", "channels")
        offered = [channel.value for channel in Channel if channel in given["channels"]]
        columns["channels"] = json.dumps(offered)
    return columns


def _texts(given: Any, field: str, *, max_length: int, required: bool = False) -> dict[str, str]:
    """A text in several languages: {"en": …}."""
    if not isinstance(given, dict) or (required and not given):
        message = 'A text by language is needed, such as {"en": "Weekly digest"}.'
        raise Invalid(ErrorCode.INVALID_VALUE, message, field)
    return {
        check_locale(locale, field, locale): check_text(
            text, field, locale, max_length=max_length, required=required
        )
        for locale, text in given.items()
    }


async def _insert(table: str, columns: Mapping[str, Any]) -> None:
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    try:
        async with transactions.write_transaction():
            await database.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", *columns.values()
            )
            await moved()
    except IntegrityError:
        raise Invalid(ErrorCode.ALREADY_EXISTS, "That key is taken.", "key") from None


async def _update(table: str, row_id: int, columns: Mapping[str, Any]) -> None:
    if not columns:
        return
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
    async with transactions.write_transaction():
        await database.execute(f"UPDATE {table} SET {settings} WHERE id = $1", row_id, *columns.values())
        await moved()


async def moved() -> None:
    """Let every process notice, once the open transaction is committed, that the catalogue is another."""
    await database.execute("UPDATE catalog_state SET version = version + 1 WHERE id = 1")
