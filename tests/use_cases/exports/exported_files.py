"""Reading back the files that exports write."""

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


async def file_of(export: Export, file_format: Format = CSV) -> bytes:
    pieces: list[bytes] = []

    async def sink(piece: bytes) -> None:
        pieces.append(piece)

    await exports.write(export, file_format, sink)
    return b"".join(pieces)


async def rows_of(export: Export) -> list[dict[str, str]]:
    """The rows of the CSV file, as a CSV reader returns them."""
    text = (await file_of(export)).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


async def objects_of(export: Export) -> list[dict[str, Any]]:
    """The objects of the NDJSON file."""
    return [json.loads(line) for line in (await file_of(export, NDJSON)).split(b"\n")[:-1]]


async def of_contacts(
    contact_filter: ContactFilter | None = None, file_format: Format = CSV, *, with_consent: bool = True
) -> Export:
    return await contacts(contact_filter, await exact_catalog(), file_format, with_consent=with_consent)
