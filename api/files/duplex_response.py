"""Streams a response while the request is still arriving, and stops when the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.files.problems import Problem
from api.files.spool import Spool
from preference_center.config import settings
from preference_center.storage import shares
from preference_center.storage.shares import Share

MAX_CONCURRENT: Final = 4
"""Requests that one process answers like this at a time: each uses up to three database connections."""
Answer = Callable[[AsyncIterator[bytes]], AsyncGenerator[bytes, None]]
"""Makes the body of the response from the body of the request."""
_in_progress: set[DuplexResponse] = set()


class DuplexResponse(Response):
    """Answers 200 with the first piece of the answer. A failure after that cuts the body short."""

    def __init__(self, body: AsyncIterator[bytes], answer: Answer, headers: Mapping[str, str]) -> None:
        """`body` is the body of the request, as it arrives."""
        self._received, self._answer = body, answer
        self._has_all = asyncio.Event()
        """Set once the whole body of the request has arrived."""
        self._has_started = False
        self.status_code = 200
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer. Raises ClientDisconnect if the client leaves, and what the body or the answer raises."""
        if len(_in_progress) >= MAX_CONCURRENT:
            message = f"{MAX_CONCURRENT} lists are being answered. Try again when one of them has finished."
            await Problem(503, "BUSY", message).response({"Retry-After": "10"})(scope, receive, send)
            return
        _in_progress.add(self)
        spool = Spool(settings.current().data_dir)
        try:
            with shares.using(Share.QUERIES):
                await self._answer_while_there(spool, receive, send)
        except (Problem, HTTPException) as problem:
            if self._has_started:
                raise ClientDisconnect from problem
            if isinstance(problem, HTTPException):
                raise
            await problem.response()(scope, receive, send)
        finally:
            _in_progress.discard(self)
            spool.close()

    async def _answer_while_there(self, spool: Spool, receive: Receive, send: Send) -> None:
        """Answer and send until all is sent, one of them fails, or the client leaves."""
        sending = asyncio.create_task(self._send(spool, send))
        tasks = {sending, asyncio.create_task(self._fill(spool)), asyncio.create_task(self._leaving(receive))}
        running = set(tasks)
        try:
            while not sending.done():
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                # Once all is sent, the client may have left already.
                for task in {sending} & done or done:
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            # Waits until the statements have stopped, so that none outlives its client.
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _fill(self, spool: Spool) -> None:
        async with aclosing(self._answer(self._body())) as pieces:
            async for piece in pieces:
                await spool.put(piece, may_wait=self._has_all.is_set())
        await spool.end()

    async def _body(self) -> AsyncIterator[bytes]:
        async for chunk in self._received:
            yield chunk
        self._has_all.set()

    async def _leaving(self, receive: Receive) -> None:
        """Raise ClientDisconnect when the client leaves. While its body is read, reading notices that."""
        await self._has_all.wait()
        while (await receive())["type"] != "http.disconnect":
            pass
        raise ClientDisconnect

    async def _send(self, spool: Spool, send: Send) -> None:
        while (piece := await spool.take()) is not None:
            await self._start(send)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._start(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, send: Send) -> None:
        if not self._has_started:
            self._has_started = True
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
