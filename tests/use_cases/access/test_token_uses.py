"""The last use of a token is recorded in the background: nobody waits for it, and nothing fails by it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from preference_center.access import token_uses
from preference_center.access.tokens import authenticate, create_token, list_tokens, revoke_token
from preference_center.storage import database
from tests.conftest import Clock
from tests.http.log_lines import captured_logs

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that write, in order. Those that record uses fail while the list holds "away"."""
    seen: list[str] = []
    execute = database.execute

    async def watched(sql: str, *values: object) -> int:
        if "away" in seen:
            seen.append("failed")
            raise OSError("the database is read-only")
        seen.append(sql)
        return await execute(sql, *values)

    monkeypatch.setattr(database, "execute", watched)
    return seen


async def last_uses() -> list[datetime | None]:
    return [token.last_used_at for token in await list_tokens()]


async def test_the_last_use_of_a_token_is_recorded_to_the_minute(clock: Clock) -> None:
    token = await create_token("crm", ["admin"])

    async def used() -> datetime | None:
        async with token_uses.recording():
            await authenticate(token)
        return (await last_uses())[0]

    assert await last_uses() == [None]
    first = clock.at
    assert await used() == first
    clock.forward(seconds=59)
    assert await used() == first, "not every request writes"
    clock.forward(seconds=1)
    assert await used() == first + timedelta(minutes=1)


async def test_the_uses_of_all_tokens_are_recorded_by_one_statement(
    clock: Clock, statements: list[str]
) -> None:
    tokens = [await create_token(f"crm {number}", ["admin"]) for number in range(3)]
    async with token_uses.recording():
        for token in [*tokens, *tokens]:
            await authenticate(token)
        assert statements == [], "no request writes"
    assert len(statements) == 1
    assert await last_uses() == [clock.at] * 3


async def test_a_wrong_or_revoked_token_is_not_recorded_as_used() -> None:
    token = await create_token("crm", ["admin"])
    async with token_uses.recording():
        await authenticate(token[:-2] + "__")
        await revoke_token("crm")
        await authenticate(token)
    assert await last_uses() == [None]


async def test_a_use_that_cannot_be_recorded_is_logged_once_and_fails_no_request(
    statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_uses, "WRITE_SECONDS", 0)
    monkeypatch.setattr(token_uses, "RETRY_SECONDS", 0)
    token = await create_token("crm", ["admin"])
    statements.append("away")
    with captured_logs() as log:
        async with token_uses.recording():
            while statements.count("failed") < 3:
                assert await authenticate(token)
            statements.clear()
            assert await authenticate(token)
    assert log.getvalue().count("token_uses_not_recorded") == 1
    assert token[15:] not in log.getvalue()
    assert None not in await last_uses(), "once writing works again, uses are recorded"
