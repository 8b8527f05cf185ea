"""The numbers of the business that recipients write to, and the types that each carries (R28)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tortoise.exceptions import IntegrityError

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType, exact_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError
from preference_center.rules.types import Channel
from preference_center.storage import database, transactions
from preference_center.validation import check_text

_SHORT_CODE = re.compile(r"[0-9]{3,8}", re.ASCII)
_LONGEST_PROVIDER_ID = 64


@dataclass(frozen=True, slots=True)
class SenderNumber:
    """One sender number, as it was when read."""

    id: int
    number: str
    """E.164; of a short code for SMS its digits alone."""
    channel: Channel
    unit_id: int
    type_ids: tuple[int, ...]
    """What it carries, in the order of the catalogue: archived types too."""
    provider_id: str | None = None

    def carried(self, catalog: Catalog) -> list[SubscriptionType]:
        """The types that it carries and that can be opted in to: archived and unoffered ones passed over."""
        kinds = [catalog.type_by_id(number) for number in self.type_ids]
        return [kind for kind in kinds if kind.archived_at is None and self.channel in kind.channels]


async def find(number: str, channel: Channel) -> SenderNumber | None:
    """The sender number that a message went to, or None. In one statement."""
    found = await _select("n.number = $1 AND n.channel = $2", number, channel.value)
    return found[0] if found else None


async def by_provider_id(provider_id: str, channel: Channel) -> SenderNumber | None:
    """The one sender number that the provider's API calls so; None where there is none, or more than one."""
    found = await _select(
        "n.provider_id = $1 AND n.channel = $2", provider_id[:_LONGEST_PROVIDER_ID], channel.value
    )
    return found[0] if len(found) == 1 else None


async def get_many(ids: Iterable[int]) -> dict[int, SenderNumber]:
    """Sender numbers by id, in one statement."""
    return {one.id: one for one in await _select(f"n.id {database.any_of(1)}", list(ids))}


async def for_unit(unit_id: int, channel: Channel) -> list[SenderNumber]:
    """The numbers of a unit on a channel: the one made first comes first."""
    return await _select("n.business_unit_id = $1 AND n.channel = $2", unit_id, channel.value)


async def all(channel: Channel | None = None) -> list[SenderNumber]:
    """Every number, or those of a channel, in the order they were made in."""
    return await _select("$1 IN ('', n.channel)", channel.value if channel else "")


async def create(
    *,
    number: str,
    channel: Channel,
    business_unit: str,
    subscription_types: Sequence[str] = (),
    provider_id: str | None = None,
) -> SenderNumber:
    """Register a number for a channel: SMS or WhatsApp.

    Raises Invalid for what is no number, one that the channel has already, an unknown unit, and for types
    that are unknown, of another unit, not offered on the channel, or archived.
    """
    if channel is Channel.EMAIL:
        raise Invalid(ErrorCode.INVALID_VALUE, "A sender number is for SMS or WHATSAPP.", "channel")
    written, named = _number(number, channel), _provider_id(provider_id)

    async def once() -> int:
        async with transactions.write_transaction():
            catalog = await exact_catalog()
            unit = _unit(catalog, business_unit)
            kinds = _types(catalog, unit, channel, subscription_types, frozenset())
            made = await database.fetch(
                "INSERT INTO sender_numbers (number, channel, business_unit_id, provider_id, created_at)"
                " VALUES ($1, $2, $3, $4, $5) RETURNING id",
                *(written, channel.value, unit.id, named, database.now()),
            )
            await _carry(made[0]["id"], kinds)
            return int(made[0]["id"])

    try:
        return await _existing(await transactions.retried(once))
    except IntegrityError:
        message = "That number is registered for this channel already."
        raise Invalid(ErrorCode.ALREADY_EXISTS, message, "number") from None


async def update(
    sender_id: int,
    *,
    business_unit: str | None = None,
    subscription_types: Sequence[str] | None = None,
    provider_id: str | None = None,
) -> SenderNumber:
    """Change what is given of a number, None for what stays; "" takes the provider's id away.

    What it carries already may stay though it was archived since. Raises Invalid as `create`.
    """
    named = _provider_id(provider_id)

    async def once() -> None:
        async with transactions.write_transaction():
            held = await _locked(sender_id)
            catalog = await exact_catalog()
            unit = (
                _unit(catalog, business_unit)
                if business_unit is not None
                else catalog.unit_by_id(held.unit_id)
            )
            wanted = subscription_types
            if wanted is None:
                wanted = [catalog.type_by_id(number).key for number in held.type_ids]
            kinds = _types(catalog, unit, held.channel, wanted, frozenset(held.type_ids))
            await database.execute(
                "UPDATE sender_numbers SET business_unit_id = $2, provider_id = $3 WHERE id = $1",
                *(sender_id, unit.id, held.provider_id if provider_id is None else named),
            )
            await _carry(sender_id, kinds)

    await transactions.retried(once)
    return await _existing(sender_id)


