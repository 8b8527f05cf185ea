"""Whether a message may be sent, over every combination of what is known (R21-R24)."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from itertools import product
from typing import Any

from preference_center.rules.eligibility import BlockReason, Eligibility, SendFacts, may_send
from preference_center.rules.types import Channel, PreferenceStatus, Purpose

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
EITHER = (False, True)
KNOWN: dict[str, tuple[Any, ...]] = {
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

# What has to hold for a reason to block, in the order of looking. Columns: marketing email,
# marketing SMS and WhatsApp, transactional email, transactional SMS and WhatsApp.
BOOK = """
ADDRESS_UNUSABLE          | unusable        | unusable                | unusable            | unusable
TYPE_UNAVAILABLE          | gone            | gone                    | gone                | gone
OPTED_OUT_OF_ALL          | all             | all                     | never               | all
OPTED_OUT                 | out             | out                     | out                 | out
PAUSED                    | paused          | paused                  | never               | never
CONFIRMATION_PENDING      | waiting         | waiting                 | never               | waiting
NOT_OPTED_IN              | unsaid, private | unsaid                  | never               | unsaid
"""
LINES = [[cell.strip() for cell in line.split("|")] for line in BOOK.strip().splitlines()]


def facts_as_words(facts: SendFacts) -> set[str]:
    said = facts.status is PreferenceStatus.OPTED_IN
    words = {
        "unusable": not facts.usable,
        "gone": facts.archived or not facts.offered,
        "all": facts.opted_out_of_all,
        "out": facts.status is PreferenceStatus.OPTED_OUT,
        "paused": facts.paused_until is not None,
        "waiting": facts.pending and not said,
        "unsaid": not said,
        "private": facts.data_privacy,
    }
    return {word for word, holds in words.items() if holds}


def by_the_book(facts: SendFacts) -> BlockReason | None:
    column = 1 + (facts.channel is not Channel.EMAIL) + 2 * (facts.purpose is Purpose.TRANSACTIONAL)
    words = facts_as_words(facts)
    return next((BlockReason[line[0]] for line in LINES if set(line[column].split(", ")) <= words), None)


def test_every_message_is_allowed_or_blocked_by_the_book() -> None:
    assert set(KNOWN) == {field.name for field in fields(SendFacts)}
    reasons = set()
    for values in product(*KNOWN.values()):
        facts = SendFacts(**dict(zip(KNOWN, values, strict=True)))
        reason = by_the_book(facts)
        until = JUNE if reason is BlockReason.PAUSED else None
        assert may_send(facts) == Eligibility(reason, until), facts
        reasons.add(reason)
    assert reasons == {None, *BlockReason}


def test_reasons_are_looked_for_in_the_order_of_the_domain() -> None:  # R21
    assert [line[0] for line in LINES] == [reason.name for reason in BlockReason]


def test_sms_needs_an_opt_in_whatever_the_privacy_setting() -> None:  # R23
    for privacy in EITHER:
        unsaid = SendFacts(channel=Channel.SMS, data_privacy=privacy)
        assert may_send(unsaid).reason is BlockReason.NOT_OPTED_IN


def test_where_privacy_is_off_whoever_never_said_anything_may_be_written_to_by_email() -> None:  # R22
    unsaid = SendFacts(channel=Channel.EMAIL, data_privacy=False)
    assert may_send(unsaid).allowed
    assert not may_send(SendFacts(channel=Channel.EMAIL, data_privacy=True)).allowed


def test_a_receipt_by_email_survives_an_opt_out_of_all_and_a_pause() -> None:  # R24
    receipt = SendFacts(
        channel=Channel.EMAIL, purpose=Purpose.TRANSACTIONAL, opted_out_of_all=True, paused_until=JUNE
    )
    assert may_send(receipt).allowed
