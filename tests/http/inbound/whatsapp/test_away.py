"""While the database is unavailable a delivery is requested again, and acts once (R30)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from preference_center.catalog.catalog import invalidate_catalog
from preference_center.config.settings import Settings
from preference_center.storage.connection import open_database
from tests.conftest import Brands, Clock
from tests.durability.proxy import Cut, Proxy, When, proxy_to
from tests.http.inbound.meta import BOB_ID, Meta, change, client_of, delivery, encoded, register, text_message
from tests.http.inbound.stored import BOB_PHONE, opted_out_units
from tests.http.log_lines import captured_logs
from tests.http.records import changes, count

PATIENCE = 30
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@contextlib.asynccontextmanager
async def meta_and_wire(settings: Settings) -> AsyncIterator[tuple[Meta, Proxy]]:
    """Meta, and an application whose database can be made unavailable."""
    async with proxy_to(settings) as (far, proxy), open_database(far), client_of(far) as http:
        yield Meta(http), proxy


async def deliver_until_accepted(meta: Meta, body: bytes) -> None:
    """Deliver as Meta does: again and again, until it is accepted."""
    async with asyncio.timeout(PATIENCE):
        while (status := (await meta.post(body)).status_code) != 200:
            assert status == 503
            await asyncio.sleep(0.1)


@on_postgres
async def test_a_delivery_while_the_database_is_unavailable_is_requested_again(
    config: Settings, brands: Brands, clock: Clock
) -> None:
    await register()
    body = encoded(delivery(change(text_message("STOP", clock.at))))
    with captured_logs() as log:
        async with meta_and_wire(config) as (meta, proxy):
            proxy.disconnect()
            assert (await meta.post(body)).status_code == 503
            assert '"event":"database_unavailable"' in log.getvalue()
            assert "4860123" not in log.getvalue()
            proxy.down = False
            await deliver_until_accepted(meta, body)
            assert await changes() == [(None, "NOT_OPTED", "OPTED_OUT", "KEYWORD")]


@on_postgres
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "statement", [b"INSERT INTO inbound_messages", b"INSERT INTO consent_events", b"COMMIT"]
)
async def test_a_delivery_that_failed_halfway_is_completed_once(
    config: Settings, brands: Brands, clock: Clock, statement: bytes, when: When
) -> None:
    """R30: also if the connection is lost after the commit."""
    await register()
    at = clock.at - timedelta(minutes=2)
    body = encoded(delivery(change(text_message("STOP", at), text_message("STOP", clock.at, sender=BOB_ID))))
    with captured_logs():
        async with meta_and_wire(config) as (meta, proxy):
            proxy.cut = Cut(statement, when, 1)
            await deliver_until_accepted(meta, body)
            assert proxy.cut.times == 0
            assert await opted_out_units() == await opted_out_units(BOB_PHONE) == {brands.acme.id}
            assert await changes() == [(None, "NOT_OPTED", "OPTED_OUT", "KEYWORD")] * 2
            assert (await count("inbound_messages"), await count("outgoing_mails")) == (2, 2)
    invalidate_catalog()
