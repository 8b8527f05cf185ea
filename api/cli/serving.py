"""`sayso serve` and `sayso worker`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from api.cli import command
from api.http.connections import open_files
from preference_center.config import public_url
from preference_center.config import settings as environment
from preference_center.config.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

GRACE_SECONDS = 30
_START_SECONDS = 60
"""How long a process may take to start, or to answer its parent, before it is replaced."""
_MAX_WEBSOCKET_MESSAGE_BYTES = 1024 * 1024


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Server processes.", min=1, max=256)] = 1,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Do no background work: `sayso worker` does.")
    ] = False,
) -> None:
    """Serve the API and the recipients' pages, and do background work unless --no-worker is given."""
    if port:
        os.environ.setdefault("SAYSO_PUBLIC_URL", f"http://127.0.0.1:{port}")  # production refuses http
    command.with_database(_prepare_to_serve if port else _log_warnings)
    if workers == 1:
        _listen(host, port, workers, no_worker)
        return
    with tempfile.TemporaryDirectory(prefix="sayso-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _listen(host, port, workers, no_worker)


def _listen(host: str, port: int, workers: int, no_worker: bool) -> None:
    import uvicorn

    _check_documents()
    open_files.raise_limit()
    # uvicorn raises the signal again after it has stopped. A requested stop must exit with 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        f"api.cli.serving:{'without_work' if no_worker else 'with_work'}",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http="api.http.connections.http:HttpConnection",
        ws="api.http.connections.websocket:WebSocketConnection",
        ws_max_size=_MAX_WEBSOCKET_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # a kilobyte would inflate to a megabyte before its size is looked at
        proxy_headers=False,  # ClientAddress reads them
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=_START_SECONDS,
    )


def _check_documents() -> None:
    """Exit with a list of what is wrong with the trusted documents, before a process serves them."""
    settings = environment.current()
    if settings.trusted_documents is not None:
        from api.graphql.stored.documents import load  # imported late, like the application

        with command.settings_checked():
            load(settings)


async def _prepare_to_serve(settings: Settings) -> None:
    """Log doubtful settings. In development, store the URL, so that `sayso link` prints links to it."""
    await _log_warnings(settings)
    if not settings.production:
        with contextlib.suppress(OSError):
            public_url.store(settings.data_dir, settings.public_url)


async def _log_warnings(settings: Settings) -> None:
    """Log settings that are valid but probably not intended."""
    for warning in settings.warnings():
        structlog.get_logger().warning("settings_doubtful", reason=warning)


def with_work() -> ASGIApp:
    """The application of a process that also does background work."""
    return _application(work=True)


def without_work() -> ASGIApp:
    """The application of a process that only serves requests."""
    return _application(work=False)


def _application(*, work: bool) -> ASGIApp:
    from api.app import create_app  # imported late: it reads PROMETHEUS_MULTIPROC_DIR
    from api.http.client_address import ClientAddress

    return ClientAddress(create_app(command.load_settings(), work=work))


def worker() -> None:
    """Do background work only: mail, text messages, operations, workflows. Stops at SIGTERM."""
    command.with_database(_work_until_stopped)


async def _work_until_stopped(settings: Settings) -> None:
    from api.worker import work

    await _log_warnings(settings)
    stop = asyncio.Event()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop_signal, stop.set)
    typer.echo("working; ^C stops", err=True)
    await work(stop)
