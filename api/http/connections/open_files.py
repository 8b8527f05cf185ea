"""How many files and connections the process may have open."""

from __future__ import annotations

import resource
from functools import cache
from pathlib import Path
from typing import Final

_RESERVED: Final = 128
"""Files that are no connections of clients: databases, mail, logs, uploads."""
_MOST_CONNECTIONS: Final = 4096
"""Bounds the memory of connections that wait, whatever the system allows."""
_MOST_FILES: Final = 65_536
_OPEN_FILES = Path("/dev/fd")


def raise_limit() -> None:
    """Raise the soft limit of open files to the hard one: many systems start with 256 or 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def limit() -> int:
    """The number of files that the process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_FILES if soft == resource.RLIM_INFINITY else soft


@cache
def most_connections() -> int:
    """The number of connections that one server process keeps open: fewer than it may have files open."""
    allowed = limit()
    return max(8, min(_MOST_CONNECTIONS, allowed - min(_RESERVED, allowed // 2)))


def count() -> int:
    """The number of files that the process has open."""
    return sum(1 for _ in _OPEN_FILES.iterdir())
