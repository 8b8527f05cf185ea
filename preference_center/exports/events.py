"""Exports of the ledger's events, and of what an operation refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from preference_center.contacts.filter import Condition
from preference_center.exports.columns import Column, ColumnType
from preference_center.exports.stream import Export, Source
from preference_center.rules.types import ErrorCode

_EVENT_COLUMNS = (
    (Column("recorded_at", ColumnType.INSTANT), "e.recorded_at"),
    (Column("occurred_at", ColumnType.INSTANT), "e.occurred_at"),
    (Column("address", ColumnType.TEXT), "r.address"),
    (Column("channel"), "e.channel"),
    (Column("business_unit"), "u.key"),
    (Column("subscription_type"), "t.key"),
    (Column("before"), "e.before"),
    (Column("after"), "e.after"),
    (Column("superseded", ColumnType.BOOLEAN), "e.superseded"),
    (Column("origin"), "e.origin"),
    (Column("actor", ColumnType.TEXT), "e.actor"),
    (Column("legal_basis"), "e.legal_basis"),
    (Column("explanation", ColumnType.TEXT), "COALESCE(v.explanation, j.explanation)"),
    (Column("operation", ColumnType.OPERATION_ID), "e.operation_id"),
    (Column("kind"), "CASE WHEN e.about_pause THEN 'PAUSE' ELSE 'STATUS' END"),
    (Column("paused_until", ColumnType.INSTANT), "e.paused_until"),
)
_EVENT_TABLES = (
    "consent_events e JOIN recipients r ON r.id = e.recipient_id"
    " JOIN business_units u ON u.id = e.business_unit_id"
    " LEFT JOIN subscription_types t ON t.id = e.subscription_type_id"
    " LEFT JOIN evidence v ON v.event_id = e.id LEFT JOIN operations j ON j.id = e.operation_id"
)
_REFUSAL_COLUMNS = {
    Column("line", ColumnType.INTEGER): "f.line",
    Column("contact", ColumnType.CONTACT_ID): "f.contact_id",
    Column("address", ColumnType.TEXT): "COALESCE(r.address, c.email, c.phone)",
    Column("about", ColumnType.TEXT): "f.about",
    Column("code"): "f.code",
    Column("message", ColumnType.TEXT): "f.message",
}
_WITHOUT_PEOPLE = {
    "f.contact_id": "CASE WHEN f.line IS NULL THEN f.contact_id END",
    "COALESCE(r.address, c.email, c.phone)": "CAST(NULL AS TEXT)",
}
"""The columns that name people, without them. Beside a line of a file, a contact's id tells that the address
in it is on record."""
_REFUSAL_TABLES = (
    "operation_refusals f LEFT JOIN recipients r ON r.id = f.recipient_id"
    " LEFT JOIN contacts c ON c.id = f.contact_id"
)


def events(recorded_from: datetime | None = None, recorded_before: datetime | None = None) -> Export:
    """The ledger's events (R18), oldest first; events of erased people have no address (R37)."""
    condition = Condition()
    conditions = []
    if recorded_from is not None:
        conditions.append(f"e.recorded_at >= {condition.placeholder(recorded_from)}")
    if recorded_before is not None:
        conditions.append(f"e.recorded_at < {condition.placeholder(recorded_before)}")
    source = Source(
        expressions=[expression for _, expression in _EVENT_COLUMNS],
        tables=_EVENT_TABLES,
        condition=" AND ".join(conditions) or "TRUE",
        values=condition.values,
        order=("e.recorded_at", "e.id"),
    )
    return Export([column for column, _ in _EVENT_COLUMNS], [source])


def refusals(
    operation_id: int, codes: Iterable[ErrorCode] = ErrorCode, *, with_people: bool = True
) -> Export:
    """What an operation could not change for one of these reasons, in the order it was found.

    Without people, addresses are empty, and so are the contacts of a file's lines.
    """
    expressions = _REFUSAL_COLUMNS.values()
    condition = Condition()
    number = condition.placeholder(operation_id)
    reasons = condition.any_of([code.value for code in codes])
    source = Source(
        expressions=[each if with_people else _WITHOUT_PEOPLE.get(each, each) for each in expressions],
        tables=_REFUSAL_TABLES,
        condition=f"f.operation_id = {number} AND f.code {reasons}",
        values=condition.values,
        order=("f.id",),
    )
    return Export(list(_REFUSAL_COLUMNS), [source])
