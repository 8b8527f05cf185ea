"""Metrics for Prometheus on `/metrics`.

Each server process counts for itself. With several, `sayso serve` sets PROMETHEUS_MULTIPROC_DIR to a folder
where each stores its counts, and the process that is asked adds them up.
"""

from __future__ import annotations

import contextlib
import os
from functools import lru_cache
from hmac import compare_digest
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from preference_center.config import settings
from preference_center.ledger.listeners import listeners as ledger_listeners
from preference_center.outbox import attempts
from preference_center.rules.types import Channel, ConsentOrigin
from preference_center.storage.drivers import replica

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})
"""Clients may send anything as a method: all others are counted as OTHER."""

requests = Counter(
    "sayso_http_requests", "Requests handled, by route template.", ["method", "route", "status"]
)
latency = Histogram(
    "sayso_http_request_seconds",
    "Seconds from the arrival of a request to the end of the response.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
consent_events = Counter("sayso_consent_events", "Consent events recorded, by origin.", ["origin"])
outgoing = Counter(
    "sayso_outgoing", "Attempts to send a mail or text message, by outcome.", ["channel", "outcome"]
)
outages = Counter("sayso_outages", "Answers that the database is unavailable, by the error.", ["error"])


replica_used = Gauge(
    "sayso_replica_used",
    "Whether the read replica answers: 1, or 0 while it is away.",
    multiprocess_mode="livemin",
)
replica_losses = Counter("sayso_replica_losses", "How often the read replica went away or lagged too far.")


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request; `method` is one of METHODS, or OTHER."""
    counter, histogram = _series(method, route, status)
    counter.inc()
    histogram.observe(seconds)


@lru_cache(maxsize=1024)
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return requests.labels(method, route, status), latency.labels(method, route)


def _count_events(origin: ConsentOrigin, recorded: int) -> None:
    consent_events.labels(origin.value).inc(recorded)


def count_ledger_events() -> None:
    """Count the events that the ledger records from now on, each once."""
    if _count_events not in ledger_listeners:
        ledger_listeners.append(_count_events)


def _count_attempt(channel: Channel, outcome: attempts.Outcome) -> None:
    outgoing.labels(channel.value, outcome).inc()


def count_outbox_attempts() -> None:
    """Count the attempts to send mails and text messages from now on, each once."""
    if _count_attempt not in attempts.listeners:
        attempts.listeners.append(_count_attempt)


def _note_replica(used: bool) -> None:
    replica_used.set(used)
    if not used:
        replica_losses.inc()


def watch_replica() -> None:
    """Show whether the read replica is used."""
    if _note_replica not in replica.listeners:
        replica.listeners.append(_note_replica)


async def show(request: Request) -> Response:
    """`GET /metrics`: the text format, for whoever has the token. Without one, production answers nobody."""
    config = settings.current()
    if config.metrics_token is None and config.production:
        return PlainTextResponse("Set SAYSO_METRICS_TOKEN to read metrics in production.\n", 403)
    if config.metrics_token is not None and not _has_token(request, config.metrics_token):
        message = "Send SAYSO_METRICS_TOKEN as `Authorization: Bearer …`.\n"
        return PlainTextResponse(message, 401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        _remove_dead_processes(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _has_token(request: Request, token: str) -> bool:
    scheme, _, sent = request.headers.get("authorization", "").strip().partition(" ")
    return scheme.lower() == "bearer" and compare_digest(sent.strip().encode(), token.encode())


def _remove_dead_processes(folder: str) -> None:
    """Remove the gauges of processes that were killed: open connections and files."""
    for path in Path(folder).glob("gauge_live*.db"):
        pid = int(path.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with contextlib.suppress(FileNotFoundError):  # another process was asked too
                mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
        except PermissionError:
            continue  # its number belongs to a process of another user


routes: list[BaseRoute] = [Route("/metrics", show)]
