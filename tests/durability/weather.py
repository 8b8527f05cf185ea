"""A wire to PostgreSQL that can be cut: by the hour, or at a word that is on its way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from preference_center.config.settings import Settings

When = Literal["before", "after"]
_BLOCK = 65_536


@dataclass
class Cut:
    """Cut the wire at a word: before the database hears it, or before its answer is heard; `times` times."""

    word: bytes
    when: When
    times: int


class Wire:
    """Stands between Sayso and the database."""

    def __init__(self, made: Settings) -> None:
        parts = urlsplit(made.database_url)
        self._to = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._writers: set[asyncio.StreamWriter] = set()
        self.down = False
        self.cut: Cut | None = None

    def fall(self) -> None:
        """Cut all connections, and take no new ones until `down` is False again."""
        self.down = True
        self._hang_up()

    def _hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        if self.down:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        ends = {writer, far_writer}
        self._writers |= ends
        deaf = asyncio.Event()
        back = asyncio.create_task(_pass_on(far_reader, writer, deaf))
        with contextlib.suppress(OSError):
            await self._there(reader, far_writer, deaf)
        self._writers -= ends
        for end in ends:
            end.transport.abort()
        await asyncio.wait({back})

    async def _there(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event
    ) -> None:
        while data := await reader.read(_BLOCK):
            cut = self.cut
            if cut is None or not cut.times or cut.word not in data:
                writer.write(data)
                continue
            cut.times -= 1
            if cut.when == "after":
                deaf.set()
                writer.write(data)
                await asyncio.sleep(0.1)  # it is heard and acted on
            return


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_BLOCK):
            if not deaf.is_set():
                writer.write(data)
    if not deaf.is_set():
        writer.close()


@contextlib.asynccontextmanager
async def wire_to(made: Settings) -> AsyncIterator[tuple[Settings, Wire]]:
    """Settings that lead over the wire, and the wire."""
    wire = Wire(made)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(made.database_url)
    user = parts.netloc.rpartition("@")[0] or "postgres"
    try:
        yield replace(made, database_url=parts._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()), wire
    finally:
        server.close()
        wire.fall()
