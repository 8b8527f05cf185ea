"""The file in a request: the body itself, or the one file of a form; handed on while it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

LARGEST_FILE: Final = 4 * 1024**3
"""Bytes; some fifty million addresses."""
_TEXT: Final = frozenset(
    {"text/csv", "text/plain", "text/tab-separated-values", "application/csv", "application/vnd.ms-excel"}
)
_ANYTHING: Final = "application/octet-stream"
_FORM: Final = "multipart/form-data"


class BadBody(Exception):
    """A body that no file can be taken from: the status, a code and words for the answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def charset_of(request: Request) -> str | None:
    """The encoding that the body is said to be in. Many say UTF-8 without a look, so that is not believed."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    charset = options.get(b"charset", b"").decode("latin-1").strip().lower()
    believed = kind.decode("latin-1") in _TEXT and charset not in ("", "utf-8", "utf8", "us-ascii")
    return charset if believed else None


def chunks_of(request: Request) -> AsyncIterator[bytes]:
    """The file's bytes as they come.

    Raises BadBody: at once for another media type (415); on the way for a form that is none, or has no file
    or two (400), and for what is too large (413). Raises ClientDisconnect where the client left.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    name = kind.decode("latin-1")
    if name == _FORM:
        boundary = options.get(b"boundary", b"")
        if not 0 < len(boundary) <= 200:
            raise BadBody(400, "BAD_REQUEST", "The form does not say what its boundary is.")
        return _file_in_form(_limited(request), boundary)
    if name in _TEXT or name == _ANYTHING:
        return _limited(request)
    message = "Send the file as text/csv, or in a form as multipart/form-data."
    raise BadBody(415, "UNSUPPORTED_MEDIA_TYPE", message)


async def _limited(request: Request) -> AsyncIterator[bytes]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > LARGEST_FILE:
            raise BadBody(413, "BODY_TOO_LARGE", f"A file has at most {LARGEST_FILE} bytes.")
        yield chunk


async def _file_in_form(chunks: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[bytes]:
    form = _Form(boundary)
    async for chunk in chunks:
        for piece in form.feed(chunk):
            yield piece
    if not form.ended:
        raise BadBody(400, "BAD_REQUEST", "The form ends in the middle.")
    if not form.files:
        raise BadBody(400, "BAD_REQUEST", "There is no file in the form.")


class _Form:
    """A multipart body on its way; of its parts only the file's bytes are kept, until they are taken."""

    def __init__(self, boundary: bytes) -> None:
        self.ended = False
        self.files = 0
        self._pieces: list[bytes] = []
        self._header = self._value = b""
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

    def feed(self, chunk: bytes) -> list[bytes]:
        """The file's bytes in the next piece of the body. Raises BadBody."""
        try:
            self._parser.write(chunk)
        except MultipartParseError:
            raise BadBody(400, "BAD_REQUEST", "The form can't be read.") from None
        if self.files > 1:
            raise BadBody(400, "BAD_REQUEST", "There is more than one file in the form.")
        pieces, self._pieces = self._pieces, []
        return pieces

    def _begin_part(self) -> None:
        self._in_file = False
        self._header = self._value = b""

    def _add_to_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

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
