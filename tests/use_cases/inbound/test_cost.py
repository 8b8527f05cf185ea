"""A message costs the same few statements, however long the conversation is."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from preference_center.inbound.receive import receive_message
from preference_center.rules.types import Channel
from tests.conftest import Brands, Clock
from tests.use_cases.inbound.texting import acme_number, message

MAX_STATEMENTS = 24
"""Statements; about half are the ledger's. Tortoise does not log all of them on PostgreSQL."""


@pytest.fixture
def sent() -> Iterator[list[str]]:
    """The statements sent to the database."""
    seen: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage()[:300])

    listener, logger = Listener(logging.DEBUG), logging.getLogger("tortoise.db_client")
    before = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.DEBUG)
    yield seen
    logger.removeHandler(listener)
    logger.setLevel(before)


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP])
async def test_a_long_conversation_does_not_make_a_message_cost_more_statements(
    brands: Brands, clock: Clock, sent: list[str], channel: Channel
) -> None:
    """WhatsApp messages have a time, so more has to be compared (R17)."""
    await acme_number("weekly-digest", "receipts", channel=channel)

    async def cost(words: str) -> int:
        at = clock.forward(seconds=2) if channel is Channel.WHATSAPP else None
        sent.clear()
        await receive_message(message(words, channel=channel, occurred_at=at))
        return len(sent)

    words = ("STOP", "START", "STOP", "STOP", "HELP", "nothing to do with it", "START")
    first = [await cost(word) for word in words]
    for _ in range(20):
        for word in words:
            await cost(word)
    await cost("STOP")
    await cost("START")
    last = [await cost(word) for word in words]
    # The first message creates the recipient, and later STARTs find types opted in already.
    assert all(later <= earlier for earlier, later in zip(first, last, strict=True)), (first, last)
    assert max(first) <= MAX_STATEMENTS, (first, sent)
