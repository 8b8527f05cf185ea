"""Sayso works behind PgBouncer that lends connections for one transaction, with fewer than it uses itself."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from preference_center.config.settings import Settings
from preference_center.erasure import leftovers
from preference_center.exports import connection as export_connection
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database, shares
from preference_center.storage.connection import open_database
from preference_center.storage.outages import StatementTimeout
from preference_center.storage.shares import Share
from tests.cli.installation import Installation
from tests.conftest import Brands, by_recipient, update_preferences
from tests.databases import Server
from tests.durability.bouncer import SIZE, bouncer_before
from tests.use_cases.storage.endless import read_endlessly

on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
CONCURRENT = 8 * SIZE
_IGNORED = "extra_float_digits,jit,statement_timeout,lock_timeout,idle_in_transaction_session_timeout"


@pytest.fixture
def empty_database(postgres_server: Server) -> Iterator[str]:
    name = f"sayso_bouncer_{uuid.uuid4().hex[:12]}"
    asyncio.run(postgres_server.run(f'CREATE DATABASE "{name}"'))
    try:
        yield postgres_server.address_of(name)
    finally:
        postgres_server.drop(postgres_server.address_of(name))


def test_every_command_works(
    empty_database: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with bouncer_before(empty_database, tmp_path_factory) as url:
        installation = Installation(url, tmp_path / "data")
        assert "applied 0001_initial" in installation.says("migrate")
        assert "nothing to do" in installation.says("migrate")
        assert "20 demo contacts" in installation.says("demo", "--contacts", "20")
        assert "sayso_" in installation.says("token", "create", "crm", "--scope", "admin")
        exported = installation.says("export", "contacts", "--format", "ndjson").splitlines()
        assert len({json.loads(line)["email"] for line in exported}) == 20
        assert "what the ledger says" in installation.says("verify")


@pytest.fixture(params=["extra_float_digits", _IGNORED], ids=["refuses_settings", "ignores_settings"])
def behind_bouncer(
    request: pytest.FixtureRequest, config: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    with bouncer_before(config.database_url, tmp_path_factory, ignored=request.param) as url:
        yield replace(config, database_url=url, statement_timeout=5)


@on_postgres
async def test_concurrent_changes_and_queries_work(behind_bouncer: Settings, brands: Brands) -> None:
    addresses = [parse(f"person-{n}@example.com") for n in range(CONCURRENT)]

    async def opt_out(recipient_id: int) -> None:
        change = (brands.digest, Channel.EMAIL, PreferenceStatus.OPTED_OUT)
        await update_preferences(recipient_id, [change], by_recipient())

    async def count() -> int:
        with shares.using(Share.QUERIES):
            rows = await database.fetch(
                "SELECT COUNT(*) AS n FROM preferences WHERE status = $1",
                "OPTED_OUT",
            )
        return int(rows[0]["n"])

    async with open_database(behind_bouncer):
        known = await recipients.ensure(addresses)
        counted = await asyncio.gather(
            *(opt_out(each) for each in known.values()), *(count() for _ in range(CONCURRENT))
        )
        assert all(each is None or 0 <= each <= CONCURRENT for each in counted)
        assert await count() == CONCURRENT
        rows = await export_connection.fetch("SELECT COUNT(*) FROM consent_events WHERE id > $1", 0)
        assert rows[0][0] == CONCURRENT
        await leftovers._vacuum()


@on_postgres
async def test_every_statement_has_its_limits_and_the_server_keeps_none(
    behind_bouncer: Settings, brands: Brands
) -> None:
    names = ["jit", "statement_timeout"]
    ask = "SELECT name, setting FROM pg_settings WHERE name = ANY($1) ORDER BY name"
    async with open_database(behind_bouncer):
        assert [row["setting"] for row in await database.fetch(ask, names)] == ["off", "5000"]
        with shares.using(Share.JOBS):
            assert [row["setting"] for row in await database.fetch(ask, names)] == ["off", "3600000"]
    async with open_database(replace(behind_bouncer, statement_timeout=0.2)):
        with pytest.raises(StatementTimeout):
            await read_endlessly()
    other = await asyncpg.connect(behind_bouncer.database_url, statement_cache_size=0)
    async with other.transaction():
        assert await other.fetchval("SHOW statement_timeout") == "0"
    await other.close()
