"""Links to a file of the API that a browser can open without a token, for an hour.

A link carries what the token that asked for it may read: the file shows nothing else. It is signed with a
salt of its own, so that no other link can be used as one, nor the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import orjson

from preference_center.links.kinds import TokenKind
from preference_center.links.tokens import TokenSigner

VALID_FOR: Final = timedelta(hours=1)
PARAMETER: Final = "access"
"""The parameter of a URL that has the signed token."""


class DownloadExpired(Exception):
    """The signature is valid, and the hour is over."""


@dataclass(frozen=True, slots=True)
class Download:
    """What a link lets its holder read: the refusals of an operation, as a token with these scopes does."""

    operation_id: int
    scopes: frozenset[str]


def query_of(download: Download, keys: tuple[bytes, ...], now: datetime) -> str:
    """Return the query string of a link that is valid for an hour."""
    expires_at = int((now + VALID_FOR).timestamp())
    payload = orjson.dumps([download.operation_id, expires_at, sorted(download.scopes)])
    return urlencode({PARAMETER: _signer(keys).token(payload)})


def read(token: str, keys: tuple[bytes, ...], now: datetime) -> Download:
    """Return what a signed token lets its holder read. Raises LinkInvalid, DownloadExpired."""
    payload = orjson.loads(_signer(keys).payload(token))
    operation_id, expires_at, scopes = payload
    if datetime.fromtimestamp(expires_at, UTC) <= now:
        raise DownloadExpired
    return Download(operation_id, frozenset(scopes))


def _signer(keys: tuple[bytes, ...]) -> TokenSigner:
    return TokenSigner(keys, TokenKind.DOWNLOAD.salt)
