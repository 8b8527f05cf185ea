"""The URL of the server that was started last in development: other commands print links to it."""

from __future__ import annotations

from pathlib import Path

from preference_center.config import private_files

_NAME = "public-url"


def store(data_dir: Path, url: str) -> None:
    """Store the URL in the data folder. Raises OSError if it cannot be written."""
    private_files.write(data_dir / _NAME, f"{url}\n".encode())


def stored(data_dir: Path) -> str | None:
    """Return the stored URL; None if no server was started with this data folder."""
    try:
        return (data_dir / _NAME).read_text().strip() or None
    except OSError:
        return None
