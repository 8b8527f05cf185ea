"""GraphQL over WebSocket: the `graphql-transport-ws` protocol, with the token in `connection_init`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.graphql.http import LARGE_BODY, Refused, encoded, parse_params
from api.graphql.limits import BODY_BYTES
from api.graphql.run import run
from api.graphql.stored.documents import StoredDocuments
from api.graphql.time_limit import ClientLeft
from api.graphql.turns import Kind, turn
from api.http import outages
from api.http.auth import BadUser, Caller, Unauthenticated, bearer_token, caller_by_token
from preference_center.precedence import Patience
from preference_center.upgrade import readiness

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10
"""How long a client may take to send `connection_init`."""
INIT_CHARACTERS = 8_000
INIT_MESSAGES = 20
"""How long a message and how many of them a client may send before it is authenticated."""
MOST_RUNNING = 20
"""How many operations of one connection may run at a time."""
_INTERNAL_ERROR = {"message": "Internal error.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
_UNAVAILABLE = {"message": outages.MESSAGE, "extensions": {"code": outages.CODE}}

log = structlog.get_logger()


class Closed(Exception):
    """The client broke the protocol: the code and the reason to close the connection with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def serve_websocket(socket: WebSocket, stored: StoredDocuments) -> None:
    """Serve one connection until it is closed."""
    connection = Connection(socket, stored)
    offered = PROTOCOL in socket.scope["subprotocols"]
    await socket.accept(subprotocol=PROTOCOL if offered else None)
    try:
        if not offered:
            raise Closed(4406, "Subprotocol not acceptable")
        await connection.serve()
    except Closed as closed:
        await connection.close(closed.code, closed.reason)
    except WebSocketDisconnect:
        pass
    finally:
        await connection.stop()


class Connection:
    """One connection: its token, and the operations that run."""

    def __init__(self, socket: WebSocket, stored: StoredDocuments) -> None:
        self._socket = socket
        self._stored = stored
        self._closed = False
        self._token: tuple[str, str | None] = ("", None)
        self._running: dict[str, asyncio.Event] = {}
        """The operations that run, by id. The event is set when the client does not want the answer."""
        self._tasks: set[asyncio.Task[None]] = set()

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
        for _ in range(INIT_MESSAGES):
            message = await self._receive(INIT_CHARACTERS)
            if message["type"] == "connection_init":
                return await self._authenticate(message.get("payload"))
            if message["type"] == "ping":
                await self._send({"type": "pong"})
            elif message["type"] != "pong":
                raise Closed(4401, "Unauthorized: send connection_init first")
        raise Closed(4401, "Unauthorized: send connection_init first")

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, unless the server did: it does on a message that is too long."""
        if not self._closed:
            self._closed = True
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(code, reason)

    async def stop(self) -> None:
        """Stop the queries that run, and wait for the mutations."""
        self._closed = True
        for unwanted in self._running.values():
            unwanted.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _receive(self, longest: int = BODY_BYTES) -> dict[str, Any]:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code") or 1005, event.get("reason"))
        text = event.get("text")
        if text is None:
            raise Closed(4400, "Invalid message")
        if len(text) <= LARGE_BODY:
            return _parsed(text, longest)
        async with turn(Kind.LARGE_BODY):
            await Patience().give_way()
            message = _parsed(text, longest)
            await asyncio.sleep(0)  # others are served before the next large message is parsed
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
        except BadUser as error:
            raise Closed(4403, f"Forbidden: {error}") from None

    async def _handle(self, message: dict[str, Any]) -> None:
        type_, operation_id = message["type"], message.get("id")
        if type_ == "ping":
            await self._send({"type": "pong"})
        elif type_ == "pong":
            return
        elif type_ == "connection_init":
            raise Closed(4429, "Too many initialisation requests")
        elif type_ == "complete" and isinstance(operation_id, str):
            unwanted = self._running.pop(operation_id, None)
            if unwanted is not None:
                unwanted.set()
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
        if len(self._tasks) >= 2 * MOST_RUNNING:  # operations that were completed and have not ended yet
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        try:
            async with turn(Kind.START):
                caller = await self._caller()
        except Exception as error:
            if not await readiness.is_outage(error):
                raise
            await self._send({"id": operation_id, **await _failure(error)})
            return
        unwanted = self._running[operation_id] = asyncio.Event()
        task = asyncio.create_task(self._run(operation_id, payload, caller, unwanted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(
        self, operation_id: str, payload: dict[str, Any], caller: Caller, unwanted: asyncio.Event
    ) -> None:
        """Run an operation and send its answer, unless the client does not want it any more."""
        async with turn(Kind.START):
            await asyncio.sleep(0)  # others are served before the next operation is parsed
        messages = [] if unwanted.is_set() else await self._answer(payload, caller, unwanted)
        for message in () if unwanted.is_set() else messages:
            await self._send({"id": operation_id, **message})
        if self._running.get(operation_id) is unwanted:
            del self._running[operation_id]

    async def _answer(
        self, payload: dict[str, Any], caller: Caller, unwanted: asyncio.Event
    ) -> list[dict[str, Any]]:
        """Return the messages that answer an operation."""
        try:
            params, document = parse_params(payload, self._stored.choose)
            answer = await run(params, caller, left=unwanted.wait)
        except ClientLeft:
            return []
        except Refused as refused:
            return [_errors([{"message": refused.message, "extensions": {"code": refused.code}}])]
        except Exception as error:
            return [await _failure(error)]
        if not answer.started:
            return [_errors(answer.body["errors"])]
        self._stored.keep(document)
        return [{"type": "next", "payload": answer.body}, {"type": "complete"}]

    async def _send(self, message: dict[str, Any]) -> None:
        """Send a message, unless the connection is closed."""
        if not self._closed:
            try:
                await self._socket.send_text(encoded(message).decode())
            except (RuntimeError, WebSocketDisconnect):
                self._closed = True


def _parsed(text: str, longest: int) -> dict[str, Any]:
    """Return a message. Raises Closed if it is longer than that many bytes, or no message."""
    if len(text) > longest or len(text.encode(errors="replace")) > longest:
        raise Closed(4400, "Message too long")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Closed(4400, "Invalid message") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closed(4400, "Invalid message")
    return message


async def _failure(error: Exception) -> dict[str, Any]:
    """Return the message that says that an operation failed in an outage, or unexpectedly."""
    if await readiness.is_outage(error):
        outages.note(error)
        return _errors([_UNAVAILABLE])
    log.error("fault", exc_info=error)
    return _errors([_INTERNAL_ERROR])


def _errors(errors: list[Any]) -> dict[str, Any]:
    return {"type": "error", "payload": errors}
