"""Creates and changes business units and subscription types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypedDict, Unpack

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.models import Model

from preference_center.catalog.appearance import Appearance, from_stored, stored
from preference_center.catalog.appearance_settings import checked_appearance, checked_colour, checked_logo
from preference_center.catalog.catalog import KEY, BusinessUnit, Catalog, SubscriptionType, exact_catalog
from preference_center.catalog.localized_texts import TextLimits, checked_changes, checked_texts
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.rules.references import type_reference
from preference_center.rules.types import Channel, Purpose, ResubscribePolicy
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables import catalog as tables
from preference_center.validation import check_locale, check_text


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
    appearance: Mapping[str, Any] | None
    """Fields of `appearance.Appearance` to set, see `appearance_settings`; None sets one to its default."""


class TypeSettings(TypedDict, total=False):
    """The settings of a subscription type. None or missing is the default, or unchanged in an update."""

    description: Any
    """The text by language, like the name."""
    channels: Sequence[Channel] | None
    is_public: bool | None
    double_opt_in: bool | None
    position: int | None
    """Types with a lower one come first."""
    group: Any
    """The name of its group by language; empty for none."""
    frequency: Any
    """A note how often its messages come, by language, like the description."""


async def create_unit(key: str, name: str, **settings: Unpack[UnitSettings]) -> BusinessUnit:
    """Create a business unit.

    Raises Invalid, naming the field, for an invalid value or a key that is taken.
    """
    with Faults() as faults:
        faults.of(_check_key, key)
        columns = faults.of(_unit_columns, {"name": name, **settings})
        if faults and (await exact_catalog()).unit_by_key(key):
            faults.add(_key_taken())
    look = _columns_of(Appearance(), columns)
    try:
        await _create(tables.BusinessUnit, {"key": key, **look, "created_at": database.now()})
    except IntegrityError:
        raise _key_taken() from None
    return await _existing_unit(key, "key")


async def update_unit(key: str, *, name: str | None = None, **settings: Unpack[UnitSettings]) -> BusinessUnit:
    """Change a business unit; None leaves a value unchanged. Raises Invalid as `create_unit` does."""
    with Faults() as faults:
        unit = await faults.awaited(_existing_unit(key, "key"))
        columns = faults.of(_unit_columns, {"name": name, **settings})
    await _update_unit(unit.id, columns)
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
        last = _last_position(await exact_catalog(), unit)
    columns = {
        "key": key,
        "position": last,
        "descriptions": {},
        "frequencies": {},
        "group_names": {},
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

    Names, descriptions and frequency notes of the given languages are set, or removed by None; other
    languages stay as they are. The group is replaced as a whole. Raises Invalid as `create_type` does, and
    if no name would be left.
    """
    description, frequency = settings.pop("description", None), settings.pop("frequency", None)
    with Faults() as faults:
        subscription_type = await faults.awaited(_existing_type(key))
        texts = {
            "names": faults.of(checked_changes, name, _NAME, "name"),
            "descriptions": faults.of(checked_changes, description, _DESCRIPTION, "description"),
            "frequencies": faults.of(checked_changes, frequency, _FREQUENCY, "frequency"),
        }
        columns = faults.of(_type_columns, settings)
    await _update_type(subscription_type.id, columns, texts)
    return await _existing_type(key)


async def order_types(business_unit: str, keys: Sequence[str]) -> BusinessUnit:
    """Put types of a unit in this order, before those that are not named, whose order stays.

    Raises Invalid, naming the field, for an unknown unit, and for a type that is unknown, given twice or of
    another unit.
    """
    seen: set[str] = set()
    with Faults() as faults:
        catalog = await exact_catalog()
        unit = await faults.awaited(_existing_unit(business_unit, "businessUnit"))
        for index, key in enumerate(keys):
            type_ = catalog.type_by_key(key)
            path = ("subscriptionTypes", str(index))
            if type_ is None or (unit and type_.business_unit.id != unit.id):
                message = f"The business unit has no subscription type {key[:80]!r}."
                faults.add(Invalid(ErrorCode.NOT_FOUND, message, *path))
            elif key in seen:
                faults.add(Invalid(ErrorCode.INVALID_VALUE, f"{key!r} is given twice.", *path))
            seen.add(key)
    await _order(unit.id, keys)
    return await _existing_unit(business_unit, "businessUnit")


