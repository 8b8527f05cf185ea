"""The parts an operation works through, one transaction each, and the refusals it reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from preference_center.storage import database
from preference_center.storage.rows import BigInt, Int, Text, columns_of
from preference_center.tables.operations import OperationPart


class _PartRow(NamedTuple):
    operation_id: BigInt
    number: Int
    payload: Text


class Selection(NamedTuple):
    """The contacts that an operation works on, as the payloads of its parts."""

    payloads: list[str]
    targets: int
    """How many contacts they are."""


class RefusalRow(NamedTuple):
    """One contact, row or preference that an operation could not change, and why."""

    code: Text
    message: Text
    line: BigInt | None = None
    """The line of the imported file, from 1."""
    contact_id: BigInt | None = None
    recipient_id: BigInt | None = None
    about: Text | None = None
    """The key of the subscription type or business unit, or the column, that was refused."""


async def add(operation_id: int, payloads: Sequence[Any], *, first: int = 0) -> None:
    """Store parts of an operation, each as JSON, numbered from `first`."""
    await add_json(operation_id, list(map(as_json, payloads)), first=first)


def as_json(payload: Any) -> str:
    """A part's payload as it is stored."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


async def add_json(operation_id: int, payloads: Sequence[str], *, first: int) -> None:
    """Store parts of an operation whose payloads are JSON already, numbered from `first`."""
    rows = [_PartRow(operation_id, number, payload) for number, payload in enumerate(payloads, first)]
    await database.insert("operation_parts", columns_of(_PartRow), rows)


async def payload(operation_id: int, number: int) -> Any:
    """Return one part's payload, or None if the operation has no such part."""
    part = await OperationPart.get_or_none(operation_id=operation_id, number=number)
    return json.loads(part.payload) if part else None


async def delete(operation_id: int, number: int) -> None:
    """Delete a part that is done: it may name people, and nobody reads it again (R36)."""
    await OperationPart.filter(operation_id=operation_id, number=number).delete()


async def add_refusals(operation_id: int, refusals: Sequence[RefusalRow]) -> None:
    """Store what could not be done, for the refusals file."""
    columns = {"operation_id": "bigint", **columns_of(RefusalRow)}
    await database.insert("operation_refusals", columns, [(operation_id, *refusal) for refusal in refusals])


def json_array_of_ids() -> str:
    """The SQL aggregate that collects the ids of a part as a JSON array."""
    return "json_agg(id)::text" if database.dialect() == "postgres" else "json_group_array(id)"
