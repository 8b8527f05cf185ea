"""Contacts as a file: their own columns, their properties, and what holds of their addresses."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from preference_center.catalog.catalog import Catalog
from preference_center.contacts.filter import Condition, ContactFilter
from preference_center.errors import ErrorCode, Invalid
from preference_center.exports import connection as exports_connection
from preference_center.exports.columns import Column, Kind
from preference_center.exports.stream import Export, Format, Source
from preference_center.rules.types import Channel
from preference_center.storage import database

MOST_PROPERTIES = 300
"""How many properties a CSV has columns for; some of its readers take no more than 500 columns in all."""
_OWN = (
    (Column("id", Kind.CONTACT), "c.id"),
    (Column("email", Kind.TEXT), "c.email"),
    (Column("phone", Kind.TEXT), "c.phone"),
    (Column("first_name", Kind.TEXT), "c.first_name"),
    (Column("last_name", Kind.TEXT), "c.last_name"),
    (Column("locale"), "c.locale"),
    (Column("processing_basis"), "c.processing_basis"),
    (Column("created_at", Kind.INSTANT), "c.created_at"),
    (Column("updated_at", Kind.INSTANT), "c.updated_at"),
)
_RECIPIENTS = {
    Channel.EMAIL: "c.email_recipient_id",
    Channel.SMS: "c.phone_recipient_id",
    Channel.WHATSAPP: "c.phone_recipient_id",
}
_BOTH = "(c.email_recipient_id, c.phone_recipient_id)"
Place = tuple[int, Channel]
"""A type's or a unit's id, and a channel."""


async def contacts(
    wanted: ContactFilter | None, catalog: Catalog, written: Format, *, with_consent: bool
) -> Export:
    """The contacts of a filter in the order of their making.

    CSV has a column `property:…` for each property that any of them has, NDJSON an object of them all. With
    `with_consent` follow `status:TYPE:CHANNEL` for each type and channel it is offered on, and
    `opted_out_of_all:UNIT:CHANNEL`; both are empty where the contact has no such address.

    Raises Invalid for a filter that holds what cannot be, and where there are too many properties for a CSV.
    """
    condition = Condition()
    where = condition.matching(wanted)
    names = await _property_names(where, condition.values) if written is Format.CSV else None
    if database.dialect() == "sqlite":
        return for_sqlite(_Shape(catalog, names, with_consent=with_consent), where, condition)
    return _for_postgres(_Shape(catalog, names, with_consent=with_consent), where, condition)


async def _property_names(where: str, values: Sequence[Any]) -> list[str]:
    keys = "jsonb_object_keys(c.properties) AS k (key)"
    if database.dialect() == "sqlite":
        keys = "json_each(c.properties) k"
    rows = await exports_connection.fetch(
        f"SELECT DISTINCT k.key FROM contacts c, {keys} WHERE {where} LIMIT {MOST_PROPERTIES + 1}", *values
    )
    if len(rows) > MOST_PROPERTIES:
        message = (
            f"These contacts have more than {MOST_PROPERTIES} different properties,"
            " too many for columns: take NDJSON."
        )
        raise Invalid(ErrorCode.INVALID_VALUE, message, "format")
    return sorted(row[0] for row in rows)


class _Shape:
    """The columns of one such file, and which places they show."""

    def __init__(self, catalog: Catalog, names: list[str] | None, *, with_consent: bool) -> None:
        self.names = names
        types = catalog.types if with_consent else ()
        units = catalog.units if with_consent else ()
        self.statuses: list[Place] = [(kind.id, channel) for kind in types for channel in kind.channels]
        self.opt_outs: list[Place] = [(unit.id, channel) for unit in units for channel in Channel]
        properties = [Column("properties", Kind.JSON)]
        if names is not None:
            properties = [Column(f"property:{name}", Kind.TEXT) for name in names]
        self.columns = [
            *(column for column, _ in _OWN),
            *properties,
            *(Column(f"status:{catalog.type_by_id(n).key}:{ch.value}") for n, ch in self.statuses),
            *(
                Column(f"opted_out_of_all:{catalog.unit_by_id(n).key}:{ch.value}", Kind.FLAG)
                for n, ch in self.opt_outs
            ),
        ]


def _for_postgres(shape: _Shape, where: str, condition: Condition) -> Export:
    """Each contact's preferences and opt-outs in a row beside it, found by the index of their recipient."""
    statuses = [
        f"max(p.status) FILTER (WHERE p.subscription_type_id = {n} AND p.channel = '{ch.value}') AS s{place}"
        for place, (n, ch) in enumerate(shape.statuses)
    ]
    opt_outs = [
        f"bool_or(o.active) FILTER (WHERE o.business_unit_id = {n} AND o.channel = '{ch.value}') AS o{place}"
        for place, (n, ch) in enumerate(shape.opt_outs)
    ]
    tables = (
        "contacts c"
        + _beside("preferences p", statuses, f"p.recipient_id IN {_BOTH}", "ps")
        + _beside("opt_outs_of_all o", opt_outs, f"o.active AND o.recipient_id IN {_BOTH}", "os")
    )
    expressions = [expression for _, expression in _OWN]
    if shape.names is None:
        expressions.append("c.properties")
    else:
        # Names are given as values: anything may stand in them.
        expressions += [f"(c.properties ->> {condition.placeholder(name)}::text)" for name in shape.names]
    expressions += [
        f"CASE WHEN {_RECIPIENTS[ch]} IS NOT NULL THEN COALESCE(ps.s{place}, 'NOT_OPTED') END"
        for place, (_, ch) in enumerate(shape.statuses)
    ]
    expressions += [
        f"(CASE WHEN {_RECIPIENTS[ch]} IS NOT NULL THEN COALESCE(os.o{place}, FALSE) END)"
        for place, (_, ch) in enumerate(shape.opt_outs)
    ]
    return Export(shape.columns, [Source(expressions, tables, where, condition.values, ("c.id",))])