@transaction
async def _order(unit_id: int, keys: Sequence[str]) -> None:
    await increase_version()
    table = tables.SubscriptionType.filter(business_unit_id=unit_id)
    others = await table.exclude(key__in=keys).order_by("position", "id").values_list("key", flat=True)
    for position, key in enumerate([*keys, *others], 1):
        await table.filter(key=key).update(position=position)


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
        look = columns.get("appearance") or {}
        for name, field in _IN_APPEARANCE.items():
            if name in columns and field in look and columns[name] != look[field]:
                message = f"This differs from {name}. Give it once."
                path = "primaryColour" if name == "colour" else name
                faults.add(Invalid(ErrorCode.INVALID_VALUE, message, "appearance", path))
    return columns


_IN_APPEARANCE: Final = {"colour": "primary_colour", "logo": "logo"}
"""Columns of their own that are fields of the appearance, too."""


_UNIT_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "name": lambda name: check_text(name, "name", max_length=200, required=True),
    "default_locale": lambda locale: check_locale(locale, "defaultLocale"),
    "resubscribe": lambda policy: policy.value,
    "colour": lambda colour: checked_colour(colour, "colour"),
    "postal_address": lambda text: check_text(text, "postalAddress", max_length=1000),
    "logo": lambda logo: checked_logo(logo, "logo"),
    "appearance": checked_appearance,
}


def _type_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Check the values of a type that are set and return them as columns."""
    values = {name: value for name, value in values.items() if value is not None}
    columns: dict[str, Any] = {
        name: values[name] for name in ("is_public", "double_opt_in") if name in values
    }
    with Faults() as faults:
        for field, (column, limits) in _TYPE_TEXTS.items():
            if field in values:
                columns[column] = faults.of(checked_texts, values[field], limits, field)
        if "position" in values:
            columns["position"] = faults.of(_checked_position, values["position"])
        if "channels" in values:
            columns["channels"] = [channel.value for channel in Channel if channel in values["channels"]]
            if not values["channels"]:
                faults.add(Invalid(ErrorCode.INVALID_VALUE, "Name at least one channel.", "channels"))
    return columns


_NAME, _DESCRIPTION = TextLimits(200, required=True), TextLimits(2_000)
_GROUP, _FREQUENCY = TextLimits(100), TextLimits(100, example='{"en": "about twice a month"}')
_TYPE_TEXTS: Final = {
    "name": ("names", _NAME),
    "description": ("descriptions", _DESCRIPTION),
    "group": ("group_names", _GROUP),
    "frequency": ("frequencies", _FREQUENCY),
}
_MAX_POSITION: Final = 1_000_000


def _checked_position(position: int) -> int:
    if not 0 <= position <= _MAX_POSITION:
        message = f"A position is a number from 0 to {_MAX_POSITION:,}."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "position")
    return position


def _last_position(catalog: Catalog, unit: BusinessUnit | None) -> int:
    """The position of the unit's last type: a new one with the same comes after it."""
    return max((type_.position for type_ in catalog.types_of(unit)), default=0) if unit else 0


def _columns_of(appearance: Appearance, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a unit, with the changes to its appearance applied to what it has."""
    changes = columns.get("appearance")
    if changes is None:
        return dict(columns)
    changed = replace(appearance, **changes)
    # The colour and the logo have columns: what is given beside the appearance is the same, or alone.
    own = {"colour": changed.primary_colour, "logo": changed.logo}
    given = {name: own[name] for name, field in _IN_APPEARANCE.items() if field in changes}
    return {**columns, **given, "appearance": stored(changed)}


@transaction
async def _update_unit(unit_id: int, columns: Mapping[str, Any]) -> None:
    """Update a unit. Its appearance is read once the catalog is locked, so that no change between is lost."""
    if columns:
        await increase_version()
        row = await tables.BusinessUnit.get(id=unit_id)
        current = from_stored(row.appearance, row.colour, row.logo)
        await tables.BusinessUnit.filter(id=unit_id).update(**_columns_of(current, columns))


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
