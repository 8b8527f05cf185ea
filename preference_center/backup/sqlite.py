"""Backups of SQLite by its online backup API: one consistent state, while others read and write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from preference_center.backup.contents import FILLED_TABLES, MIGRATIONS_TABLE
from preference_center.backup.files import BackupError, complete_file, target_of
from preference_center.config import private_files

_PAGES_PER_STEP = 2_000
_BUSY_SECONDS = 30.0
_IN_USE_SECONDS = 1.0
_HEADER = b"SQLite format 3\0"

Progress = Callable[[int, int], None]
"""Gets how many pages of the file are copied, and how many there are."""


def back_up(database: Path, file: Path, *, replace: bool, progress: Progress) -> None:
    """Copy the database to a file. Raises BackupError."""
    if not is_sqlite(database):
        raise BackupError(f"There is no database at {database}.")
    with complete_file(file, replace=replace) as scratch:
        copy(database, scratch, progress)


def is_sqlite(path: Path) -> bool:
    """Return whether a file begins like an SQLite database."""
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False


def copy(source: Path, target: Path, progress: Progress) -> None:
    """Copy a database over another file, as one file without a log. Raises BackupError."""
    try:
        with (
            closing(sqlite3.connect(_uri(source), uri=True, timeout=_BUSY_SECONDS)) as from_,
            closing(sqlite3.connect(target, timeout=_BUSY_SECONDS, isolation_level=None)) as to,
        ):
            from_.isolation_level = None
            # With a read transaction open, all steps copy the same state, whatever others write.
            from_.execute("BEGIN")
            from_.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
            from_.backup(
                to,
                pages=_PAGES_PER_STEP,
                progress=lambda _status, left, total: progress(total - left, total),
            )
            to.execute("PRAGMA synchronous = FULL")
            to.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied: {error}.") from error


def check_backup(file: Path) -> None:
    """Raise BackupError if a file is no undamaged database of Sayso."""
    if not is_sqlite(file):
        raise BackupError(f"{file} is not a backup of an SQLite database.")
    try:
        with closing(sqlite3.connect(_uri(file, "ro"), uri=True)) as opened:
            [[found]] = opened.execute("PRAGMA quick_check(1)").fetchall()
            tables = _tables(opened)
    except sqlite3.Error as error:
        raise BackupError(f"{file} is damaged: {error}.") from error
    if found != "ok":
        raise BackupError(f"{file} is damaged: {found}.")
    if MIGRATIONS_TABLE not in tables:
        raise BackupError(f"{file} is not a database of Sayso.")


@contextmanager
def replacement(database: Path, *, force: bool) -> Iterator[Path]:
    """Yield an empty file that takes the place of the database when the block ends without an error.

    Raises BackupError if the database is in use, or holds data and `force` is false.
    """
    database = target_of(database)  # SQLite keeps the log beside it, not beside a link to it
    if database.exists():
        _check_target(database, force=force)
    private_files.make_folder(database.parent)
    with complete_file(database, replace=True) as scratch:
        yield scratch
        _close_log(scratch)
        for end in ("-wal", "-shm", "-journal"):  # of a database that is too damaged to be opened
            database.with_name(database.name + end).unlink(missing_ok=True)


def _check_target(database: Path, *, force: bool) -> None:
    try:
        _close_log(database)
        with closing(sqlite3.connect(_uri(database, "ro"), uri=True)) as opened:
            tables = _tables(opened)
            filled = any(
                opened.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]
                for table in FILLED_TABLES
                if table in tables
            )
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            message = f"{database} is in use. Stop `sayso serve` and `sayso worker` first."
            raise BackupError(message) from error
        filled = True  # it is damaged, or something else
    if filled and not force:
        raise BackupError(f"{database} holds data. Use --force to replace it.")


def _close_log(database: Path) -> None:
    """Move the write-ahead log into the file. SQLite refuses this while another connection is open."""
    with closing(sqlite3.connect(database, timeout=_IN_USE_SECONDS, isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")


def _tables(opened: sqlite3.Connection) -> set[str]:
    return {name for (name,) in opened.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _uri(path: Path, mode: str = "rw") -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"
