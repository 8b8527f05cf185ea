"""Files and folders that only their owner can read, whatever the umask: 0600 and 0700."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

FILE_MODE, FOLDER_MODE = 0o600, 0o700
_OWN_FILES = re.compile(
    r"keys\.json|demo-token|public-url|erasures\.journal|sayso\.db.*|\.(?:keys|public-url)\.[0-9a-f]+"
)
_OWN_FOLDERS = ("mail", "texts")
_MESSAGES = re.compile(r".+\.(?:eml|txt)(?:\.\w+)?")


def restrict_process() -> None:
    """Let nobody but the owner read what this process creates: files of libraries, such as SQLite's log."""
    os.umask(0o077)


def make_folder(path: Path) -> None:
    """Create a folder and the missing ones above it. Existing ones stay as they are. Raises OSError."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was first
            folder.mkdir()
            folder.chmod(FOLDER_MODE)


def create(path: Path, flags: int = os.O_WRONLY | os.O_EXCL) -> int:
    """Create a file and return its descriptor. Raises OSError, by default FileExistsError if it exists."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():  # not /dev/stdout, nor somebody else's
        os.fchmod(descriptor, FILE_MODE)
    return descriptor


def write(path: Path, content: bytes) -> None:
    """Write the whole file or nothing, in place of an earlier one; creates the folder. Raises OSError."""
    make_folder(path.parent)
    scratch = path.with_name(f".{path.name.lstrip('.')}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(create(scratch), "wb") as file:
            file.write(content)
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def tighten(data_dir: Path, *others: Path) -> None:
    """Restrict the files that earlier versions left readable: Sayso's own in the data folder, and others.

    Leaves alone what has another owner, and folders that hold more than Sayso's data.
    """
    for path in (*others, *_own_files(data_dir)):
        _restrict(path, FILE_MODE)
    if not _holds_more(data_dir):
        for folder in (data_dir, *(data_dir / name for name in _OWN_FOLDERS)):
            _restrict(folder, FOLDER_MODE)


def _own_files(data_dir: Path) -> Iterator[Path]:
    yield from (path for path in _entries(data_dir) if _OWN_FILES.fullmatch(path.name))
    for name in _OWN_FOLDERS:
        yield from (path for path in _entries(data_dir / name) if _MESSAGES.fullmatch(path.name))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _holds_more(folder: Path) -> bool:
    """Whether a folder is the working or home directory, one above them, or one for everybody (/tmp)."""
    resolved = folder.resolve()
    used = (Path.cwd(), Path(os.path.expanduser("~")))  # noqa: PTH111 (Path.home raises without a home)
    if any(resolved in (path, *path.parents) for path in used):
        return True
    try:
        return bool(folder.stat().st_mode & stat.S_ISVTX)
    except OSError:
        return True


def _restrict(path: Path, mode: int) -> None:
    with contextlib.suppress(OSError):  # it is gone, or the file system is read-only
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) and mode == FOLDER_MODE:
            found = path.stat()
        expected = stat.S_ISDIR if mode == FOLDER_MODE else stat.S_ISREG
        if expected(found.st_mode) and found.st_uid == os.geteuid() and found.st_mode & 0o077:
            path.chmod(stat.S_IMODE(found.st_mode) & mode)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
