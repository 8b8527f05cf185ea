"""Sender numbers: the business's phone numbers that recipients write to, and the types they carry (R28)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.exceptions import IntegrityError

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType, exact_catalog
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.rules.phone_numbers import PhoneNumberError, business_number, e164_as_written
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables import messaging as tables
from preference_center.validation import check_text

_SHORT_CODE = re.compile(r"[0-9]{3,8}", re.ASCII)
_MAX_NUMBER_LENGTH = 16
_MAX_PROVIDER_ID_LENGTH = 64


@dataclass(frozen=True, slots=True)
class SenderNumber:
    """A sender number, as it was when read."""

    id: int
    number: str
    """E.164 as it was registered, because the provider sends from that; a short code is its digits alone."""
    channel: Channel
    unit_id: int
    type_ids: tuple[int, ...]
    """The types it carries, archived ones too, in the order of creation."""
    provider_id: str | None = None

    def carried(self, catalog: Catalog) -> list[SubscriptionType]:
        """The types it carries that can be opted in to: neither archived nor off the channel. By position."""
        types = catalog.types_of(catalog.unit_by_id(self.unit_id))
        return [
            t for t in types if t.id in self.type_ids and t.archived_at is None and self.channel in t.channels
        ]


async def find(number: str, channel: Channel) -> SenderNumber | None:
    """Return the sender number that a message was sent to, or None. In one statement if it is written alike.

    `number` is what `phone_numbers.business_number` returns.
    """
    if len(number) > _MAX_NUMBER_LENGTH:
        return None  # Tortoise would raise ValidationError
    found = await _select(number=number, channel=channel.value)
    if not found:
        found = [other for other in await list_all(channel) if business_number(other.number) == number]
    return found[0] if found else None


async def find_by_id(sender_id: int | None) -> SenderNumber | None:
    """Return the sender number with an id; None if there is none."""
    return None if sender_id is None else (await get_many([sender_id])).get(sender_id)


async def find_by_provider_id(provider_id: str, channel: Channel) -> SenderNumber | None:
    """Return the sender number with this id in the provider's API; None unless there is exactly one."""
    found = await _select(provider_id=provider_id[:_MAX_PROVIDER_ID_LENGTH], channel=channel.value)
    return found[0] if len(found) == 1 else None


async def get_many(ids: Iterable[int]) -> dict[int, SenderNumber]:
    """Return sender numbers by id, in one statement."""
    return {number.id: number for number in await _select(id__in=list(ids))}


async def list_all(channel: Channel | None = None) -> list[SenderNumber]:
    """Return every sender number, or those of a channel, in the order of creation."""
    return await _select(**{"channel": channel.value} if channel else {})


async def create(
    *,
    number: str,
    channel: Channel,
    business_unit: str,
    subscription_types: Sequence[str] = (),
    provider_id: str | None = None,
) -> SenderNumber:
    """Register a number for SMS or WhatsApp.

    Raises Invalid, naming the field, for an invalid number, one that is registered for the channel, an
    unknown unit, and types that are unknown, of another unit, not offered on the channel, or archived.
    """
    with Faults() as faults:
        faults.of(_check_channel, channel)
        columns = {
            "number": faults.of(_checked_number, number, channel),
            "channel": channel.value,
            "provider_id": faults.of(_checked_provider_id, provider_id),
        }
        faults.of(_checked_unit, await exact_catalog(), business_unit, channel, subscription_types)
    try:
        return await _existing(await _create(columns, channel, business_unit, subscription_types))
    except IntegrityError:
        message = "This number is already registered for the channel."
        raise Invalid(ErrorCode.ALREADY_EXISTS, message, "number") from None


async def update(
    sender_id: int,
    *,
    business_unit: str | None = None,
    subscription_types: Sequence[str] | None = None,
    provider_id: str | None = None,
) -> SenderNumber:
    """Change a sender number; None leaves a value unchanged, "" removes the provider id.

    A type that it carries already may stay, although it was archived since. Raises Invalid as `create` does.
    """
    with Faults() as faults:
        columns: dict[str, Any] = {}
        if provider_id is not None:
            columns["provider_id"] = faults.of(_checked_provider_id, provider_id)
        number = await faults.awaited(_existing(sender_id))
        if number is not None:
            faults.of(_wanted, await exact_catalog(), number, business_unit, subscription_types)
    await _update(sender_id, business_unit, subscription_types, columns)
    return await _existing(sender_id)


async def delete(sender_id: int) -> bool:
    """Delete a sender number; the messages sent to it are kept. Returns False if there is none."""
    return await tables.SenderNumber.filter(id=sender_id).delete() > 0


async def store_provider_id(sender_id: int, provider_id: str) -> None:
    """Store the number's id in the provider's API."""
    stored = provider_id[:_MAX_PROVIDER_ID_LENGTH]
    await tables.SenderNumber.filter(id=sender_id).update(provider_id=stored)


@transaction
async def _create(columns: dict[str, Any], channel: Channel, unit_key: str, type_keys: Sequence[str]) -> int:
    catalog = await exact_catalog()
    unit, types = _checked_unit(catalog, unit_key, channel, type_keys)
    row = await tables.SenderNumber.create(**columns, business_unit_id=unit.id, created_at=database.now())
    await _set_types(row.id, (), types)
    return row.id


@transaction
async def _update(
    sender_id: int, unit_key: str | None, type_keys: Sequence[str] | None, columns: dict[str, Any]
) -> None:
    # The lock serialises changes of the same number; SQLite has one writer at a time.
    await tables.SenderNumber.filter(id=sender_id).select_for_update().first()
    number = await _existing(sender_id)
    catalog = await exact_catalog()
    unit, types = _wanted(catalog, number, unit_key, type_keys)
    await tables.SenderNumber.filter(id=sender_id).update(business_unit_id=unit.id, **columns)
    await _set_types(sender_id, number.type_ids, types)


