"""Reads the forms that pages post: limited in size, in both encodings, and strict about their fields."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from api.http.bodies import BodyTooLarge, read_body
from api.http.connections.limits import MAX_ESCAPES
from preference_center.validation import storable

MAX_BODY_BYTES = 64 * 1024
MAX_FIELDS = 2000
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class Fault(Enum):
    """What can be wrong with a form, and the status of the response; `problem.py` has the messages."""

    TOO_LARGE = "too large", 413
    NOT_A_FORM = "not a form", 415
    UNREADABLE = "unreadable", 400
    UNKNOWN_FIELD = "unknown field", 422
    MISSING_FIELD = "missing field", 422
    REPEATED_FIELD = "repeated field", 422
    BAD_VALUE = "bad value", 422

    def __init__(self, _name: str, status: int) -> None:
        self.status = status


class FormProblem(Exception):
    """A form that cannot be used; `field` names the wrong field, if there is one."""

    def __init__(self, fault: Fault, field: str = "") -> None:
        super().__init__(fault.name)
        self.fault = fault
        self.field = field[:40]


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a posted form, in order."""

    pairs: tuple[tuple[str, str], ...]

    def only(self, *names: str) -> Form:
        """The form itself. Raises FormProblem if it has any other field."""
        for name, _ in self.pairs:
            if name not in names:
                raise FormProblem(Fault.UNKNOWN_FIELD, name)
        return self

    def without(self, *names: str) -> Form:
        """The form without these fields."""
        return Form(tuple(pair for pair in self.pairs if pair[0] not in names))

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self.pairs if key == name]

    def optional(self, name: str) -> str | None:
        """The value of a field, or None. Raises FormProblem if it was sent more than once."""
        values = self.all(name)
        if len(values) > 1:
            raise FormProblem(Fault.REPEATED_FIELD, name)
        return values[0] if values else None

    def required(self, name: str) -> str:
        """The value of a field. Raises FormProblem unless it was sent once."""
        value = self.optional(name)
        if value is None:
            raise FormProblem(Fault.MISSING_FIELD, name)
        return value


async def read_form(request: Request) -> Form:
    """Read a posted form: urlencoded or multipart, up to 64 KiB, without files. Raises FormProblem."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        body = await read_body(request, MAX_BODY_BYTES)
    except BodyTooLarge:
        raise FormProblem(Fault.TOO_LARGE) from None
    if not body and not media_type:
        return Form(())
    if media_type == _URLENCODED:
        pairs = _urlencoded(body)
    elif media_type == _MULTIPART:
        pairs = await _multipart(request, body)
    else:
        raise FormProblem(Fault.NOT_A_FORM)
    if not all(storable(name) and storable(value) for name, value in pairs):
        raise FormProblem(Fault.UNREADABLE)
    form = Form(tuple(pairs))
    request.state.shown_language = next(iter(form.all("lang")), None)
    return form


def shown_language(request: Request) -> str | None:
    """The language of the page that the form of a request was on, once the form was read."""
    language: str | None = getattr(request.state, "shown_language", None)
    return language


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    if body.count(b"%") > MAX_ESCAPES:
        raise FormProblem(Fault.UNREADABLE)
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:  # not UTF-8, or too many fields
        raise FormProblem(Fault.UNREADABLE) from None


async def _multipart(request: Request, body: bytes) -> list[tuple[str, str]]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, stream(), max_files=0, max_fields=MAX_FIELDS)
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError):  # the parser's own errors, and an unknown charset
        raise FormProblem(Fault.UNREADABLE) from None
    return [(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)]
