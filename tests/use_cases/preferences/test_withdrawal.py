"""Withdrawals through a link: what they opt out of (R24, R31, R32), and who can undo them."""

from __future__ import annotations

import pytest

from preference_center.catalog.catalog import exact_catalog
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import EvidenceFacts, Intent
from preference_center.links.claims import Target, Withdrawal
from preference_center.preferences import changes as preferences
from preference_center.preferences import withdrawal
from preference_center.preferences.withdrawal import opt_out_event_ids, undo, withdraw, withdrawal_target
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.references import type_reference, unit_reference
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, RecipientKind
from tests.conftest import ALICE, Brands, by_recipient, by_team, update_preferences

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
ON_THE_PAGE = by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK, evidence=EvidenceFacts(shown_text="[Unsubscribe]"))


async def status_of(recipient_id: int, subscription_type_id: int) -> PreferenceStatus:
    preference = (await read_states([recipient_id]))[recipient_id].preferences[subscription_type_id, EMAIL]
    return preference.status


async def opt_in_and_out(brands: Brands, recipient_id: int) -> int:
    """Opt a recipient in to the digest and out again on the page; the id of the opt-out's event."""
    await update_preferences(recipient_id, [(brands.digest, EMAIL, IN)], by_team())
    [outcome] = await update_preferences(recipient_id, [(brands.digest, EMAIL, OUT)], ON_THE_PAGE)
    assert outcome.event_id
    return outcome.event_id


@pytest.mark.parametrize(
    ("target", "reference", "withdrawn"),
    [
        (Target.TYPE, type_reference("weekly-digest"), ("weekly-digest", ["acme"], None)),
        (Target.TYPE, type_reference("receipts"), (None, ["acme"], "receipts")),
        (Target.TYPE, type_reference("unknown"), (None, ["acme", "bazaar"], None)),
        (Target.UNIT, unit_reference("bazaar"), (None, ["bazaar"], None)),
        (Target.UNIT, unit_reference("unknown"), (None, ["acme", "bazaar"], None)),
        (Target.ALL_UNITS, b"", (None, ["acme", "bazaar"], None)),
    ],
    ids=["type", "transactional type", "unknown type", "unit", "unknown unit", "all units"],
)
async def test_a_link_withdraws_its_type_or_all_of_its_units(
    brands: Brands, target: Target, reference: bytes, withdrawn: tuple[str | None, list[str], str | None]
) -> None:
    """R24, R31, R34: of a transactional type all of its unit, of something unknown all units."""
    link = Withdrawal(b"f" * 16, EMAIL, target, reference)
    found = withdrawal_target(link, await exact_catalog())
    assert (
        found.subscription_type.key if found.subscription_type else None,
        [unit.key for unit in found.business_units],
        found.transactional_type.key if found.transactional_type else None,
    ) == withdrawn


async def test_a_withdrawal_of_an_unknown_recipient_holds_once_the_address_is_added(brands: Brands) -> None:
    """R32"""
    address = parse(ALICE)
    link = Withdrawal(recipients.fingerprint_of(address), EMAIL, Target.UNIT, unit_reference("acme"))
    target = withdrawal_target(link, await exact_catalog())
    [outcome] = await withdraw(RecipientKind.EMAIL, link.fingerprint, target, ON_THE_PAGE)
    assert outcome.changed
    recipient_id = (await recipients.ensure([address]))[address]
    assert list((await read_states([recipient_id]))[recipient_id].opt_outs_of_all) == [
        (brands.acme.id, EMAIL)
    ]


async def test_only_opt_outs_that_changed_a_status_can_be_undone(brands: Brands, alice: int) -> None:
    """R11: taking over the team's opt-out turned nothing off."""
    await update_preferences(alice, [(brands.letters, EMAIL, OUT)], by_team())
    changes = [(brands.digest, EMAIL, OUT), (brands.letters, EMAIL, OUT), (brands.alerts, EMAIL, IN)]
    outcomes = await update_preferences(alice, changes, ON_THE_PAGE)
    assert [outcome.changed for outcome in outcomes] == [True, True, True]
    assert opt_out_event_ids(outcomes) == [outcomes[0].event_id]


async def test_an_undo_restores_what_was_before_and_only_once(brands: Brands, alice: int) -> None:
    """R31, R20"""
    event_id = await opt_in_and_out(brands, alice)
    [undone] = await undo([event_id], alice, by_recipient())
    assert undone.status is IN
    assert await undo([event_id], alice, by_recipient()) == []


async def test_an_undo_restores_nothing_that_has_changed_since(brands: Brands, alice: int) -> None:
    event_id = await opt_in_and_out(brands, alice)
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    assert await undo([event_id], alice, by_recipient()) == []


async def test_an_undo_restores_nothing_of_another_recipient(brands: Brands, alice: int, bob: int) -> None:
    event_id = await opt_in_and_out(brands, bob)
    assert await undo([event_id], alice, by_recipient()) == []
    assert await status_of(bob, brands.digest.id) is OUT


async def test_an_undo_with_events_of_two_recipients_restores_nothing(
    brands: Brands, alice: int, bob: int
) -> None:
    own, foreign = await opt_in_and_out(brands, alice), await opt_in_and_out(brands, bob)
    for recipient_id in (alice, bob):
        assert await undo([own, foreign], recipient_id, by_recipient()) == []
    assert [await status_of(id_, brands.digest.id) for id_ in (alice, bob)] == [OUT, OUT]


async def test_an_undo_sees_a_change_that_was_made_while_it_waited_for_the_lock(
    brands: Brands, alice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = await opt_in_and_out(brands, alice)
    lock_recipients = withdrawal.lock_recipients

    async def lock_after_another_change(recipient_ids: list[int]) -> object:
        opt_in = Intent(alice, EMAIL, IN, brands.acme, brands.digest)
        opt_out = Intent(alice, EMAIL, OUT, brands.acme, brands.digest)
        await record_in_transaction([opt_in, opt_out], by_recipient())
        return await lock_recipients(recipient_ids)

    monkeypatch.setattr(withdrawal, "lock_recipients", lock_after_another_change)
    assert await undo([event_id], alice, by_recipient()) == []
    assert await status_of(alice, brands.digest.id) is OUT
