"""Email addresses that a mail server refused: unusable (R21) until a server accepts a mail to them.

A requested link is still sent to such an address: a delivery is how a wrong refusal is corrected.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.storage import database
from preference_center.storage.rows import BigInt, Instant, Text, columns_of

IMPORTED: Final = "IMPORT"
"""In the place of reply codes: a file reported the address, no mail server."""


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


async def mark_all_unusable(recipient_ids: Collection[int]) -> set[int]:
    """Store that a file reports these email addresses as unusable; returns those that were usable."""
    if not recipient_ids:
        return set()
    rows = await database.fetch(
        f"SELECT recipient_id FROM address_refusals WHERE recipient_id {database.any_of(1)}",
        list(recipient_ids),
    )
    new = set(recipient_ids) - {row["recipient_id"] for row in rows}
    now = database.now()
    await database.insert(
        "address_refusals",
        columns_of(_AddressRefusalRow),
        [_AddressRefusalRow(recipient_id, IMPORTED, now) for recipient_id in sorted(new)],
        "ON CONFLICT (recipient_id) DO NOTHING",
    )
    return new


async def mark_usable(address: Address) -> None:
    """Delete an address's refusal: a server accepted a mail to it."""
    await database.execute(
        "DELETE FROM address_refusals WHERE recipient_id ="
        " (SELECT id FROM recipients WHERE kind = $1 AND fingerprint = $2)",
        address.kind.value,
        recipients.fingerprint_of(address),
    )
