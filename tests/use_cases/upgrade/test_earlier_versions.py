"""Databases as earlier commits left them, made by the code of those commits, are brought to this version."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from preference_center.catalog.catalog import invalidate_catalog
from preference_center.config import settings
from preference_center.history import verification
from preference_center.links.maker import link_maker
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.storage.connection import open_database
from preference_center.upgrade import schema_state, upgrade
from tests.conftest import settings_for
from tests.databases import Server

EARLIER = Path(__file__).parent / "earlier"
VERSIONS = sorted({path.name.partition(".")[0] for path in EARLIER.glob("*.sql")})
"""The last migration of each."""
_DECISIONS = (
    "SELECT r.address, p.channel, t.key, p.status, p.origin, p.occurred_at FROM preferences p"
    " JOIN recipients r ON r.id = p.recipient_id JOIN subscription_types t ON t.id = p.subscription_type_id"
    " UNION ALL SELECT r.address, o.channel, u.key, 'OPTED_OUT_OF_ALL', o.origin, o.occurred_at"
    " FROM opt_outs_of_all o JOIN recipients r ON r.id = o.recipient_id"
    " JOIN business_units u ON u.id = o.business_unit_id WHERE o.active"
)
_EVENTS = "SELECT id, recipient_id, channel, before, after, origin, actor, occurred_at FROM consent_events"
_CONTACTS = "SELECT id, email, phone, first_name, last_name, locale FROM contacts"


@pytest.fixture(params=["sqlite", "postgres"])
def restored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of an earlier version: `version` is a parameter of the test."""
    script = (EARLIER / f"{request.node.callspec.params['version']}.{request.param}.sql").read_text()
    if request.param == "sqlite":
        with closing(sqlite3.connect(tmp_path / "sayso.db")) as file:
            file.executescript(script)
        yield f"sqlite://{tmp_path / 'sayso.db'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    name = f"sayso_earlier_{uuid.uuid4().hex[:12]}"
    address = server.address_of(name)
    asyncio.run(server.run(f'CREATE DATABASE "{name}"'))
    try:
        asyncio.run(_load(address, script))
        yield address
    finally:
        server.drop(address)


async def _load(address: str, script: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


async def _rows(sql: str) -> list[str]:
    return sorted(str([value for _, value in row.items()]) for row in map(dict, await database.fetch(sql)))


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_earlier_database_is_upgraded_and_keeps_everything(
    restored: str, version: str, tmp_path: Path
) -> None:
    config = settings_for(restored, tmp_path / "data")
    before = settings._current
    settings.use(config)
    invalidate_catalog()
    try:
        async with open_database(config):
            kept = [await _rows(sql) for sql in (_DECISIONS, _EVENTS, _CONTACTS)]
            assert all(kept)

            done = await upgrade.upgrade(config)

            assert done[0] > version, "only what is new is applied"
            assert not (await schema_state.read()).missing
            assert [await _rows(sql) for sql in (_DECISIONS, _EVENTS, _CONTACTS)] == kept
            assert [line async for line in verification.verify()] == []
            await _links_find_their_recipient()
    finally:
        settings._current = before
        invalidate_catalog()


async def _links_find_their_recipient() -> None:  # R31, R32
    """A link that was sent before the upgrade still leads to its recipient."""
    maker = link_maker(settings.current())
    address = parse("ada.lovelace@example.com")
    withdrawal = maker.read_withdraw(maker.withdraw(maker.fingerprint(address), Channel.EMAIL))
    found = await recipients.find_by_fingerprint(withdrawal.recipient_kind, withdrawal.fingerprint)
    assert found
    assert found.address == address.value
