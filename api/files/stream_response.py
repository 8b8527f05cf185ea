"""An export on its way over HTTP: at the reader's pace, and no longer than there is a reader."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from preference_center.exports import stream as exports
from preference_center.exports.stream import Export, Format
from preference_center.storage import database

AT_ONCE = 4
"""How many exports one process writes at a time: each has a connection to the database of its own."""
PATIENCE = 300.0
"""Seconds that a reader may take nothing at all; the database keeps old rows for it meanwhile."""
MEDIA_TYPES = {Format.CSV: "text/csv", Format.NDJSON: "application/x-ndjson"}
_MEDIA = {
    "text/csv": Format.CSV,
    "text/*": Format.CSV,
    "*/*": Format.CSV,
    "application/x-ndjson": Format.NDJSON,
    "application/ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
    "application/x-jsonlines": Format.NDJSON,
}
_CHARSET = {Format.CSV: "text/csv; charset=utf-8; header=present", Format.NDJSON: "application/x-ndjson"}
_under_way: set[ExportResponse] = set()


def accepted(accept: str | None) -> Format | None:
    """The format that an Accept header likes best, CSV where it says nothing; None where it likes neither."""
    best, chosen = 0.0, None
    for part in (accept or "*/*").split(","):
        name, *options = (piece.strip().lower() for piece in part.split(";"))
        quality = next((_quality(option[2:]) for option in options if option.startswith("q=")), 1.0)
        if name in _MEDIA and quality > best:
            best, chosen = quality, _MEDIA[name]
    return chosen


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def problem(status: int, code: str, message: str, field: str | None = None, **headers: str) -> Response:
    """A refusal as JSON: a code, words, and what of the request is wrong."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    said = {"code": code, "message": message, "field": field}
    return JSONResponse(said, status, headers={"Cache-Control": "no-store", **named})


class ExportResponse(Response):
    """Answers 200 once the database has answered; a fault after that cuts the answer short, unfinished."""

    def __init__(self, export: Export, written: Format, name: str) -> None:
        """`name` is the file's, without the day and the ending that it gets."""
        self._export, self._written = export, written
        file = f"sayso-{name}-{database.now():%Y-%m-%d}.{written.value}"
        self.status_code = 200
        self.background = None
        self.init_headers(
            {
                "Content-Type": _CHARSET[written],
                "Content-Disposition": f'attachment; filename="{file}"',
                "Cache-Control": "no-store",
                "Vary": "Accept, Authorization",
                "X-Content-Type-Options": "nosniff",
            }
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write the file until it is done, or its reader is gone (ClientDisconnect)."""
        if scope["method"] == "HEAD":
            await self._start(send)
            await send(_body(b"", more=False))
            return
        if len(_under_way) >= AT_ONCE:
            translator = f"{AT_ONCE} exports are being written already; try again when one has ended."
            await problem(503, "BUSY", translator, Retry_After="10")(scope, receive, send)
            return
        _under_way.add(self)
        try:
            await self._while_read(receive, send)
        finally:
            _under_way.discard(self)

    async def _while_read(self, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(self._write(send))
        gone = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({writing, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not writing.done():
                raise ClientDisconnect
        finally:
            for task in (writing, gone):
                task.cancel()
            # Until the query is stopped, too: what was begun for a reader does not outlive it.
            await asyncio.gather(writing, gone, return_exceptions=True)
        writing.result()

    async def _write(self, send: Send) -> None:
        started = False

        async def sink(piece: bytes) -> None:
            nonlocal started
            if not started:
                await self._start(send)
                started = True
            try:
                async with asyncio.timeout(PATIENCE):
                    await send(_body(piece, more=True))
            except TimeoutError:
                raise ClientDisconnect from None

        await exports.write(self._export, self._written, sink)
        if not started:
            await self._start(send)
        await send(_body(b"", more=False))

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})


def _body(piece: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": piece, "more_body": more}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
