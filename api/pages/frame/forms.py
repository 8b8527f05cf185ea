"""Reading what a page's form posts: bounded, in both encodings, and strict about what is in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from preference_center.validation import storable

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 2000
_ONE_CLICK = b"list-unsubscribe=one-click"
"""What a mail program posts, also one that does not name its type: a withdrawal counts all the same."""
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class Fault(Enum):
    """What can be wrong with a form; `pages_problem` says it in words."""

    TOO_LARGE = 413
    NOT_A_FORM = 415
    UNREADABLE = 400
    UNKNOWN_FIELD = 422
    MISSING_FIELD = 4221
    REPEATED_FIELD = 4222
    BAD_VALUE = 4223

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.value if self.value < 1000 else self.value // 10


class FormProblem(Exception):
    """A form that nothing can be done with; `field` names the culprit where there is one."""

    def __init__(self, fault: Fault, field: str = "") -> None:
        super().__init__(fault.name)
        self.fault = fault
        self.field = field[:40]


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a posted form, in order."""

    pairs: tuple[tuple[str, str], ...]

    def only(self, *names: str) -> Form:
        """The form itself, where it has no other fields than these. Raises FormProblem."""
        for name, _ in self.pairs:
            if name not in names:
                raise FormProblem(Fault.UNKNOWN_FIELD, name)
        return self

    def without(self, *names: str) -> Form:
        """The form as if it had not these fields."""
        return Form(tuple(pair for pair in self.pairs if pair[0] not in names))

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self.pairs if key == name]

    def one(self, name: str) -> str | None:
        """The value of a field that may stand once; None where it is not there. Raises FormProblem."""
        values = self.all(name)
        if len(values) > 1:
            raise FormProblem(Fault.REPEATED_FIELD, name)
        return values[0] if values else None

    def needed(self, name: str) -> str:
        """The value of a field that has to be there. Raises FormProblem."""
        value = self.one(name)
        if value is None:
            raise FormProblem(Fault.MISSING_FIELD, name)
        return value


async def read_form(request: Request) -> Form:
    """Read a posted form, urlencoded or multipart, of at most 64 KB and without files. Raises FormProblem."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await _read_body(request)
    if not body and not kind:
        return Form(())
    if kind == _URLENCODED or (not kind and body.strip().lower() == _ONE_CLICK):
        pairs = _urlencoded(body)
    elif kind == _MULTIPART:
        pairs = await _multipart(request, body)
    else:
        raise FormProblem(Fault.NOT_A_FORM)
    if not all(storable(name) and storable(value) for name, value in pairs):
        raise FormProblem(Fault.UNREADABLE)
    return Form(tuple(pairs))


async def _read_body(request: Request) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > LARGEST_BODY:
        raise FormProblem(Fault.TOO_LARGE)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise FormProblem(Fault.TOO_LARGE)
    return bytes(body)


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode()
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:  # not UTF-8, or too many fields
        raise FormProblem(Fault.UNREADABLE) from None


async def _multipart(request: Request, body: bytes) -> list[tuple[str, str]]:
    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, once(), max_files=0, max_fields=MOST_FIELDS)
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError):  # the parser's own errors, and an odd charset
        raise FormProblem(Fault.UNREADABLE) from None
    return [(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)]
