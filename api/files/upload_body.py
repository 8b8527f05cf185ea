"""The file in a request, as it arrives: the body itself, or the only file of a multipart form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from api.files.problems import Problem
from api.http.bodies import BodyTooLarge, body_chunks
from preference_center.calculations import in_thread

MAX_FILE_BYTES: Final = 4 * 1024**3
"""About fifty million addresses."""
_MAX_BOUNDARY_BYTES: Final = 200
_MAX_CONTENT_TYPE_LENGTH: Final = 1_000
_MAX_PARTS: Final = 100
_MAX_PART_HEADERS: Final = 8 * 1024
"""Bytes in the headers of a part of a form."""
_TEXT: Final = frozenset(
    {"text/csv", "text/plain", "text/tab-separated-values", "application/csv", "application/vnd.ms-excel"}
)
_BINARY: Final = "application/octet-stream"
_FORM: Final = "multipart/form-data"


def media_type_of(request: Request) -> str:
    """The media type of the body; empty without one."""
    return _content_type(request)[0]


def charset_of(request: Request) -> str | None:
    """The charset of Content-Type; None for UTF-8, which many clients send without checking the file."""
    media_type, options = _content_type(request)
    charset = options.get(b"charset", b"").decode("latin-1").strip().lower()
    return charset if media_type in _TEXT and charset not in ("", "utf-8", "utf8", "us-ascii") else None


def file_chunks(request: Request) -> AsyncIterator[bytes]:
    """The bytes of the file as they arrive.

    Raises Problem: at once for another media type (415) or a form without a boundary (400); while reading for
    a malformed form, one with no file or several (400), and a body that is too large (413). Raises
    ClientDisconnect if the client leaves.
    """
    media_type, options = _content_type(request)
    if media_type == _FORM:
        boundary = options.get(b"boundary", b"")
        if not 0 < len(boundary) <= _MAX_BOUNDARY_BYTES:
            raise _bad_form("The form's Content-Type has no usable boundary.")
        return _file_in_form(limited_body(request), boundary)
    if media_type in _TEXT or media_type == _BINARY:
        return limited_body(request)
    message = "Send the file as text/csv, or in a form as multipart/form-data."
    raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", message)


def _content_type(request: Request) -> tuple[str, dict[bytes, bytes]]:
    header = request.headers.get("content-type", "")[:_MAX_CONTENT_TYPE_LENGTH]
    media_type, options = parse_options_header(header)
    return media_type.decode("latin-1"), options


def _bad_form(message: str) -> Problem:
    return Problem(400, "BAD_REQUEST", message)


async def limited_body(request: Request) -> AsyncIterator[bytes]:
    """The body as it arrives. Raises Problem (413) if it is too large, ClientDisconnect."""
    try:
        async for chunk in body_chunks(request, MAX_FILE_BYTES):
            yield chunk
    except BodyTooLarge as error:
        raise Problem(
            413, "BODY_TOO_LARGE", f"The file is larger than {error.limit:,} bytes. Split it."
        ) from None


async def _file_in_form(chunks: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[bytes]:
    form = _FormReader(boundary)
    async for chunk in chunks:
        # Text that looks like a boundary takes long.
        if piece := await in_thread(form.feed, chunk):
            yield piece
    if not form.ended:
        raise _bad_form("The form is incomplete.")
    if not form.files:
        raise _bad_form("The form has no file.")


class _FormReader:
    """Reads a multipart form piece by piece and keeps nothing but the file's bytes not taken yet."""

    def __init__(self, boundary: bytes) -> None:
        self.ended = False
        self.files = 0
        self._pieces: list[bytes] = []
        self._header = self._value = b""
        self._parts = self._header_bytes = 0
        self._in_file = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_to_header,
                "on_header_value": self._add_to_value,
                "on_header_end": self._end_header,
                "on_part_data": self._add_data,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> bytes:
        """The file's bytes in the next piece of the body. Raises Problem (400)."""
        try:
            self._parser.write(chunk)
        except MultipartParseError:
            raise _bad_form("The form cannot be read.") from None
        if self.files > 1:
            raise _bad_form("The form has more than one file.")
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)

    def _begin_part(self) -> None:
        self._in_file = False
        self._header = self._value = b""
        self._header_bytes = 0
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise _bad_form(f"The form has more than {_MAX_PARTS} parts.")

    def _add_to_header(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._value += data[start:end]

    def _count_header(self, received: int) -> None:
        self._header_bytes += received
        if self._header_bytes > _MAX_PART_HEADERS:
            raise _bad_form(f"The headers of a part have at most {_MAX_PART_HEADERS} bytes.")

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._in_file = b"filename" in options or options.get(b"name") == b"file"
            self.files += self._in_file
        self._header = self._value = b""

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._pieces.append(data[start:end])

    def _end(self) -> None:
        self.ended = True
