"""The URL of the server that was started last in development: other commands print links to it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_NAME = "public-url"


def store(data_dir: Path, url: str) -> None:
    """Store the URL in the data folder. Raises OSError if it cannot be written."""
    data_dir.mkdir(parents=True, exist_ok=True)
    scratch = data_dir / f".{_NAME}.{secrets.token_hex(8)}"
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(url + "\n")
    scratch.replace(data_dir / _NAME)


def stored(data_dir: Path) -> str | None:
    """Return the stored URL; None if no server was started with this data folder."""
    try:
        return (data_dir / _NAME).read_text().strip() or None
    except OSError:
        return None
