"""Short links, for text messages: a code of 12 characters that stands for a signed link (R31).

The database keeps a keyed digest of the code and what the link says, but neither the code nor a signature, so
reading it opens no link. The signed link is made again when the code is opened: whatever makes a link invalid
makes its code invalid too, the removal of its key among it. Decision 0037 gives the reasons.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.links.kinds import TokenKind
from preference_center.links.maker import CONFIRM_LINK_DAYS, ERASURE_LINK_HOURS, link_maker
from preference_center.storage import database
from preference_center.storage.rows import Bytes, Instant, Text, columns_of

CODE_LENGTH: Final = 12
ALPHABET: Final = "23456789BCDFGHJKLMNPQRSTVWXYZbcdfghjkmnpqrstvwxyz"
"""49 characters that are not taken for one another, without vowels, so that no code is a word. 12 of them
have 67 bits."""
CODE: Final = re.compile(rf"[{ALPHABET}]{{{CODE_LENGTH}}}")
KINDS: Final = (TokenKind.WITHDRAW, TokenKind.MANAGE, TokenKind.CONFIRM, TokenKind.ERASURE)
"""The kinds of links that a code can stand for."""
KEPT_AFTER_EXPIRY: Final = timedelta(days=365)
"""How long an expired code still leads to a page that says so, and opts out (R34)."""
_DIGEST_BYTES: Final = 16
_FIND: Final = "SELECT digest, kind, payload FROM short_links WHERE digest "
_DELETE_OLD: Final = "DELETE FROM short_links WHERE kept_until <= $1"


class ShortLinkRow(NamedTuple):
    """A row of `short_links`."""

    digest: Text
    kind: Text
    payload: Bytes
    created_at: Instant
    kept_until: Instant | None


class SignedLink(NamedTuple):
    """The link that a code stands for."""

    kind: TokenKind
    token: str


async def shorten(kind: TokenKind, token: str) -> str:
    """Return the code of a new short link, which stands for this token of one of `KINDS`.

    Raises LinkInvalid for a token of another kind.
    """
    config, now = settings.current(), database.now()
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    row = ShortLinkRow(
        digest=_digest(code, kind, _keys(config, kind)[0]),
        kind=kind.name,
        payload=link_maker(config).payload_of(kind, token),
        created_at=now,
        kept_until=_kept_until(config, kind, now),
    )
    await database.insert("short_links", columns_of(ShortLinkRow), [row])
    return code


async def find(code: str) -> SignedLink | None:
    """Return the link that a code stands for, whether it has expired or not; None for an unknown code."""
    if CODE.fullmatch(code) is None:
        return None
    config = settings.current()
    digests = [_digest(code, kind, key) for kind in KINDS for key in _keys(config, kind)]
    rows = await database.fetch(_FIND + database.any_of(1), digests)
    if not rows:
        return None
    kind = TokenKind[rows[0]["kind"]]
    return SignedLink(kind, link_maker(config).token_of(kind, bytes(rows[0]["payload"])))


async def delete_old() -> int:
    """Delete the codes of links that expired a year ago; returns how many."""
    return await database.execute(_DELETE_OLD, database.now())


def _digest(code: str, kind: TokenKind, key: bytes) -> str:
    """The digest of a code, with the kind of its link in it: no code can be used as one of another kind."""
    derived = hmac.digest(key, TokenKind.SHORT.salt, "sha256")
    return hmac.digest(derived, f"{kind.name}:{code}".encode(), "sha256")[:_DIGEST_BYTES].hex()


def _keys(config: Settings, kind: TokenKind) -> tuple[bytes, ...]:
    """The keys of the link itself: a code ends when the key of its link is removed."""
    if kind is TokenKind.WITHDRAW:
        return config.withdraw_keys
    return config.manage_keys if kind is TokenKind.MANAGE else config.secret_keys


def _kept_until(config: Settings, kind: TokenKind, now: datetime) -> datetime | None:
    if kind is TokenKind.WITHDRAW:
        return None
    life = {
        TokenKind.MANAGE: timedelta(days=config.manage_link_days),
        TokenKind.CONFIRM: timedelta(days=CONFIRM_LINK_DAYS),
        TokenKind.ERASURE: timedelta(hours=ERASURE_LINK_HOURS),
    }[kind]
    return now + life + KEPT_AFTER_EXPIRY
