"""The state, messages and replies after Meta called the webhook."""

from __future__ import annotations

from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import ALICE_PHONE
from tests.http.inbound.meta import BOB_ID
from tests.use_cases.inbound.texting import current_state

BOB_PHONE = f"+{BOB_ID}"


async def opted_out_units(phone: str = ALICE_PHONE) -> set[int]:
    return (await current_state(phone, Channel.WHATSAPP)).opted_out_units


async def queued_replies() -> list[tuple[str, str, str]]:
    """(kind, channel, address) of every queued message."""
    rows = await database.fetch("SELECT kind, channel, address FROM outgoing_mails ORDER BY id")
    return [(row["kind"], row["channel"], row["address"]) for row in rows]


async def stored_messages() -> list[tuple[str, str | None, bool]]:
    """(meaning, text, needs review) of every message, in the order they were received."""
    rows = await database.fetch("SELECT meaning, body, needs_review FROM inbound_messages ORDER BY id")
    return [(row["meaning"], row["body"], bool(row["needs_review"])) for row in rows]
