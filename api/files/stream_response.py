"""Streams an export over HTTP at the reader's pace, and stops when the reader leaves."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from api.files.problems import Problem
from api.http.accept import preferred
from preference_center.exports import stream as exports
from preference_center.exports.stream import Export, Format
from preference_center.storage import database, shares

MAX_CONCURRENT = 4
"""Exports that one process writes at a time: each holds a database connection."""
SEND_TIMEOUT_SECONDS = 300.0
"""How long a reader may take nothing: the database keeps old row versions for it meanwhile."""
MEDIA_TYPES = {Format.CSV: "text/csv", Format.NDJSON: "application/x-ndjson"}
_FORMATS = {
    "text/csv": Format.CSV,
    "text/*": Format.CSV,
    "*/*": Format.CSV,
    "application/x-ndjson": Format.NDJSON,
    "application/ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
    "application/x-jsonlines": Format.NDJSON,
}
CONTENT_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.NDJSON: "application/x-ndjson",
}
_in_progress: set[ExportResponse] = set()


def accepted_format(accept: str | None) -> Format | None:
    """The format that an Accept header prefers (CSV without one); None if it accepts neither."""
    return preferred(accept or "*/*", _FORMATS)


class ExportResponse(Response):
    """Answers 200 once the database has answered. A failure after that cuts the body short."""

    def __init__(self, export: Export, file_format: Format, name: str) -> None:
        """`name` is the file's, without the day and extension that are added to it."""
        self._export, self._format = export, file_format
        filename = f"sayso-{name}-{database.now():%Y-%m-%d}.{file_format.value}"
        self.status_code = 200
        self.background = None
        self.init_headers(
            {
                "Content-Type": CONTENT_TYPES[file_format],
                "Content-Disposition": f'attachment; filename="{filename}"',
                "Cache-Control": "no-store",
                "Vary": "Accept, Authorization",
                "X-Content-Type-Options": "nosniff",
            }
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write the file. Raises ClientDisconnect if the reader leaves or stops reading."""
        if scope["method"] == "HEAD":
            await self._start(send)
            await send(_body(b"", more=False))
            return
        if len(_in_progress) >= MAX_CONCURRENT:
            message = f"{MAX_CONCURRENT} exports are running. Try again when one of them has finished."
            await Problem(503, "BUSY", message).response({"Retry-After": "10"})(scope, receive, send)
            return
        _in_progress.add(self)
        try:
            await self._write_while_read(receive, send)
        finally:
            _in_progress.discard(self)

    async def _write_while_read(self, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(self._write(send))
        disconnect = asyncio.create_task(_disconnect(receive))
        try:
            await asyncio.wait({writing, disconnect}, return_when=asyncio.FIRST_COMPLETED)
            if not writing.done():
                raise ClientDisconnect
        finally:
            for task in (writing, disconnect):
                task.cancel()
            # Waits until the query has stopped, so that no query outlives its reader.
            await asyncio.gather(writing, disconnect, return_exceptions=True)
        writing.result()

    async def _write(self, send: Send) -> None:
        started = False

        async def sink(piece: bytes) -> None:
            nonlocal started
            if not started:
                await self._start(send)
                started = True
            try:
                async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                    await send(_body(piece, more=True))
            except TimeoutError:
                raise ClientDisconnect from None

        with shares.may_lag():
            await exports.write(self._export, self._format, sink)
        if not started:
            await self._start(send)
        await send(_body(b"", more=False))

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})


def _body(piece: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": piece, "more_body": more}


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
