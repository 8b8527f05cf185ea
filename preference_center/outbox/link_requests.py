"""Requesting a link on a page (R35): limited by network, then queued like any message.

Of a network a keyed digest and two counts are kept, for a day. The address is not looked up here: a request
takes the same statements for a known address and an unknown one. How often a link goes to one address is
limited when it is sent (`duplicates`).
"""

from __future__ import annotations

import hmac
import ipaddress
from datetime import timedelta

from preference_center.catalog.catalog import BusinessUnit
from preference_center.config import settings
from preference_center.outbox.queue import queue_link
from preference_center.rules.addresses import Address
from preference_center.storage import database
from preference_center.storage.transactions import transaction

MAX_PER_HOUR = 20
MAX_PER_DAY = 100
_IPV6_PREFIXES = ((8, 1), (7, 2), (6, 4))
"""Bytes of an IPv6 address that have limits of their own, as multiples of those of an IPv4 address: a /64 may
request as much, a /56 (which many homes have) twice, a /48 (which one customer may have) four times."""
_UNKNOWN_NETWORK = b""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_DIGEST_BYTES = 16
_COUNT = (
    "INSERT INTO network_askings AS n (digest, hour_from, in_hour, day_from, in_day)"
    " VALUES ($1, $2, 1, $2, 1) ON CONFLICT (digest) DO UPDATE SET"
    " in_hour = CASE WHEN n.hour_from <= $3 THEN 1 ELSE n.in_hour + 1 END,"
    " hour_from = CASE WHEN n.hour_from <= $3 THEN excluded.hour_from ELSE n.hour_from END,"
    " in_day = CASE WHEN n.day_from <= $4 THEN 1 ELSE n.in_day + 1 END,"
    " day_from = CASE WHEN n.day_from <= $4 THEN excluded.day_from ELSE n.day_from END"
    " RETURNING hour_from, in_hour, day_from, in_day"
)
"""Counts one request. An hour and a day begin with the first request in them. The unique index makes
simultaneous requests of a network wait for each other, in whichever process."""


@transaction
async def request_link(
    address: Address, business_unit: BusinessUnit | None, locale: str | None, host: str | None
) -> timedelta | None:
    """Queue a link to the address, unless the network of `host` has made too many requests.

    Returns None, or how long the network has to wait. `host` is the client's IP address; clients without one
    count as one network.
    """
    wait = await _count_networks(host)
    if wait is None:
        await queue_link(address, business_unit, locale)
    return wait


def networks_of(host: str | None) -> list[tuple[bytes, int]]:
    """The networks that an address counts for, smallest first, each with its multiple of the limits."""
    try:
        ip = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return [(_UNKNOWN_NETWORK, 1)]
    if isinstance(ip, ipaddress.IPv4Address):
        return [(ip.packed, 1)]
    if ip.ipv4_mapped:
        return [(ip.ipv4_mapped.packed, 1)]
    return [(ip.packed[:length], multiple) for length, multiple in _IPV6_PREFIXES]


async def delete_expired_counts() -> int:
    """Delete the counts of networks whose day is over; returns how many."""
    return await database.execute("DELETE FROM network_askings WHERE day_from <= $1", database.now() - _DAY)


async def _count_networks(host: str | None) -> timedelta | None:
    """Count one request for each network; returns how long the first that is over a limit has to wait.

    A request that a small network may not make does not count for the larger ones: their other users are not
    to blame. All transactions lock small networks before large ones.
    """
    for network, multiple in networks_of(host):
        if wait := await _count(network, multiple):
            return wait
    return None


async def _count(network: bytes, multiple: int) -> timedelta | None:
    """Count one request; returns how long the network has to wait if it is over a limit."""
    now = database.now()
    [row] = await database.fetch(_COUNT, _digest(network), now, now - _HOUR, now - _DAY)
    if row["in_day"] > MAX_PER_DAY * multiple:
        return database.instant(row["day_from"]) + _DAY - now
    if row["in_hour"] > MAX_PER_HOUR * multiple:
        return database.instant(row["hour_from"]) + _HOUR - now
    return None


def _digest(network: bytes) -> bytes:
    # Of the newest secret key: a new key restarts the counts, and old digests cannot be recomputed.
    key = settings.current().secret_keys[0]
    return hmac.digest(key, b"sayso.network:" + network, "sha256")[:_DIGEST_BYTES]
