"""Logs: one structured line for each event, on standard error, without addresses and tokens."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from io import TextIOWrapper
from itertools import islice
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from preference_center.links.kinds import LINK_KINDS
from preference_center.links.tokens import SIGNATURE_LENGTH

_MAX_FRAMES = 12
_MAX_TEXT_LENGTH = 500
_MAX_ITEMS = 50
_MAX_DEPTH = 4
_LINK_PATHS = "|".join(re.escape(kind.path) for kind in LINK_KINDS)
_ADDRESSES = re.compile(
    r"(?<![^\s@\"'<>(),;=])(?:(?!%40)[^\s@\"'<>(),;=])++(?:@|%40)[^\s@\"'<>(),;]+"
    r"|(?:\+|%2B)\d[\d\s().-]{5,}\d"
)
"""Email addresses and phone numbers.

A part before an @ is read once, from its beginning and never again from within (`++`). So the time is in
proportion to the length of the text, here and in the other patterns.
"""
_TOKENS = re.compile(
    rf"(?P<path>(?:{_LINK_PATHS})/)(?!\{{)[^\s\"'?#]+"
    r"|sayso_[\w-]+|(?<![A-Za-z0-9_-])(?:"
    rf"[A-Za-z0-9_-]{{2,}}+(?:\.|%2[Ee])[A-Za-z0-9_-]{{{SIGNATURE_LENGTH},}}"
    r"|[A-Za-z0-9_-]{24,}+(?:\.|%2[Ee])[A-Za-z0-9_-]{20,})"
)
"""Link paths, API tokens, signed tokens, long tokens cut short."""
_CUT_WORD = re.compile(r"(?<![^\s\"'<>(),;=])[^\s\"'<>(),;=]++\Z")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that this task handles."""


def configure(log_format: str, stream: TextIO | None = None) -> None:
    """Write all log lines of the process and its libraries to `stream`, as "json" or for a "console"."""
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
    _capture_library_logs(out, shared, render)
    global _access_out
    _access_out = out if log_format == "json" else None


_access_out: TextIO | None = None


def access(method: str, route: str, status: int, seconds: float) -> None:
    """Write the line of a finished request.

    There is one for each request and all its values are our own, so as JSON it skips redaction, which costs
    more than the request itself.
    """
    line: dict[str, object] = {"event": "request", "method": method, "route": route, "status": status}
    line["ms"] = round(seconds * 1000, 2)
    if _access_out is None:
        structlog.get_logger().info(**line)
        return
    line |= {"request_id": request_id.get(), "level": "info", "timestamp": datetime.now(UTC)}
    text = orjson.dumps(line, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
    if isinstance(_access_out, TextIOWrapper):
        _access_out.buffer.write(text)
    else:
        _access_out.write(text.decode())
    _access_out.flush()


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if current_id := request_id.get():
        event["request_id"] = current_id
    return event


def _capture_library_logs(out: TextIO, shared: list[Processor], render: Processor) -> None:
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
    """Replace `exc_info` by the exception's type, message and stack: never its arguments or local values."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
        event["error"] = type(error).__name__
        # PostgreSQL puts a row's values after "DETAIL:".
        event["message"] = without_secrets(str(error).partition("DETAIL:")[0].strip())
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Redact every field. Sayso's own calls log no secrets; this catches those that libraries log."""
    return {without_secrets(name): _redacted(value, _MAX_DEPTH) for name, value in event.items()}


def _redacted(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth and isinstance(value, Mapping):
        items = islice(value.items(), _MAX_ITEMS)
        return {without_secrets(str(name)): _redacted(item, depth - 1) for name, item in items}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [_redacted(item, depth - 1) for item in islice(value, _MAX_ITEMS)]
    return without_secrets(str(value))


def without_secrets(text: str) -> str:
    """Return the text with `[address]`, `[token]` and `/p/[token]` in place of what identifies a person.

    It is cut to 500 characters, without the word that the cut goes through, as half an address or token would
    not be recognised. Line breaks and other control characters are escaped.
    """
    if len(text) > _MAX_TEXT_LENGTH:
        text = _CUT_WORD.sub("", text[:_MAX_TEXT_LENGTH]) + "…"
    text = _TOKENS.sub(_placeholder, _ADDRESSES.sub("[address]", text))
    return _UNPRINTABLE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def _placeholder(found: re.Match[str]) -> str:
    return f"{found['path'] or ''}[token]"
