"""Authenticates callers by bearer token, and reads the end user they act for."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from preference_center.access.tokens import TokenExpired, authenticate
from preference_center.rules.types import Actor

_MAX_USER_LENGTH = 180


_CHALLENGE = 'Bearer realm="sayso"'


class Unauthenticated(Exception):
    """A request without a usable token: 401. The message says what is wrong with it."""

    challenge = _CHALLENGE
    """The `WWW-Authenticate` header. It names an error only if a token was sent (RFC 6750 §3.1)."""


class TokenMissing(Unauthenticated):
    """No token: no `Authorization` header, or nothing after `Bearer`."""

    def __init__(self) -> None:
        super().__init__("Send an API token: `Authorization: Bearer sayso_…`.")


class WrongScheme(Unauthenticated):
    """An `Authorization` header of another scheme than Bearer, or a token without a scheme."""

    def __init__(self) -> None:
        super().__init__("Send the API token with the scheme Bearer: `Authorization: Bearer sayso_…`.")


class InvalidToken(Unauthenticated):
    """A token that is unknown or was revoked."""

    challenge = f'{_CHALLENGE}, error="invalid_token", error_description="The token is unknown or revoked"'

    def __init__(self) -> None:
        super().__init__("This API token is unknown or was revoked.")


class ExpiredToken(Unauthenticated):
    """A token whose time is over."""

    challenge = f'{_CHALLENGE}, error="invalid_token", error_description="The token has expired"'

    def __init__(self) -> None:
        super().__init__("This API token has expired. Create another one with `sayso token create`.")


class BadUser(Exception):
    """An X-Sayso-User that the ledger cannot store: 400."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The actor of a token, with the end user it acts for, and the token's scopes."""

    actor: Actor
    scopes: frozenset[str]
    expires_at: datetime | None = None
    """When the token stops working; None if it does not expire."""


async def caller_of(headers: Mapping[str, str]) -> Caller:
    """Read `Authorization: Bearer …` and `X-Sayso-User`. Raises Unauthenticated, BadUser."""
    token = bearer_token(headers.get("authorization", ""))
    return await caller_by_token(token, _as_utf8(headers.get("x-sayso-user")))


def bearer_token(authorization: str) -> str:
    """Return the token in an `Authorization` header. Raises TokenMissing, WrongScheme."""
    scheme, _, token = authorization.strip().partition(" ")
    if not scheme:
        raise TokenMissing
    if scheme.lower() != "bearer":
        raise WrongScheme
    if not token.strip():
        raise TokenMissing
    return token.strip()


async def caller_by_token(token: str, user: str | None = None) -> Caller:
    """Look up the caller of a token in the database, so that revoking it takes effect at once.

    Raises InvalidToken, ExpiredToken, BadUser.
    """
    try:
        found = await authenticate(token)
    except TokenExpired:
        raise ExpiredToken from None
    if found is None:
        raise InvalidToken
    actor = found.actor
    if user is not None and user.strip():
        actor = replace(actor, on_behalf_of=_checked_user(user.strip()))
    return Caller(actor, found.scopes, found.expires_at)


def _as_utf8(text: str | None) -> str | None:
    """Decode a header as UTF-8, as clients send it, if its bytes are UTF-8."""
    with contextlib.suppress(UnicodeError):
        return text and text.encode("latin-1").decode()
    return text


def _checked_user(text: str) -> str:
    if len(text) > _MAX_USER_LENGTH or not text.isprintable():
        raise BadUser
    return text
