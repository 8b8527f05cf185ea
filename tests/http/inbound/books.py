"""What holds, waits and goes out after Meta has called."""

from __future__ import annotations

from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import ALICE_PHONE
from tests.http.inbound.meta import BOB_ID
from tests.use_cases.texting import standing

BOB_PHONE = f"+{BOB_ID}"


async def out_of(phone: str = ALICE_PHONE) -> set[int]:
    return (await standing(phone, Channel.WHATSAPP)).out_of


async def queued() -> list[tuple[str, str, str]]:
    """(kind, channel, address) of what goes out."""
    rows = await database.fetch("SELECT kind, channel, address FROM outgoing_mails ORDER BY id")
    return [(row["kind"], row["channel"], row["address"]) for row in rows]


async def kept() -> list[tuple[str, str | None, bool]]:
    """(meaning, text, waits for a person) of every message, in the order they were taken in."""
    rows = await database.fetch("SELECT meaning, body, needs_review FROM inbound_messages ORDER BY id")
    return [(row["meaning"], row["body"], bool(row["needs_review"])) for row in rows]
