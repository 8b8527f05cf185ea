"""Background work: does what is due in the database, in the server's process or in one of its own."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from preference_center.erasure import leftovers
from preference_center.imports import upload
from preference_center.inbound.refusals import record_refusals
from preference_center.jobs import HANDLERS
from preference_center.links import short_links
from preference_center.operations.runner import run_next
from preference_center.outbox import delivery as outbox
from preference_center.outbox import link_requests
from preference_center.outbox.attempts import delete_finished
from preference_center.outbox.mail import delivery as mail
from preference_center.rules.types import Channel
from preference_center.storage import shares
from preference_center.storage.shares import Share
from preference_center.upgrade import readiness
from preference_center.upgrade.readiness import Problem
from preference_center.workflows import runner as workflow_runner

log = structlog.get_logger()
Task = Callable[[asyncio.Event], Awaitable[int]]
"""Does one piece of work and returns how many things it did; the event asks it to stop."""
POLL_SECONDS = 1.0
CLEANUP_SECONDS = 600.0
_STOP_SECONDS = 20.0
_CHECK_SECONDS = 10.0


async def _deliver_mail(_stop: asyncio.Event) -> int:
    return await outbox.deliver_due((Channel.EMAIL,), limit=1)


async def _deliver_text_message(_stop: asyncio.Event) -> int:
    """One at a time: a stop then waits for one response of a provider at most, and interrupts none."""
    return await outbox.deliver_due(outbox.TEXT_CHANNELS, limit=1)


async def _run_operation(stop: asyncio.Event) -> int:
    return await run_next(HANDLERS, stop)


async def _run_workflows(_stop: asyncio.Event) -> int:
    return await workflow_runner.run_due()


async def _delete_abandoned_uploads(stop: asyncio.Event) -> int:
    deleted = await upload.delete_abandoned()
    if deleted:
        log.info("dead_uploads_removed", number=deleted)
    await _wait(stop, CLEANUP_SECONDS)
    return deleted


async def _delete_finished_messages(stop: asyncio.Event) -> int:
    deleted = await delete_finished() + await link_requests.delete_expired_counts()
    deleted += await short_links.delete_old()
    await _wait(stop, CLEANUP_SECONDS)
    return deleted


async def _clean_after_erasures(stop: asyncio.Event) -> int:
    """Rarely, as it reads the whole database: one run serves all erasures since the last."""
    cleaned = await leftovers.finish_due()
    if cleaned:
        log.info("cleaned_after_erasures", number=cleaned)
    await _wait(stop, CLEANUP_SECONDS)
    return cleaned


_TASKS: tuple[Task, ...] = (
    _deliver_mail,
    _deliver_text_message,
    _run_operation,
    _run_workflows,
    _delete_abandoned_uploads,
    _delete_finished_messages,
    _clean_after_erasures,
)
"""They run concurrently: neither a long operation nor a slow provider holds up mail."""


async def work(stop: asyncio.Event) -> None:
    """Do what is due, over and over, until `stop` is set; then finish the tasks that are running."""
    record_refusals()
    gate = _Gate()
    try:
        with shares.using(Share.JOBS):
            await asyncio.gather(*(_repeat(task, stop, gate) for task in _TASKS))
    finally:
        await mail.close_connections()


class _Gate:
    """Lets the tasks work only with a database that is ready and has exactly the migrations of this version.

    All tasks share one check, at most one each POLL_SECONDS.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._checked_at = -math.inf
        self._problem: Problem | None = None

    async def is_open(self) -> bool:
        """Whether there may be work. Logs a problem when it begins and when it ends."""
        async with self._lock:
            if time.monotonic() - self._checked_at >= POLL_SECONDS:
                await self._check()
                self._checked_at = time.monotonic()
        return self._problem is None

    async def _check(self) -> None:
        found = await readiness.check_within(_CHECK_SECONDS)
        if found.problem is not self._problem:
            if found.problem is None:
                log.info("background_work_resumed")
            else:
                log.warning("background_work_paused", reason=found.problem.value, migrations=found.migrations)
        self._problem = found.problem


async def _repeat(task: Task, stop: asyncio.Event, gate: _Gate) -> None:
    """Log a task that fails and try it again: its work is still in the database."""
    while not stop.is_set():
        done = 0
        try:
            done = await gate.is_open() and await task(stop)
        except Exception as error:
            if await readiness.is_outage(error):
                log.warning("background_work_waits", error=type(error).__name__)
            else:
                log.exception("background_work_failed")
        if not done:
            await _wait(stop, POLL_SECONDS)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


@contextlib.asynccontextmanager
async def in_background() -> AsyncIterator[None]:
    """Work while the block runs. At its end, give running tasks time to finish."""
    stop = asyncio.Event()
    working = asyncio.create_task(work(stop))
    try:
        yield
    finally:
        stop.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(working, _STOP_SECONDS)
