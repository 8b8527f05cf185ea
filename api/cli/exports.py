"""`sayso export contacts`, `suppressions` and `events`: files to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from api.cli import frame
from api.cli.progress import Advance, bar
from api.files.export_filters import MakeExport, contacts_export, events_export, suppressions_export
from preference_center.catalog.catalog import exact_catalog
from preference_center.config.settings import Settings
from preference_center.exports import stream as exports
from preference_center.exports.stream import Export, Format
from preference_center.rules.types import Actor
from schema.engine.context import Context

app = typer.Typer(help="Write contacts, suppressions or the ledger to standard output.", no_args_is_help=True)

Written = Annotated[Format, typer.Option("--format", help="CSV with a header, or an object on each line.")]
TypeKey = Annotated[str | None, typer.Option("--subscription-type", help="A subscription type's key.")]
ChannelName = Annotated[str | None, typer.Option("--channel", help="EMAIL, SMS or WHATSAPP.")]


@app.command()
def contacts(
    filtered: Annotated[
        str | None, typer.Option("--filter", help="The API's ContactFilter, as JSON.", metavar="JSON")
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="Words that names or the email address begin with.")
    ] = None,
    subscription_type: TypeKey = None,
    status: Annotated[
        str | None, typer.Option(help="Of that type: OPTED_IN, NOT_OPTED or OPTED_OUT.")
    ] = None,
    channel: ChannelName = None,
    unsubscribed_from_all_email: Annotated[
        bool | None,
        typer.Option(
            "--unsubscribed-from-all-email/--not-unsubscribed-from-all-email", help="In any business unit."
        ),
    ] = None,
    written: Written = Format.CSV,
) -> None:
    """Write contacts with their properties and what holds of their addresses."""
    given = {
        "filter": filtered,
        "search": search,
        "subscription_type": subscription_type,
        "status": status,
        "channel": channel,
        "unsubscribed_from_all_email": _word(unsubscribed_from_all_email),
    }
    _export("contacts", contacts_export, given, written)


@app.command()
def suppressions(
    business_unit: Annotated[str | None, typer.Option(help="A business unit's key.")] = None,
    channel: ChannelName = None,
    subscription_type: TypeKey = None,
    opt_out_of_all: Annotated[
        bool | None,
        typer.Option("--opt-out-of-all/--single-types", help="Those alone; both where neither is given."),
    ] = None,
    written: Written = Format.CSV,
) -> None:
    """Write who said no: opt-outs of all, and of single types."""
    given = {
        "business_unit": business_unit,
        "channel": channel,
        "subscription_type": subscription_type,
        "opt_out_of_all": _word(opt_out_of_all),
    }
    _export("suppressions", suppressions_export, given, written)


@app.command()
def events(
    recorded_from: Annotated[
        str | None, typer.Option("--from", help="Recorded at this instant or later: 2026-03-01T00:00:00Z.")
    ] = None,
    before: Annotated[str | None, typer.Option(help="And before this one.")] = None,
    written: Written = Format.CSV,
) -> None:
    """Write the ledger, oldest first."""
    _export("events", events_export, {"from": recorded_from, "before": before}, written)


def _word(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


def _export(name: str, make: MakeExport, given: dict[str, str | None], written: Format) -> None:
    pairs = [(key, value) for key, value in given.items() if value is not None]

    async def act(_settings: Settings) -> None:
        await _write(name, await make(pairs, await _context(), written), written)

    with _reader_may_leave():
        frame.with_database(act)


async def _context() -> Context:
    return Context(Actor("command line"), frozenset({"admin"}), await exact_catalog())


async def _write(name: str, export: Export, written: Format) -> None:
    # A bar would be lost among rows that go to the same terminal.
    watched = sys.stderr.isatty() and not sys.stdout.isatty()
    total = await exports.count(export) if watched else 0
    with bar(name, total) as advance:
        await exports.write(export, written, _to_standard_output(advance))


def _to_standard_output(advance: Advance) -> exports.Sink:
    async def sink(piece: bytes) -> None:
        try:
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise _ReaderLeft from None
        advance(piece.count(b"\n"))

    return sink


class _ReaderLeft(Exception):
    """Standard output goes nowhere any more, as behind `| head`."""


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """Leave without a word when the reader of the pipe has had enough."""
    try:
        yield
    except _ReaderLeft:
        # Else Python would try to flush once more at the end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(frame.FAILED) from None
