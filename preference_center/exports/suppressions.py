"""Who said no: opt-outs of all, and of single types, for other systems to keep to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.contacts.filter import Condition
from preference_center.exports.columns import Column, Kind
from preference_center.exports.stream import Export, Source
from preference_center.rules.types import Channel
from preference_center.storage import database

COLUMNS = (
    Column("address", Kind.TEXT),
    Column("fingerprint"),
    Column("channel"),
    Column("business_unit"),
    Column("subscription_type"),
    Column("origin"),
    Column("occurred_at", Kind.INSTANT),
)


@dataclass(frozen=True, slots=True)
class SuppressionFilter:
    """Which opt-outs are meant; all that is given must hold.

    Of a type, the opt-outs of all that cover it belong to them. `of_all` asks for those alone (True) or for
    those of single types alone (False).
    """

    unit: BusinessUnit | None = None
    channel: Channel | None = None
    type: SubscriptionType | None = None
    of_all: bool | None = None


def suppressions(wanted: SuppressionFilter) -> Export:
    """The opt-outs that stand: opt-outs of all (their type is empty) first, then those of single types.

    An erased address is empty; its fingerprint stands beside it (R36).
    """
    sources = []
    if wanted.of_all is not False:
        unit = wanted.type.business_unit if wanted.type is not None and wanted.unit is None else wanted.unit
        sources.append(_of_all(replace(wanted, unit=unit)))
    if wanted.of_all is not True:
        sources.append(_of_types(wanted))
    return Export(COLUMNS, sources)


def _of_all(wanted: SuppressionFilter) -> Source:
    condition = Condition()
    parts = ["o.active", *_narrowed(condition, wanted, "o.business_unit_id", "o.channel")]
    if wanted.type is not None:
        parts.append(f"o.business_unit_id = {condition.placeholder(wanted.type.business_unit.id)}")
    return Source(
        expressions=_expressions("o", "NULL"),
        tables="opt_outs_of_all o JOIN recipients r ON r.id = o.recipient_id"
        " JOIN business_units u ON u.id = o.business_unit_id",
        condition=" AND ".join(parts),
        values=condition.values,
        order=("o.id",),
    )


def _of_types(wanted: SuppressionFilter) -> Source:
    condition = Condition()
    parts = ["p.status = 'OPTED_OUT'", *_narrowed(condition, wanted, "t.business_unit_id", "p.channel")]
    if wanted.type is not None:
        parts.append(f"p.subscription_type_id = {condition.placeholder(wanted.type.id)}")
    return Source(
        expressions=_expressions("p", "t.key"),
        tables="preferences p JOIN recipients r ON r.id = p.recipient_id"
        " JOIN subscription_types t ON t.id = p.subscription_type_id"
        " JOIN business_units u ON u.id = t.business_unit_id",
        condition=" AND ".join(parts),
        values=condition.values,
        order=("p.id",),
    )


def _narrowed(condition: Condition, wanted: SuppressionFilter, unit: str, channel: str) -> list[str]:
    parts = []
    if wanted.unit is not None:
        parts.append(f"{unit} = {condition.placeholder(wanted.unit.id)}")
    if wanted.channel is not None:
        parts.append(f"{channel} = {condition.placeholder(wanted.channel.value)}")
    return parts


def _expressions(table: str, type_key: str) -> tuple[str, ...]:
    return (
        "r.address",
        f"CASE WHEN r.address IS NULL THEN {_hexadecimal('r.fingerprint')} END",
        f"{table}.channel",
        "u.key",
        type_key,
        f"{table}.origin",
        f"{table}.occurred_at",
    )


def _hexadecimal(column: str) -> str:
    if database.dialect() == "sqlite":
        return f"lower(hex({column}))"
    return f"encode({column}, 'hex')"
