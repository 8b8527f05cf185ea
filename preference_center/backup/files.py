"""Files that appear under their name only when they are complete and on disk."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from preference_center.config import private_files

_ENDS = ("", "-wal", "-shm", "-journal", ".migrating")
"""Of a file, and of what SQLite and a migration put beside it."""


class BackupError(Exception):
    """A backup or a restore that cannot be done; nothing was changed unless the message says so."""


def target_of(path: Path) -> Path:
    """Return the absolute path of the file that a path names, without links."""
    return Path(os.path.realpath(path))


@contextmanager
def complete_file(path: Path, *, replace: bool) -> Iterator[Path]:
    """Yield an empty file beside `path`, and move it there when the block ends without an error.

    A link stays, and the file that it names is replaced. Raises BackupError if `path` exists and `replace` is
    false, or if it cannot be written.
    """
    path = target_of(path)
    if path.is_dir() or not path.parent.is_dir():
        raise BackupError(f"{path} cannot be written: it is a folder, or its folder does not exist.")
    if path.exists() and not path.is_file():
        raise BackupError(f"{path} cannot be written: it is not a regular file.")
    if path.exists() and not replace:
        raise _exists(path)
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        os.close(private_files.create(scratch))
        yield scratch
        _sync(scratch)
        _move(scratch, path, replace=replace)
        private_files.sync_folder(path.parent)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        for end in _ENDS:
            scratch.with_name(scratch.name + end).unlink(missing_ok=True)


def _move(scratch: Path, path: Path, *, replace: bool) -> None:
    if not replace:
        try:
            path.hardlink_to(scratch)  # unlike a rename, it fails if somebody made the file meanwhile
            return
        except FileExistsError:
            raise _exists(path) from None
        except OSError:  # the file system has no hard links
            if path.exists():
                raise _exists(path) from None
    scratch.replace(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exists(path: Path) -> BackupError:
    return BackupError(f"{path} exists. Use --force to replace it.")
