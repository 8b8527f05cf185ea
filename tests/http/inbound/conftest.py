"""Providers that call the webhooks, and the log lines that follow."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator

import pytest

from preference_center.config.settings import Settings
from tests.http.inbound.meta import Meta, client_of
from tests.http.log_lines import captured_logs


@pytest.fixture
async def meta(db: Settings, log: io.StringIO) -> AsyncIterator[Meta]:
    """Meta, with the app's secret. Fails the test if an error was logged."""
    async with client_of(db) as http:
        yield Meta(http)
    assert '"level":"error"' not in log.getvalue(), log.getvalue()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All log lines, as JSON."""
    with captured_logs() as out:
        yield out
