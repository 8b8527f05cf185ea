"""Tokens are kept in memory, and a change made by anybody is known within a second."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing

import asyncpg
import pytest

from preference_center.access import token_cache
from preference_center.access.tokens import TokenExpired, authenticate, create_token, revoke_token
from preference_center.config.settings import Settings
from preference_center.storage import database
from tests.conftest import Clock
from tests.http.log_lines import captured_logs

PATIENCE = 60
Elsewhere = Callable[[str], Awaitable[None]]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements about tokens. They fail while the list begins with "away"."""
    seen: list[str] = []
    fetch = database.fetch

    async def watched(sql: str, *values: object) -> object:
        if "access_tokens" in sql:
            seen.append(sql)
            if seen[0] == "away":
                raise OSError("the database is away")
        return await fetch(sql, *values)

    monkeypatch.setattr(database, "fetch", watched)
    return seen


@pytest.fixture
async def kept(db: Settings) -> AsyncIterator[None]:
    """A process that keeps tokens."""
    async with token_cache.kept():
        yield


@pytest.fixture
def elsewhere(db: Settings) -> Elsewhere:
    """Runs a statement as another program does, which tells this process nothing."""

    async def run(sql: str) -> None:
        if db.database_url.startswith("sqlite://"):
            with closing(sqlite3.connect(db.database_url.removeprefix("sqlite://"))) as file, file:
                file.execute(sql)
            return
        connection = await asyncpg.connect(db.database_url)
        await connection.execute(sql)
        await connection.close()

    return run


async def within_a_second(holds: Callable[[], Awaitable[bool]], seconds: float = 1) -> bool:
    """Whether something holds before the promised second is over, looked at again and again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if await holds():
            return True
        await asyncio.sleep(0.01)
    return await holds()


@pytest.mark.usefixtures("kept")
async def test_requests_with_a_known_token_need_no_statement(reads: list[str]) -> None:
    tokens = [await create_token(name, ["admin"]) for name in ("crm", "shop")]
    began = time.monotonic()
    for _ in range(500):
        for token in tokens:
            assert await authenticate(token)
        await asyncio.sleep(0)
    rounds = 1 + (time.monotonic() - began) / token_cache.ROUND_SECONDS
    assert len(reads) <= len(tokens) + rounds


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE access_tokens SET revoked_at = CURRENT_TIMESTAMP",
        "DELETE FROM access_tokens",
        f"UPDATE access_tokens SET scopes = '{json.dumps(['contacts:read'])}'",
    ],
    ids=["revoked", "deleted", "other scopes"],
)
async def test_a_change_by_another_program_is_known_within_a_second(
    elsewhere: Elsewhere, change: str
) -> None:
    token = await create_token("crm", ["contacts:write"])
    assert await authenticate(token)

    await elsewhere(change)

    async def known() -> bool:
        caller = await authenticate(token)
        return caller is None or caller.scopes == {"contacts:read"}

    assert await within_a_second(known)


@pytest.mark.usefixtures("kept")
async def test_the_process_that_revokes_a_token_refuses_it_at_once() -> None:
    token = await create_token("crm", ["admin"])
    assert await authenticate(token)
    await revoke_token("crm")
    assert await authenticate(token) is None


@pytest.mark.usefixtures("kept")
async def test_a_kept_token_expires(clock: Clock) -> None:
    token = await create_token("crm", ["admin"], expires_in_days=1)
    assert await authenticate(token)
    clock.forward(days=1)
    with pytest.raises(TokenExpired):
        await authenticate(token)


@pytest.mark.usefixtures("kept")
async def test_only_the_whole_token_finds_what_is_kept() -> None:
    token = await create_token("crm", ["admin"])
    assert await authenticate(token)
    assert await authenticate(token[:-2] + "__") is None
    assert await authenticate(token)


@pytest.mark.usefixtures("kept")
async def test_while_tokens_cannot_be_read_again_the_database_decides(reads: list[str]) -> None:
    token = await create_token("crm", ["admin"])
    assert await authenticate(token)
    with captured_logs() as log:
        reads.insert(0, "away")

        async def asks() -> bool:
            try:
                return await authenticate(token) is None
            except OSError:
                return True

        assert await within_a_second(asks)
        assert log.getvalue().count("tokens_not_refreshed") <= 1, "not in every round"
    reads.clear()
    assert await authenticate(token), "once it can be read, it is kept again"


async def test_a_process_whose_background_work_has_stopped_asks_for_every_token(
    db: Settings, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_cache, "KEPT_SECONDS", 0)
    monkeypatch.setattr(token_cache, "ROUND_SECONDS", 3600)
    token = await create_token("crm", ["admin"])
    async with token_cache.kept():
        for _ in range(3):
            assert await authenticate(token)
    assert len(reads) == 3


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.usefixtures("kept")
async def test_postgresql_tells_of_a_change_and_is_listened_to_again_when_the_connection_is_lost(
    db: Settings, monkeypatch: pytest.MonkeyPatch, elsewhere: Elsewhere
) -> None:
    monkeypatch.setattr("preference_center.storage.drivers.changes._AGAIN_SECONDS", 0)
    token = await create_token("crm", ["admin"])
    listeners = (
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'sayso listener'"
        " AND datname = current_database() AND query LIKE 'LISTEN%'"
    )

    async def listening() -> bool:
        return bool(await database.fetch(listeners))

    assert await within_a_second(listening, PATIENCE)
    await elsewhere(listeners.replace("SELECT pid", "SELECT pg_terminate_backend(pid)"))
    assert await within_a_second(listening, PATIENCE)

    # Nothing is read in the background any more, and what is kept would be used for an hour.
    monkeypatch.setattr(token_cache, "KEPT_SECONDS", 3600)
    monkeypatch.setattr(token_cache.TokenCache, "refresh", lambda *_: asyncio.sleep(0))
    assert await authenticate(token)
    await elsewhere("UPDATE access_tokens SET revoked_at = now()")

    async def refused() -> bool:
        return await authenticate(token) is None

    assert await within_a_second(refused)


@pytest.mark.usefixtures("kept")
async def test_a_bounded_number_of_tokens_is_kept(monkeypatch: pytest.MonkeyPatch, reads: list[str]) -> None:
    monkeypatch.setattr(token_cache, "_MOST_KEPT", 2)
    monkeypatch.setattr(token_cache, "ROUND_SECONDS", 3600)
    tokens = [await create_token(f"crm {number}", ["admin"]) for number in range(3)]
    for token in tokens:
        assert await authenticate(token)
    cache = token_cache._cache
    assert cache is not None
    assert len(cache._tokens) == 2