async def remove(sender_id: int) -> bool:
    """Forget a number; the messages that came to it stay. False where there was none."""
    return await database.execute("DELETE FROM sender_numbers WHERE id = $1", sender_id) > 0


async def learn_provider_id(sender_id: int, provider_id: str) -> None:
    """Keep what the provider's API calls a number, where that is not known or was something else."""
    await database.execute(
        "UPDATE sender_numbers SET provider_id = $2"
        " WHERE id = $1 AND (provider_id IS NULL OR provider_id <> $2)",
        *(sender_id, provider_id[:_LONGEST_PROVIDER_ID]),
    )


async def _select(condition: str, *values: object) -> list[SenderNumber]:
    rows = await database.fetch(
        "SELECT n.id, n.number, n.channel, n.business_unit_id, n.provider_id, t.subscription_type_id"
        " FROM sender_numbers n LEFT JOIN sender_number_types t ON t.sender_number_id = n.id"
        f" WHERE {condition} ORDER BY n.id, t.subscription_type_id",
        *values,
    )
    carried: dict[int, list[int]] = {}
    for row in rows:
        types = carried.setdefault(row["id"], [])
        if row["subscription_type_id"] is not None:
            types.append(row["subscription_type_id"])
    first = {row["id"]: row for row in rows}
    return [_sender_number(row, carried[number]) for number, row in first.items()]


def _sender_number(row: database.Row, types: Sequence[int]) -> SenderNumber:
    return SenderNumber(
        id=row["id"],
        number=row["number"],
        channel=Channel(row["channel"]),
        unit_id=row["business_unit_id"],
        type_ids=tuple(types),
        provider_id=row["provider_id"],
    )


async def _existing(sender_id: int) -> SenderNumber:
    found = (await get_many([sender_id])).get(sender_id)
    if found is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such sender number.", "id")
    return found


async def _locked(sender_id: int) -> SenderNumber:
    """The number, held against every other change of it until the transaction ends."""
    mode = " FOR UPDATE" if database.dialect() == "postgres" else ""
    await database.fetch(f"SELECT id FROM sender_numbers WHERE id = $1{mode}", sender_id)
    return await _existing(sender_id)


async def _carry(sender_id: int, kinds: Sequence[SubscriptionType]) -> None:
    """Let a number carry these types and no others."""
    wanted = [kind.id for kind in kinds]
    await database.execute(
        "DELETE FROM sender_number_types WHERE sender_number_id = $1"
        f" AND NOT subscription_type_id {database.any_of(2)}",
        *(sender_id, wanted),
    )
    columns = {"sender_number_id": "int", "subscription_type_id": "int"}
    rows = [(sender_id, number) for number in wanted]
    await database.insert("sender_number_types", columns, rows, "ON CONFLICT DO NOTHING")


def _number(text: str, channel: Channel) -> str:
    """A number as messages to it name it. Raises Invalid."""
    typed = text.strip()
    if channel is Channel.SMS and _SHORT_CODE.fullmatch(typed):
        return typed
    try:
        return addresses.parse_phone(typed).value
    except AddressError as error:
        raise Invalid(ErrorCode.INVALID_ADDRESS, str(error), "number") from None


def _provider_id(text: str | None) -> str | None:
    return check_text(text, "providerId", max_length=_LONGEST_PROVIDER_ID) or None if text else None


def _unit(catalog: Catalog, key: str) -> BusinessUnit:
    unit = catalog.unit_by_key(key)
    if unit is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {key[:80]!r}.", "businessUnit")
    return unit


def _types(
    catalog: Catalog, unit: BusinessUnit, channel: Channel, keys: Sequence[str], carried: frozenset[int]
) -> list[SubscriptionType]:
    """The types that keys name, each once. Raises Invalid for those that the number can't carry."""
    kinds = []
    for key in dict.fromkeys(keys):
        kind = catalog.type_by_key(key)
        if kind is None:
            raise _refused(ErrorCode.NOT_FOUND, f"There is no subscription type {key[:80]!r}.")
        if kind.business_unit.id != unit.id:
            raise _refused(ErrorCode.INVALID_VALUE, f"{key!r} is a type of another business unit.")
        if kind.id not in carried:
            _check_offered(kind, channel)
        kinds.append(kind)
    return kinds


def _check_offered(kind: SubscriptionType, channel: Channel) -> None:
    if channel not in kind.channels:
        message = f"{kind.key!r} is not offered on {channel.value}."
        raise _refused(ErrorCode.CHANNEL_NOT_OFFERED, message)
    if kind.archived_at is not None:
        raise _refused(ErrorCode.TYPE_ARCHIVED, f"{kind.key!r} is archived.")


def _refused(code: ErrorCode, message: str) -> Invalid:
    return Invalid(code, message, "subscriptionTypes")
