"""GraphQL over WebSocket: the `graphql-transport-ws` protocol, with the token in `connection_init`."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.graphql.http import Refused, encoded, parse_params
from api.graphql.limits import BODY_BYTES
from api.graphql.run import run
from api.http.auth import BadUser, Caller, Unauthenticated, bearer_token, caller_by_token

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10
"""How long a client may take to send `connection_init`."""
MOST_RUNNING = 20
"""How many operations of one connection may run at a time."""
_INTERNAL_ERROR = {"message": "Internal error.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}

log = structlog.get_logger()


class Closed(Exception):
    """The client broke the protocol: the code and the reason to close the connection with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def serve_websocket(socket: WebSocket) -> None:
    """Serve one connection until it is closed."""
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
    """One connection: its token, and the operations that run."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._token: tuple[str, str | None] = ("", None)
        self._running: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Handle messages until the client disconnects. Raises Closed."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                await self._initialise()
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        while True:
            await self._handle(await self._receive())

    async def _initialise(self) -> None:
        """Wait for `connection_init`, and acknowledge it. Pings may come before it."""
        while True:
            message = await self._receive()
            if message["type"] == "connection_init":
                return await self._authenticate(message.get("payload"))
            if message["type"] == "ping":
                await self._send({"type": "pong"})
            elif message["type"] != "pong":
                raise Closed(4401, "Unauthorized: send connection_init first")

    async def stop(self) -> None:
        """Cancel the operations that run."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> dict[str, Any]:
        try:
            text = await self._socket.receive_text()
        except KeyError:
            raise Closed(4400, "Invalid message") from None
        if len(text) > BODY_BYTES:
            raise Closed(4400, "Message too long")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closed(4400, "Invalid message") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(4400, "Invalid message")
        return message

    async def _authenticate(self, payload: Any) -> None:
        items = payload.items() if isinstance(payload, dict) else ()
        headers = {str(name).lower(): value for name, value in items}
        authorization, user = headers.get("authorization"), headers.get("x-sayso-user")
        if not isinstance(authorization, str | None) or not isinstance(user, str | None):
            raise Closed(4403, "Forbidden: Authorization and X-Sayso-User must be strings")
        try:
            self._token = (bearer_token(authorization or ""), user)
        except Unauthenticated as error:
            raise Closed(4403, f"Forbidden: {error}") from None
        await self._caller()
        await self._send({"type": "connection_ack"})

    async def _caller(self) -> Caller:
        """Look up the token again for each operation. Revoking it closes the connection."""
        try:
            return await caller_by_token(*self._token)
        except Unauthenticated as error:
            raise Closed(4403, f"Forbidden: {error}") from None
        except BadUser:
            raise Closed(4403, "Forbidden: X-Sayso-User must be one line of at most 180 characters") from None

    async def _handle(self, message: dict[str, Any]) -> None:
        type_, operation_id = message["type"], message.get("id")
        if type_ == "ping":
            await self._send({"type": "pong"})
        elif type_ == "pong":
            return
        elif type_ == "connection_init":
            raise Closed(4429, "Too many initialisation requests")
        elif type_ == "complete" and isinstance(operation_id, str):
            task = self._running.pop(operation_id, None)
            if task is not None:
                task.cancel()
        elif type_ == "subscribe" and isinstance(operation_id, str) and operation_id:
            await self._subscribe(operation_id, message.get("payload"))
        else:
            raise Closed(4400, "Invalid message")

    async def _subscribe(self, operation_id: str, payload: Any) -> None:
        if operation_id in self._running:
            raise Closed(4409, f"Subscriber for {operation_id} already exists"[:120])
        if len(self._running) >= MOST_RUNNING:
            raise Closed(4400, "Too many operations at once")
        if not isinstance(payload, dict):
            raise Closed(4400, "Invalid message")
        caller = await self._caller()
        self._running[operation_id] = asyncio.create_task(self._run(operation_id, payload, caller))

    async def _run(self, operation_id: str, payload: dict[str, Any], caller: Caller) -> None:
        try:
            answer = await run(parse_params(payload), caller)
        except Refused as refused:
            error = {"message": refused.message, "extensions": {"code": refused.code}}
            await self._send_errors(operation_id, [error])
        except Exception:
            log.exception("fault")
            await self._send_errors(operation_id, [_INTERNAL_ERROR])
        else:
            if answer.started:
                await self._send({"id": operation_id, "type": "next", "payload": answer.body})
                await self._send({"id": operation_id, "type": "complete"})
            else:
                await self._send_errors(operation_id, answer.body["errors"])
        finally:
            self._running.pop(operation_id, None)

    async def _send_errors(self, operation_id: str, errors: list[Any]) -> None:
        await self._send({"id": operation_id, "type": "error", "payload": errors})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send_text(encoded(message).decode())
