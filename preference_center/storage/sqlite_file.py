"""The SQLite file on disk: removing deleted data from its free space and from its write-ahead log (R36).

Each call uses a connection and a thread of its own, so that the process's one connection is never blocked.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from preference_center.config import private_files
from preference_center.config.settings import Settings

_READER_TIMEOUT_SECONDS = 0.2
"""How long one attempt waits for readers of the log; writers are blocked meanwhile."""
_WRITER_TIMEOUT_SECONDS = 30.0
_ATTEMPTS = 5
_DELAY_SECONDS = 0.1
_SMALL_BYTES = 16 * 1024 * 1024
_FULL_TEXT_INDEXES = "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE % USING fts5%'"


def path_of(config: Settings) -> Path | None:
    """Return the path of the database file, or None on PostgreSQL."""
    if not config.database_url.startswith("sqlite://"):
        return None
    return Path(config.database_url.removeprefix("sqlite://"))


def files_of(path: Path) -> list[Path]:
    """Return the database file, and what SQLite and migrations put beside it."""
    return [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal", ".migrating"))]


def create(path: Path) -> None:
    """Create an empty file, and its folder, if there is none. SQLite gives its log the same permissions."""
    if not path.exists():
        private_files.make_folder(path.parent)
        os.close(private_files.create(path, os.O_RDWR))


async def empty_log(path: Path) -> bool:
    """Move the write-ahead log into the file and truncate it. Returns False while it is still being read."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            await asyncio.sleep(_DELAY_SECONDS)
        if await asyncio.to_thread(_checkpoint, path):
            return True
    return False


def _checkpoint(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=_READER_TIMEOUT_SECONDS)) as file:
        try:
            busy, _, _ = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:  # another connection keeps writing
            return False
    return not busy


def is_small(path: Path) -> bool:
    """Return whether `rewrite` takes tenths of a second, so that a request can wait for it."""
    return path.stat().st_size <= _SMALL_BYTES


async def rewrite(path: Path, timeout_seconds: float = _WRITER_TIMEOUT_SECONDS) -> None:
    """Rewrite the file with nothing in it but the current rows.

    `secure_delete` overwrites deleted rows, but not copies that balancing the tree left in free space, and a
    full-text index keeps the entries of deleted rows until it merges them.
    Raises sqlite3.OperationalError if others write for longer than the timeout, or the disk has no room for
    a second file.
    """
    await asyncio.to_thread(_vacuum, path, timeout_seconds)


def _vacuum(path: Path, timeout_seconds: float) -> None:
    with closing(sqlite3.connect(path, timeout=timeout_seconds, isolation_level=None)) as file:
        file.execute("PRAGMA secure_delete = ON")
        file.execute("PRAGMA synchronous = FULL")
        for (index,) in file.execute(_FULL_TEXT_INDEXES).fetchall():
            file.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
        file.execute("VACUUM")
