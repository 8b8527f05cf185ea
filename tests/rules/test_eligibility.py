"""Whether a message may be sent, for every combination of facts (R21-R24)."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from itertools import product
from typing import Any

from preference_center.rules.eligibility import BlockReason, Eligibility, SendFacts, may_send
from preference_center.rules.types import Channel, PreferenceStatus, Purpose

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
EITHER = (False, True)
FACTS: dict[str, tuple[Any, ...]] = {
    "channel": tuple(Channel),
    "usable": EITHER,
    "purpose": tuple(Purpose),
    "offered": EITHER,
    "archived": EITHER,
    "data_privacy": EITHER,
    "opted_out_of_all": EITHER,
    "status": tuple(PreferenceStatus),
    "paused_until": (None, JUNE),
    "pending": EITHER,
}

# The conditions under which each reason blocks, in the order of R21. Columns: marketing email,
# marketing SMS and WhatsApp, transactional email, transactional SMS and WhatsApp.
TABLE = """
ADDRESS_UNUSABLE     | unusable           | unusable    | unusable    | unusable
TYPE_UNAVAILABLE     | unavailable        | unavailable | unavailable | unavailable
OPTED_OUT_OF_ALL     | all                | all         | never       | all
OPTED_OUT            | out                | out         | out         | out
PAUSED               | paused             | paused      | never       | never
CONFIRMATION_PENDING | pending            | pending     | never       | pending
NOT_OPTED_IN         | no opt-in, private | no opt-in   | never       | no opt-in
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


def conditions_of(facts: SendFacts) -> set[str]:
    opted_in = facts.status is PreferenceStatus.OPTED_IN
    conditions = {
        "unusable": not facts.usable,
        "unavailable": facts.archived or not facts.offered,
        "all": facts.opted_out_of_all,
        "out": facts.status is PreferenceStatus.OPTED_OUT,
        "paused": facts.paused_until is not None,
        "pending": facts.pending and not opted_in,
        "no opt-in": not opted_in,
        "private": facts.data_privacy,
    }
    return {name for name, is_true in conditions.items() if is_true}


def expected_reason(facts: SendFacts) -> BlockReason | None:
    column = 1 + (facts.channel is not Channel.EMAIL) + 2 * (facts.purpose is Purpose.TRANSACTIONAL)
    conditions = conditions_of(facts)
    return next((BlockReason[row[0]] for row in ROWS if set(row[column].split(", ")) <= conditions), None)


def test_every_combination_is_allowed_or_blocked_as_the_table_says() -> None:
    assert set(FACTS) == {field.name for field in fields(SendFacts)}
    reasons = set()
    for values in product(*FACTS.values()):
        facts = SendFacts(**dict(zip(FACTS, values, strict=True)))
        reason = expected_reason(facts)
        until = JUNE if reason is BlockReason.PAUSED else None
        assert may_send(facts) == Eligibility(reason, until), facts
        reasons.add(reason)
    assert reasons == {None, *BlockReason}


def test_the_table_has_the_reasons_in_their_order() -> None:  # R21
    assert [row[0] for row in ROWS] == [reason.name for reason in BlockReason]


def test_sms_needs_an_opt_in_with_and_without_privacy() -> None:  # R23
    for privacy in EITHER:
        not_opted = SendFacts(channel=Channel.SMS, data_privacy=privacy)
        assert may_send(not_opted).reason is BlockReason.NOT_OPTED_IN


def test_without_privacy_email_needs_no_opt_in() -> None:  # R22
    not_opted = SendFacts(channel=Channel.EMAIL, data_privacy=False)
    assert may_send(not_opted).allowed
    assert not may_send(SendFacts(channel=Channel.EMAIL, data_privacy=True)).allowed


def test_a_receipt_by_email_survives_an_opt_out_of_all_and_a_pause() -> None:  # R24
    receipt = SendFacts(
        channel=Channel.EMAIL, purpose=Purpose.TRANSACTIONAL, opted_out_of_all=True, paused_until=JUNE
    )
    assert may_send(receipt).allowed
