"""Enrolling contacts in workflows, by events and on request, against a bulk update of the same contacts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import mean

from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import create_type, create_unit
from preference_center.contacts.filter import ContactFilter
from preference_center.errors import Invalid
from preference_center.jobs import HANDLERS
from preference_center.operations import bulk_updates, operations
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.rules.types import Actor, Channel, LegalBasis, PreferenceStatus, Trigger
from preference_center.rules.workflows import Action
from preference_center.storage import database
from preference_center.workflows import definitions, manual_enrolment
from preference_center.workflows import runner as workflow_runner
from tests.benchmarks.harness.databases import Installation, opened
from tests.benchmarks.harness.report import Line, rate
from tests.benchmarks.harness.side_by_side import Bench

AT_LEAST = 0.34
"""A third, and a little."""
_BULK, _BY_EVENTS, _BY_HAND, _AGAIN = "flows-bulk", "flows-events", "flows-hand", "flows-bulk-again"
_WHY = "They asked for it."
_BASIS = LegalBasis.CONSENT_WITH_NOTICE
_CREATED = "INSERT INTO workflow_triggers (kind, contact_id, created_at) SELECT 'CONTACT_CREATED', id, $1"
Act = Callable[[], Awaitable[int]]


def enrolling(bench: Bench, of: Installation) -> list[Line]:
    """All contacts of an installation, each time opted in to a new type."""
    return asyncio.run(_measured(bench, of))


async def _measured(bench: Bench, of: Installation) -> list[Line]:
    acts: dict[str, Act] = {
        _BULK: lambda: _bulk(_BULK),
        _BY_EVENTS: _by_events,
        _BY_HAND: _by_hand,
        _AGAIN: lambda: _bulk(_AGAIN),
    }
    task = bench.progress.add_task(f"enrolling {of.contacts:,} contacts", total=len(acts))
    rates = {}
    async with opened(of.settings):
        await _make_types(list(acts))
        await database.execute(f"{_CREATED} FROM contacts ORDER BY id", database.now())
        for key, act in acts.items():
            rates[key] = await _rate(act, of.contacts)
            bench.progress.advance(task)
    bulk = mean([rates[_BULK], rates[_AGAIN]])
    return [
        Line(
            f"enrolments of {of.contacts:,} contacts {by} / a bulk update",
            rate(rates[key]),
            rate(bulk),
            rates[key] / bulk,
            at_least=AT_LEAST,
        )
        for key, by in ((_BY_EVENTS, "by events"), (_BY_HAND, "by hand"))
    ]


async def _make_types(keys: list[str]) -> None:
    try:
        await create_unit(key="flows", name="Flows", data_privacy=False)
        for key in keys:
            await create_type(key=key, business_unit="flows", name={"en": key})
        for key, trigger in ((_BY_EVENTS, Trigger.CONTACT_CREATED), (_BY_HAND, Trigger.MANUAL)):
            action = Action(Channel.EMAIL, (key,), PreferenceStatus.OPTED_IN, _BASIS, _WHY)
            await definitions.create(name=key, triggers=[trigger], actions=[action])
    except Invalid as error:
        raise SystemExit("workflows need a database of their own: run them without --keep") from error


async def _rate(act: Act, contacts: int) -> float:
    """The contacts a second, each of which must change."""
    begin = time.perf_counter()
    changed = await act()
    seconds = time.perf_counter() - begin
    assert changed == contacts, (changed, contacts)
    return contacts / seconds


async def _bulk(key: str) -> int:
    kind = (await exact_catalog()).type_by_key(key)
    assert kind is not None
    status = PreferenceStatus.OPTED_IN
    wish = BulkUpdate(ContactFilter(), Channel.EMAIL, [kind], status, explanation=_WHY, legal_basis=_BASIS)
    return await _changed(await bulk_updates.enqueue(wish, Actor("bench")))


async def _by_events() -> int:
    while await workflow_runner.run_due():
        pass
    return next(one.counts.changed for one in await definitions.list_all() if one.name == _BY_EVENTS)


async def _by_hand() -> int:
    number = next(one.id for one in await definitions.list_all() if one.name == _BY_HAND)
    return await _changed(await manual_enrolment.enqueue(number, ContactFilter(), Actor("bench")))


async def _changed(asked: OperationRow) -> int:
    while await run_next(HANDLERS, only=asked.id):
        pass
    done = await operations.get(asked.id)
    assert done is not None
    return done.changed
