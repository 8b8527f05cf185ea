"""Loops of workflows end, and long chains are cut and say so."""

from __future__ import annotations

from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import create_type
from preference_center.contacts import contacts
from preference_center.rules.types import Trigger
from preference_center.workflows.definitions import Counts, WhenPreference
from tests.conftest import ALICE, Brands, by_recipient, by_team
from tests.use_cases.enrolling import (
    CUT,
    DONE,
    IN,
    NEITHER,
    counts,
    enrolments,
    made,
    run,
    say,
    setting,
    statuses,
    told,
)

CREATED, CHANGED = Trigger.CONTACT_CREATED, Trigger.PREFERENCE_CHANGED


async def test_a_workflow_is_not_set_off_by_its_own_doing(brands: Brands) -> None:
    """R16 alone would not end it: it says the other thing each time."""
    there_and_back = await made(
        CHANGED, actions=[setting("letters"), setting("letters", status=NEITHER)], reenroll=True
    )
    alice = await contacts.create(email=ALICE)
    await say(alice, brands.alerts, IN, by_team())
    await run()
    assert await told(there_and_back) == [(alice.id, DONE, ["CHANGED", "CHANGED"])]


async def test_two_that_undo_each_other_come_to_an_end(brands: Brands) -> None:
    """Each runs once for what the person did, however the two go on about it."""
    on = await made(
        CHANGED,
        name="On",
        when_preference=WhenPreference("letters", None, NEITHER),
        actions=[setting("letters")],
        reenroll=True,
    )
    off = await made(
        CHANGED,
        name="Off",
        when_preference=WhenPreference("letters", None, IN),
        actions=[setting("letters", status=NEITHER)],
        reenroll=True,
    )
    alice = await contacts.create(email=ALICE)
    await say(alice, brands.letters, IN, by_recipient())
    await run()
    assert [len(await told(one)) for one in (off, on)] == [1, 1]
    assert await statuses(alice) == {"letters": "OPTED_IN"}


async def test_a_long_chain_is_cut_and_says_so(brands: Brands) -> None:
    """Seven in a row, each set off by the one before: the sixth enrols nobody, the seventh hears nothing."""
    unit = brands.bazaar.key
    keys = [f"step-{number}" for number in range(7)]
    for key in keys:
        await create_type(key=key, business_unit=unit, name={"en": key})
    chain = [await made(CREATED, name="0", actions=[setting(keys[0])])]
    for number in range(1, 7):
        when = WhenPreference(keys[number - 1], None, IN)
        chain.append(
            await made(CHANGED, name=str(number), when_preference=when, actions=[setting(keys[number])])
        )
    alice = await contacts.create(email=ALICE)
    await run()
    states = [[row.state for row in await enrolments(one)] for one in chain]
    assert states == [*[[DONE]] * 5, [CUT], []]
    [cut] = await enrolments(chain[5])
    assert (cut.contact_id, cut.results) == (alice.id, ())
    assert cut.error is not None
    assert "More than 5" in cut.error
    assert await counts(chain[5]) == Counts(cut=1)
    assert set(await statuses(alice)) == set(keys[:5])
    fifth = (await exact_catalog()).type_by_key(keys[4])
    assert fifth is not None
    await say(alice, fifth, NEITHER, by_team())
    await say(alice, fifth, IN, by_team())
    await run()
    assert [row.state for row in await enrolments(chain[5])] == [CUT, DONE]
