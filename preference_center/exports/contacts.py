"""Exports of contacts: their fields, their properties, and the consent of their addresses."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from preference_center.catalog.catalog import Catalog
from preference_center.contacts.filter import Condition, ContactFilter, recipient_column
from preference_center.csv_cells import property_column
from preference_center.errors import ErrorCode, Invalid
from preference_center.exports import connection as export_connection
from preference_center.exports.columns import Column, ColumnType
from preference_center.exports.stream import Export, Format, Source
from preference_center.rules.types import Channel
from preference_center.storage import database

MAX_PROPERTIES: Final = 300
"""How many properties a CSV has columns for: some programs read no more than 500 columns in all."""
_MAX_HEADER_LENGTH: Final = 96 * 1024
"""Characters in the names of these columns: an import has to read them."""
_FIELDS: Final = (
    (Column("id", ColumnType.CONTACT_ID), "c.id"),
    (Column("email", ColumnType.TEXT), "c.email"),
    (Column("phone", ColumnType.TEXT), "c.phone"),
    (Column("first_name", ColumnType.TEXT), "c.first_name"),
    (Column("last_name", ColumnType.TEXT), "c.last_name"),
    (Column("locale"), "c.locale"),
    (Column("processing_basis"), "c.processing_basis"),
    (Column("created_at", ColumnType.INSTANT), "c.created_at"),
    (Column("updated_at", ColumnType.INSTANT), "c.updated_at"),
)
_RECIPIENT_IDS: Final = "(c.email_recipient_id, c.phone_recipient_id)"


class _ConsentColumn(NamedTuple):
    """A column for one type, or one unit, and one channel."""

    column: Column
    id: int
    """Of the subscription type or the business unit."""
    channel: Channel

    @property
    def key(self) -> str:
        """What the JSON objects of `_sqlite_export` call it."""
        return f"{self.id}{self.channel.value}"


async def contacts(
    contact_filter: ContactFilter | None, catalog: Catalog, file_format: Format, *, with_consent: bool
) -> Export:
    """The contacts that match a filter, in the order they were created.

    CSV has a column `property:…` for each property that any of them has, NDJSON one object with all of them.
    `with_consent` adds `status:TYPE:CHANNEL` for each type and channel it is offered on, and
    `opted_out_of_all:UNIT:CHANNEL`; they are empty if the contact has no address on the channel.

    Raises Invalid for a filter that cannot be applied, and if there are too many properties for a CSV.
    """
    condition = Condition()
    where = condition.matching(contact_filter)
    names = await _property_names(where, condition.values) if file_format is Format.CSV else None
    layout = _Layout(catalog, names, with_consent=with_consent)
    if database.dialect() == "sqlite":
        return _sqlite_export(layout, where, condition)
    return _postgres_export(layout, where, condition)


async def _property_names(where: str, values: Sequence[Any]) -> list[str]:
    keys = "jsonb_object_keys(c.properties) AS k (key)"
    if database.dialect() == "sqlite":
        keys = "json_each(c.properties) k"
    rows = await export_connection.fetch(
        f"SELECT DISTINCT k.key FROM contacts c, {keys} WHERE {where} LIMIT {MAX_PROPERTIES + 1}", *values
    )
    names = sorted(row[0] for row in rows)
    if len(names) > MAX_PROPERTIES:
        message = (
            f"These contacts have more than {MAX_PROPERTIES} different properties,"
            " too many for columns: use NDJSON."
        )
        raise Invalid(ErrorCode.INVALID_VALUE, message, "format")
    if sum(len(property_column(name)) for name in names) > _MAX_HEADER_LENGTH:
        message = "The properties of these contacts have names that are too long for columns: use NDJSON."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "format")
    return names


class _Layout:
    """The columns of one file. `property_names` is None if all properties are in one column."""

    def __init__(self, catalog: Catalog, property_names: list[str] | None, *, with_consent: bool) -> None:
        self.property_names = property_names
        self.statuses = _status_columns(catalog) if with_consent else []
        self.opt_outs = _opt_out_columns(catalog) if with_consent else []
        properties = [Column("properties", ColumnType.JSON)]
        if property_names is not None:
            properties = [Column(property_column(name), ColumnType.TEXT) for name in property_names]
        fields = [column for column, _ in _FIELDS]
        consent = [*self.statuses, *self.opt_outs]
        self.columns = [*fields, *properties, *(consent_column.column for consent_column in consent)]


def _status_columns(catalog: Catalog) -> list[_ConsentColumn]:
    return [
        _ConsentColumn(
            Column(f"status:{subscription_type.key}:{channel.value}"), subscription_type.id, channel
        )
        for subscription_type in catalog.types
        for channel in subscription_type.channels
    ]


def _opt_out_columns(catalog: Catalog) -> list[_ConsentColumn]:
    return [
        _ConsentColumn(
            Column(f"opted_out_of_all:{unit.key}:{channel.value}", ColumnType.BOOLEAN), unit.id, channel
        )
        for unit in catalog.units
        for channel in Channel
    ]


def _postgres_export(layout: _Layout, where: str, condition: Condition) -> Export:
    """Join each contact with one row of its preferences and opt-outs, found by the index on recipients."""
    statuses = [
        f"max(p.status) FILTER (WHERE p.subscription_type_id = {c.id} AND p.channel = '{c.channel.value}')"
        f" AS s{n}"
        for n, c in enumerate(layout.statuses)
    ]
    opt_outs = [
        f"bool_or(o.active) FILTER (WHERE o.business_unit_id = {c.id} AND o.channel = '{c.channel.value}')"
        f" AS o{n}"
        for n, c in enumerate(layout.opt_outs)
    ]
    tables = (
        "contacts c"
        + _lateral_join("preferences p", statuses, f"p.recipient_id IN {_RECIPIENT_IDS}", "ps")
        + _lateral_join(
            "opt_outs_of_all o", opt_outs, f"o.active AND o.recipient_id IN {_RECIPIENT_IDS}", "os"
        )
    )
    expressions = [
        *(expression for _, expression in _FIELDS),
        *_postgres_properties(layout, condition),
        *(
            f"CASE WHEN {recipient_column(c.channel)} IS NOT NULL THEN COALESCE(ps.s{n}, 'NOT_OPTED') END"
            for n, c in enumerate(layout.statuses)
        ),
        *(
            f"(CASE WHEN {recipient_column(c.channel)} IS NOT NULL THEN COALESCE(os.o{n}, FALSE) END)"
            for n, c in enumerate(layout.opt_outs)
        ),
    ]
    return Export(layout.columns, [Source(expressions, tables, where, condition.values, ("c.id",))])


def _postgres_properties(layout: _Layout, condition: Condition) -> list[str]:
    if layout.property_names is None:
        return ["c.properties"]
    # Names are passed as values: they may contain anything.
    return [f"(c.properties ->> {condition.placeholder(name)}::text)" for name in layout.property_names]


def _lateral_join(table: str, columns: list[str], where: str, name: str) -> str:
    if not columns:
        return ""
    return f" LEFT JOIN LATERAL (SELECT {', '.join(columns)} FROM {table} WHERE {where}) {name} ON TRUE"


def _sqlite_export(layout: _Layout, where: str, condition: Condition) -> Export:
    """Read each contact's preferences and opt-outs as JSON objects: SQLite has no LATERAL."""
    expressions = [
        *(expression for _, expression in _FIELDS),
        "c.properties",
        recipient_column(Channel.EMAIL),
        recipient_column(Channel.SMS),
    ]
    if layout.statuses or layout.opt_outs:
        expressions += [
            "(SELECT json_group_object(p.subscription_type_id || p.channel, p.status) FROM preferences p"
            f" WHERE p.recipient_id IN {_RECIPIENT_IDS})",
            "(SELECT json_group_object(o.business_unit_id || o.channel, 1) FROM opt_outs_of_all o"
            f" WHERE o.active AND o.recipient_id IN {_RECIPIENT_IDS})",
        ]
    source = Source(expressions, "contacts c", where, condition.values, ("c.id",))
    return Export(layout.columns, [source], _row_completer(layout))


def _row_completer(layout: _Layout) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Turn a row of `_sqlite_export` into the values of the columns."""
    fields = len(_FIELDS)

    def complete(row: Sequence[Any]) -> Sequence[Any]:
        properties, email_recipient_id, phone_recipient_id, *consent = row[fields:]
        values = [*row[:fields], *_properties(properties, layout.property_names)]
        if not consent:
            return values
        statuses, opt_outs = json.loads(consent[0]), json.loads(consent[1])

        def has_address(channel: Channel) -> bool:
            return (email_recipient_id if channel is Channel.EMAIL else phone_recipient_id) is not None

        values += [
            statuses.get(column.key, "NOT_OPTED") if has_address(column.channel) else None
            for column in layout.statuses
        ]
        values += [
            column.key in opt_outs if has_address(column.channel) else None for column in layout.opt_outs
        ]
        return values

    return complete


def _properties(stored: str, names: list[str] | None) -> list[Any]:
    if names is None:
        return [stored]
    properties = json.loads(stored)
    return [_as_text(properties.get(name)) for name in names]


def _as_text(value: Any) -> str | None:
    """A property's value as PostgreSQL writes it: text as it is, anything else as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
