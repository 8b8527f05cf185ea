"""Middleware: the address of the client behind a trusted proxy, always as a plain IP address."""

from __future__ import annotations

import ipaddress
import os
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_MAX_LENGTH: Final = 60
"""Characters in an IP address with its zone; a longer text is none, and is not cached."""


class ClientAddress:
    """Takes the client from X-Forwarded-For if the request comes from one of FORWARDED_ALLOW_IPS.

    If the header holds no IP address there (`unknown`, an obfuscated name, garbage), the client is the proxy
    itself, so that every request has a network that it counts for.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
        self._with_header = ProxyHeadersMiddleware(self._with_address, trusted)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; pass on lifespan events."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope["sayso.peer"] = scope.get("client")
        await self._with_header(scope, receive, send)  # type: ignore[arg-type]

    async def _with_address(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer, client = scope.pop("sayso.peer"), scope.get("client")
        address = plain_address(client[0]) if client else None
        if client and address is not None:
            scope["client"] = (address, client[1])
        else:
            scope["client"] = peer and (plain_address(peer[0]) or peer[0], peer[1])
        await self._app(scope, receive, send)


def plain_address(host: str) -> str | None:
    """An IP address in its usual form: without a zone, IPv4 without the IPv6 prefix. None for other text."""
    return _plain_address(host) if len(host) <= _MAX_LENGTH else None


@lru_cache(maxsize=1024)
def _plain_address(host: str) -> str | None:
    try:
        ip = ipaddress.ip_address(host.strip().partition("%")[0])
    except ValueError:
        return None
    return str(ip.ipv4_mapped) if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped else str(ip)
