"""Authenticates callers by bearer token, and reads the end user they act for."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from preference_center.access.tokens import authenticate
from preference_center.rules.types import Actor

_MAX_USER_LENGTH = 180


class Unauthenticated(Exception):
    """No token, an unknown one, or a revoked one: 401."""


class BadUser(Exception):
    """An X-Sayso-User that the ledger cannot store: 400."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The actor of a token, with the end user it acts for, and the token's scopes."""

    actor: Actor
    scopes: frozenset[str]


async def caller_of(headers: Mapping[str, str]) -> Caller:
    """Read `Authorization: Bearer …` and `X-Sayso-User`. Raises Unauthenticated, BadUser."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    return await caller_by_token(token.strip(), _as_utf8(headers.get("x-sayso-user")))


async def caller_by_token(token: str, user: str | None = None) -> Caller:
    """Look up the caller of a token in the database, so that revoking it takes effect at once.

    Raises Unauthenticated, BadUser.
    """
    found = await authenticate(token) if token else None
    if found is None:
        raise Unauthenticated
    if user is None or not user.strip():
        return Caller(found.actor, found.scopes)
    return Caller(replace(found.actor, on_behalf_of=_checked_user(user.strip())), found.scopes)


def _as_utf8(text: str | None) -> str | None:
    """Decode a header as UTF-8, as clients send it, if its bytes are UTF-8."""
    with contextlib.suppress(UnicodeError):
        return text and text.encode("latin-1").decode()
    return text


def _checked_user(text: str) -> str:
    if len(text) > _MAX_USER_LENGTH or not text.isprintable():
        raise BadUser
    return text
