"""Authenticates callers by bearer token, and reads the end user they act for."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from preference_center.access.tokens import TokenExpired, authenticate
from preference_center.rules.types import Actor

_MAX_USER_LENGTH: Final = 180
_LONGEST_ENCODED: Final = _MAX_USER_LENGTH * len("%F0%9F%90%9F")
_PERCENT_ENCODED: Final = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*", re.DOTALL)

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
    """An X-Sayso-User that the ledger cannot store: 400. The message says what is wrong with it."""


class BadEncoding(BadUser):
    """A percent sign that encodes nothing, or encoded bytes that are not UTF-8."""

    def __init__(self) -> None:
        super().__init__("X-Sayso-User must be percent-encoded UTF-8: write ł as %C5%82, and % as %25.")


class NotOneShortLine(BadUser):
    """Too long, or with characters that are not printable."""

    def __init__(self) -> None:
        super().__init__(f"X-Sayso-User must be one line of at most {_MAX_USER_LENGTH} characters.")


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
    """Return the caller of a token. A token that was revoked is refused within one second.

    `user` is the end user, as X-Sayso-User has it: it may be percent-encoded.
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
        actor = replace(actor, on_behalf_of=_checked_user(user))
    return Caller(actor, found.scopes, found.expires_at)


def _as_utf8(text: str | None) -> str | None:
    """Decode a header as UTF-8, as most clients send it, if its bytes are UTF-8; browsers send Latin-1."""
    with contextlib.suppress(UnicodeError):
        return text and text.encode("latin-1").decode()
    return text


def _checked_user(text: str) -> str:
    user = _percent_decoded(text).strip()
    if not user or len(user) > _MAX_USER_LENGTH or not user.isprintable():
        raise NotOneShortLine
    return user


def _percent_decoded(text: str) -> str:
    """Decode what is percent-encoded: a header cannot have every character as it is."""
    if len(text) > _LONGEST_ENCODED:
        raise NotOneShortLine
    if not _PERCENT_ENCODED.fullmatch(text):
        raise BadEncoding
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadEncoding from None
