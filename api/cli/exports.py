"""`sayso export contacts`, `suppressions` and `events`: files to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from api.cli import command
from api.cli.progress import Advance, progress_bar
from api.files.export_filters import MakeExport, contacts_export, events_export, suppressions_export
from preference_center.catalog.catalog import exact_catalog
from preference_center.config.settings import Settings
from preference_center.exports import stream as exports
from preference_center.exports.stream import Export, Format
from preference_center.rules.types import COMMAND_LINE
from preference_center.storage import shares
from schema.engine.context import Context

app = typer.Typer(help="Export contacts, suppressions or events to standard output.", no_args_is_help=True)

FileFormat = Annotated[
    Format, typer.Option("--format", help="CSV with a header, or NDJSON: one JSON object per line.")
]
TypeKey = Annotated[str | None, typer.Option("--subscription-type", help="Key of a subscription type.")]
ChannelName = Annotated[str | None, typer.Option("--channel", help="EMAIL, SMS or WHATSAPP.")]


@app.command()
def contacts(
    filter_: Annotated[
        str | None, typer.Option("--filter", help="A ContactFilter of the API, as JSON.", metavar="JSON")
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="Words that the names or the email address begin with.")
    ] = None,
    subscription_type: TypeKey = None,
    status: Annotated[
        str | None, typer.Option(help="Status for that type: OPTED_IN, NOT_OPTED or OPTED_OUT.")
    ] = None,
    channel: ChannelName = None,
    unsubscribed_from_all_email: Annotated[
        bool | None,
        typer.Option(
            "--unsubscribed-from-all-email/--not-unsubscribed-from-all-email",
            help="Whether the contact has opted out of all email of any business unit.",
        ),
    ] = None,
    file_format: FileFormat = Format.CSV,
) -> None:
    """Export contacts with their properties and the preferences of their addresses."""
    options = {
        "filter": filter_,
        "search": search,
        "subscription_type": subscription_type,
        "status": status,
        "channel": channel,
        "unsubscribed_from_all_email": _flag(unsubscribed_from_all_email),
    }
    _export("contacts", contacts_export, options, file_format)


@app.command()
def suppressions(
    business_unit: Annotated[str | None, typer.Option(help="Key of a business unit.")] = None,
    channel: ChannelName = None,
    subscription_type: TypeKey = None,
    opt_out_of_all: Annotated[
        bool | None,
        typer.Option(
            "--opt-out-of-all/--single-types", help="Only opt-outs of all, or only of single types."
        ),
    ] = None,
    file_format: FileFormat = Format.CSV,
) -> None:
    """Export opt-outs: of all, and of single subscription types."""
    options = {
        "business_unit": business_unit,
        "channel": channel,
        "subscription_type": subscription_type,
        "opt_out_of_all": _flag(opt_out_of_all),
    }
    _export("suppressions", suppressions_export, options, file_format)


@app.command()
def events(
    recorded_from: Annotated[
        str | None, typer.Option("--from", help="Recorded at this instant or later: 2026-03-01T00:00:00Z.")
    ] = None,
    before: Annotated[str | None, typer.Option(help="Recorded before this instant.")] = None,
    file_format: FileFormat = Format.CSV,
) -> None:
    """Export the ledger, oldest event first."""
    _export("events", events_export, {"from": recorded_from, "before": before}, file_format)


def _flag(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


def _export(name: str, make: MakeExport, options: dict[str, str | None], file_format: Format) -> None:
    pairs = [(option, value) for option, value in options.items() if value is not None]

    async def run(_settings: Settings) -> None:
        context = Context(COMMAND_LINE, frozenset({"admin"}), await exact_catalog())
        await _write(name, await make(pairs, context, file_format), file_format)

    with exit_if_reader_leaves():
        command.with_database(run)


async def _write(name: str, export: Export, file_format: Format) -> None:
    total = await exports.count(export) if shows_progress() else 0
    with progress_bar(name, total) as advance, shares.may_lag():
        await exports.write(export, file_format, to_standard_output(advance))


def shows_progress() -> bool:
    """Whether a terminal looks on that shows nothing else."""
    return sys.stderr.isatty() and not sys.stdout.isatty()


def to_standard_output(advance: Advance) -> exports.Sink:
    """Return what writes pieces of a file to standard output, and reports how many lines each has."""

    async def sink(piece: bytes) -> None:
        try:
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise _ReaderLeft from None
        advance(piece.count(b"\n"))

    return sink


class _ReaderLeft(Exception):
    """The reader of standard output has closed it, as `head` does."""


@contextmanager
def exit_if_reader_leaves() -> Iterator[None]:
    """Exit without a message when the reader of the pipe closes it."""
    try:
        yield
    except _ReaderLeft:
        # Without this Python flushes standard output at exit and reports the broken pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(command.FAILED) from None
