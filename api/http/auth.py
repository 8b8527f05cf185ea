"""Who calls: a bearer token, and the end user it acts for."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from preference_center.access import tokens as access
from preference_center.rules.types import Actor

_LONGEST_USER = 180


class Unauthenticated(Exception):
    """No token, or one that is none of ours, or revoked: 401."""


class BadUser(Exception):
    """X-Sayso-User that can't go into the ledger: 400."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A token's actor, with the end user where one was named, and its scopes."""

    actor: Actor
    scopes: frozenset[str]


async def caller_of(headers: Mapping[str, str]) -> Caller:
    """Read `Authorization: Bearer …` and `X-Sayso-User`. Raises Unauthenticated, or BadUser."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    return await caller_by_token(token.strip(), _as_meant(headers.get("x-sayso-user")))


async def caller_by_token(token: str, user: str | None = None) -> Caller:
    """Find the caller of a token, asked anew each time: a revoked one is refused at once."""
    found = await access.authenticate(token) if token else None
    if found is None:
        raise Unauthenticated
    if user is None or not user.strip():
        return Caller(found.actor, found.scopes)
    return Caller(replace(found.actor, on_behalf_of=_user(user.strip())), found.scopes)


def _as_meant(text: str | None) -> str | None:
    """A header's text as it was meant: its bytes are UTF-8 nowadays, and Latin-1 where they can't be."""
    with contextlib.suppress(UnicodeError):
        return text and text.encode("latin-1").decode()
    return text


def _user(text: str) -> str:
    if len(text) > _LONGEST_USER or not text.isprintable():
        raise BadUser
    return text
