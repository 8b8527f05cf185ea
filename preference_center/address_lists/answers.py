"""Answers to lists of addresses: a line for each, in order, while the list arrives and in constant memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Final, Protocol

from preference_center.address_lists.lines import LineReader, Lines
from preference_center.address_lists.written import Fault, Writer
from preference_center.calculations import calculate, in_thread
from preference_center.config import settings
from preference_center.errors import ErrorCode
from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError, keyed_fingerprints
from preference_center.rules.types import RecipientKind

_LINES_AT_ONCE: Final = 5_000
"""How many lines are answered together: their calculation takes some ten milliseconds."""
_PARTS_AT_ONCE: Final = 3
"""How many parts are in memory: some are calculated while others wait for the database."""


class Answerer(Protocol):
    """What answers the addresses of a list, all of one kind."""

    @property
    def kind(self) -> RecipientKind:
        """The kind of the addresses."""

    @property
    def writer(self) -> Writer:
        """What writes the lines of the answer."""

    async def ends(self, fingerprints: Sequence[bytes]) -> Sequence[str]:
        """Return the end of the line of each address, as the writer writes it."""


async def answered(
    chunks: AsyncIterator[bytes], reader: LineReader, answerer: Answerer
) -> AsyncGenerator[bytes, None]:
    """Yield the answer to a list, each piece as soon as it is known.

    Raises what `chunks` and the database raise. Closing it ends the statements that run.
    """
    parts: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue()
    room = asyncio.Semaphore(_PARTS_AT_ONCE)
    reading = asyncio.create_task(_read(_parts(chunks, reader), answerer, parts, room))
    tasks: set[asyncio.Task[bytes]] = set()
    first = answerer.writer.header
    try:
        while part := await parts.get():
            tasks = {part}
            # A list that cannot be read to its end, as its sender has left, ends the statements at once.
            await asyncio.wait({part, reading}, return_when=asyncio.FIRST_COMPLETED)
            if not part.done():
                await reading
            yield first + await part
            first = b""
            room.release()
        await reading
        if first:
            yield first
    finally:
        reading.cancel()
        while not parts.empty():
            if waiting := parts.get_nowait():
                tasks.add(waiting)
        for task in tasks:
            task.cancel()
        await asyncio.gather(reading, *tasks, return_exceptions=True)


async def _read(
    lines: AsyncIterator[Lines],
    answerer: Answerer,
    parts: asyncio.Queue[asyncio.Task[bytes] | None],
    room: asyncio.Semaphore,
) -> None:
    """Begin to answer each part as soon as there is room for it."""
    try:
        await room.acquire()
        async for part in lines:
            parts.put_nowait(asyncio.create_task(_answer(part, answerer)))
            await room.acquire()
    finally:
        parts.put_nowait(None)


async def _parts(chunks: AsyncIterator[bytes], reader: LineReader) -> AsyncIterator[Lines]:
    async for chunk in chunks:
        for part in (await in_thread(reader.feed, chunk)).parts(_LINES_AT_ONCE):
            yield part
    for part in (await in_thread(reader.close)).parts(_LINES_AT_ONCE):
        yield part


async def _answer(lines: Lines, answerer: Answerer) -> bytes:
    many = len(lines.texts)
    fingerprints, faults = await calculate(many, _fingerprints, lines, answerer.kind)
    ends = await answerer.ends(fingerprints) if fingerprints else ()
    return await calculate(many, answerer.writer.lines, lines, ends, faults)


def _fingerprints(lines: Lines, kind: RecipientKind) -> tuple[list[bytes], dict[int, Fault]]:
    """The fingerprints of the valid addresses, in order, and by index what is wrong with the others."""
    values = addresses.normalised(lines.texts, kind)
    faults = {
        index: Fault(ErrorCode.INVALID_ADDRESS, str(value))
        for index, value in enumerate(values)
        if value.__class__ is AddressError
    }
    for index, why in lines.faults.items():
        faults[index] = Fault(ErrorCode.INVALID_VALUE, why)
    valid = [value for index, value in enumerate(values) if index not in faults] if faults else values
    return keyed_fingerprints(kind, valid, settings.current().fingerprint_key), faults  # type: ignore[arg-type]
