"""Records when tokens were last used, in the background: reading works where nothing can be written."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import structlog

from preference_center.storage import database

log = structlog.get_logger()
PRECISION: Final = timedelta(minutes=1)
"""A use within this time of the recorded one is not recorded."""
WRITE_SECONDS = 1.0
"""How often the uses noted since are written, in one statement."""
RETRY_SECONDS = 60.0
_STOP_SECONDS: Final = 2.0
# The condition keeps processes that use a token at the same time from writing it twice.
_RECORD: Final = (
    "UPDATE access_tokens SET last_used_at = $1"
    " WHERE id {any_of} AND (last_used_at IS NULL OR last_used_at <= $3)"
)


class _Uses:
    """The ids of tokens that were used and whose use is not written yet."""

    def __init__(self) -> None:
        self.token_ids: set[int] = set()
        self._failing = False

    async def write_repeatedly(self) -> None:
        """Write until cancelled. After a failure, wait longer."""
        while True:
            await asyncio.sleep(RETRY_SECONDS if self._failing else WRITE_SECONDS)
            await self.write()

    async def write(self) -> None:
        """Write what was noted. A failure is logged, once until writing succeeds again, and loses it."""
        token_ids, self.token_ids = self.token_ids, set()
        if not token_ids:
            return
        now = database.now()
        try:
            await database.execute(
                _RECORD.format(any_of=database.any_of(2)), now, list(token_ids), now - PRECISION
            )
        except Exception as error:
            if not self._failing:
                log.warning("token_uses_not_recorded", error=type(error).__name__)
            self._failing = True
        else:
            self._failing = False


_uses: _Uses | None = None


def note(token_id: int, last_used_at: datetime | None) -> None:
    """Note that a token is used now, unless its recorded use is recent or nothing records uses."""
    if _uses is None or token_id in _uses.token_ids:
        return
    if last_used_at is None or last_used_at <= database.now() - PRECISION:
        _uses.token_ids.add(token_id)


@contextlib.asynccontextmanager
async def recording() -> AsyncIterator[None]:
    """Record uses in the open database while the block runs, the last ones at its end."""
    global _uses
    before, uses = _uses, _Uses()
    _uses = uses
    writing = asyncio.create_task(uses.write_repeatedly())
    try:
        yield
    finally:
        _uses = before
        writing.cancel()
        last = asyncio.create_task(uses.write())
        # Waits no longer, whatever the database does: cancelling a statement may take as long as running it.
        await asyncio.wait({writing, last}, timeout=_STOP_SECONDS)
        last.cancel()
