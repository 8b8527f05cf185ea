"""Wordings at the same moment: stored once by all who store them (R18), deleted under no hands (R36)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.erasure import erase as erasure
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import EvidenceFacts, Intent, Provenance
from preference_center.recipients import recipients
from preference_center.rules import addresses
from preference_center.rules.types import RECIPIENT, Actor, Channel, ConsentOrigin
from preference_center.storage import database, transactions
from tests.concurrency.clients import on
from tests.journeys.cast import DIGEST
from tests.journeys.model import OUT

ROUNDS = 5
WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
Act = Callable[[], Awaitable[None]]


async def known(name: str) -> int:
    """The recipient of an address of that name."""
    address = addresses.parse(f"{name}@example.com")
    return (await recipients.ensure([address]))[address]


async def opt_out_within(person: int, text: str, *, own_page: bool) -> None:
    """Opt somebody out who read or said the text."""
    kind = (await current_catalog()).type_by_key(DIGEST.key)
    assert kind is not None
    source = Provenance(
        ConsentOrigin.PREFERENCE_PAGE, RECIPIENT, evidence=EvidenceFacts(shown_text=text, own_page=own_page)
    )
    await record_in_transaction([Intent(person, Channel.EMAIL, OUT, kind.business_unit, kind)], source)


async def opt_out(person: int, text: str, *, own_page: bool) -> None:
    """The same in a transaction of its own."""

    async def once() -> None:
        async with transactions.write_transaction():
            await opt_out_within(person, text, own_page=own_page)

    await transactions.retried(once)


async def rows_of(text: str) -> list[int]:
    return [row["id"] for row in await database.fetch("SELECT id FROM shown_wordings WHERE text = $1", text)]


async def readers_of(text: str) -> list[int]:
    """Whose events refer to the text."""
    rows = await database.fetch(
        "SELECT e.recipient_id FROM consent_events e JOIN evidence v ON v.event_id = e.id"
        " JOIN shown_wordings w ON w.id = v.wording_id WHERE w.text = $1 ORDER BY e.recipient_id",
        text,
    )
    return [row["recipient_id"] for row in rows]


def test_a_new_wording_that_many_store_at_once_is_one_row(stage: Settings) -> None:  # R18
    async def play() -> None:
        for n in range(ROUNDS):
            for own_page in (True, False):
                text = f"version {n} of {own_page}"
                people = [await known(f"reader-{n}-{own_page}-{m}") for m in range(6)]
                await asyncio.gather(*(opt_out(one, text, own_page=own_page) for one in people))
                assert len(await rows_of(text)) == 1
                assert await readers_of(text) == people

    on(stage, play)


async def while_it_lasts(first: Act, second: Act) -> None:
    """Do the second act while the first is done but not committed: until it waits for that, or is through.

    On SQLite nothing begins before the first is through.
    """
    begun, through = asyncio.Event(), asyncio.Event()

    async def holding() -> None:
        async with transactions.write_transaction():
            await first()
            begun.set()
            while database.dialect() == "postgres" and not through.is_set():
                if await database.fetch(WAITS):
                    return

    async def coming() -> None:
        await begun.wait()
        await second()
        through.set()

    await asyncio.gather(holding(), coming())


def test_a_new_wording_that_another_transaction_holds_is_waited_for(stage: Settings) -> None:  # R18
    async def play() -> None:
        for own_page in (True, False):
            text = f"held by another, {own_page}"
            people = [await known(f"holding-{own_page}"), await known(f"coming-{own_page}")]
            first, second = people
            await while_it_lasts(
                partial(opt_out_within, first, text, own_page=own_page),
                partial(opt_out, second, text, own_page=own_page),
            )
            assert len(await rows_of(text)) == 1
            assert await readers_of(text) == people

    on(stage, play)


def test_who_refers_to_a_wording_while_it_is_erased_stores_it_again(stage: Settings) -> None:  # R36
    async def play() -> None:
        alice, bob = await known("erased-first"), await known("agreeing-last")
        await opt_out(alice, "agreed", own_page=False)
        await while_it_lasts(
            lambda: erasure._erase([], [alice], Actor("crm")), lambda: opt_out(bob, "agreed", own_page=False)
        )
        assert await readers_of("agreed") == [bob]

    on(stage, play)


def test_a_wording_stays_for_who_refers_to_it_while_it_would_be_erased(stage: Settings) -> None:  # R36
    async def play() -> None:
        alice, bob = await known("erased-last"), await known("agreeing-first")
        await opt_out(alice, "agreed too", own_page=False)
        await while_it_lasts(
            lambda: opt_out_within(bob, "agreed too", own_page=False),
            lambda: erasure.erase_recipient(alice, Actor("crm")),
        )
        assert await readers_of("agreed too") == [bob]

    on(stage, play)


def test_a_given_wording_is_not_erased_under_the_hands_of_who_refers_to_it(stage: Settings) -> None:  # R36
    async def play() -> None:
        for n in range(ROUNDS):
            text = f"I agree, number {n}"
            alice = await known(f"leaving-{n}")
            bobs = [await known(f"agreeing-{n}-{m}") for m in range(4)]
            await opt_out(alice, text, own_page=False)
            acts = [opt_out(bob, text, own_page=False) for bob in bobs]
            acts.insert(n % 5, erasure.erase_recipient(alice, Actor("crm")))
            await asyncio.gather(*acts)
            assert len(await rows_of(text)) == 1
            assert await readers_of(text) == bobs

    on(stage, play)


def test_two_who_are_erased_at_once_leave_no_wording_that_only_they_gave(stage: Settings) -> None:  # R36
    async def play() -> None:
        for n in range(ROUNDS):
            text = f"we both agree, number {n}"
            both = [await known(f"leaving-{n}-{m}") for m in range(2)]
            for one in both:
                await opt_out(one, text, own_page=False)
            await asyncio.gather(*(erasure.erase_recipient(one, Actor("crm")) for one in both))
            assert await rows_of(text) == []

    on(stage, play)
