"""Simultaneous changes: the result is that of one of their orders (R5-R12, R16, R18)."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import pytest

from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent
from preference_center.recipients import recipients
from preference_center.rules import addresses
from preference_center.rules.decisions import Accepted
from preference_center.rules.types import ConsentOrigin
from preference_center.storage import database
from preference_center.storage.connection import open_database
from tests.concurrency import clients
from tests.concurrency.clients import count_events, held, on, perform_all, provenance
from tests.concurrency.orders import Act, explained_by_an_order
from tests.journeys.catalog import ACME, ALERTS, BAZAAR, DIGEST, EMAIL, OFFERS, TYPES
from tests.journeys.model import ConsentModel
from tests.journeys.values import IN, NEITHER, OUT, ChangeRequest, Type, Unit

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PERSON_OUT = ChangeRequest(OUT, ConsentOrigin.ONE_CLICK)
PERSON_IN = ChangeRequest(IN, ConsentOrigin.PREFERENCE_PAGE)
EXPLAINED = {"legal_basis": True, "processing_basis": True, "explanation": True}
TEAM_IN = ChangeRequest(IN, ConsentOrigin.CONTACT_RECORD, **EXPLAINED)
TEAM_OUT = ChangeRequest(OUT, ConsentOrigin.CONTACT_RECORD)
TEAM_BACK = ChangeRequest(NEITHER, ConsentOrigin.CONTACT_RECORD, **EXPLAINED)
BULK_IN = ChangeRequest(IN, ConsentOrigin.BULK_UPDATE, **EXPLAINED)


async def perform_at_once(acts: list[Act], before: ConsentModel, events_before: int) -> None:
    """Perform the acts at the same time and find an order that explains the result."""
    decisions = await perform_all(acts)
    addresses_ = {act.address for act in acts}
    after = {key: value for key, value in (await held()).items() if key[0] in addresses_}
    events = await count_events() - events_before
    done = list(zip(acts, decisions, strict=True))
    assert explained_by_an_order(before, done, NOW, after, events), (done, after, events)


@pytest.mark.parametrize("about", [DIGEST, OFFERS], ids=["acme", "bazaar"])
@pytest.mark.parametrize("team", [TEAM_IN, BULK_IN], ids=["contact-record", "bulk"])
def test_alice_opts_out_while_the_team_opts_her_in(
    installation: Settings, about: Type, team: ChangeRequest
) -> None:
    """R7, R9"""

    async def play() -> None:
        for n in range(12):
            alice = f"alice-{about.key}-{team.origin.value.lower()}-{n}@example.com"
            acts = [Act(alice, EMAIL, about, PERSON_OUT), Act(alice, EMAIL, about, team)]
            await perform_at_once(acts[:: -1 if n % 2 else 1], ConsentModel(TYPES), await count_events())

    on(installation, play)


def test_eight_simultaneous_changes_of_one_recipient(installation: Settings) -> None:
    """R16, R18"""

    async def play() -> None:
        for n in range(8):
            bob, chance = f"bob-{n}@example.com", random.Random(n)
            acts = [random_act(bob, chance) for _ in range(8)]
            await perform_at_once(acts, ConsentModel(TYPES), await count_events())

    on(installation, play)


def random_act(address: str, chance: random.Random) -> Act:
    about: Type | Unit = chance.choice([DIGEST, DIGEST, ALERTS, ACME, OFFERS, BAZAAR])
    requests = [PERSON_OUT, PERSON_IN, TEAM_IN, TEAM_OUT, BULK_IN]
    if isinstance(about, Unit):
        requests = [PERSON_OUT, TEAM_OUT, TEAM_BACK, ChangeRequest(NEITHER, ConsentOrigin.PREFERENCE_PAGE)]
    return Act(address, EMAIL, about, chance.choice(requests))


def test_overlapping_batches_in_different_orders_do_not_deadlock(installation: Settings) -> None:
    """R18: recipients are locked in id order, so batches with the same recipients wait for each other."""
    charlies = [addresses.parse(f"charlie-{n}@example.com") for n in range(150)]

    async def play() -> None:
        ids = list((await recipients.ensure(charlies)).values())
        digest = (await current_catalog()).type_by_key(DIGEST.key)
        assert digest is not None

        async def batch(n: int) -> int:
            request = TEAM_IN if n % 2 else PERSON_OUT
            shuffled = random.Random(n).sample(ids, 120)
            target = (digest.business_unit, digest)
            intents = [Intent(recipient_id, EMAIL, request.status, *target) for recipient_id in shuffled]
            outcomes = await record(intents, provenance(request))
            return sum(isinstance(outcome.decision, Accepted) for outcome in outcomes)

        before = await count_events()
        effective = await asyncio.gather(*(batch(n) for n in range(10)))
        assert sum(effective) == await count_events() - before
        await check_that_each_history_is_a_chain()

    on(installation, play)


async def check_that_each_history_is_a_chain() -> None:
    """Check that each event starts from the status in which the one before it ended."""
    rows = await database.fetch(
        "SELECT recipient_id, channel, COALESCE(subscription_type_id, -business_unit_id) AS about,"
        " before, after FROM consent_events WHERE NOT superseded ORDER BY id"
    )
    last: dict[tuple[object, ...], str] = {}
    for row in rows:
        about = (row["recipient_id"], row["channel"], row["about"])
        assert row["before"] == last.get(about, "NOT_OPTED"), about
        last[about] = row["after"]


def test_two_processes_changing_one_recipient_at_once(installation: Settings) -> None:
    """R16, R18"""

    async def counted() -> tuple[object, int]:
        async with open_database(installation):
            return await held(), await count_events()

    for n in range(2):
        bob, chance = f"bob-of-two-processes-{n}@example.com", random.Random(100 + n)
        acts = [random_act(bob, chance) for _ in range(8)]
        _, before = asyncio.run(counted())
        decisions = clients.in_processes(installation, [acts[:4], acts[4:]])
        state, events = asyncio.run(counted())
        assert isinstance(state, dict)
        after = {key: value for key, value in state.items() if key[0] == bob}
        done = list(zip(acts, decisions, strict=True))
        assert explained_by_an_order(ConsentModel(TYPES), done, NOW, after, events - before), (done, after)
