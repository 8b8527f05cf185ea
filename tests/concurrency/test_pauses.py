"""Pauses set, moved and ended at the same moment: one pause remains, and the ledger matches it (R18)."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.history import verification
from preference_center.preferences import changes as preferences
from preference_center.recipients.states import read_states
from preference_center.rules.decisions import Accepted, Decision
from preference_center.storage import database
from tests.concurrency.clients import count_events, on, recipient_named
from tests.conftest import by_recipient, by_team
from tests.journeys.catalog import ACME, EMAIL

ROUNDS = 12


def test_simultaneous_pauses_leave_one_pause_and_an_event_for_each_effective_one(
    installation: Settings,
) -> None:
    """R18"""

    async def play() -> None:
        unit = (await current_catalog()).unit_by_key(ACME.key)
        assert unit
        for n in range(ROUNDS):
            random_ = random.Random(n)
            recipient_id = await recipient_named(f"dora-{n}")
            days = [random_.choice([None, 30, 30, 60]) for _ in range(6)]

            async def pause(number: int, length: int | None) -> Decision:
                until = database.now() + timedelta(days=length) if length else None
                provenance = by_team() if number % 3 == 0 else by_recipient()
                return await preferences.pause(recipient_id, EMAIL, unit, until, provenance)  # noqa: B023

            before = await count_events()
            decisions = await asyncio.gather(*(pause(number, length) for number, length in enumerate(days)))
            effective = sum(isinstance(decision, Accepted) for decision in decisions)
            assert await count_events() - before == effective
            rows = await database.fetch("SELECT 1 FROM pauses WHERE recipient_id = $1", recipient_id)
            assert len(rows) <= 1
        assert [line async for line in verification.verify()] == []

    on(installation, play)


def test_a_simultaneous_pause_and_opt_out_both_take_effect(installation: Settings) -> None:
    """R21"""

    async def play() -> None:
        unit = (await current_catalog()).unit_by_key(ACME.key)
        assert unit
        for n in range(ROUNDS):
            recipient_id = await recipient_named(f"emil-{n}")
            until = database.now() + timedelta(days=30)
            await asyncio.gather(
                preferences.pause(recipient_id, EMAIL, unit, until, by_recipient()),
                preferences.opt_out_of_all(recipient_id, EMAIL, unit, by_recipient()),
            )
            state = (await read_states([recipient_id]))[recipient_id]
            assert (unit.id, EMAIL) in state.opt_outs_of_all
            assert (unit.id, EMAIL) in state.pauses
        assert [line async for line in verification.verify()] == []

    on(installation, play)
