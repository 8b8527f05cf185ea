"""Exports of suppressions: opt-outs of all and of single types, for other systems to respect."""

from __future__ import annotations

from dataclasses import dataclass, replace

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.contacts.filter import Condition
from preference_center.exports.columns import Column, ColumnType
from preference_center.exports.stream import Export, Source
from preference_center.rules.types import Channel
from preference_center.storage import database

COLUMNS = (
    Column("address", ColumnType.TEXT),
    Column("fingerprint"),
    Column("channel"),
    Column("business_unit"),
    Column("subscription_type"),
    Column("origin"),
    Column("occurred_at", ColumnType.INSTANT),
)
_NOT_MERGED = "r.merged_into_id IS NULL"
"""The recipient that another spelling of a phone number was merged into has its opt-outs (R3)."""


@dataclass(frozen=True, slots=True)
class SuppressionFilter:
    """Which opt-outs to export; everything given must hold.

    With a type, the opt-outs of all that cover it are included. `of_all` limits the export to opt-outs of
    all (True) or to opt-outs of single types (False).
    """

    unit: BusinessUnit | None = None
    channel: Channel | None = None
    type: SubscriptionType | None = None
    of_all: bool | None = None


def suppressions(filters: SuppressionFilter) -> Export:
    """The opt-outs in effect: first opt-outs of all, whose type is empty, then those of single types.

    An erased address is empty, and its fingerprint is given instead (R36).
    """
    sources = []
    if filters.of_all is not False:
        unit = (
            filters.type.business_unit if filters.type is not None and filters.unit is None else filters.unit
        )
        sources.append(_of_all(replace(filters, unit=unit)))
    if filters.of_all is not True:
        sources.append(_of_types(filters))
    return Export(COLUMNS, sources)


def _of_all(filters: SuppressionFilter) -> Source:
    condition = Condition()
    conditions = [
        "o.active",
        _NOT_MERGED,
        *_conditions(condition, filters, "o.business_unit_id", "o.channel"),
    ]
    if filters.type is not None:
        conditions.append(f"o.business_unit_id = {condition.placeholder(filters.type.business_unit.id)}")
    return Source(
        expressions=_expressions("o", "NULL"),
        tables="opt_outs_of_all o JOIN recipients r ON r.id = o.recipient_id"
        " JOIN business_units u ON u.id = o.business_unit_id",
        condition=" AND ".join(conditions),
        values=condition.values,
        order=("o.id",),
    )


def _of_types(filters: SuppressionFilter) -> Source:
    condition = Condition()
    conditions = [
        "p.status = 'OPTED_OUT'",
        _NOT_MERGED,
        *_conditions(condition, filters, "t.business_unit_id", "p.channel"),
    ]
    if filters.type is not None:
        conditions.append(f"p.subscription_type_id = {condition.placeholder(filters.type.id)}")
    return Source(
        expressions=_expressions("p", "t.key"),
        tables="preferences p JOIN recipients r ON r.id = p.recipient_id"
        " JOIN subscription_types t ON t.id = p.subscription_type_id"
        " JOIN business_units u ON u.id = t.business_unit_id",
        condition=" AND ".join(conditions),
        values=condition.values,
        order=("p.id",),
    )


def _conditions(condition: Condition, filters: SuppressionFilter, unit: str, channel: str) -> list[str]:
    conditions = []
    if filters.unit is not None:
        conditions.append(f"{unit} = {condition.placeholder(filters.unit.id)}")
    if filters.channel is not None:
        conditions.append(f"{channel} = {condition.placeholder(filters.channel.value)}")
    return conditions


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
