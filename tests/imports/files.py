"""Importing files in tests, and reading the results."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from preference_center.history import verification
from preference_center.imports import contacts as contact_imports
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports.contacts import ContactImport
from preference_center.imports.csv_reader import CsvReader, Record
from preference_center.imports.opt_out_file import is_column_name
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.upload import Upload
from preference_center.jobs import HANDLERS
from preference_center.operations import operations
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.rules.types import Channel, LegalBasis
from preference_center.storage import database
from tests.conftest import TEAM, Brands

REASONS = ContactImport(
    legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
    processing_basis=LegalBasis.PROCESS_AND_STORE,
    explanation="Signed up at the fair.",
)


async def pieces(content: bytes, size: int = 1_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def read(content: bytes, size: int = 1_000, encoding: str | None = None) -> tuple[list[str], list[Record]]:
    """The header and the records of a file that is read in pieces."""
    reader = CsvReader(is_column_name, encoding)
    records: list[Record] = []
    for start in range(0, len(content), size):
        records += reader.feed(content[start : start + size])
    records += reader.close()
    assert reader.header is not None
    return reader.header, records


def upload(text: str | bytes, expect: int | None = None) -> Upload:
    content = text.encode() if isinstance(text, str) else text
    return Upload(pieces(content), expect)


async def receive_opt_outs(
    text: str | bytes, brands: Brands, channel: Channel = Channel.EMAIL, *, dry_run: bool = False
) -> OperationRow:
    request = OptOutImport(brands.acme, channel, "The list of the old system.", dry_run)
    return await opt_out_imports.receive(request, upload(text), TEAM)


async def opt_outs(text: str | bytes, brands: Brands, **more: object) -> OperationRow:
    return await finished(await receive_opt_outs(text, brands, **more))  # type: ignore[arg-type]


async def contacts_from(text: str | bytes, **more: object) -> OperationRow:
    request = replace(REASONS, **more)  # type: ignore[arg-type]
    return await finished(await contact_imports.receive(request, upload(text), TEAM))


async def finished(queued: OperationRow) -> OperationRow:
    while await run_next(HANDLERS):
        pass
    done = await operations.get(queued.id)
    assert done
    assert done.processed == done.changed + done.unchanged + done.refused == done.total
    assert [line async for line in verification.verify()] == []
    return done


def numbers(done: OperationRow) -> tuple[int, int, int, dict[str, int]]:
    """Changed, unchanged and refused rows, and the refusals by code."""
    return done.changed, done.unchanged, done.refused, done.refusals


async def refusals(done: OperationRow) -> list[tuple[int, str, str | None]]:
    rows = await database.fetch(
        "SELECT line, code, about FROM operation_refusals WHERE operation_id = $1 ORDER BY line, id", done.id
    )
    return [(row["line"], row["code"], row["about"]) for row in rows]


async def count(table: str) -> int:
    number: int = (await database.fetch(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"]
    return number


async def opted_out(brands: Brands, channel: Channel = Channel.EMAIL) -> set[str]:
    """The addresses that are opted out of all of Acme; None for an erased one."""
    rows = await database.fetch(
        "SELECT address FROM recipients r JOIN opt_outs_of_all o ON o.recipient_id = r.id"
        " WHERE active AND business_unit_id = $1 AND channel = $2",
        brands.acme.id,
        channel.value,
    )
    return {row["address"] for row in rows}


def people(names: Iterable[int]) -> str:
    return "email\n" + "".join(f"person{n}@example.com\n" for n in names)
