"""Merging spellings of phone numbers: once, by one process, and on where it was stopped (R3)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from preference_center.config.settings import Settings
from preference_center.preferences import changes as preferences
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.upgrade import merge_phones, schema_state, upgrade
from tests.conftest import Brands, by_recipient
from tests.use_cases.upgrade.spellings import differences, state_of, stored, upgraded

WITHOUT_9, TODAY = "+541128507544", "+5491128507544"
SMS = Channel.SMS
OWN = by_recipient()


async def test_a_second_run_changes_nothing(brands: Brands, db: Settings) -> None:
    old = await stored(WITHOUT_9)
    await stored(TODAY)
    await stored("+22509139490")
    await preferences.opt_out_of_all(old, SMS, brands.acme, OWN)
    await upgraded(db)
    once = await everything()
    assert await upgrade.upgrade(db) == []
    assert (await schema_state.read()).missing == ()
    await upgraded(db)
    assert await everything() == once


async def test_a_run_that_was_stopped_goes_on_where_it_stopped(
    brands: Brands, db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [f"+2250913949{last}" for last in range(10)]
    for number in numbers:
        old = await stored(number)
        await preferences.opt_out_of_all(old, SMS, brands.acme, OWN)
        await stored(parse(number).value)
    monkeypatch.setattr(merge_phones, "_CHUNK", 3)
    move, calls = merge_phones._move, 0

    async def stopped(numbers: Any) -> None:
        nonlocal calls
        calls += 1
        await move(numbers)
        if calls == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(merge_phones, "_move", stopped)
    with pytest.raises(KeyboardInterrupt):
        await upgraded(db)
    assert (await schema_state.read()).missing == (upgrade.MERGED_PHONES,)
    assert await differences() == []
    assert await upgrade.upgrade(db) == [upgrade.MERGED_PHONES]
    for number in numbers:
        assert (brands.acme.id, SMS) in (await state_of(number)).opt_outs_of_all
    [row] = await database.fetch("SELECT COUNT(*) AS n FROM recipients WHERE merged_into_id IS NULL")
    assert row["n"] == 10
    [row] = await database.fetch("SELECT COUNT(*) AS n FROM consent_events")
    assert row["n"] == 20, "one event for each opt-out, one for each merge"
    assert await differences() == []


async def test_several_processes_merge_once(brands: Brands, db: Settings) -> None:
    for last in range(10):
        old = await stored(f"+2250913949{last}")
        await preferences.opt_out_of_all(old, SMS, brands.acme, OWN)
        await stored(f"+225070913949{last}")
    await database.execute("UPDATE phone_spelling_state SET version = 0")
    done = await asyncio.gather(*(upgrade.upgrade(db) for _ in range(3)))
    assert sorted(done, key=len) == [[], [], [upgrade.MERGED_PHONES]]
    [row] = await database.fetch("SELECT COUNT(*) AS n FROM consent_events")
    assert row["n"] == 20
    assert await differences() == []


async def everything() -> list[list[tuple[Any, ...]]]:
    tables = ("recipients", "consent_events", "preferences", "opt_outs_of_all", "contacts")
    return [
        [tuple(row) for row in await database.fetch(f"SELECT * FROM {table} ORDER BY id")] for table in tables
    ]


async def test_other_numbers_are_left_alone(brands: Brands, db: Settings) -> None:
    numbers = ["+48601234567", "+33612345678", "+5491128507545", "+9991234567"]
    for number in numbers:
        await stored(number)
    before = await everything()
    await upgraded(db)
    assert await everything() == before
