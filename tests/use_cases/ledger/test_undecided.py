"""Recording a change for all who have decided nothing at once writes what recording it for each does."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

from preference_center.catalog.catalog import BusinessUnit
from preference_center.catalog.changes import create_type
from preference_center.ledger.record import record, record_in_transaction
from preference_center.ledger.types import Intent, Provenance
from preference_center.ledger.undecided import record_undecided
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Actor, Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.transactions import rehearsed
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences

IN, NOT_OPTED, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
EMAIL = Channel.EMAIL
PEOPLE = 60
_STATE = """
SELECT s.recipient_id, s.channel, s.subscription_type_id, s.status, s.legal_basis, s.origin, s.occurred_at,
  s.changed_at, s.operation_id, e.recipient_id AS of_event, e.after, e.recorded_at, e.origin AS event_origin
FROM (
  SELECT recipient_id, channel, subscription_type_id, status, legal_basis, origin, occurred_at, changed_at,
    operation_id, event_id FROM preferences
  UNION ALL SELECT recipient_id, channel, business_unit_id, CASE WHEN active THEN 'ALL' ELSE 'NOT ALL' END,
    NULL, origin, occurred_at, changed_at, operation_id, event_id FROM opt_outs_of_all) s
JOIN consent_events e ON e.id = s.event_id
ORDER BY s.recipient_id, s.channel, s.subscription_type_id, s.status
"""
_EVENTS = """
SELECT recipient_id, channel, business_unit_id, subscription_type_id, before, after, superseded, origin,
  actor, legal_basis, operation_id, occurred_at, recorded_at, about_pause, paused_until, carried_from_event_id
FROM consent_events ORDER BY recipient_id, id
"""
_OTHERS = "SELECT recipient_id, subscription_type_id, operation_id FROM pending_opt_ins ORDER BY 1, 2"
Dump = list[list[tuple[Any, ...]]]


async def written() -> Dump:
    """Everything that a change writes, without ids."""
    return [[tuple(row) for row in await database.fetch(sql)] for sql in (_STATE, _EVENTS, _OTHERS)]


async def with_random_histories(brands: Brands, clock: Clock, chance: random.Random) -> list[int]:
    """People of whom about half have decided something: themselves or by the team, of a type or of all."""
    addresses = [parse(f"person.{number}@example.com") for number in range(PEOPLE)]
    ids = list((await recipients.ensure(addresses)).values())
    for recipient_id in chance.sample(ids, PEOPLE // 2):
        for _ in range(chance.randint(1, 3)):
            kind = chance.choice([brands.digest, brands.offers, brands.letters])
            status = chance.choice([IN, OUT, NOT_OPTED])
            by = chance.choice([by_recipient(), by_team()])
            await update_preferences(recipient_id, [(kind, EMAIL, status)], by)
            clock.forward(minutes=1)
        if chance.random() < 0.3:
            unit = chance.choice([brands.acme, brands.bazaar])
            await opt_out_of_all(recipient_id, unit, chance)
    return ids


async def opt_out_of_all(recipient_id: int, unit: BusinessUnit, chance: random.Random) -> None:
    """Opt out of all, and perhaps come back."""
    by = chance.choice([by_recipient(), by_team()])
    await record([Intent(recipient_id, EMAIL, OUT, unit)], by)
    if chance.random() < 0.5:
        await record([Intent(recipient_id, EMAIL, NOT_OPTED, unit)], by_recipient())


async def test_both_ways_write_the_same_for_every_change_and_history(brands: Brands, clock: Clock) -> None:
    archived = await create_type(key="old-news", business_unit="acme", name={"en": "Old news"})
    chance = random.Random(7)
    ids = await with_random_histories(brands, clock, chance)
    chance.shuffle(ids)
    at_once = 0
    targets = [(brands.acme, brands.digest), (brands.acme, brands.offers), (brands.bazaar, brands.letters),
               (brands.acme, archived), (brands.acme, None), (brands.bazaar, None)]  # fmt: skip
    origins = (ConsentOrigin.BULK_UPDATE, ConsentOrigin.IMPORT, ConsentOrigin.INTEGRATION)
    bases = (None, LegalBasis.CONSENT_WITH_NOTICE)
    for (unit, kind), status, origin, basis in product(targets, (IN, OUT, NOT_OPTED), origins, bases):
        if kind is None and status is IN:
            continue
        provenance = Provenance(
            origin, Actor("crm"), legal_basis=basis, explanation="Asked for it.", operation_id=1
        )
        intents = [Intent(recipient_id, EMAIL, status, unit, kind) for recipient_id in ids]

        async def one_by_one(intents: list[Intent] = intents, by: Provenance = provenance) -> Dump:
            await record_in_transaction(intents, by)
            return await written()

        async def all_at_once(intents: list[Intent] = intents, by: Provenance = provenance) -> Dump:
            nonlocal at_once
            recorded = await record_undecided(ids, intents[0], by)
            at_once += len(recorded)
            await record_in_transaction([each for each in intents if each.recipient_id not in recorded], by)
            return await written()

        assert await rehearsed(all_at_once) == await rehearsed(one_by_one), (unit.key, kind, status, origin)
    assert at_once > 20 * PEOPLE // 2, "the undecided were recorded at once in most cases"


async def test_a_change_that_asks_more_than_the_rules_of_each_is_left_to_them(
    brands: Brands, clock: Clock
) -> None:
    addresses = [parse(f"person.{number}@example.com") for number in range(PEOPLE)]
    ids = list((await recipients.ensure(addresses)).values())
    change = Intent(ids[0], EMAIL, OUT, brands.bazaar, brands.letters)
    bulk = Provenance(ConsentOrigin.BULK_UPDATE, Actor("crm"), explanation="Asked.", operation_id=1)

    async def recorded(change: Intent, provenance: Provenance) -> int:
        async def run() -> int:
            return len(await record_undecided(ids, change, provenance))

        return await rehearsed(run)

    assert await recorded(change, bulk) == PEOPLE
    dated = Intent(ids[0], EMAIL, OUT, brands.bazaar, brands.letters, occurred_at=clock.at)
    assert await recorded(dated, bulk) == 0, "each has a time to compare"
    with_evidence = Provenance(ConsentOrigin.INTEGRATION, Actor("crm"), explanation="Asked.")
    assert await recorded(change, with_evidence) == 0, "each has evidence to store"
    storing = by_team(ConsentOrigin.BULK_UPDATE, operation_id=1)
    assert await recorded(change, storing) == 0, "each contact may need the basis to process"
