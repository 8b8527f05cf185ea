"""A real server on a free port, in the test's event loop and on its database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette

from api import graphql
from preference_center.config.settings import Settings


@contextlib.asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """Serve `/graphql` for the block; the value is the server's address."""
    app = Starlette(routes=graphql.routes(settings))
    config = uvicorn.Config(
        app, port=0, log_level="error", lifespan="off", ws="wsproto", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    # The test run's own signal handlers stay where they are.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
