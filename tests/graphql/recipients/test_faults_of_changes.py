"""A fault of the input as a whole does not hide the faults of its changes (R6, R13, R17)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from preference_center.contacts import contacts
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, LegalBasis
from schema.contract.ids import global_id
from tests.conftest import ALICE, BOB, Brands, by_recipient
from tests.graphql.conftest import Api, token

UPDATE = """mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) {
  outcomes { changed } userErrors { code field message } } }"""
NOTHING_RECORDED = "{ consentEvents { totalCount } }"
CHANGES = [
    {"subscriptionType": key, "channel": channel, "status": status}
    for key, channel, status in product(
        ["weekly-digest", "offers", "letters"], ["EMAIL", "SMS"], ["OPTED_IN", "NOT_OPTED", "OPTED_OUT"]
    )
]
GROUNDS: list[dict[str, Any]] = [
    {},
    {"explanation": "Asked at the fair."},
    {"explanation": "  ", "legalBasis": "CONSENT_WITH_NOTICE"},
    {"processingBasis": "PROCESS_AND_STORE", "occurredAt": "2100-01-01T00:00:00Z"},
]
BAD_EVIDENCE = {"ipAddress": "nowhere"}


async def faults(api: Api, **input: Any) -> list[tuple[str, str, str]]:
    payload = await api.execute(UPDATE, i=input)
    return [(".".join(each["field"]), each["code"], each["message"]) for each in payload["userErrors"]]


def codes(found: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return [(field, code) for field, code, _ in found]


@pytest.mark.parametrize("has_basis", [False, True])
async def test_the_faults_of_changes_are_those_of_the_same_input_without_the_fault_of_the_whole(
    api: Api, brands: Brands, has_basis: bool
) -> None:
    basis = LegalBasis.PROCESS_AND_STORE if has_basis else None
    row = await contacts.create(email=ALICE, phone="+48601234567", processing_basis=basis)
    for grounds in GROUNDS:
        input = {"recipient": {"contact": global_id("Contact", row.id)}, "changes": CHANGES, **grounds}
        alone = await faults(api, dryRun=True, **input)
        assert alone
        for dry_run in (False, True):
            found = await faults(api, dryRun=dry_run, evidence=BAD_EVIDENCE, **input)
            assert found[0][:2] == ("evidence.ipAddress", "INVALID_VALUE")
            assert found[1:] == alone, grounds
    assert (await api.execute(NOTHING_RECORDED))["totalCount"] == 0


async def test_what_can_be_decided_beside_a_faulty_part_is_told(api: Api, brands: Brands) -> None:
    opt_in = {"subscriptionType": "weekly-digest", "status": "OPTED_IN"}
    not_offered = {"subscriptionType": "offers", "channel": "SMS", "status": "OPTED_OUT"}
    unknown = {"subscriptionType": "none", "status": "OPTED_IN"}
    lacking = ("PROCESSING_BASIS_REQUIRED", "LEGAL_BASIS_REQUIRED", "EXPLANATION_REQUIRED")
    by_address = {"recipient": {"email": ALICE}, "changes": [unknown, opt_in, not_offered]}
    assert sorted(codes(await faults(api, **by_address))) == sorted(
        [
            ("recipient", "ADDRESS_MISSING"),
            ("changes.0.subscriptionType", "NOT_FOUND"),
            *(("changes.1", code) for code in lacking),
            ("changes.2", "CHANNEL_NOT_OFFERED"),
        ]
    )
    # What is given counts as given, also if it has a fault of its own; of nobody, no basis is known to lack.
    wrong = {"explanation": "x" * 2_001, "legalBasis": "PROCESS_AND_STORE"}
    nobody = {"recipient": {"email": "nobody"}, "changes": [opt_in, not_offered], **wrong}
    assert sorted(codes(await faults(api, **nobody))) == sorted(
        [
            ("recipient.email", "INVALID_ADDRESS"),
            ("legalBasis", "INVALID_VALUE"),
            ("explanation", "INVALID_VALUE"),
            ("changes.1", "CHANNEL_NOT_OFFERED"),
        ]
    )


async def test_a_request_that_changes_nothing_does_not_tell_what_the_recipient_decided(
    api: Api, brands: Brands, alice: int
) -> None:
    await preferences.opt_out_of_all(alice, Channel.EMAIL, brands.acme, by_recipient())
    caller = api.using(await token("preferences:write"))
    change = {"subscriptionType": "weekly-digest", "status": "NOT_OPTED"}
    opt_in = {"subscriptionType": "weekly-digest", "status": "OPTED_IN"}
    answers = [
        await faults(caller, recipient={"email": email}, changes=[change, opt_in], evidence=BAD_EVIDENCE)
        for email in (ALICE, BOB)
    ]
    assert answers[0] == answers[1]
