"""Background work: what waits in the database is done, in the server's process or in one of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from preference_center.erasure import leftovers as erasure_leftovers
from preference_center.imports import reception
from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from preference_center.outbox import delivery as outbox
from preference_center.outbox import link_requests
from preference_center.outbox.mail import delivery as mail
from preference_center.rules.types import Channel
from preference_center.workflows import runner as workflow_runner

log = structlog.get_logger()
Round = Callable[[asyncio.Event], Awaitable[int]]
PAUSE_SECONDS = 1.0
SWEEP_SECONDS = 600.0
_STOP_SECONDS = 20.0


async def _deliver_mail(_stop: asyncio.Event) -> int:
    """One at a time, as texts."""
    return await outbox.deliver_due((Channel.EMAIL,), at_once=1)


async def _send_a_text(_stop: asyncio.Event) -> int:
    """One at a time: a stop waits for one answer of a provider at most, and cuts none off."""
    return await outbox.deliver_due(outbox.TEXTS, at_once=1)


async def _run_an_operation(stop: asyncio.Event) -> int:
    return await run_next(HANDLERS, stop)


async def _run_workflows(_stop: asyncio.Event) -> int:
    return await workflow_runner.run_due()


async def _remove_dead_uploads(stop: asyncio.Event) -> int:
    removed = await reception.sweep()
    if removed:
        log.info("dead_uploads_removed", number=removed)
    await _pause(stop, SWEEP_SECONDS)
    return removed


async def _forget_what_was_sent(stop: asyncio.Event) -> int:
    forgotten = await outbox.tidy() + await link_requests.tidy()
    await _pause(stop, SWEEP_SECONDS)
    return forgotten


async def _clean_after_erasures(stop: asyncio.Event) -> int:
    """Seldom, for it goes through the whole database: one round serves all who were erased since the last."""
    cleaned = await erasure_leftovers.finish_due()
    if cleaned:
        log.info("cleaned_after_erasures", number=cleaned)
    await _pause(stop, SWEEP_SECONDS)
    return cleaned


_ROUNDS: tuple[Round, ...] = (
    _deliver_mail,
    _send_a_text,
    _run_an_operation,
    _run_workflows,
    _remove_dead_uploads,
    _forget_what_was_sent,
    _clean_after_erasures,
)
"""Each goes on beside the others: neither a long operation nor a slow provider holds up mail.

Each answers how much it found to do."""


async def work(stop: asyncio.Event) -> None:
    """Do what is due, over and over, until `stop` is set; rounds under way are brought to an end."""
    try:
        await asyncio.gather(*(_keep_doing(one_round, stop) for one_round in _ROUNDS))
    finally:
        await mail.rest()


async def _keep_doing(one_round: Round, stop: asyncio.Event) -> None:
    """A round that fails is logged and tried again: what it was about is still in the database."""
    while not stop.is_set():
        done = 0
        try:
            done = await one_round(stop)
        except Exception:
            log.exception("background_work_failed")
        if not done:
            await _pause(stop, PAUSE_SECONDS)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


@contextlib.asynccontextmanager
async def in_background() -> AsyncIterator[None]:
    """Work beside what the block does; at its end, let the rounds under way come to theirs."""
    stop = asyncio.Event()
    task = asyncio.create_task(work(stop))
    try:
        yield
    finally:
        stop.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(task, _STOP_SECONDS)
