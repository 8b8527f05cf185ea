"""What an attack is, and how the requests of one are sent."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, TypeAlias

from tests.attacks.installation import Installation
from tests.attacks.wire import Answer, exchange
from tests.benchmarks.harness import messages

BODY_BYTES = 999_000
"""Nearly the largest body of a GraphQL request."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How many clients attack, for how long, and how long each waits for an answer before it leaves."""

    clients: int
    seconds: float
    patience: float


ONCE = Effort(clients=3, seconds=0.0, patience=0.6)
"""Each request once: for tests."""
LONG = Effort(clients=8, seconds=4.0, patience=12.0)


@dataclass(slots=True)
class Tally:
    """How the server answered an attack."""

    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, answer: Answer) -> None:
        """Count an answer."""
        self.answers[answer.described] += 1
        if answer.is_fault:
            self.faults.append(answer.start[-300:].decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Target:
    """The server that is attacked."""

    port: int
    of: Installation

    def graphql(self, query: str, variables: dict[str, Any] | None = None) -> bytes:
        """A request for `/graphql` with a token of all scopes."""
        return messages.graphql(query, variables or {}, self.of.token)

    def get(self, path: str, headers: str = "") -> bytes:
        """A GET with the token."""
        return messages.get(path, f"Authorization: Bearer {self.of.token}\r\n{headers}")

    def upload(self, path: str, body: bytes, kind: str = "text/csv") -> bytes:
        """A POST of a file with the token."""
        return messages.post(path, body, kind, f"Authorization: Bearer {self.of.token}\r\n")


Fire: TypeAlias = Callable[[Effort], Awaitable[Tally]]
"""Carries out an attack that is prepared, with the effort given."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack. `prepare` does what takes the attacker time, before anything is measured."""

    name: str
    prepare: Callable[[Target], Fire]


def attack(name: str, make: Callable[[Target], Iterable[bytes]], clients: int | None = None) -> Attack:
    """An attack by requests, which the clients send in turn."""

    def prepare(target: Target) -> Fire:
        requests = list(make(target))

        async def fire(effort: Effort) -> Tally:
            return await volley(target.port, requests, effort, clients)

        return fire

    return Attack(name, prepare)


async def volley(port: int, requests: Iterable[bytes], effort: Effort, clients: int | None = None) -> Tally:
    """Send requests in turn until the time is over: each at least once."""
    tally, begin = Tally(), time.monotonic()
    once = list(requests)
    turns = cycle(once)
    left = len(once)

    async def client() -> None:
        nonlocal left
        while left > 0 or time.monotonic() < begin + effort.seconds:
            left -= 1
            tally.add(await exchange(port, next(turns), effort.patience))

    await asyncio.gather(*(client() for _ in range(clients or effort.clients)))
    return tally


def sizes(most: int) -> Iterator[int]:
    """Some sizes up to the largest, each several times the one before."""
    yield from (most // 30, most // 6, most)


_REFUSED = (b"LIMIT_EXCEEDED", b"BAD_USER_INPUT", b"INVALID_VALUE", b"VALIDATION_FAILED", b"BODY_TOO_LARGE")


def largest(target: Target, make: Callable[[int], bytes], most: int) -> int:
    """The largest size, at most `most`, whose request is not refused. Requests should be cheap to answer."""

    def is_allowed(size: int) -> bool:
        answer = messages.exchange(target.port, make(size))
        return answer.status < 400 and not any(code in answer.body for code in _REFUSED)

    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2 if low or high <= most else most
        low, high = (middle, high) if is_allowed(middle) else (low, middle)
    return low
