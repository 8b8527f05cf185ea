"""Captures the logs of this process."""

import contextlib
import io
import logging
from collections.abc import Iterator

import structlog

from api.http import logs


@contextlib.contextmanager
def captured_logs(log_format: str = "json") -> Iterator[io.StringIO]:
    """Capture all log lines in this format; restore the configuration afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logs._access_out)
    out = io.StringIO()
    logs.configure(log_format, out)
    try:
        yield out
    finally:
        structlog.reset_defaults()
        root.handlers[:], root.level, logs._access_out = before
