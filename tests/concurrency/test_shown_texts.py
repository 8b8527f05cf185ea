"""Texts shown at the same moment: stored once (R18), not deleted while evidence refers to them (R36)."""

from __future__ import annotations

import asyncio
from functools import partial

from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.erasure import erase as erasure
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import EvidenceFacts, Intent, Provenance
from preference_center.rules.types import RECIPIENT, Actor, Channel, ConsentOrigin
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from tests.concurrency.clients import on, recipient_named, run_while_uncommitted
from tests.journeys.catalog import DIGEST
from tests.journeys.values import OUT

ROUNDS = 5


async def opt_out_in_transaction(recipient_id: int, text: str, *, own_page: bool) -> None:
    """Opt out a recipient who was shown, or wrote, the text."""
    subscription_type = (await current_catalog()).type_by_key(DIGEST.key)
    assert subscription_type is not None
    provenance = Provenance(
        ConsentOrigin.PREFERENCE_PAGE, RECIPIENT, evidence=EvidenceFacts(shown_text=text, own_page=own_page)
    )
    unit = subscription_type.business_unit
    await record_in_transaction(
        [Intent(recipient_id, Channel.EMAIL, OUT, unit, subscription_type)], provenance
    )


opt_out = transaction(opt_out_in_transaction)


async def ids_of(text: str) -> list[int]:
    return [row["id"] for row in await database.fetch("SELECT id FROM shown_wordings WHERE text = $1", text)]


async def recipients_shown(text: str) -> list[int]:
    """The recipients whose evidence refers to the text."""
    rows = await database.fetch(
        "SELECT e.recipient_id FROM consent_events e JOIN evidence v ON v.event_id = e.id"
        " JOIN shown_wordings w ON w.id = v.wording_id WHERE w.text = $1 ORDER BY e.recipient_id",
        text,
    )
    return [row["recipient_id"] for row in rows]


def test_a_new_text_stored_by_many_at_once_is_one_row(installation: Settings) -> None:
    """R18"""

    async def play() -> None:
        for n in range(ROUNDS):
            for own_page in (True, False):
                text = f"version {n} of {own_page}"
                ids = [await recipient_named(f"reader-{n}-{own_page}-{m}") for m in range(6)]
                await asyncio.gather(
                    *(opt_out(recipient_id, text, own_page=own_page) for recipient_id in ids)
                )
                assert len(await ids_of(text)) == 1
                assert await recipients_shown(text) == ids

    on(installation, play)


def test_a_text_stored_in_an_open_transaction_is_waited_for(installation: Settings) -> None:
    """R18"""

    async def play() -> None:
        for own_page in (True, False):
            text = f"stored elsewhere, {own_page}"
            first = await recipient_named(f"first-{own_page}")
            second = await recipient_named(f"second-{own_page}")
            await run_while_uncommitted(
                partial(opt_out_in_transaction, first, text, own_page=own_page),
                partial(opt_out, second, text, own_page=own_page),
            )
            assert len(await ids_of(text)) == 1
            assert await recipients_shown(text) == [first, second]

    on(installation, play)


def test_a_text_referred_to_while_it_is_erased_is_stored_again(installation: Settings) -> None:
    """R36"""

    async def play() -> None:
        alice, bob = await recipient_named("erased-first"), await recipient_named("agreeing-last")
        await opt_out(alice, "agreed", own_page=False)
        await run_while_uncommitted(
            lambda: erasure._erase([], [alice], erasure._Request(Actor("crm"))),
            lambda: opt_out(bob, "agreed", own_page=False),
        )
        assert await recipients_shown("agreed") == [bob]

    on(installation, play)


def test_a_text_referred_to_before_its_erasure_stays(installation: Settings) -> None:
    """R36"""

    async def play() -> None:
        alice, bob = await recipient_named("erased-last"), await recipient_named("agreeing-first")
        await opt_out(alice, "agreed too", own_page=False)
        await run_while_uncommitted(
            lambda: opt_out_in_transaction(bob, "agreed too", own_page=False),
            lambda: erasure.erase_recipient(alice, Actor("crm")),
        )
        assert await recipients_shown("agreed too") == [bob]

    on(installation, play)


def test_a_text_given_by_several_is_not_erased_with_one_of_them(installation: Settings) -> None:
    """R36"""

    async def play() -> None:
        for n in range(ROUNDS):
            text = f"I agree, version {n}"
            alice = await recipient_named(f"leaving-{n}")
            others = [await recipient_named(f"agreeing-{n}-{m}") for m in range(4)]
            await opt_out(alice, text, own_page=False)
            acts = [opt_out(recipient_id, text, own_page=False) for recipient_id in others]
            acts.insert(n % 5, erasure.erase_recipient(alice, Actor("crm")))
            await asyncio.gather(*acts)
            assert len(await ids_of(text)) == 1
            assert await recipients_shown(text) == others

    on(installation, play)


def test_two_recipients_erased_at_once_leave_no_text_that_only_they_gave(installation: Settings) -> None:
    """R36"""

    async def play() -> None:
        for n in range(ROUNDS):
            text = f"we both agree, version {n}"
            both = [await recipient_named(f"leaving-{n}-{m}") for m in range(2)]
            for recipient_id in both:
                await opt_out(recipient_id, text, own_page=False)
            await asyncio.gather(
                *(erasure.erase_recipient(recipient_id, Actor("crm")) for recipient_id in both)
            )
            assert await ids_of(text) == []

    on(installation, play)
