"""Who sent a message without a phone number: the number that belongs to a WhatsApp user id (R29, R32).

A user id and a phone number that come together once are kept as keyed fingerprints, so that a later message
with the user id alone is known to be from that number.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from preference_center.config import settings
from preference_center.inbound.message import Message
from preference_center.recipients import recipients, visitors
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import FINGERPRINT_BYTES, Address
from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.storage.rows import Bytes, Instant, columns_of

MAX_USER_IDS = 4
"""How many ids of one person are read: of this business, and of the company that it belongs to."""


class _WhatsAppUserRow(NamedTuple):
    """A row of `whatsapp_users`."""

    fingerprint: Bytes
    phone_fingerprint: Bytes
    learned_at: Instant


async def find_sender(message: Message) -> Visitor | None:
    """Return the sender of a message, known as a recipient or not; None if nothing names a phone number."""
    if message.sender is not None:
        fingerprint = recipients.fingerprint_of(message.sender)
    else:
        found = set((await _phones_of(message.user_ids)).values())
        if len(found) != 1:
            return None
        fingerprint = found.pop()
    return await visitors.find_visitor(RecipientKind.PHONE, fingerprint)


async def unknown(user_ids: Sequence[str], phone: Address) -> list[str]:
    """Return those of the user ids that are not yet known to belong to this phone number."""
    wanted = user_ids[:MAX_USER_IDS]
    known, phone_fingerprint = await _phones_of(wanted), recipients.fingerprint_of(phone)
    return [user_id for user_id in wanted if known.get(user_id) != phone_fingerprint]


async def learn(user_ids: Sequence[str], phone: Address) -> list[str]:
    """Store whose phone number belongs to these user ids; returns the ids that are new."""
    new = await unknown(user_ids, phone)
    if new:
        phone_fingerprint = recipients.fingerprint_of(phone)
        at = database.now()
        rows = [_WhatsAppUserRow(_fingerprint(user_id), phone_fingerprint, at) for user_id in new]
        await database.insert(
            "whatsapp_users",
            columns_of(_WhatsAppUserRow),
            # Sorted, so that two transactions that learn the same ids cannot deadlock.
            sorted(rows),
            "ON CONFLICT (fingerprint) DO UPDATE"
            " SET phone_fingerprint = excluded.phone_fingerprint, learned_at = excluded.learned_at",
        )
    return new


async def _phones_of(user_ids: Sequence[str]) -> dict[str, bytes]:
    """The fingerprints of the phone numbers that belong to user ids. Unknown ids are left out."""
    by_fingerprint = {_fingerprint(user_id): user_id for user_id in user_ids[:MAX_USER_IDS]}
    if not by_fingerprint:
        return {}
    places = ", ".join(f"${place}" for place in range(1, len(by_fingerprint) + 1))
    rows = await database.fetch(
        f"SELECT fingerprint, phone_fingerprint FROM whatsapp_users WHERE fingerprint IN ({places})",
        *by_fingerprint,
    )
    return {by_fingerprint[bytes(row["fingerprint"])]: bytes(row["phone_fingerprint"]) for row in rows}


def keyed_digest(text: str) -> str:
    """Return a digest in 32 hexadecimal digits. Without the key, nobody can find the text by trying."""
    return _digest(text).hex()


def _fingerprint(user_id: str) -> bytes:
    return _digest(f"whatsapp-user:{user_id}")


def _digest(text: str) -> bytes:
    key = settings.current().fingerprint_key
    return hmac.new(key, text.encode("utf-8", "replace"), sha256).digest()[:FINGERPRINT_BYTES]
