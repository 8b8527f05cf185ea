"""Email addresses that a mail server will not have: unusable (R21) until a server takes a mail to them again.

Who asks for a link with such an address gets one sent all the same: it is how a mistake is found out.
"""

from __future__ import annotations

from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.storage import database


async def mark_unusable(address: Address, answer: str) -> None:
    """Keep that there is no such mailbox, and the server's numbers."""
    recipient = await recipients.find(address)
    if recipient is not None:
        await database.insert(
            "address_refusals",
            {"recipient_id": "bigint", "answer": "text", "refused_at": "timestamptz"},
            [(recipient.id, answer, database.now())],
            then="ON CONFLICT (recipient_id) DO UPDATE"
            " SET answer = excluded.answer, refused_at = excluded.refused_at",
        )


async def mark_usable(address: Address) -> None:
    """A server took a mail to it: there is such a mailbox."""
    await database.execute(
        "DELETE FROM address_refusals WHERE recipient_id ="
        " (SELECT id FROM recipients WHERE kind = $1 AND fingerprint = $2)",
        address.kind.value,
        recipients.fingerprint_of(address),
    )
