"""Demo data: two brands, a dozen types, and contacts with a plausible history, recorded by the ledger."""

from __future__ import annotations

import random
from collections.abc import Callable

from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import create_type, create_unit
from preference_center.demo import choices, text_messages, workflows
from preference_center.demo.brands import TYPES, UNITS
from preference_center.demo.history import add_history, add_pending_opt_in
from preference_center.demo.people import ADA, Person, insert_people, phone_number
from preference_center.rules.addresses import parse

__all__ = ["ADA", "load"]
_BATCH = 500
_SEED = 1815
_ENROLLED = 60
"""How many of the first contacts may be paused or enrolled in workflows."""


async def load(count: int = 200, progress: Callable[[int], None] = lambda _created: None) -> int:
    """Create the demo's brands and `count` contacts; returns how many contacts it created.

    Creates nothing if the demo's brands exist. Calls `progress` with the number of contacts of each batch.
    """
    if (await exact_catalog()).unit_by_key(UNITS[0]["key"]):
        return 0
    await _create_catalog()
    first: list[int] = []
    chance = random.Random(_SEED)  # noqa: S311 (invented data, no secret)
    for start in range(0, count, _BATCH):
        people = await insert_people(range(start, min(start + _BATCH, count)), chance)
        await add_history(people, chance)
        await text_messages.add_opt_outs([phone for _, phone in people[1:] if phone], chance)
        if start == 0:
            first = [email for email, _ in people[1:_ENROLLED]]
            await _add_examples(people[0], first, chance)
        progress(len(people))
    await workflows.enrol(await workflows.create(), first)
    return count


async def _create_catalog() -> None:
    for unit in UNITS:
        await create_unit(**unit)
    for subscription_type in TYPES:
        await create_type(**subscription_type)
    await text_messages.create_sender_numbers()


async def _add_examples(ada: Person, others: list[int], chance: random.Random) -> None:
    """Add one of everything that a demo should show, most of it to Ada."""
    await add_pending_opt_in(ada.email)
    await choices.leave_and_return(ada.email)
    await choices.pause_some(others, chance)
    await text_messages.add_unclear_message(parse(phone_number(0)))
