"""Numbers for Prometheus on `/metrics`.

With several worker processes each has numbers of its own; `sayso serve` then names a folder in
PROMETHEUS_MULTIPROC_DIR before they start, where each keeps its own and whichever is asked adds all up.
"""

from __future__ import annotations

import os
from functools import lru_cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from preference_center.ledger import record as ledger
from preference_center.outbox import delivery as outbox
from preference_center.rules.types import Channel, ConsentOrigin

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})
"""A client may send any word as a method: the others are counted as one."""

requests = Counter(
    "sayso_http_requests", "Requests answered, by route template.", ["method", "route", "status"]
)
latency = Histogram(
    "sayso_http_request_seconds",
    "Time from a request's arrival to the end of its answer.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
consent_events = Counter(
    "sayso_consent_events", "Changes the ledger took in, by the way they came.", ["origin"]
)
outgoing = Counter(
    "sayso_outgoing", "Tries to send a mail or a text message, by what came of them.", ["channel", "outcome"]
)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; `method` is one of METHODS, or OTHER."""
    number, time = _series(method, route, status)
    number.inc()
    time.observe(seconds)


@lru_cache(maxsize=1024)
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return requests.labels(method, route, status), latency.labels(method, route)


def count_events(origin: ConsentOrigin, number: int) -> None:
    """Count changes that the ledger took in."""
    consent_events.labels(origin.value).inc(number)


def listen_to_the_ledger() -> None:
    """Have the ledger's changes counted from now on, each once."""
    if count_events not in ledger.listeners:
        ledger.listeners.append(count_events)


def count_outgoing(channel: Channel, outcome: outbox.Outcome) -> None:
    """Count one try to send."""
    outgoing.labels(channel.value, outcome).inc()


def listen_to_the_outbox() -> None:
    """Have what is sent, put off and refused counted from now on."""
    if count_outgoing not in outbox.listeners:
        outbox.listeners.append(count_outgoing)


async def show(_request: Request) -> Response:
    """`GET /metrics`: the text format."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


routes: list[BaseRoute] = [Route("/metrics", show)]
