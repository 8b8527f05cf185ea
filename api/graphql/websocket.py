"""GraphQL over WebSocket, by the `graphql-transport-ws` protocol; the token comes in `connection_init`."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.graphql.http import Refused, encoded, params_of
from api.graphql.limits import BODY_BYTES
from api.graphql.run import run
from api.http.auth import BadUser, Caller, Unauthenticated, caller_by_token

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10
AT_ONCE = 20
"""How many operations of one connection may run at a time."""

log = structlog.get_logger()


class Closed(Exception):
    """The protocol was broken: the code and the words to close with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def serve_socket(socket: WebSocket) -> None:
    """Serve one connection."""
    if PROTOCOL not in socket.scope["subprotocols"]:
        await socket.accept()
        await socket.close(4406, "Subprotocol not acceptable")
        return
    await socket.accept(subprotocol=PROTOCOL)
    connection = Connection(socket)
    try:
        await connection.serve()
    except Closed as closed:
        await socket.close(closed.code, closed.reason)
    except WebSocketDisconnect:
        pass
    finally:
        await connection.stop()


class Connection:
    """One client: its token, and what runs for it."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._token: tuple[str, str | None] | None = None
        self._running: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Take messages until the client leaves. Raises Closed where it breaks the protocol."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                first = await self._message()
                if first["type"] == "connection_init":
                    await self._begin(first.get("payload"))
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        if self._token is None:
            raise Closed(4401, "Unauthorized")
        while True:
            await self._take(await self._message())

    async def stop(self) -> None:
        """End what still runs."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _message(self) -> dict[str, Any]:
        text = await self._text()
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closed(4400, "Invalid message") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(4400, "Invalid message")
        return message

    async def _text(self) -> str:
        try:
            text = await self._socket.receive_text()
        except KeyError:
            raise Closed(4400, "Invalid message") from None
        if len(text) > BODY_BYTES:
            raise Closed(4400, "Message too long")
        return text

    async def _begin(self, payload: Any) -> None:
        given = (
            {str(name).lower(): value for name, value in payload.items()} if isinstance(payload, dict) else {}
        )
        scheme, _, token = str(given.get("authorization", "")).partition(" ")
        user = given.get("x-sayso-user")
        if scheme.lower() != "bearer" or not isinstance(user, str | None):
            raise Closed(4403, "Forbidden")
        self._token = (token.strip(), user)
        await self._caller()
        await self._send({"type": "connection_ack"})

    async def _caller(self) -> Caller:
        """Ask for the token anew: one that is revoked ends the connection."""
        if self._token is None:
            raise Closed(4401, "Unauthorized")
        try:
            return await caller_by_token(*self._token)
        except (Unauthenticated, BadUser):
            raise Closed(4403, "Forbidden") from None

    async def _take(self, message: dict[str, Any]) -> None:
        kind, number = message["type"], message.get("id")
        if kind == "ping":
            await self._send({"type": "pong"})
        elif kind == "pong":
            return
        elif kind == "connection_init":
            raise Closed(4429, "Too many initialisation requests")
        elif kind == "complete" and isinstance(number, str):
            task = self._running.pop(number, None)
            if task is not None:
                task.cancel()
        elif kind == "subscribe" and isinstance(number, str) and number:
            await self._subscribe(number, message.get("payload"))
        else:
            raise Closed(4400, "Invalid message")

    async def _subscribe(self, number: str, payload: Any) -> None:
        if number in self._running:
            raise Closed(4409, f"Subscriber for {number} already exists"[:120])
        if len(self._running) >= AT_ONCE:
            raise Closed(4400, "Too many operations at once")
        if not isinstance(payload, dict):
            raise Closed(4400, "Invalid message")
        caller = await self._caller()
        self._running[number] = asyncio.create_task(self._run(number, payload, caller))

    async def _run(self, number: str, payload: dict[str, Any], caller: Caller) -> None:
        try:
            answer = await run(params_of(payload), caller)
        except Refused as refused:
            error = {"message": refused.message, "extensions": {"code": refused.code}}
            await self._send({"id": number, "type": "error", "payload": [error]})
        except Exception:
            log.exception("fault")
            error = {
                "message": "Something went wrong on our side.",
                "extensions": {"code": "INTERNAL_SERVER_ERROR"},
            }
            await self._send({"id": number, "type": "error", "payload": [error]})
        else:
            if answer.started:
                await self._send({"id": number, "type": "next", "payload": answer.body})
                await self._send({"id": number, "type": "complete"})
            else:
                await self._send({"id": number, "type": "error", "payload": answer.body["errors"]})
        finally:
            self._running.pop(number, None)

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send_text(encoded(message).decode())