def _wanted(
    catalog: Catalog, number: SenderNumber, unit_key: str | None, type_keys: Sequence[str] | None
) -> tuple[BusinessUnit, list[SubscriptionType]]:
    """Return the unit and the types that an update leaves. Raises Invalid."""
    if unit_key is None:
        unit_key = catalog.unit_by_id(number.unit_id).key
    if type_keys is not None:
        return _checked_unit(catalog, unit_key, number.channel, type_keys, carried=number.type_ids)
    held = [catalog.type_by_id(type_id).key for type_id in number.type_ids]
    try:
        return _checked_unit(catalog, unit_key, number.channel, held, carried=number.type_ids)
    except Invalid as error:
        for fault in error.faults:  # the input has no list of types that an index could lead into
            fault.field = fault.field and fault.field[:1]
        raise


async def _set_types(sender_id: int, carried: Collection[int], types: Sequence[SubscriptionType]) -> None:
    """Let a number carry these types and no others."""
    wanted = [subscription_type.id for subscription_type in types]
    removed = [type_id for type_id in carried if type_id not in wanted]
    added = [type_id for type_id in wanted if type_id not in carried]
    if removed:
        await tables.SenderNumberType.filter(
            sender_number_id=sender_id, subscription_type_id__in=removed
        ).delete()
    await tables.SenderNumberType.bulk_create(
        tables.SenderNumberType(sender_number_id=sender_id, subscription_type_id=type_id) for type_id in added
    )


async def _select(**conditions: Any) -> list[SenderNumber]:
    """Read sender numbers with the types they carry, in one statement: a row for each number and type."""
    type_id = "carried__subscription_type_id"
    columns = ("id", "number", "channel", "business_unit_id", "provider_id", type_id)
    rows = await tables.SenderNumber.filter(**conditions).order_by("id", type_id).values(*columns)
    type_ids: dict[int, list[int]] = {}
    for row in rows:
        type_ids.setdefault(row["id"], []).extend(() if row[type_id] is None else (row[type_id],))
    by_id = {row["id"]: row for row in rows}
    return [_sender_number(by_id[sender_id], carried) for sender_id, carried in type_ids.items()]


def _sender_number(row: dict[str, Any], type_ids: Sequence[int]) -> SenderNumber:
    return SenderNumber(
        id=row["id"],
        number=row["number"],
        channel=Channel(row["channel"]),
        unit_id=row["business_unit_id"],
        type_ids=tuple(type_ids),
        provider_id=row["provider_id"],
    )


async def _existing(sender_id: int) -> SenderNumber:
    found = await find_by_id(sender_id)
    if found is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no sender number with this id.", "id")
    return found


def _checked_number(text: str, channel: Channel) -> str:
    """Return a number in E.164. Raises Invalid."""
    stripped = text.strip()
    if channel is Channel.SMS and _SHORT_CODE.fullmatch(stripped):
        return stripped
    try:
        return e164_as_written(stripped)
    except PhoneNumberError as error:
        raise Invalid(ErrorCode.INVALID_ADDRESS, str(error), "number") from None


def _checked_provider_id(text: str | None) -> str | None:
    return check_text(text, "providerId", max_length=_MAX_PROVIDER_ID_LENGTH) or None if text else None


def _unit(catalog: Catalog, key: str) -> BusinessUnit:
    unit = catalog.unit_by_key(key)
    if unit is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {key[:80]!r}.", "businessUnit")
    return unit


def _check_channel(channel: Channel) -> None:
    if channel is Channel.EMAIL:
        message = "Choose SMS or WHATSAPP: a sender number has no other channel."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "channel")


def _checked_unit(
    catalog: Catalog,
    unit_key: str,
    channel: Channel,
    type_keys: Sequence[str],
    *,
    carried: Collection[int] = (),
) -> tuple[BusinessUnit, list[SubscriptionType]]:
    """Return the unit and the types, each once. Raises Invalid for types that the number cannot carry.

    `carried`: the ids of types that it carries already.
    """
    with Faults() as faults:
        unit = faults.of(_unit, catalog, unit_key)
        types = []
        for key in dict.fromkeys(type_keys):
            path = ("subscriptionTypes", str(type_keys.index(key)))
            type_ = faults.of(_type, catalog, key, path)
            types.append(type_)
            if type_ is not None and unit is not None and type_.business_unit.id != unit.id:
                message = f"{type_.key!r} is a type of another business unit."
                faults.add(Invalid(ErrorCode.INVALID_VALUE, message, *path))
            if type_ is not None and type_.id not in carried:
                faults.of(_check_offered, type_, channel, path)
    return unit, types


def _type(catalog: Catalog, key: str, path: tuple[str, ...]) -> SubscriptionType:
    found = catalog.type_by_key(key)
    if found is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key[:80]!r}.", *path)
    return found


def _check_offered(subscription_type: SubscriptionType, channel: Channel, path: tuple[str, ...]) -> None:
    with Faults() as faults:
        if channel not in subscription_type.channels:
            message = f"{subscription_type.key!r} is not offered on {channel.value}."
            faults.add(Invalid(ErrorCode.CHANNEL_NOT_OFFERED, message, *path))
        if subscription_type.archived_at is not None:
            faults.add(Invalid(ErrorCode.TYPE_ARCHIVED, f"{subscription_type.key!r} is archived.", *path))
