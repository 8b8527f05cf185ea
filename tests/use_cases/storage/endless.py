"""Statements that run until they are stopped."""

from __future__ import annotations

from preference_center.storage import database

_ON_SQLITE = """
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000000) SELECT MAX(i) FROM n
""".strip()
_ON_POSTGRES = "SELECT pg_sleep(600)"


async def read_endlessly() -> None:
    """Run a statement that takes minutes."""
    await database.fetch(_ON_SQLITE if database.dialect() == "sqlite" else _ON_POSTGRES)


async def running() -> int:
    """How many of these statements run on the PostgreSQL server, in the open database."""
    rows = await database.fetch(
        "SELECT count(*) AS n FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'active' AND query = $1",
        _ON_POSTGRES,
    )
    return int(rows[0]["n"])
