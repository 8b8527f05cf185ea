"""`sayso import opt-outs` and `sayso import contacts`: the same operations as over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer

from api.cli import command
from api.cli.operations import echo_result, run_to_end
from preference_center.catalog.catalog import BusinessUnit, exact_catalog
from preference_center.config import private_files
from preference_center.config.settings import Settings
from preference_center.exports import stream as exports
from preference_center.exports.events import refusals
from preference_center.exports.stream import Format
from preference_center.imports import contacts as contact_imports
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports.cells.phones import check_country
from preference_center.imports.contacts import ContactImport
from preference_center.imports.csv_encoding import check_encoding
from preference_center.imports.csv_reader import BLOCK_BYTES
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.upload import Upload
from preference_center.operations.operations import OperationRow
from preference_center.rules.types import COMMAND_LINE, Channel, LegalBasis, OperationState

app = typer.Typer(help="Import opt-out lists and contacts.", no_args_is_help=True)
Receive = Callable[[Upload], Awaitable[OperationRow]]

File = Annotated[Path, typer.Argument(help="A CSV file, or - for standard input.", metavar="FILE")]
Explanation = Annotated[str, typer.Option(help="Where the file comes from. Recorded in the ledger.")]
Expect = Annotated[
    int | None, typer.Option(help="Number of rows. Refuse the file if it has another number.", min=0)
]
Encoding = Annotated[
    str | None, typer.Option(help="For example windows-1250 or gb18030. Detected by default.")
]
Country = Annotated[
    str | None,
    typer.Option(help="Country of phone numbers without a country code, for example FR.", metavar="CODE"),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Count what would change, and change nothing.")]
Refusals = Annotated[Path | None, typer.Option("--refusals", help="Write the refused rows to this file.")]


@dataclass(frozen=True, slots=True)
class _File:
    """The file of an import, and where its refused rows go."""

    path: Path
    expect: int | None
    encoding: str | None
    refusals_path: Path | None


@app.command("opt-outs")
def opt_outs(
    file: File,
    business_unit: Annotated[str, typer.Option(help="Key of the business unit to opt out of.")],
    explanation: Explanation,
    channel: Annotated[Channel, typer.Option(help="Channel to opt out on.")] = Channel.EMAIL,
    expect: Expect = None,
    dry_run: DryRun = False,
    encoding: Encoding = None,
    country: Country = None,
    refusals_file: Refusals = None,
) -> None:
    """Opt every address of a file out of all of a business unit on one channel. Creates no contacts.

    Exits with 0 once the import is complete, with 1 if it is refused or does not complete.
    """

    async def receive(upload: Upload) -> OperationRow:
        wanted = OptOutImport(
            await _unit(business_unit), channel, explanation, dry_run, check_country(country)
        )
        return await opt_out_imports.receive(wanted, upload, COMMAND_LINE)

    _import(_File(file, expect, encoding, refusals_file), receive)


@app.command()
def contacts(
    file: File,
    legal_basis: Annotated[
        LegalBasis | None,
        typer.Option(help="Legal basis to communicate, for opt-ins in columns named opt_in:TYPE."),
    ] = None,
    processing_basis: Annotated[
        LegalBasis | None, typer.Option(help="Legal basis to process and store, for contacts without one.")
    ] = None,
    explanation: Explanation = "",
    business_unit: Annotated[
        str | None, typer.Option(help="Key of the business unit of opt-outs that name none.")
    ] = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    encoding: Encoding = None,
    country: Country = None,
    refusals_file: Refusals = None,
) -> None:
    """Create or update the contacts of a file by email address. Opt in where columns opt_in:TYPE say yes.

    Exits with 0 once the import is complete, with 1 if it is refused or does not complete.
    """

    async def receive(upload: Upload) -> OperationRow:
        unit = await _unit(business_unit) if business_unit else None
        country_code = check_country(country)
        wanted = ContactImport(legal_basis, processing_basis, explanation, dry_run, country_code, unit)
        return await contact_imports.receive(wanted, upload, COMMAND_LINE)

    _import(_File(file, expect, encoding, refusals_file), receive)


async def _unit(key: str) -> BusinessUnit:
    unit = (await exact_catalog()).unit_by_key(key)
    if unit is None:
        command.fail(f"--business-unit: There is no business unit {key!r}.")
    return unit


def _import(file: _File, receive: Receive) -> None:
    async def run(_settings: Settings) -> OperationRow:
        with opened(file.path) as source:
            upload = Upload(_chunks(source), file.expect, check_encoding(file.encoding))
            operation = await receive(upload)
        operation = await run_to_end(operation)
        if operation.refusals and file.refusals_path is not None:
            descriptor = private_files.create(file.refusals_path, os.O_WRONLY | os.O_TRUNC)
            with os.fdopen(descriptor, "wb") as target:
                await exports.write(refusals(operation.id), Format.CSV, _to_file(target))
        return operation

    operation = command.with_database(run)
    echo_result(operation, file.refusals_path)
    if operation.state is not OperationState.COMPLETED:
        raise typer.Exit(command.FAILED)


def opened(path: Path) -> contextlib.AbstractContextManager[BufferedReader]:
    """Open a file to read, or standard input for -. Exits if it cannot be read."""
    if str(path) == "-":
        return contextlib.nullcontext(cast("BufferedReader", sys.stdin.buffer))
    try:
        return path.open("rb")
    except OSError as error:
        command.fail(f"FILE: {path} can't be read: {error.strerror}.", code=command.BAD_USAGE)


async def _chunks(source: BufferedReader) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(source.read, BLOCK_BYTES):
        yield chunk


def _to_file(target: BinaryIO) -> exports.Sink:
    async def sink(piece: bytes) -> None:
        target.write(piece)

    return sink
