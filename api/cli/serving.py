"""`sayso serve` and `sayso worker`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from api.cli import frame
from preference_center.config.settings import Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette

GRACE_SECONDS = 30
_LARGEST_WEBSOCKET_MESSAGE = 1024 * 1024


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Server processes.", min=1, max=256)] = 1,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave background work to `sayso worker`.")
    ] = False,
) -> None:
    """Serve the API and the recipients' pages; background work too, unless told not to."""
    if port:
        os.environ.setdefault("SAYSO_PUBLIC_URL", f"http://127.0.0.1:{port}")  # in production: refused
    frame.with_database(_say_doubts)
    if workers == 1:
        _listen(host, port, workers, no_worker)
        return
    with tempfile.TemporaryDirectory(prefix="sayso-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _listen(host, port, workers, no_worker)


def _listen(host: str, port: int, workers: int, no_worker: bool) -> None:
    import uvicorn

    # uvicorn raises the signal again when all is stopped: that a stop was asked for is no failure
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    uvicorn.run(
        f"api.cli.serving:{'without_work' if no_worker else 'with_work'}",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        ws="wsproto",
        ws_max_size=_LARGEST_WEBSOCKET_MESSAGE,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


async def _say_doubts(settings: Settings) -> None:
    """What `serve` does beforehand: find out that settings and database are in order, and say what is odd."""
    for doubt in settings.doubts():
        structlog.get_logger().warning("settings_doubtful", reason=doubt)


def with_work() -> Starlette:
    """The application of a process that does background work too."""
    return _application(work=True)


def without_work() -> Starlette:
    """The application of a process that only answers."""
    return _application(work=False)


def _application(*, work: bool) -> Starlette:
    from api.app import create_app  # after PROMETHEUS_MULTIPROC_DIR is set: metrics look for it on import

    settings = frame.settings()
    return create_app(settings, work=work)


def worker() -> None:
    """Do background work alone: mail and everything else that waits. Stops at SIGTERM, its round done."""
    frame.with_database(_work_until_told)


async def _work_until_told(settings: Settings) -> None:
    from api.worker import work

    await _say_doubts(settings)
    stop = asyncio.Event()
    for word in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(word, stop.set)
    typer.echo("working; ^C stops", err=True)
    await work(stop)
