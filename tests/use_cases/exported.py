"""Files written by exports, taken in and read back."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts.filter import ContactFilter
from preference_center.exports import stream as exports
from preference_center.exports.contacts import contacts
from preference_center.exports.stream import Export, Format

CSV, NDJSON = Format.CSV, Format.NDJSON


async def file_of(export: Export, written: Format = CSV) -> bytes:
    pieces: list[bytes] = []

    async def sink(piece: bytes) -> None:
        pieces.append(piece)

    await exports.write(export, written, sink)
    return b"".join(pieces)


async def rows_of(export: Export) -> list[dict[str, str]]:
    """The rows of a CSV, as any reader of CSV has them."""
    text = (await file_of(export)).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


async def objects_of(export: Export) -> list[dict[str, Any]]:
    """The rows of NDJSON."""
    return [json.loads(line) for line in (await file_of(export, NDJSON)).split(b"\n")[:-1]]


async def of_contacts(
    wanted: ContactFilter | None = None, written: Format = CSV, *, with_consent: bool = True
) -> Export:
    return await contacts(wanted, await exact_catalog(), written, with_consent=with_consent)
