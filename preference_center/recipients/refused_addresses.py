"""Email addresses that a mail server refused: unusable (R21) until a server accepts a mail to them.

A requested link is still sent to such an address: a delivery is how a wrong refusal is corrected.
"""

from __future__ import annotations

from typing import NamedTuple

from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.storage import database
from preference_center.storage.rows import BigInt, Instant, Text, columns_of


class _AddressRefusalRow(NamedTuple):
    """A row of `address_refusals`."""

    recipient_id: BigInt
    answer: Text
    refused_at: Instant


async def mark_unusable(address: Address, reply_codes: str) -> None:
    """Store that the mailbox does not exist, with the SMTP reply codes. Ignores an unknown address."""
    recipient = await recipients.find(address)
    if recipient is not None:
        await database.insert(
            "address_refusals",
            columns_of(_AddressRefusalRow),
            [_AddressRefusalRow(recipient.id, reply_codes, database.now())],
            "ON CONFLICT (recipient_id) DO UPDATE"
            " SET answer = excluded.answer, refused_at = excluded.refused_at",
        )


async def mark_usable(address: Address) -> None:
    """Delete an address's refusal: a server accepted a mail to it."""
    await database.execute(
        "DELETE FROM address_refusals WHERE recipient_id ="
        " (SELECT id FROM recipients WHERE kind = $1 AND fingerprint = $2)",
        address.kind.value,
        recipients.fingerprint_of(address),
    )
