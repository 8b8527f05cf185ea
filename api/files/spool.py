"""Bytes on their way to a client: some in memory, more in a file while the client still sends.

Many clients send a whole body before they read the response. If the server waited for them to read, each
would wait for the other.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import deque
from pathlib import Path
from typing import IO, Final

_MAX_IN_MEMORY: Final = 512 * 1024
MAX_IN_FILE: Final = 4 * 1024**3
_READ_BYTES: Final = 128 * 1024


class Spool:
    """One task puts pieces in, another takes them out, in order."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the file is made, without a name: it is gone once it is closed."""
        self._folder = folder
        self._pieces: deque[bytes] = deque()
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self._read_at = self._written = 0
        self._changed = asyncio.Condition()
        self._has_ended = False

    async def put(self, piece: bytes, *, may_wait: bool) -> None:
        """Add a piece. With `may_wait`, wait while the taker has enough; else the piece goes to the file."""
        while not self._fits(piece):
            if not may_wait and self._in_file < MAX_IN_FILE:
                await self._write(piece)
                break
            async with self._changed:
                await self._changed.wait()
        else:
            self._pieces.append(piece)
            self._in_memory += len(piece)
        await self._notify()

    async def end(self) -> None:
        """Say that nothing follows."""
        self._has_ended = True
        await self._notify()

    async def take(self) -> bytes | None:
        """Return the next piece as soon as there is one; None at the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._pieces or self._in_file or self._has_ended)
        if self._pieces:
            piece = self._pieces.popleft()
            self._in_memory -= len(piece)
        elif self._in_file:
            piece = await self._read()
        else:
            return None
        await self._notify()
        return piece

    def close(self) -> None:
        """Drop what nobody takes."""
        self._pieces.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def _in_file(self) -> int:
        return self._written - self._read_at

    def _fits(self, piece: bytes) -> bool:
        """Whether the piece may go to memory: what is in the file comes first."""
        is_empty = not self._pieces
        return not self._in_file and (is_empty or self._in_memory + len(piece) <= _MAX_IN_MEMORY)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _write(self, piece: bytes) -> None:
        if self._file is None:
            self._file = await asyncio.to_thread(_unnamed_file, self._folder)
        file = self._file
        if not self._in_file:
            self._read_at = self._written = 0
        await asyncio.to_thread(os.pwrite, file.fileno(), piece, self._written)
        self._written += len(piece)

    async def _read(self) -> bytes:
        assert self._file is not None
        size = min(_READ_BYTES, self._in_file)
        piece = await asyncio.to_thread(os.pread, self._file.fileno(), size, self._read_at)
        self._read_at += len(piece)
        return piece


def _unnamed_file(folder: Path) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=folder, buffering=0)
