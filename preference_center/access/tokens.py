"""API tokens: who may call, for what, and as whom the ledger will name them."""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import RECIPIENT, Actor, ConsentOrigin
from preference_center.storage import database
from preference_center.storage.database import Row
from preference_center.storage.single_flight import SingleFlight
from preference_center.validation import check_text, storable

ADMIN: Final = "admin"
SCOPES: Final = frozenset(
    {
        "contacts:read",
        "contacts:write",
        "preferences:read",
        "preferences:write",
        "links:create",
        "catalog:write",
        "operations:write",
        "workflows:write",
        "integrations:write",
        ADMIN,
    }
)
"""What a token can be allowed; `admin` is all of it."""

_ORIGINS: Final = (ConsentOrigin.CONTACT_RECORD, ConsentOrigin.INTEGRATION)
_LONGEST_NAME: Final = 200
_PREFIX_LETTERS: Final = string.ascii_lowercase + string.digits
_TOKEN: Final = re.compile(r"sayso_([a-z0-9]{8})_[A-Za-z0-9_-]{43}")
_USE_NOTED_EVERY: Final = timedelta(minutes=1)
_COLUMNS: Final = "id, name, prefix, digest, scopes, origin, created_at, last_used_at, revoked_at"


@dataclass(frozen=True, slots=True)
class AuthenticatedToken:
    """Who calls: the actor for the ledger, and what it may do. `admin` has brought every scope with it."""

    actor: Actor
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What is kept of a token: everything but the token."""

    name: str
    prefix: str
    """How the token begins after "sayso_", so that a token found somewhere can be told and revoked."""
    scopes: tuple[str, ...]
    origin: ConsentOrigin
    created_at: datetime
    last_used_at: datetime | None
    """To the minute."""
    revoked_at: datetime | None


async def create_token(name: str, scopes: Iterable[str], origin: ConsentOrigin | None = None) -> str:
    """Make a token and return it, this once: only its hash is kept.

    `origin` INTEGRATION makes its changes an integration's (R9); otherwise they are the team's. Raises
    Invalid for a name that is taken or no name, for no scope or an unknown one, and for another origin.
    """
    checked_name = _checked_name(name)
    checked_scopes = _checked_scopes(scopes)
    if origin is not None and origin not in _ORIGINS:
        raise Invalid(ErrorCode.INVALID_VALUE, "A token acts for the team or as an INTEGRATION.", "origin")
    prefix = "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(8))
    token = f"sayso_{prefix}_{secrets.token_urlsafe(32)}"
    made = await database.fetch(
        "INSERT INTO access_tokens (name, prefix, digest, scopes, origin, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING RETURNING id",
        checked_name,
        prefix,
        _digest(token),
        json.dumps(checked_scopes),
        (origin or ConsentOrigin.CONTACT_RECORD).value,
        database.now(),
    )
    if not made:
        message = "A token had this name before, and the ledger knows its changes by it."
        raise Invalid(ErrorCode.ALREADY_EXISTS, message, "name")
    return token


async def authenticate(token: str) -> AuthenticatedToken | None:
    """Return who calls with this token, None for one that is none, or revoked.

    The database is asked each time, if together with others who come with the token at the same moment: a
    revoked one is refused from then on in every process.
    """
    shape = _TOKEN.fullmatch(token)
    if shape is None:
        return None
    found = await _tokens.read(shape[1])
    # A hash without stretching is enough: a secret of 256 random bits cannot be guessed.
    if found is None or not compare_digest(found[1], _digest(token)):
        return None
    token_id, _, record = found
    if record.revoked_at is not None:
        return None
    await _note_use(token_id, record.last_used_at)
    scopes = SCOPES if ADMIN in record.scopes else frozenset(record.scopes)
    return AuthenticatedToken(Actor(record.name, origin=record.origin), scopes)


async def _by_prefix(prefix: str) -> tuple[int, bytes, TokenRecord] | None:
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM access_tokens WHERE prefix = $1", prefix)
    return (rows[0]["id"], bytes(rows[0]["digest"]), _record(rows[0])) if rows else None


_tokens = SingleFlight(_by_prefix)


async def list_tokens() -> list[TokenRecord]:
    """Return every token ever made, oldest first."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM access_tokens ORDER BY id")
    return [_record(row) for row in rows]


async def revoke_token(name: str) -> bool:
    """Refuse a token from now on, by its name or prefix; False where it was revoked already.

    Raises Invalid where there is none.
    """
    sql = "SELECT id FROM access_tokens WHERE name = $1 OR prefix = $1 ORDER BY name = $1 DESC LIMIT 1"
    found = await database.fetch(sql, name) if storable(name) else []
    if not found:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no token of this name.", "name")
    revoked = await database.execute(
        "UPDATE access_tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
        database.now(),
        found[0]["id"],
    )
    return revoked > 0


def _checked_name(name: str) -> str:
    checked = check_text(name, "name", max_length=_LONGEST_NAME, required=True)
    if not checked.isprintable():
        raise Invalid(ErrorCode.INVALID_VALUE, "A name is one line of text.", "name")
    if checked.casefold() == RECIPIENT.name:
        raise Invalid(ErrorCode.INVALID_VALUE, "The ledger calls recipients so.", "name")
    return checked


def _checked_scopes(scopes: Iterable[str]) -> list[str]:
    asked = set(scopes)
    unknown = ", ".join(sorted(repr(scope)[:40] for scope in asked - SCOPES))
    if unknown or not asked:
        message = f"There is no scope {unknown}." if unknown else "A token needs a scope."
        raise Invalid(ErrorCode.INVALID_VALUE, f"{message} There are: {', '.join(sorted(SCOPES))}.", "scopes")
    return sorted(asked)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def _note_use(token_id: int, noted: datetime | None) -> None:
    now = database.now()
    if noted is not None and noted > now - _USE_NOTED_EVERY:
        return
    await database.execute(
        "UPDATE access_tokens SET last_used_at = $1 "
        "WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)",
        now,
        token_id,
        now - _USE_NOTED_EVERY,
    )


def _record(row: Row) -> TokenRecord:
    return TokenRecord(
        name=row["name"],
        prefix=row["prefix"],
        scopes=tuple(database.json_value(row["scopes"])),
        origin=ConsentOrigin(row["origin"]),
        created_at=database.instant(row["created_at"]),
        last_used_at=database.optional_instant(row["last_used_at"]),
        revoked_at=database.optional_instant(row["revoked_at"]),
    )
