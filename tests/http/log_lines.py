"""The logs of this process, caught while a test looks on."""

import contextlib
import io
import logging
from collections.abc import Iterator

import structlog

from api.http import logs


@contextlib.contextmanager
def caught(log_format: str = "json") -> Iterator[io.StringIO]:
    """All log lines in the format given; afterwards everything is as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logs._access_out)
    out = io.StringIO()
    logs.configure(log_format, out)
    try:
        yield out
    finally:
        structlog.reset_defaults()
        root.handlers[:], root.level, logs._access_out = before
