"""Logs: one structured line for each event, on standard error, with nobody's address and no token in it."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_FRAMES = 12
_LONGEST_MESSAGE = 500
_SECRETS = re.compile(
    r"(?P<link>/[pucf]/(?!\{)[^\s\"'?#]+)"
    r"|(?P<token>sayso_\w+|[A-Za-z0-9_-]{24,}\.[A-Za-z0-9_-]{20,})"
    r"|(?P<address>[^\s@\"'<>(),;=]+(?:@|%40)[^\s@\"'<>(),;]+|(?:\+|%2B)\d[\d\s().-]{5,}\d)"
)
"""Links' and API tokens, email addresses and international phone numbers, wherever they stand in a text."""


request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that this task answers."""


def configure(log_format: str, stream: TextIO | None = None) -> None:
    """Send every log line of the process, the libraries' too, to `stream` as "json" or for a "console"."""
    out = stream or sys.stderr
    render: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        describe_exception,
        redact,
    ]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    _take_over_libraries(out, shared, render)
    global _access_out
    _access_out = out if log_format == "json" else None


_access_out: TextIO | None = None


def access(method: str, route: str, status: int, seconds: float) -> None:
    """Write the line of an answered request.

    One for each request, of words that are all our own: as JSON it goes past the filters, which cost more
    than the request itself.
    """
    line = {"event": "request", "method": method, "route": route, "status": status}
    line["ms"] = round(seconds * 1000, 2)
    if _access_out is None:
        structlog.get_logger().info(**line)
        return
    line |= {"request_id": request_id.get(), "level": "info", "timestamp": _now()}
    _access_out.write(orjson.dumps(line).decode() + "\n")
    _access_out.flush()


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if number := request_id.get():
        event["request_id"] = number
    return event


def _take_over_libraries(out: TextIO, shared: list[Processor], render: Processor) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shared, render]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.INFO)
    logging.getLogger("uvicorn.access").disabled = True


def _json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put an exception's kind, words and whereabouts in the event: never its arguments or local values."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        event["error"] = type(error).__name__
        event["message"] = str(error).partition("DETAIL:")[0].strip()[:_LONGEST_MESSAGE]
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blot out what must not be in a log. The calls do not log such things; this is for what slips by."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = without_secrets(value)
        elif isinstance(value, list | tuple | dict):
            event[key] = orjson.loads(without_secrets(orjson.dumps(value, default=str).decode()))
    return event


def without_secrets(text: str) -> str:
    """The text with `[address]`, `[token]` and `/p/[token]` for what would tell who somebody is."""
    return _SECRETS.sub(_blot, text)


def _blot(found: re.Match[str]) -> str:
    if found.lastgroup == "link":
        return f"{found[0][:3]}[token]"
    return f"[{found.lastgroup}]"