def _beside(table: str, columns: list[str], where: str, name: str) -> str:
    if not columns:
        return ""
    return f" LEFT JOIN LATERAL (SELECT {', '.join(columns)} FROM {table} WHERE {where}) {name} ON TRUE"


def for_sqlite(shape: _Shape, where: str, condition: Condition) -> Export:
    """What holds of each contact as one JSON object, taken apart here: SQLite has no LATERAL."""
    expressions = [
        *(expression for _, expression in _OWN),
        "c.properties",
        *(_RECIPIENTS[channel] for channel in (Channel.EMAIL, Channel.SMS)),
    ]
    if shape.statuses or shape.opt_outs:
        expressions += [
            "(SELECT json_group_object(p.subscription_type_id || p.channel, p.status) FROM preferences p"
            f" WHERE p.recipient_id IN {_BOTH})",
            "(SELECT json_group_object(o.business_unit_id || o.channel, 1) FROM opt_outs_of_all o"
            f" WHERE o.active AND o.recipient_id IN {_BOTH})",
        ]
    source = Source(expressions, "contacts c", where, condition.values, ("c.id",))
    return Export(shape.columns, [source], _completing(shape))


def _completing(shape: _Shape) -> Callable[[Sequence[Any]], Sequence[Any]]:
    own = len(_OWN)

    def complete(row: Sequence[Any]) -> Sequence[Any]:
        properties, email, phone, *held = row[own:]
        values = [*row[:own], *_properties(properties, shape.names)]
        if not held:
            return values
        statuses, opt_outs = json.loads(held[0]), json.loads(held[1])
        has = {Channel.EMAIL: email is not None}
        for number, channel in shape.statuses:
            there = has.get(channel, phone is not None)
            values.append(statuses.get(f"{number}{channel.value}", "NOT_OPTED") if there else None)
        for number, channel in shape.opt_outs:
            there = has.get(channel, phone is not None)
            values.append(f"{number}{channel.value}" in opt_outs if there else None)
        return values

    return complete


def _properties(held: str, names: list[str] | None) -> list[Any]:
    if names is None:
        return [held]
    properties = json.loads(held)
    return [_as_text(properties.get(name)) for name in names]


def _as_text(value: Any) -> str | None:
    """A property's value as PostgreSQL writes it: texts as they are, the rest as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
