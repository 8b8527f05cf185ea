"""A proxy to PostgreSQL that cuts connections, for a while or when a statement passes, and that can hang."""

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
    """Cut the connection at a word, before it reaches the database or before its answer returns."""

    word: bytes
    when: When
    times: int


class Proxy:
    """Forwards between Sayso and the database."""

    def __init__(self, made: Settings) -> None:
        parts = urlsplit(made.database_url)
        self._to = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._writers: set[asyncio.StreamWriter] = set()
        self.down = False
        self.cut: Cut | None = None
        self._flows = asyncio.Event()
        self._flows.set()

    def disconnect(self) -> None:
        """Cut all connections, and accept no new ones until `down` is False again."""
        self.down = True
        self._abort()

    @property
    def hanging(self) -> bool:
        """Whether what is sent waits here, as with a database whose disk hangs. Later it is forwarded."""
        return not self._flows.is_set()

    @hanging.setter
    def hanging(self, hanging: bool) -> None:
        if hanging:
            self._flows.clear()
        else:
            self._flows.set()

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until it ends."""
        if self.down:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        writers = {writer, far_writer}
        self._writers |= writers
        answer_lost = asyncio.Event()
        back = asyncio.create_task(self._forward_answers(far_reader, writer, answer_lost))
        with contextlib.suppress(OSError):
            await self._forward(reader, far_writer, answer_lost)
        self._writers -= writers
        for each in writers:
            each.transport.abort()
        await asyncio.wait({back})

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer_lost: asyncio.Event
    ) -> None:
        while data := await reader.read(_BLOCK):
            await self._flows.wait()
            cut = self.cut
            if cut is None or not cut.times or cut.word not in data:
                writer.write(data)
                continue
            cut.times -= 1
            if cut.when == "after":
                answer_lost.set()
                writer.write(data)
                await asyncio.sleep(0.1)  # the database acts on it
            return

    async def _forward_answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer_lost: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_BLOCK):
                await self._flows.wait()
                if not answer_lost.is_set():
                    writer.write(data)
        if not answer_lost.is_set():
            writer.close()


@contextlib.asynccontextmanager
async def proxy_to(made: Settings) -> AsyncIterator[tuple[Settings, Proxy]]:
    """Settings that connect through the proxy, and the proxy."""
    proxy = Proxy(made)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(made.database_url)
    user = parts.netloc.rpartition("@")[0] or "postgres"
    try:
        yield replace(made, database_url=parts._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()), proxy
    finally:
        server.close()
        proxy.hanging = False
        proxy.disconnect()
