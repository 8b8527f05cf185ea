"""Asking for a link on a page (R35): counted by the network that asks, then queued like any message.

What is kept of a network is a keyed digest and two counts, for a day. The address is not looked at here: how
often a link is sent to one and the same is for the worker to see to (`outbox`), so that asking takes the same
statements for an address that is known and for one that is not.
"""

from __future__ import annotations

import hmac
import ipaddress
from datetime import timedelta

from preference_center.catalog.catalog import BusinessUnit
from preference_center.config import settings
from preference_center.outbox import delivery as outbox
from preference_center.rules.addresses import Address
from preference_center.storage import database, transactions

MOST_IN_AN_HOUR = 20
MOST_IN_A_DAY = 100
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_DIGEST = 16


async def ask(
    address: Address, unit: BusinessUnit | None, locale: str | None, host: str | None
) -> timedelta | None:
    """Queue a link for the address, unless the network of `host` has asked too often.

    Answers None, or how long that network has to wait. `host` is the client's IP address, or None where the
    server can't tell it: then nothing is counted.
    """
    network = network_of(host)

    async def once() -> timedelta | None:
        async with transactions.write_transaction():
            wait = await _count(network) if network is not None else None
            if wait is None:
                await outbox.queue("LINK", address, unit, None, locale)
            return wait

    return await transactions.retried(once)


def network_of(host: str | None) -> bytes | None:
    """What counts as one network: an IPv4 address, or the first 64 bits of an IPv6 address (one home's)."""
    try:
        ip = ipaddress.ip_address(host or "")
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.packed
    return ip.ipv4_mapped.packed if ip.ipv4_mapped else ip.packed[:8]


async def tidy() -> int:
    """Forget the networks whose day is over. Returns how many."""
    return await database.execute("DELETE FROM network_askings WHERE day_from <= $1", database.now() - _DAY)


async def _count(network: bytes) -> timedelta | None:
    """Count one asking, in one statement; how long the network has to wait where it is one too many.

    An hour and a day begin with the first asking in them. The index's lock makes those who ask at the same
    moment one after the other, whichever process they ask.
    """
    now = database.now()
    rows = await database.fetch(
        "INSERT INTO network_askings AS n (digest, hour_from, in_hour, day_from, in_day)"
        " VALUES ($1, $2, 1, $2, 1) ON CONFLICT (digest) DO UPDATE SET"
        " in_hour = CASE WHEN n.hour_from <= $3 THEN 1 ELSE n.in_hour + 1 END,"
        " hour_from = CASE WHEN n.hour_from <= $3 THEN excluded.hour_from ELSE n.hour_from END,"
        " in_day = CASE WHEN n.day_from <= $4 THEN 1 ELSE n.in_day + 1 END,"
        " day_from = CASE WHEN n.day_from <= $4 THEN excluded.day_from ELSE n.day_from END"
        " RETURNING hour_from, in_hour, day_from, in_day",
        _digest(network),
        now,
        now - _HOUR,
        now - _DAY,
    )
    row = rows[0]
    if row["in_day"] > MOST_IN_A_DAY:
        return database.instant(row["day_from"]) + _DAY - now
    if row["in_hour"] > MOST_IN_AN_HOUR:
        return database.instant(row["hour_from"]) + _HOUR - now
    return None


def _digest(network: bytes) -> bytes:
    # The newest secret key: when it changes, counting begins anew, and nobody can tell old digests any more.
    return hmac.digest(settings.current().secret_keys[0], b"sayso.network:" + network, "sha256")[:_DIGEST]
