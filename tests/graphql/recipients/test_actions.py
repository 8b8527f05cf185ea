"""What the API says may be done is what it then accepts, and nothing else (R5-R9, R19)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest

from preference_center.catalog import changes as catalog
from preference_center.contacts import contacts
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import (
    Channel,
    ConsentOrigin,
    LegalBasis,
    PreferenceStatus,
    ResubscribePolicy,
)
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences
from tests.graphql.conftest import Api, token
from tests.graphql.many_contacts import create_contacts
from tests.graphql.statements import CountedStatements

EMAIL = Channel.EMAIL
IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
ACTION = "{ allowed code message requires }"
ACTIONS = (
    f"actions {{ subscribe {ACTION} resubscribe {ACTION} unsubscribe {ACTION} resendConfirmation {ACTION} }}"
)
STATES = f"""query ($by: RecipientRef!) {{ recipient(by: $by) {{
  preferences {{ subscriptionType {{ key }} status pendingOptIn {{ origin }} {ACTIONS} }}
  optOutsOfAll {{ businessUnit {{ key }} removable {ACTION} }} }} }}"""
UPDATE = """mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) {
  outcomes { subscriptionType { key } changed pending error { code } } } }"""
REMOVE = """mutation ($i: RemoveOptOutOfAllInput!) { removeOptOutOfAll(input: $i) { userErrors { code } } }"""
RESEND = """mutation ($i: ResendConfirmationInput!) { resendConfirmation(input: $i) {
  userErrors { code } } }"""
GIFTS = {
    "LEGAL_BASIS": ("legalBasis", "CONSENT_WITH_NOTICE"),
    "PROCESSING_BASIS": ("processingBasis", "PROCESS_AND_STORE"),
    "EXPLANATION": ("explanation", "Asked at the fair."),
}
STATUSES = {"subscribe": "OPTED_IN", "resubscribe": "OPTED_IN", "unsubscribe": "OPTED_OUT"}


def gifts(required: Iterable[str]) -> dict[str, str]:
    return dict(GIFTS[name] for name in required)


async def every_state(brands: Brands) -> list[str]:
    """Addresses about which everything was decided that can be, with and without a basis to process."""
    addresses = []
    makers = {"team": by_team(processing_basis=None), "recipient": by_recipient()}
    of_all = {"none": None, **makers}
    for status, maker, opted_out_by, has_basis in product(PreferenceStatus, makers, of_all, (False, True)):
        address = f"{status.name}.{maker}.{opted_out_by}.{has_basis}@example.com".lower()
        addresses.append(address)
        basis = LegalBasis.PROCESS_AND_STORE
        recipient_id = (await recipients.ensure([parse(address)]))[parse(address)]
        # The team needs the basis to opt in; without it, it is taken back.
        row = await contacts.create(email=address, processing_basis=basis)
        types = (brands.digest, brands.offers, brands.internal, brands.letters)
        if status is not NEITHER:
            await update_preferences(recipient_id, [(each, EMAIL, status) for each in types], makers[maker])
        if not has_basis:
            await contacts.update(row.id, processing_basis=None)
        if by := of_all[opted_out_by]:
            for unit in (brands.acme, brands.bazaar):
                await preferences.opt_out_of_all(recipient_id, EMAIL, unit, by)
    return addresses


async def accepted(api: Api, address: str, status: str, keys: list[str], given: dict[str, str]) -> set[str]:
    """The types whose change is accepted, with effect now or once the recipient confirms."""
    changes = [{"subscriptionType": key, "status": status} for key in keys]
    i = {"recipient": {"email": address}, "changes": changes, "dryRun": True, **given}
    outcomes = (await api.execute(UPDATE, i=i))["outcomes"]
    return {
        each["subscriptionType"]["key"]
        for each in outcomes
        if (each["changed"] or each["pending"]) and each["error"] is None
    }


async def check(api: Api, address: str, name: str, states: dict[str, Any]) -> None:
    """Compare an action of every preference of a recipient with what an update then does."""
    allowed: dict[tuple[str, ...], list[str]] = {}
    for key, state in states.items():
        if state["allowed"]:
            assert (state["code"], state["message"]) == (None, None)
            allowed.setdefault(tuple(state["requires"]), []).append(key)
        else:
            assert state["code"]
            assert state["message"]
    for required, keys in allowed.items():
        assert await accepted(api, address, STATUSES[name], keys, gifts(required)) == set(keys)
        for left_out in required:
            given = gifts(set(required) - {left_out})
            assert await accepted(api, address, STATUSES[name], keys, given) == set()


@pytest.mark.parametrize("origin", [ConsentOrigin.CONTACT_RECORD, ConsentOrigin.INTEGRATION])
@pytest.mark.parametrize("policy", ResubscribePolicy)
async def test_an_update_with_exactly_what_an_action_requires_is_accepted_if_it_is_allowed(
    api: Api, brands: Brands, origin: ConsentOrigin, policy: ResubscribePolicy
) -> None:
    await catalog.update_unit("acme", resubscribe=policy)
    await catalog.archive_type("internal-notes")
    caller = api.using(await token("admin", origin=origin))
    for address in (await every_state(brands))[:: 1 if policy is ResubscribePolicy.RECIPIENT_ONLY else 2]:
        found = await caller.execute(STATES, by={"email": address})
        actions = {each["subscriptionType"]["key"]: each["actions"] for each in found["preferences"]}
        for name in STATUSES:
            await check(caller, address, name, {key: each[name] for key, each in actions.items()})
        waiting = {each["subscriptionType"]["key"] for each in found["preferences"] if each["pendingOptIn"]}
        opting_in = [
            key
            for key, each in actions.items()
            if not each["subscribe"]["allowed"] and not each["resubscribe"]["allowed"] and key not in waiting
        ]
        assert await accepted(caller, address, "OPTED_IN", opting_in, gifts(GIFTS)) == set()
        staying = [key for key, each in actions.items() if not each["unsubscribe"]["allowed"]]
        assert await accepted(caller, address, "OPTED_OUT", staying, {}) == set()


@pytest.mark.parametrize("origin", [ConsentOrigin.CONTACT_RECORD, ConsentOrigin.INTEGRATION])
async def test_an_opt_out_of_all_is_removed_with_exactly_what_it_requires_if_it_is_removable(
    api: Api, brands: Brands, alice: int, bob: int, origin: ConsentOrigin
) -> None:
    """R8."""
    caller = api.using(await token("admin", origin=origin))
    for recipient_id, by in ((alice, by_team()), (bob, by_recipient())):
        for unit in (brands.acme, brands.bazaar):
            await preferences.opt_out_of_all(recipient_id, EMAIL, unit, by)
    for address, allowed in (("alice@example.com", True), ("bob@example.com", False)):
        found = await caller.execute(STATES, by={"email": address})
        for opt_out in found["optOutsOfAll"]:
            removable, unit = opt_out["removable"], opt_out["businessUnit"]["key"]
            assert removable["allowed"] is allowed
            assert removable["code"] == (None if allowed else "OPTED_OUT_BY_RECIPIENT")
            i = {"recipient": {"email": address}, "businessUnit": unit, "explanation": ""}
            for left_out in removable["requires"]:
                fewer = {**i, **gifts(set(removable["requires"]) - {left_out})}
                assert (await caller.execute(REMOVE, i=fewer))["userErrors"]
            errors = (await caller.execute(REMOVE, i={**i, **gifts(removable["requires"])}))["userErrors"]
            assert (errors == []) is allowed


async def test_a_confirmation_is_sent_again_if_the_action_is_allowed(
    api: Api, brands: Brands, alice: int, clock: Clock
) -> None:
    """R19: not before 10 minutes have passed, 5 times at most."""
    i = {"recipient": {"email": "alice@example.com"}, "subscriptionType": "offers"}

    async def offers() -> Any:
        found = await api.execute(STATES, by={"email": "alice@example.com"})
        return next(each for each in found["preferences"] if each["subscriptionType"]["key"] == "offers")

    assert (await offers())["actions"]["resendConfirmation"]["code"] == "NOT_FOUND"
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    sent = []
    for _ in range(12):
        state = (await offers())["actions"]["resendConfirmation"]
        errors = (await api.execute(RESEND, i=i))["userErrors"]
        assert state["allowed"] is (errors == [])
        assert state["code"] == (errors[0]["code"] if errors else None)
        sent.append(state["allowed"])
        clock.forward(minutes=5)
    assert sent.count(True) == 4
    assert (await offers())["actions"]["subscribe"]["code"] == "ALREADY_EXISTS"
    clock.forward(days=7)
    assert (await offers())["actions"]["resendConfirmation"]["code"] == "NOT_FOUND"


async def test_a_token_without_the_scope_is_told_that_it_lacks_it_and_nothing_else(
    api: Api, brands: Brands, alice: int
) -> None:
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_team())
    found = await api.using(await token("preferences:read")).execute(
        STATES, by={"email": "alice@example.com"}
    )
    states = [each["actions"][name] for each in found["preferences"] for name in STATUSES]
    states += [each["removable"] for each in found["optOutsOfAll"]]
    refused = {
        "allowed": False,
        "code": "FORBIDDEN",
        "message": "This token lacks the scope preferences:write. Use a token that has it.",
        "requires": [],
    }
    assert states
    assert all(state == refused for state in states)
    resending = {each["actions"]["resendConfirmation"]["message"] for each in found["preferences"]}
    assert resending == {"This token lacks the scope links:create. Use a token that has it."}


async def test_what_may_be_done_to_a_list_takes_two_statements_more(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 30)
    lists = """query ($n: Int!) { contacts(first: $n) { nodes {
      preferences { status eligibility { allowed } %s } } } }"""
    await api.execute(lists % ACTIONS, n=3)
    counted = CountedStatements(monkeypatch)
    taken = []
    for document, size in ((lists % "", 3), (lists % ACTIONS, 3), (lists % ACTIONS, 30)):
        counted.take()
        await api.execute(document, n=size)
        taken.append(counted.take())
    # Without actions one statement reads contacts with their states; actions are read the ordinary way.
    assert taken[1:] == [taken[0] + 2] * 2
