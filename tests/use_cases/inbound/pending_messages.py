"""Messages that wait for review, stored as receiving them stores them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from itertools import count

from preference_center.catalog import sender_numbers
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import ALICE_PHONE
from tests.use_cases.inbound.texting import ACME_NUMBER

_numbers = count()


async def message_to_review(
    text: str = "hm, maybe not",
    *,
    sender: str = ALICE_PHONE,
    to: str = ACME_NUMBER,
    channel: Channel = Channel.SMS,
    at: datetime | None = None,
    needs_review: bool = True,
) -> int:
    """Store an unclear message to `to`, which may be a registered number, and return its id."""
    known = await sender_numbers.find(to, channel)
    address = parse(sender)
    rows = await database.fetch(
        "INSERT INTO inbound_messages (digest, channel, recipient_id, sender_number_id, business_unit_id,"
        " sent_to, meaning, body, needs_review, occurred_at, received_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'UNCLEAR', $7, $8, $9, $10) RETURNING id",
        hashlib.sha256(f"test:{next(_numbers)}".encode()).digest(),
        channel.value,
        (await recipients.ensure([address]))[address],
        known.id if known else None,
        known.unit_id if known else None,
        to,
        text,
        needs_review,
        at or database.now(),
        database.now(),
    )
    message_id: int = rows[0]["id"]
    return message_id
