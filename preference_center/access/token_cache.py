"""Keeps the tokens that callers use in memory: authentication asks the database once, not for each request.

A kept token is used for less than a second after the database was last asked about it. While a server runs
(`kept`), the tokens in use are read again in the background a few times a second, so that a change made
anywhere, by any program, is known within one second. If reading fails or stops, nothing is prolonged, and
authentication asks the database again for each request.

PostgreSQL also tells at once (LISTEN), unless a pooler is in between. SQLite tells whether anything was
written at all (`PRAGMA data_version`), and only then are tokens read again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

import structlog

from preference_center.rules.types import ConsentOrigin
from preference_center.storage import database
from preference_center.storage.connection import noticing_changes
from preference_center.storage.drivers.changes import Changes

log = structlog.get_logger()
CHANNEL: Final = "sayso_tokens"
"""The channel of NOTIFY on which a trigger tells of changes (migration 0033)."""
KEPT_SECONDS: Final = 0.9
"""How long after it was read a token is used. With the time that a request takes, less than one second."""
ROUND_SECONDS: Final = 0.3
"""How often the tokens in use are read again."""
_IDLE_SECONDS: Final = 60.0
"""A token that was not used for so long is not read again in the background."""
_MOST_KEPT: Final = 1_000


class StoredToken(NamedTuple):
    """What authentication reads."""

    id: int
    digest: bytes
    name: str
    scopes: frozenset[str]
    origin: ConsentOrigin
    last_used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None


Asked: TypeAlias = tuple[int, float] | None
"""When the database was asked: how often tokens were forgotten, and until when the answer is used."""
_READ: Final = f"SELECT {', '.join(StoredToken._fields)} FROM access_tokens WHERE "


async def by_prefix(prefix: str) -> StoredToken | None:
    """Read a token from the database by the characters that identify it."""
    rows = await database.fetch(_READ + "prefix = $1", prefix)
    return _stored(rows[0]) if rows else None


async def _by_id(ids: Sequence[int]) -> list[StoredToken]:
    return [_stored(row) for row in await database.fetch(_READ + f"id {database.any_of(1)}", list(ids))]


def _stored(row: database.Row) -> StoredToken:
    return StoredToken(
        id=row["id"],
        digest=bytes(row["digest"]),
        name=row["name"],
        scopes=frozenset(database.json_value(row["scopes"])),
        origin=ConsentOrigin(row["origin"]),
        last_used_at=database.optional_instant(row["last_used_at"]),
        revoked_at=database.optional_instant(row["revoked_at"]),
        expires_at=database.optional_instant(row["expires_at"]),
    )


@dataclass(slots=True)
class _Kept:
    """A token, until when it is used (monotonic seconds), and when it was used last."""

    token: StoredToken
    until: float
    used_at: float


class TokenCache:
    """Tokens by their digest, the most recently kept last. Only who has a token can add it."""

    def __init__(self) -> None:
        self._tokens: OrderedDict[bytes, _Kept] = OrderedDict()
        self._forgotten = 0
        """Counts `forget`: what was asked before it is not kept after it."""

    def find(self, digest: bytes) -> StoredToken | None:
        """Return the token with a digest, if it was read just now."""
        kept = self._tokens.get(digest)
        if kept is None:
            return None
        kept.used_at = now = time.monotonic()
        return kept.token if now < kept.until else None

    def asking(self) -> tuple[int, float]:
        """Begin to ask the database; pass what it returns to `keep`."""
        return self._forgotten, time.monotonic() + KEPT_SECONDS

    def keep(self, token: StoredToken, asked: tuple[int, float]) -> None:
        """Keep a token that was read after `asking`. One that was revoked is not kept."""
        forgotten, until = asked
        if forgotten != self._forgotten:
            return
        before = self._tokens.pop(token.digest, None)
        if token.revoked_at is None:
            used_at = time.monotonic() if before is None else before.used_at
            self._tokens[token.digest] = _Kept(token, until, used_at)
            if len(self._tokens) > _MOST_KEPT:
                self._tokens.popitem(last=False)

    def forget(self) -> None:
        """Ask the database about every token again."""
        self._tokens.clear()
        self._forgotten += 1

    async def refresh(self, changes: Changes) -> None:
        """Read the tokens in use again, if they may have changed. What is not in use is dropped."""
        asked, in_use = self.asking(), time.monotonic() - _IDLE_SECONDS
        kept = {digest: each.token for digest, each in self._tokens.items() if each.used_at > in_use}
        for digest in self._tokens.keys() - kept.keys():
            del self._tokens[digest]
        if not kept:
            return
        current = list(kept.values())
        if await changes.may_be_new():
            current = await _by_id([token.id for token in current])
        for digest in kept.keys() - {token.digest for token in current}:
            self._tokens.pop(digest, None)
        for token in current:
            self.keep(token, asked)

    async def refresh_repeatedly(self, changes: Changes) -> None:
        """Refresh until cancelled. A failure is logged, once until it works again."""
        failing = False
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.refresh(changes)
                failing = False
            except Exception as error:
                if not failing:
                    log.warning("tokens_not_refreshed", error=type(error).__name__)
                failing = True
                changes.unknown()


_cache: TokenCache | None = None


def find(digest: bytes) -> StoredToken | None:
    """Return the token with a digest, if this process keeps tokens and has just read it."""
    return None if _cache is None else _cache.find(digest)


def asking() -> Asked:
    """Begin to ask the database for a token; pass what this returns to `keep`."""
    return None if _cache is None else _cache.asking()


def keep(token: StoredToken, asked: Asked) -> None:
    """Keep a token that its caller has proved to have, if this process keeps tokens."""
    if _cache is not None and asked is not None:
        _cache.keep(token, asked)


def forget() -> None:
    """Forget every token that this process keeps: one was revoked here."""
    if _cache is not None:
        _cache.forget()


@contextlib.asynccontextmanager
async def kept() -> AsyncIterator[None]:
    """Keep tokens of the open database in memory while the block runs."""
    global _cache
    before, cache = _cache, TokenCache()
    async with noticing_changes(CHANNEL, cache.forget) as changes:
        _cache = cache
        refreshing = asyncio.create_task(cache.refresh_repeatedly(changes))
        try:
            yield
        finally:
            _cache = before
            refreshing.cancel()
            await asyncio.wait({refreshing}, timeout=KEPT_SECONDS)
