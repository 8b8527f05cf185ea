"""Calls recorded at the same time: one permit allows one of them (R25)."""

from __future__ import annotations

import asyncio
import random

import pytest

from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.contacts import calls, contacts
from preference_center.errors import ErrorCode, Invalid
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Actor, Channel, LegalBasis
from preference_center.storage import database
from tests.concurrency.clients import on
from tests.conftest import by_recipient

BASIS = LegalBasis.PERFORMANCE_OF_CONTRACT


async def opted_out_contact(name: str) -> int:
    """The id of a contact who is opted out of all email and has no permit."""
    row = await contacts.create(email=f"{name}@example.com")
    unit = (await current_catalog()).units[0]
    assert row.email_recipient_id
    await preferences.opt_out_of_all(row.email_recipient_id, Channel.EMAIL, unit, by_recipient())
    return row.id


async def called(contact_id: int, agent: int = 0) -> bool:
    """Record a call; returns whether it may be made."""
    try:
        await calls.record(contact_id, Actor(f"agent {agent}"))
    except Invalid as refused:
        if refused.code is not ErrorCode.LEGAL_BASIS_REQUIRED:
            raise
        return False
    return True


async def permitted(contact_id: int, explanation: str) -> None:
    await calls.permit(contact_id, BASIS, explanation, Actor("crm"))


@pytest.mark.parametrize("callers", [2, 10])
def test_of_several_calls_on_one_permit_exactly_one_is_allowed(installation: Settings, callers: int) -> None:
    async def play() -> None:
        for n in range(5):
            contact = await opted_out_contact(f"called-by-{callers}-{n}")
            await permitted(contact, "One call.")
            answers = await asyncio.gather(*(called(contact, agent) for agent in range(callers)))
            assert sum(answers) == 1
            (row,) = await database.fetch("SELECT used_by FROM call_permits WHERE contact_id = $1", contact)
            assert row["used_by"] == f"agent {answers.index(True)}"

    on(installation, play)


def test_permits_and_calls_at_once_are_matched_one_to_one(installation: Settings) -> None:
    """A permit may come before or after a call, or replace another one: none is used twice."""

    async def play() -> None:
        for n in range(6):
            contact = await opted_out_contact(f"permitted-and-called-{n}")
            changes = [called(contact, agent) for agent in range(4)]
            permits = [permitted(contact, f"Permit {g}.") for g in range(3)]
            both = [*changes, *permits]
            random.Random(n).shuffle(both)
            done = sum(answer is True for answer in await asyncio.gather(*both))
            rows = await database.fetch("SELECT used_at FROM call_permits WHERE contact_id = $1", contact)
            assert sum(row["used_at"] is not None for row in rows) == done
            assert sum(row["used_at"] is None for row in rows) <= 1
            while await called(contact):
                done += 1
            assert done <= len(permits)

    on(installation, play)


def test_a_call_during_an_opt_out_is_recorded_before_it_or_needs_a_permit(installation: Settings) -> None:
    async def play() -> None:
        unit = (await current_catalog()).units[0]
        for n in range(6):
            row = await contacts.create(email=f"opting-out-{n}@example.com")
            assert row.email_recipient_id
            out = preferences.opt_out_of_all(row.email_recipient_id, Channel.EMAIL, unit, by_recipient())
            await asyncio.gather(called(row.id), out)
            assert not await called(row.id)

    on(installation, play)


def test_a_call_while_the_contact_is_deleted_leaves_no_permit(installation: Settings) -> None:
    async def play() -> None:
        for n in range(6):
            contact = await opted_out_contact(f"deleted-{n}")
            changes = [
                permitted(contact, "One call."),
                contacts.delete(contact),
                permitted(contact, "Again."),
            ]
            for answer in await asyncio.gather(*changes, return_exceptions=True):
                if isinstance(answer, BaseException):
                    assert isinstance(answer, Invalid), answer
            left = await database.fetch("SELECT 1 FROM call_permits WHERE contact_id = $1", contact)
            assert left == []

    on(installation, play)
