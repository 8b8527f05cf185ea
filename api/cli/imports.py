"""`sayso import opt-outs` and `sayso import contacts`: files in, the same operations as over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from api.cli import frame
from api.cli.progress import bar
from preference_center.catalog.catalog import exact_catalog
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.exports import stream as exports
from preference_center.exports.events import refusals
from preference_center.exports.stream import Format
from preference_center.imports import contacts as contact_imports
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports.contacts import ContactImport
from preference_center.imports.csv_encoding import check_encoding
from preference_center.imports.csv_reader import BLOCK_BYTES
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.upload import Upload
from preference_center.jobs import HANDLERS
from preference_center.operations import operations
from preference_center.operations.operations import FINISHED, OperationRow
from preference_center.operations.runner import run_next
from preference_center.rules.types import Actor, Channel, LegalBasis, OperationState
from schema.contract.ids import global_id

app = typer.Typer(help="Take in files: opt-out lists, contacts.", no_args_is_help=True)
ACTOR = Actor("command line")
_LOOK_SECONDS = 0.2

File = Annotated[Path, typer.Argument(help="A CSV file; - is standard input.", metavar="FILE")]
Explanation = Annotated[str, typer.Option(help="Where the file comes from, for the ledger.")]
Expect = Annotated[int | None, typer.Option(help="How many rows it has: else nothing is done.", min=0)]
Encoding = Annotated[str | None, typer.Option(help="windows-1250, iso-8859-2 …; found out where not given.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell the numbers and change nothing.")]
Refusals = Annotated[
    Path | None, typer.Option("--refusals", help="Write the rows that were refused to this file.")
]


@app.command("opt-outs")
def opt_outs(
    file: File,
    business_unit: Annotated[str, typer.Option(help="Key of the business unit they are opted out of.")],
    explanation: Explanation,
    channel: Annotated[Channel, typer.Option(help="On which channel.")] = Channel.EMAIL,
    expect: Expect = None,
    dry_run: DryRun = False,
    encoding: Encoding = None,
    refusals_file: Refusals = None,
) -> None:
    """Opt every address of a file out of all of a business unit, on one channel. No contacts are made.

    Exits with 0 once the file is in, 1 where nothing of it is or the import did not come to its end.
    """

    async def receive(upload: Upload) -> OperationRow:
        unit = (await exact_catalog()).unit_by_key(business_unit)
        if unit is None:
            frame.fail(f"There is no business unit {business_unit!r}.")
        wish = OptOutImport(unit, channel, explanation, dry_run)
        return await opt_out_imports.receive(wish, upload, ACTOR)

    _import(file, receive, expect, encoding, refusals_file)


@app.command()
def contacts(
    file: File,
    legal_basis: Annotated[
        LegalBasis | None, typer.Option(help="To communicate: for columns named opt_in:TYPE (R6).")
    ] = None,
    processing_basis: Annotated[
        LegalBasis | None, typer.Option(help="To process and store, for contacts that have none.")
    ] = None,
    explanation: Explanation = "",
    expect: Expect = None,
    dry_run: DryRun = False,
    encoding: Encoding = None,
    refusals_file: Refusals = None,
) -> None:
    """Create or change the contacts of a file, by email; opt in where columns opt_in:TYPE say yes.

    Exits with 0 once the file is in, 1 where nothing of it is or the import did not come to its end.
    """

    async def receive(upload: Upload) -> OperationRow:
        wish = ContactImport(legal_basis, processing_basis, explanation, dry_run)
        return await contact_imports.receive(wish, upload, ACTOR)

    _import(file, receive, expect, encoding, refusals_file)


def _import(
    file: Path,
    receive: Callable[[Upload], Awaitable[OperationRow]],
    expect: int | None,
    encoding: str | None,
    refusals_file: Path | None,
) -> None:
    async def act(_settings: Settings) -> OperationRow:
        with _opened(file) as source:
            upload = Upload(_chunks(source), expect, check_encoding(encoding))
            row = await receive(upload)
        row = await _done(row)
        if row.refusals and refusals_file is not None:
            with refusals_file.open("wb") as target:
                await exports.write(refusals(row.id), Format.CSV, _into(target))
        return row

    row = frame.with_database(act)
    _tell(row, refusals_file)
    if row.state is not OperationState.COMPLETED:
        raise typer.Exit(frame.FAILED)


def _opened(file: Path) -> contextlib.AbstractContextManager[BinaryIO]:
    if str(file) == "-":
        return contextlib.nullcontext(sys.stdin.buffer)
    try:
        return file.open("rb")
    except OSError as error:
        frame.fail(f"{file} can't be read: {error.strerror}.", code=frame.MISUSED)


async def _chunks(source: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(source.read, BLOCK_BYTES):
        yield chunk


def _into(target: BinaryIO) -> exports.Sink:
    async def sink(piece: bytes) -> None:
        target.write(piece)

    return sink


async def _done(row: OperationRow) -> OperationRow:
    """Run the operation to its end, or look on while another worker does."""
    stop = asyncio.Event()
    for word in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(word, stop.set)
    running = asyncio.create_task(_run(row.id, stop))
    seen = row
    with bar("rows", row.total or 0) as advance:
        while not running.done():
            await asyncio.wait({running}, timeout=_LOOK_SECONDS)
            newer = await operations.get(row.id) or seen
            advance(newer.processed - seen.processed)
            seen = newer
    await running
    return await operations.get(row.id) or seen


async def _run(operation_id: int, stop: asyncio.Event) -> None:
    while not stop.is_set():
        row = await operations.get(operation_id)
        if row is None or row.state in FINISHED:
            return
        if not await run_next(HANDLERS, stop, only=operation_id):
            await asyncio.sleep(_LOOK_SECONDS)


def _tell(row: OperationRow, refusals_file: Path | None) -> None:
    number = global_id("Operation", row.id)
    would = " (dry run: nothing was changed)" if row.dry_run else ""
    typer.echo(f"{row.state.value.lower()}: {row.processed:,} of {row.total or 0:,} rows{would}")
    typer.echo(f"  changed {row.changed:,}, unchanged {row.unchanged:,}, refused {row.refused:,}")
    for code, count in sorted(row.refusals.items()):
        typer.echo(f"  {code} {count:,}")
    if row.refusals:
        url = f"{settings.current().public_url}/operations/{number}/refusals"
        typer.echo(f"  refused rows: {refusals_file or url}")
    typer.echo(f"  operation: {number}")
    if row.state not in FINISHED:
        typer.echo("It goes on wherever `sayso serve` or `sayso worker` runs.", err=True)
