"""Files that take long to read, and exports that nobody takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from tests.attacks.attack import Attack, Effort, Fire, Tally, Target, attack
from tests.attacks.installation import UNIT
from tests.attacks.wire import exchange

_OPT_OUTS = f"/imports/opt-outs?business_unit={UNIT}&channel=EMAIL&explanation=An+old+list.&dry_run=true"
_CONTACTS = "/imports/contacts?explanation=An+old+list.&dry_run=true"
_SIZE = 3_000_000


def _before_header(_target: Target) -> Iterator[bytes]:
    for blank in (b"\n", b"\r\n", b" \n", b",,\n", b'""\n', b"\xef\xbb\xbf\n", b"\t\n"):
        yield blank * (_SIZE // len(blank)) + b"email\na@example.com\n"


def _wide_rows(_target: Target) -> Iterator[bytes]:
    yield b"email" + b",a" * (_SIZE // 2) + b"\n"
    yield b",".join(b"c%d" % number for number in range(300_000)) + b"\na@example.com\n"
    yield b"email\n" + b"," * _SIZE + b"\n"
    yield b"email\n" + (b"a@example.com" + b"," * 30_000 + b"\n") * (_SIZE // 30_000)
    yield b"email\n" + b"a;b\tc|d," * (_SIZE // 8)


def _large_cells(_target: Target) -> Iterator[bytes]:
    yield b"email\n" + b"a" * _SIZE
    yield b'email\n"' + b"a" * _SIZE
    yield b'email\n"' + b"a\n" * (_SIZE // 2)
    yield b"email,note\na@example.com," + b"a" * _SIZE + b"\n"
    yield b"e" * _SIZE
    yield b"email\n" + b"a@" + b"b." * 1_000_000 + b"com\n"


def _quotes(_target: Target) -> Iterator[bytes]:
    yield b"email\n" + b'"' * _SIZE
    yield b"email\n" + b'""' * (_SIZE // 2) + b"\n"
    yield b"email\n" + b'"a"b' * (_SIZE // 4)
    yield b"email\n" + b'a"\n' * (_SIZE // 3)
    yield b'"' * _SIZE
    yield b'"\n' * (_SIZE // 2)


def _encodings(_target: Target) -> Iterator[bytes]:
    yield b"\xff\xfe" + "email\n".encode("utf-16-le") + b"\x00\xd8" * (_SIZE // 2)
    yield b"email\n" + b"\xc3" * _SIZE
    yield b"email\n" + b"\x00" * _SIZE
    yield b"email\n" + b"\x81\xfe" * (_SIZE // 2)
    yield bytes(range(256)) * (_SIZE // 256)


def _many_rows(_target: Target) -> Iterator[bytes]:
    yield b"email\n" + b"a\n" * (_SIZE // 4)
    yield b"email\n" + b"".join(b"new%d@example.com\n" % number for number in range(60_000))
    yield b"email\n" + b"reader1@example.com\n" * 60_000


_FILES = {
    "blank rows before the header": _before_header,
    "wide rows": _wide_rows,
    "large cells": _large_cells,
    "quotes": _quotes,
    "unusual encodings": _encodings,
    "many rows": _many_rows,
}


def _uploads(name: str) -> Attack:
    def requests(target: Target) -> Iterator[bytes]:
        for number, body in enumerate(_FILES[name](target)):
            yield target.upload(_CONTACTS if number % 2 else _OPT_OUTS, body)

    return attack(f"a file with {name}", requests, clients=2)


def _forms(target: Target) -> Iterator[bytes]:
    kind = "multipart/form-data; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    yield target.upload(_OPT_OUTS, (part + b"\r\n") * (_SIZE // 60) + b"--b--\r\n", kind)
    yield target.upload(_OPT_OUTS, b"--b\r\n" + b"a: b\r\n" * (_SIZE // 6), kind)
    yield target.upload(_OPT_OUTS, b"--b\r\n" + b"a" * _SIZE, kind)
    yield target.upload(_OPT_OUTS, b"--b\r\nContent-Disposition: " + b"a;" * (_SIZE // 2), kind)
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nemail\n'
    yield target.upload(_OPT_OUTS, file + b"\r\n--" * (_SIZE // 4), kind)
    yield target.upload(_OPT_OUTS, part, "multipart/form-data; boundary=" + "b;" * 20_000)


def _exports(target: Target) -> Iterator[bytes]:
    for name in ("contacts", "suppressions", "events"):
        for file_format in ("csv", "ndjson"):
            yield target.get(f"/exports/{name}?format={file_format}")


def _not_taken(target: Target) -> Fire:
    """Exports of everything, by clients who read nothing of them."""

    async def fire(effort: Effort) -> Tally:
        tally = Tally()
        requests = list(_exports(target)) * effort.clients
        left = [exchange(target.port, each, effort.patience, reading=False) for each in requests]
        for answer in await asyncio.gather(*left):
            tally.add(answer)
        return tally

    return fire


IMPORTS: list[Attack] = [*map(_uploads, _FILES), attack("files in forms", _forms, clients=2)]
EXPORTS: list[Attack] = [
    attack("exports of everything", _exports),
    Attack("exports that nobody takes", _not_taken),
]
