"""Loops of workflows end, and long chains are cut and recorded as cut."""

from __future__ import annotations

from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import create_type
from preference_center.contacts import contacts
from preference_center.rules.types import Trigger
from preference_center.rules.workflows import Counts, WhenPreference
from tests.conftest import ALICE, Brands, by_recipient, by_team
from tests.use_cases.workflows.enrolling import (
    CUT,
    DONE,
    IN,
    NEITHER,
    change,
    counts,
    create_workflow,
    enrolments,
    outcomes,
    run_all,
    set_status,
    statuses,
)

CREATED, CHANGED = Trigger.CONTACT_CREATED, Trigger.PREFERENCE_CHANGED


async def test_a_workflow_does_not_trigger_itself(brands: Brands) -> None:
    """R16 alone would not end the loop: each run makes the opposite change."""
    back_and_forth = await create_workflow(
        CHANGED, actions=[set_status("letters"), set_status("letters", status=NEITHER)], reenroll=True
    )
    alice = await contacts.create(email=ALICE)
    await change(alice, brands.alerts, IN, by_team())
    await run_all()
    assert await outcomes(back_and_forth) == [(alice.id, DONE, ["CHANGED", "CHANGED"])]


async def test_two_workflows_that_reverse_each_other_stop(brands: Brands) -> None:
    """Each runs once for the person's own change."""
    on = await create_workflow(
        CHANGED,
        name="On",
        when_preference=WhenPreference("letters", None, NEITHER),
        actions=[set_status("letters")],
        reenroll=True,
    )
    off = await create_workflow(
        CHANGED,
        name="Off",
        when_preference=WhenPreference("letters", None, IN),
        actions=[set_status("letters", status=NEITHER)],
        reenroll=True,
    )
    alice = await contacts.create(email=ALICE)
    await change(alice, brands.letters, IN, by_recipient())
    await run_all()
    assert [len(await outcomes(workflow)) for workflow in (off, on)] == [1, 1]
    assert await statuses(alice) == {"letters": "OPTED_IN"}


async def test_a_long_chain_is_cut_and_recorded_as_cut(brands: Brands) -> None:
    """Seven workflows, each triggered by the one before: the sixth is cut, the seventh is not triggered."""
    unit = brands.bazaar.key
    keys = [f"step-{number}" for number in range(7)]
    for key in keys:
        await create_type(key=key, business_unit=unit, name={"en": key})
    chain = [await create_workflow(CREATED, name="0", actions=[set_status(keys[0])])]
    for number in range(1, 7):
        when = WhenPreference(keys[number - 1], None, IN)
        chain.append(
            await create_workflow(
                CHANGED, name=str(number), when_preference=when, actions=[set_status(keys[number])]
            )
        )
    alice = await contacts.create(email=ALICE)
    await run_all()
    states = [[row.state for row in await enrolments(workflow)] for workflow in chain]
    assert states == [*[[DONE]] * 5, [CUT], []]
    [cut] = await enrolments(chain[5])
    assert (cut.contact_id, cut.results) == (alice.id, ())
    assert cut.error is not None
    assert "More than 5" in cut.error
    assert await counts(chain[5]) == Counts(cut=1)
    assert set(await statuses(alice)) == set(keys[:5])
    fifth = (await exact_catalog()).type_by_key(keys[4])
    assert fifth is not None
    await change(alice, fifth, NEITHER, by_team())
    await change(alice, fifth, IN, by_team())
    await run_all()
    assert [row.state for row in await enrolments(chain[5])] == [CUT, DONE]
