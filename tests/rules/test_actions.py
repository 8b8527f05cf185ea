"""What may be done next is what the rules then decide: for every state, token and input (R5-R9, R13, R19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from preference_center.rules.consent import decide
from preference_center.rules.decisions import (
    Accepted,
    Change,
    Decision,
    Pending,
    PriorState,
    Refused,
    TypeFacts,
    Unchanged,
    UnitFacts,
)
from preference_center.rules.permissions.actions import (
    Answer,
    Pointless,
    Requirement,
    of_preference,
    of_removal,
    of_resending,
)
from preference_center.rules.permissions.confirmations import (
    MAX_MESSAGES,
    RESEND_INTERVAL,
    Asked,
    ResendResult,
    decide_resending,
)
from preference_center.rules.types import (
    ConsentOrigin,
    ErrorCode,
    Maker,
    PreferenceStatus,
    Purpose,
    ResubscribePolicy,
)

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
EITHER = (False, True)
TOKENS = (ConsentOrigin.CONTACT_RECORD, ConsentOrigin.INTEGRATION)
EVERY_GIFT = [
    frozenset(r for r, given in zip(Requirement, gifts, strict=True) if given)
    for gifts in product(EITHER, repeat=3)
]
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def every_unit() -> Iterator[UnitFacts]:
    for privacy, resubscribe in product(EITHER, ResubscribePolicy):
        yield UnitFacts(privacy, resubscribe)


def every_type() -> Iterator[TypeFacts]:
    """Public types are like internal ones to the team, and marketing is like other messages."""
    for offered, double, archived in product(EITHER, EITHER, EITHER):
        yield TypeFacts(Purpose.MARKETING, offered, True, double, archived)
        yield TypeFacts(Purpose.TRANSACTIONAL, offered, False, double, archived)


def every_prior() -> Iterator[PriorState]:
    for status, maker, of_all, pending, basis in product(PreferenceStatus, Maker, Maker, EITHER, EITHER):
        if maker is not Maker.NOBODY or status is NEITHER:
            yield PriorState(status, maker, all_made_by=of_all, pending=pending, has_processing_basis=basis)


def decided(
    status: PreferenceStatus,
    origin: ConsentOrigin,
    facts: TypeFacts | None,
    given: frozenset[Requirement],
    state: tuple[PriorState, UnitFacts],
) -> Decision:
    change = Change(
        status,
        origin,
        facts,
        has_legal_basis=Requirement.LEGAL_BASIS in given,
        has_processing_basis=Requirement.PROCESSING_BASIS in given,
        has_explanation=Requirement.EXPLANATION in given,
    )
    return decide(change, *state)


def is_effective(decision: Decision) -> bool:
    return isinstance(decision, Accepted | Pending)


@pytest.mark.parametrize("origin", TOKENS)
def test_an_action_is_allowed_if_the_rules_accept_the_change_with_what_it_requires_and_only_then(
    origin: ConsentOrigin,
) -> None:
    cases = 0
    for facts, prior, unit in product(every_type(), every_prior(), every_unit()):
        state = (prior, unit)
        answers = of_preference(facts, prior, unit, origin)
        opt_in = answers.resubscribe if prior.status is OUT else answers.subscribe
        for answer, status in ((opt_in, IN), (answers.unsubscribe, OUT)):
            required = frozenset(answer.requires)
            for given in EVERY_GIFT:
                expected = answer.allowed and required <= given
                found = is_effective(decided(status, origin, facts, given, state))
                assert found is expected, (answer, status, given, facts, state)
                cases += 1
    assert cases > 50_000


@pytest.mark.parametrize("origin", TOKENS)
def test_opting_in_is_either_to_subscribe_or_to_resubscribe(origin: ConsentOrigin) -> None:
    for facts, prior, unit in product(every_type(), every_prior(), every_unit()):
        answers = of_preference(facts, prior, unit, origin)
        assert not answers.subscribe.allowed or prior.status is NEITHER
        assert not answers.resubscribe.allowed or prior.status is OUT


@pytest.mark.parametrize("origin", TOKENS)
def test_an_action_that_is_not_allowed_names_first_what_the_mutation_would_be_refused_for(
    origin: ConsentOrigin,
) -> None:
    everything = frozenset(Requirement)
    for facts, prior, unit in product(every_type(), every_prior(), every_unit()):
        answers = of_preference(facts, prior, unit, origin)
        for answer, status in (
            (answers.subscribe, IN),
            (answers.resubscribe, IN),
            (answers.unsubscribe, OUT),
        ):
            decision = decided(status, origin, facts, everything, (prior, unit))
            if isinstance(decision, Refused):
                assert answer.obstacles[0] is decision.code
                assert set(decision.also) <= set(answer.obstacles)
            elif isinstance(decision, Unchanged):
                assert isinstance(answer.obstacles[0], Pointless)


@pytest.mark.parametrize("origin", TOKENS)
def test_an_opt_out_of_all_is_removable_if_the_rules_accept_its_removal_and_only_then(
    origin: ConsentOrigin,
) -> None:
    """R8."""
    for made_by, unit in product((Maker.TEAM, Maker.RECIPIENT), every_unit()):
        answer = of_removal(made_by, unit, origin)
        for given in EVERY_GIFT:
            expected = answer.allowed and frozenset(answer.requires) <= given
            state = (PriorState(OUT, made_by), unit)
            assert is_effective(decided(NEITHER, origin, None, given, state)) is expected


def test_all_that_stands_against_an_action_is_told_at_once() -> None:
    facts = TypeFacts(offered=False, archived=True)
    prior = PriorState(NEITHER, all_made_by=Maker.TEAM)
    answers = of_preference(facts, prior, UnitFacts(data_privacy=True), ConsentOrigin.CONTACT_RECORD)
    assert answers.subscribe == Answer(
        (ErrorCode.CHANNEL_NOT_OFFERED, ErrorCode.TYPE_ARCHIVED, ErrorCode.OPTED_OUT_OF_ALL),
        (Requirement.LEGAL_BASIS, Requirement.PROCESSING_BASIS, Requirement.EXPLANATION),
    )


@pytest.mark.parametrize("origin", TOKENS)
def test_an_action_that_is_pointless_once_nothing_stands_against_it_requires_nothing(
    origin: ConsentOrigin,
) -> None:
    """Such as to subscribe who is opted in to the type already, and out of all."""
    removable = {ErrorCode.OPTED_OUT_OF_ALL, ErrorCode.CHANNEL_NOT_OFFERED, ErrorCode.TYPE_ARCHIVED}
    cases = 0
    for facts, prior, unit in product(every_type(), every_prior(), every_unit()):
        answers = of_preference(facts, prior, unit, origin)
        without = replace(facts, offered=True, archived=False), replace(prior, all_made_by=Maker.NOBODY)
        later = of_preference(*without, unit, origin)
        for now, then in ((answers.subscribe, later.subscribe), (answers.resubscribe, later.resubscribe)):
            if removable & set(now.obstacles):
                assert now.requires == then.requires, (facts, prior, unit)
                cases += not then.allowed
    assert cases > 1_000


def test_what_only_the_recipient_can_change_requires_nothing() -> None:
    """R7, R9."""
    prior, unit = PriorState(OUT, Maker.RECIPIENT), UnitFacts(data_privacy=True)
    answers = of_preference(TypeFacts(), prior, unit, ConsentOrigin.INTEGRATION)
    assert answers.resubscribe == Answer((ErrorCode.OPTED_OUT_BY_RECIPIENT,))


def test_everything_that_a_change_lacks_is_told_at_once() -> None:
    """R6."""
    change = Change(IN, ConsentOrigin.CONTACT_RECORD, TypeFacts(archived=True))
    decision = decide(change, PriorState(), UnitFacts(data_privacy=True))
    assert isinstance(decision, Refused)
    assert decision.codes == (
        ErrorCode.TYPE_ARCHIVED,
        ErrorCode.LEGAL_BASIS_REQUIRED,
        ErrorCode.EXPLANATION_REQUIRED,
        ErrorCode.PROCESSING_BASIS_REQUIRED,
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, ResendResult.NOT_PENDING),
        (Asked(1, NOW), ResendResult.TOO_SOON),
        (Asked(1, NOW - RESEND_INTERVAL + timedelta(seconds=1)), ResendResult.TOO_SOON),
        (Asked(1, NOW - RESEND_INTERVAL), ResendResult.QUEUED),
        (Asked(MAX_MESSAGES - 1, NOW - RESEND_INTERVAL), ResendResult.QUEUED),
        (Asked(MAX_MESSAGES, NOW - RESEND_INTERVAL), ResendResult.LIMIT_REACHED),
    ],
)
def test_a_confirmation_is_sent_again_within_limits(asked: Asked | None, expected: ResendResult) -> None:
    """R19."""
    result = decide_resending(asked, NOW)
    assert result is expected
    assert of_resending(TypeFacts(), result).allowed is (expected is ResendResult.QUEUED)
    assert not of_resending(TypeFacts(archived=True), result).allowed
