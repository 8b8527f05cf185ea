"""`sayso eligibility` and `sayso links`: lists of addresses in, an answer to each on standard output."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Annotated

import typer

from api.cli import command
from api.cli.exports import exit_if_reader_leaves, shows_progress, to_standard_output
from api.cli.imports import opened
from api.cli.progress import Advance, progress_bar
from api.files.address_lists import MakeAnswerer, eligibility_answerer, links_answerer
from api.files.parameters import Pairs
from preference_center.address_lists.answers import answered
from preference_center.address_lists.formats import ListFormat, line_reader
from preference_center.catalog.catalog import exact_catalog
from preference_center.config.settings import Settings
from preference_center.exports.stream import Format
from preference_center.imports.csv_encoding import check_encoding
from preference_center.rules.types import COMMAND_LINE, Channel
from schema.engine.context import Context

app = typer.Typer(help="Answer lists of addresses.")
_READ_BYTES = 64 * 1024
_BY_ENDING = {
    ".csv": ListFormat.CSV,
    ".tsv": ListFormat.CSV,
    ".ndjson": ListFormat.NDJSON,
    ".jsonl": ListFormat.NDJSON,
}

File = Annotated[
    Path, typer.Argument(help="The addresses, one a line, or - for standard input.", metavar="FILE")
]
ChannelName = Annotated[Channel, typer.Option("--channel", help="Channel of the message.")]
Input = Annotated[
    ListFormat | None,
    typer.Option("--input", help="How the file is written. By default its name decides: .csv, .ndjson."),
]
Output = Annotated[Format, typer.Option("--format", help="CSV with a header, or one JSON object per line.")]
Encoding = Annotated[str | None, typer.Option(help="For example windows-1250. UTF-8 by default.")]


@app.command()
def eligibility(
    file: File,
    subscription_type: Annotated[str, typer.Option(help="Key of the message's subscription type.")],
    channel: ChannelName = Channel.EMAIL,
    input_format: Input = None,
    file_format: Output = Format.CSV,
    encoding: Encoding = None,
) -> None:
    """Print for each address of a list whether a message may be sent to it now, and if not, why not.

    Answers come in the order of the addresses, while the list is read. A line that is no address gets an
    answer too, with its error.
    """
    pairs = [("subscription_type", subscription_type), ("channel", channel.value)]
    _answer("eligibility", eligibility_answerer, pairs, _List(file, input_format, file_format, encoding))


@app.command()
def links(
    file: File,
    subscription_type: Annotated[
        str | None, typer.Option(help="Key of the message's subscription type.")
    ] = None,
    business_unit: Annotated[
        str | None, typer.Option(help="Key of the business unit. Left out: that of the type.")
    ] = None,
    channel: ChannelName = Channel.EMAIL,
    campaign: Annotated[
        str | None, typer.Option(help="Name of the campaign: evidence of what recipients do with the links.")
    ] = None,
    input_format: Input = None,
    file_format: Output = Format.CSV,
    encoding: Encoding = None,
) -> None:
    """Print the links and the List-Unsubscribe headers of a message for each address of a list.

    They are printed in the order of the addresses, while the list is read.
    """
    options = {
        "subscription_type": subscription_type,
        "business_unit": business_unit,
        "channel": channel.value,
        "campaign": campaign,
    }
    pairs = [(name, value) for name, value in options.items() if value is not None]
    _answer("links", links_answerer, pairs, _List(file, input_format, file_format, encoding))


@dataclass(frozen=True, slots=True)
class _List:
    """A list of addresses, and how its answer is written."""

    path: Path
    input_format: ListFormat | None
    file_format: Format
    encoding: str | None


def _answer(name: str, make: MakeAnswerer, pairs: Pairs, given: _List) -> None:
    """Answer a list on standard output. The bar shows how much of the file is read."""
    list_format = given.input_format or _BY_ENDING.get(given.path.suffix.lower(), ListFormat.TEXT)

    async def run(_settings: Settings) -> None:
        context = Context(COMMAND_LINE, frozenset({"admin"}), await exact_catalog())
        answerer = make(pairs, context, given.file_format)
        reader = line_reader(list_format, answerer.kind, check_encoding(given.encoding))
        sink = to_standard_output(lambda _lines: None)
        with opened(given.path) as source, _bar(name, source) as advance:
            async with aclosing(answered(_chunks(source, advance), reader, answerer)) as pieces:
                async for piece in pieces:
                    await sink(piece)

    with exit_if_reader_leaves():
        command.with_database(run)


def _bar(name: str, source: BufferedReader) -> AbstractContextManager[Advance]:
    if not shows_progress():
        return nullcontext(lambda _bytes: None)
    status = os.fstat(source.fileno())
    return progress_bar(name, status.st_size if stat.S_ISREG(status.st_mode) else None)


async def _chunks(source: BufferedReader, advance: Advance) -> AsyncIterator[bytes]:
    # A pipe gives what is in it: whoever fills it may wait for the answers.
    while chunk := await asyncio.to_thread(source.read1, _READ_BYTES):
        advance(len(chunk))
        yield chunk
