"""A real HTTP server in place of Twilio and Meta: it keeps requests and responds as scripted."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from preference_center.config.settings import Settings

ACCOUNT, TOKEN, BEARER = (
    "AC0123456789abcdef",
    "twilio-auth-token-of-the-tests",
    "EAAG-access-token-of-the-tests",
)
ACCEPTED = {"sid": "SM0123456789abcdef", "messages": [{"id": "wamid.0123456789"}]}


@dataclass(frozen=True)
class Received:
    """A request that was received."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The form fields of a request to Twilio."""
        assert self.headers["content-type"] == "application/x-www-form-urlencoded"
        pairs = parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    @property
    def json(self) -> object:
        """The body of a request to WhatsApp."""
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)

    @property
    def credentials(self) -> str:
        """User and password of the basic authentication."""
        scheme, _, value = self.headers["authorization"].partition(" ")
        assert scheme == "Basic"
        return base64.b64decode(value).decode()


@dataclass
class Provider:
    """What it received, and its scripted responses: each request gets the next one, then success."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[tuple[int, object, dict[str, str]]] = field(default_factory=list)
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    """While set, it does not respond until the client disconnects."""

    def will_answer(self, status: int, body: object = None, **headers: str) -> None:
        """Script the response to a later request."""
        self.answers.append((status, body, headers))

    def texts(self) -> list[tuple[str, str]]:
        """Recipient and text of each message sent through Twilio."""
        return [(one.form["To"], one.form["Body"]) for one in self.received]

    async def respond(self, request: Request) -> Response:
        """Respond to a request."""
        body = await request.body()
        self.received.append(Received(request.url.path, dict(request.headers), body))
        while self.silent.is_set() and not await request.is_disconnected():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        status, content, headers = self.answers.pop(0) if self.answers else (201, ACCEPTED, {})
        return JSONResponse(content, status, headers)

    def settings(self, made: Settings) -> Settings:
        """The settings that send through this provider."""
        return replace(
            made,
            twilio_account_sid=ACCOUNT,
            twilio_auth_tokens=(TOKEN, "the-token-before"),
            twilio_api_url=self.url,
            whatsapp_access_token=BEARER,
            whatsapp_api_url=f"{self.url}/v23.0",
        )


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Provider]:
    """A provider on its own port, in the event loop of the test."""
    provider = Provider()
    app = Starlette(routes=[Route("/{path:path}", provider.respond, methods=["POST"])])
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    # Keeps the signal handlers of the test run.
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    provider.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        provider.silent.clear()
        server.should_exit = True
        await task
