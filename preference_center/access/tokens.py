"""API tokens: who may call, with which scopes, and under which name the ledger records their changes."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from preference_center.access import token_cache, token_uses
from preference_center.access.scopes import ADMIN, SCOPES
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import RECIPIENT, Actor, ConsentOrigin
from preference_center.storage import database
from preference_center.storage.single_flight import SingleFlight
from preference_center.tables.access import AccessToken
from preference_center.validation import check_text, storable

_ORIGINS: Final = (ConsentOrigin.CONTACT_RECORD, ConsentOrigin.INTEGRATION)
_NAME_MAX_LENGTH: Final = 200
_PREFIX_LENGTH: Final = 8
_PREFIX_CHARACTERS: Final = string.ascii_lowercase + string.digits
_TOKEN: Final = re.compile(r"sayso_([a-z0-9]{8})_[A-Za-z0-9_-]{43}")
MAX_DAYS: Final = 3_650
"""The longest that a token can be valid, if it expires."""


class TokenExpired(Exception):
    """The token is right, and no longer valid."""


@dataclass(frozen=True, slots=True)
class AuthenticatedToken:
    """The caller: the actor for the ledger, and its scopes. With `admin`, all scopes are listed."""

    actor: Actor
    scopes: frozenset[str]
    expires_at: datetime | None = None
    """When the token stops working; None if it does not expire."""


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What is stored about a token: everything but the token itself."""

    name: str
    prefix: str
    """The 8 characters after "sayso_": they identify a leaked token, so that it can be revoked."""
    scopes: tuple[str, ...]
    origin: ConsentOrigin
    created_at: datetime
    last_used_at: datetime | None
    """To the minute, while a server records uses (`token_uses`)."""
    revoked_at: datetime | None
    expires_at: datetime | None
    """When it stops working; None if it does not expire."""


async def create_token(
    name: str,
    scopes: Iterable[str],
    origin: ConsentOrigin | None = None,
    *,
    expires_in_days: int | None = None,
) -> str:
    """Create a token and return it, once: only its hash is stored.

    With `origin` INTEGRATION its changes are those of an integration (R9), otherwise they are the team's.
    Without `expires_in_days` it is valid until it is revoked. Raises Invalid: ALREADY_EXISTS for a name that
    is or was in use; INVALID_VALUE for an invalid name, no scope, an unknown scope, another origin, or a
    number of days that is not from 1 to 3,650.
    """
    checked_name = _checked_name(name)
    checked_scopes = _checked_scopes(scopes)
    now = database.now()
    expires_at = None if expires_in_days is None else now + _checked_days(expires_in_days)
    if origin is not None and origin not in _ORIGINS:
        raise Invalid(ErrorCode.INVALID_VALUE, "A token acts for the team or as an INTEGRATION.", "origin")
    prefix = "".join(secrets.choice(_PREFIX_CHARACTERS) for _ in range(_PREFIX_LENGTH))
    token = f"sayso_{prefix}_{secrets.token_urlsafe(32)}"
    try:
        await AccessToken.create(
            name=checked_name,
            prefix=prefix,
            digest=_digest(token),
            scopes=checked_scopes,
            origin=(origin or ConsentOrigin.CONTACT_RECORD).value,
            created_at=now,
            expires_at=expires_at,
        )
    except IntegrityError:
        message = "A token has or had this name. The ledger refers to tokens by name, so names are used once."
        raise Invalid(ErrorCode.ALREADY_EXISTS, message, "name") from None
    return token


async def authenticate(token: str) -> AuthenticatedToken | None:
    """Return the caller with this token, or None if the token is invalid or revoked.

    A server asks the database about a token once and then in the background (`token_cache.kept`): each
    process refuses it within one second of its being revoked, the one that revoked it at once. Anything else
    asks the database each time. Raises TokenExpired.
    """
    shape = _TOKEN.fullmatch(token)
    if shape is None:
        return None
    # No key stretching is needed: a secret of 256 random bits cannot be guessed.
    digest = _digest(token)
    stored = token_cache.find(digest)
    if stored is None:
        asked = token_cache.asking()
        stored = await _tokens.read(shape[1])
        if stored is None or not compare_digest(stored.digest, digest):
            return None
        token_cache.keep(stored, asked)
    if stored.revoked_at is not None:
        return None
    if stored.expires_at is not None and stored.expires_at <= database.now():
        raise TokenExpired
    token_uses.note(stored.id, stored.last_used_at)
    scopes = SCOPES if ADMIN in stored.scopes else stored.scopes
    return AuthenticatedToken(Actor(stored.name, origin=stored.origin), scopes, stored.expires_at)


async def list_tokens() -> list[TokenRecord]:
    """Return every token ever created, oldest first."""
    return [_record(row) for row in await AccessToken.all().order_by("id")]


async def revoke_token(name_or_prefix: str) -> bool:
    """Revoke a token by its name or prefix; returns False if it was revoked already.

    Raises Invalid: NOT_FOUND.
    """
    rows = []
    if storable(name_or_prefix) and len(name_or_prefix) <= _NAME_MAX_LENGTH:
        named = Q(name=name_or_prefix)
        # Tortoise refuses to compare a column with a text that is too long for it.
        may_be_prefix = len(name_or_prefix) == _PREFIX_LENGTH
        rows = await AccessToken.filter(named | Q(prefix=name_or_prefix) if may_be_prefix else named)
    if not rows:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no token of this name.", "name")
    token = next((row for row in rows if row.name == name_or_prefix), rows[0])
    not_revoked = AccessToken.filter(id=token.id, revoked_at=None)
    revoked = await not_revoked.update(revoked_at=database.now()) > 0
    token_cache.forget()
    return revoked


def _checked_name(name: str) -> str:
    checked = check_text(name, "name", max_length=_NAME_MAX_LENGTH, required=True)
    if not checked.isprintable():
        raise Invalid(ErrorCode.INVALID_VALUE, "A name must be a single line of text.", "name")
    if checked.casefold() == RECIPIENT.name:
        raise Invalid(ErrorCode.INVALID_VALUE, "Choose another name: this one stands for recipients.", "name")
    return checked


def _checked_scopes(scopes: Iterable[str]) -> list[str]:
    requested = set(scopes)
    unknown = ", ".join(sorted(repr(scope)[:40] for scope in requested - SCOPES))
    if unknown or not requested:
        problem = f"There is no scope {unknown}." if unknown else "Add at least one scope."
        message = f"{problem} The scopes are: {', '.join(sorted(SCOPES))}."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "scopes")
    return sorted(requested)


def _checked_days(days: int) -> timedelta:
    if not 1 <= days <= MAX_DAYS:
        message = f"A token can be valid for 1 to {MAX_DAYS:,} days."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "expiresInDays")
    return timedelta(days=days)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _record(row: AccessToken) -> TokenRecord:
    return TokenRecord(
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        origin=ConsentOrigin(row.origin),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        expires_at=row.expires_at,
    )


_tokens = SingleFlight(token_cache.by_prefix)
