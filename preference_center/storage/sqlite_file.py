"""The SQLite file as bytes on disk: what was deleted is to be gone from it, and from its write-ahead log.

Each act has a connection and a thread of its own: the process's one connection waits for none of it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from preference_center.config.settings import Settings

_SECONDS_TO_READERS = 0.2
"""How long a try waits for those who still read from the log; writers wait meanwhile."""
_SECONDS_TO_WRITERS = 30.0
_TRIES = 5
_SMALL_BYTES = 16 * 1024 * 1024
_PAUSE_SECONDS = 0.1


def path_of(config: Settings) -> Path | None:
    """Where the file is; None where the database is no SQLite."""
    if not config.database_url.startswith("sqlite://"):
        return None
    return Path(config.database_url.removeprefix("sqlite://"))


async def empty_log(path: Path) -> bool:
    """Bring all of the write-ahead log into the file and empty it; False while somebody reads from it."""
    for attempt in range(_TRIES):
        if attempt:
            await asyncio.sleep(_PAUSE_SECONDS)
        if await asyncio.to_thread(_emptied, path):
            return True
    return False


def _emptied(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=_SECONDS_TO_READERS)) as file:
        try:
            busy, _, _ = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:  # somebody writes, and goes on writing
            return False
    return not busy


def is_small(path: Path) -> bool:
    """Whether the file is written anew in some tenths of a second: so while a request waits."""
    return path.stat().st_size <= _SMALL_BYTES


async def rewrite(path: Path, seconds: float = _SECONDS_TO_WRITERS) -> None:
    """Write the file anew, with nothing in it but the rows there are.

    Raises sqlite3.OperationalError while others write, for longer than `seconds`, and where the disk has no
    room for a second file.

    Deleting with `secure_delete` overwrites the row, and not the copies that balancing the tree had left in
    pages' free space.
    """
    await asyncio.to_thread(_rewritten, path, seconds)


def _rewritten(path: Path, seconds: float) -> None:
    with closing(sqlite3.connect(path, timeout=seconds, isolation_level=None)) as file:
        file.execute("PRAGMA secure_delete = ON")
        file.execute("PRAGMA synchronous = FULL")
        file.execute("VACUUM")
