"""Breaks taken, moved and ended at the same moment: one silence is left, and the ledger tells how (R18)."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.history import verification
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules import addresses
from preference_center.rules.decisions import Accepted, Decision
from preference_center.rules.types import PreferenceStatus
from preference_center.storage import database
from tests.concurrency.clients import count_events, on
from tests.conftest import by_recipient, by_team
from tests.journeys.catalog import ACME, EMAIL

ROUNDS = 12


def test_breaks_at_the_same_moment_leave_one_silence_and_an_event_for_each_that_took_effect(
    stage: Settings,
) -> None:
    async def play() -> None:
        unit = (await current_catalog()).unit_by_key(ACME.key)
        assert unit
        for n in range(ROUNDS):
            chance, person = random.Random(n), addresses.parse(f"dora-{n}@example.com")
            [whose] = (await recipients.ensure([person])).values()
            days = [chance.choice([None, 30, 30, 60]) for _ in range(6)]

            async def rest(number: int, length: int | None) -> Decision:
                until = database.now() + timedelta(days=length) if length else None
                source = by_team() if number % 3 == 0 else by_recipient()
                return await preferences.pause(whose, EMAIL, unit, until, source)  # noqa: B023

            before = await count_events()
            decisions = await asyncio.gather(*(rest(number, length) for number, length in enumerate(days)))
            effective = sum(isinstance(decision, Accepted) for decision in decisions)
            assert await count_events() - before == effective
            rows = await database.fetch("SELECT 1 FROM pauses WHERE recipient_id = $1", whose)
            assert len(rows) <= 1
        assert [line async for line in verification.verify()] == []

    on(stage, play)


def test_a_break_and_an_unsubscribe_at_the_same_moment_both_hold(stage: Settings) -> None:  # R21
    async def play() -> None:
        unit = (await current_catalog()).unit_by_key(ACME.key)
        assert unit
        for n in range(ROUNDS):
            person = addresses.parse(f"emil-{n}@example.com")
            [whose] = (await recipients.ensure([person])).values()
            out = Intent(whose, EMAIL, PreferenceStatus.OPTED_OUT, unit)
            until = database.now() + timedelta(days=30)
            await asyncio.gather(
                preferences.pause(whose, EMAIL, unit, until, by_recipient()),
                record([out], by_recipient()),
            )
            state = (await read_states([whose]))[whose]
            assert ((unit.id, EMAIL) in state.opt_outs_of_all, (unit.id, EMAIL) in state.pauses) == (
                True,
                True,
            )
        assert [line async for line in verification.verify()] == []

    on(stage, play)
