"""What sets a workflow off and what an enrolment comes to, as truth tables (R10, R16)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations, product

import pytest

from preference_center.rules.consent import decide
from preference_center.rules.decisions import (
    Accepted,
    Change,
    Pending,
    PriorState,
    Refused,
    Superseded,
    TypeFacts,
    Unchanged,
    UnitFacts,
)
from preference_center.rules.types import (
    ActionOutcome,
    Channel,
    ConsentOrigin,
    EnrolmentState,
    ErrorCode,
    LegalBasis,
    Maker,
    PreferenceStatus,
    Trigger,
)
from preference_center.rules.workflows import (
    ADDRESS_MISSING,
    DEEPEST,
    Action,
    Answer,
    Counts,
    Result,
    WhenPreference,
    Workflow,
    WorkflowEvent,
    answer,
    counted_as,
    result_of,
    state_of,
)

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
EMAIL, SMS = Channel.EMAIL, Channel.SMS
CREATED, UPDATED = Trigger.CONTACT_CREATED, Trigger.CONTACT_UPDATED
CHANGED, MANUAL = Trigger.PREFERENCE_CHANGED, Trigger.MANUAL
NOW = datetime(2026, 5, 4, tzinfo=UTC)
ITSELF = 7
PLAIN = Workflow(
    id=ITSELF,
    name="Welcome",
    enabled=True,
    triggers=frozenset({CREATED}),
    filter=None,
    when_property=None,
    when_preference=None,
    actions=(Action(EMAIL, ("digest",), IN, LegalBasis.CONSENT_WITH_NOTICE, "Asked."),),
    reenroll=False,
    counts=Counts(),
    created_at=NOW,
    updated_at=NOW,
)


def happenings() -> Iterator[WorkflowEvent]:
    """One of everything that can happen, without what led to it."""
    yield WorkflowEvent(CREATED)
    yield WorkflowEvent(MANUAL)
    for names in ((), ("country",), ("city",), ("country", "city")):
        yield WorkflowEvent(UPDATED, properties=frozenset(names))
    for kind, channel, status in product(("digest", "offers", None), (EMAIL, SMS), (IN, NEITHER, OUT)):
        yield WorkflowEvent(CHANGED, type=kind, channel=channel, status=status)


def workflows() -> Iterator[Workflow]:
    """Every set of triggers, with and without what narrows them."""
    whens = (None, WhenPreference("digest", None, OUT), WhenPreference("digest", SMS, IN))
    sets = [frozenset(some) for size in range(1, 5) for some in combinations(Trigger, size)]
    for triggers, name, when, enabled in product(sets, (None, "country"), whens, (True, False)):
        yield replace(PLAIN, triggers=triggers, when_property=name, when_preference=when, enabled=enabled)


def by_the_book(w: Workflow, h: WorkflowEvent) -> bool:
    """The same in other words: every reason why it would not be set off."""
    when = w.when_preference
    reasons = [
        not w.enabled,
        h.kind not in w.triggers,
        h.kind is UPDATED and w.when_property and w.when_property not in h.properties,
        h.kind is CHANGED and when and when.type != h.type,
        h.kind is CHANGED and when and when.channel and when.channel is not h.channel,
        h.kind is CHANGED and when and when.status is not h.status,
    ]
    return not any(reasons)


def test_a_workflow_is_set_off_by_what_it_waits_for_and_by_nothing_else() -> None:
    answers = {
        (answer(workflow, happening), by_the_book(workflow, happening))
        for workflow in workflows()
        for happening in happenings()
    }
    assert answers == {(Answer.ENROL, True), (Answer.NOTHING, False)}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), Answer.ENROL),
        ((1,), Answer.ENROL),
        ((1, 2, 3, 4), Answer.ENROL),
        ((1, 2, 3, 4, 5), Answer.CUT),
        ((1, 2, 3, 4, 5, 6), Answer.CUT),
        ((ITSELF,), Answer.NOTHING),
        ((ITSELF, 1), Answer.NOTHING),
        ((1, ITSELF), Answer.NOTHING),
        ((1, 2, ITSELF, 3, 4), Answer.NOTHING),
    ],
)
def test_a_chain_ends_where_it_closes_and_is_cut_where_it_is_too_long(
    path: tuple[int, ...], expected: Answer
) -> None:
    assert DEEPEST == 5
    for happening in happenings():
        workflow = replace(PLAIN, triggers=frozenset({happening.kind}))
        assert answer(workflow, replace(happening, path=path)) is expected


def test_no_chain_of_any_workflows_goes_on_for_ever() -> None:
    """Each of nine sets off all the others: every way ends, at the documented depth."""
    nine = [replace(PLAIN, id=number, triggers=frozenset({CHANGED})) for number in range(9)]

    def longest(path: tuple[int, ...]) -> int:
        happening = WorkflowEvent(CHANGED, path, type="digest", channel=EMAIL, status=IN)
        asked = {w.id: answer(w, happening) for w in nine}
        further = [number for number, said in asked.items() if said is Answer.ENROL]
        if not further:
            assert all(said is Answer.CUT for number, said in asked.items() if number not in path)
            return len(path)
        # All ways look alike from here on: two of them stand for the rest.
        return max(longest((*path, number)) for number in further[:2])

    assert longest(()) == DEEPEST


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (Accepted(), (ActionOutcome.CHANGED, None)),
        (Unchanged(), (ActionOutcome.UNCHANGED, None)),
        (Pending(), (ActionOutcome.PENDING, None)),
        (Superseded(), (ActionOutcome.REFUSED, "SUPERSEDED")),
        *((Refused(code), (ActionOutcome.REFUSED, code.value)) for code in ErrorCode),
    ],
)
def test_each_decision_is_a_result_with_its_code(decision: object, expected: Result) -> None:
    assert result_of(decision) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prior", "code"),
    [
        (PriorState(OUT, Maker.RECIPIENT), "PREVIOUSLY_OPTED_OUT"),
        (PriorState(OUT, Maker.TEAM), "PREVIOUSLY_OPTED_OUT"),
        (PriorState(NEITHER, Maker.NOBODY, all_made_by=Maker.RECIPIENT), "OPTED_OUT_OF_ALL"),
        (PriorState(NEITHER, Maker.NOBODY, all_made_by=Maker.TEAM), "OPTED_OUT_OF_ALL"),
        (PriorState(OUT, Maker.TEAM, all_made_by=Maker.TEAM), "OPTED_OUT_OF_ALL"),
    ],
)
@pytest.mark.parametrize("privacy", [True, False])
def test_an_opt_in_against_an_opt_out_is_refused_whoever_made_it(
    prior: PriorState, code: str, privacy: bool
) -> None:
    """R10"""
    change = Change(IN, ConsentOrigin.WORKFLOW, TypeFacts(), has_legal_basis=True, has_explanation=True)
    decision = decide(change, replace(prior, has_processing_basis=True), UnitFacts(privacy))
    assert result_of(decision) == (ActionOutcome.REFUSED, code)
    assert state_of([result_of(decision)]) == (EnrolmentState.DONE, None)


DONE, UNDONE = (ActionOutcome.CHANGED, None), (ActionOutcome.UNCHANGED, None)
WAITS = (ActionOutcome.PENDING, None)
OWN_FAULT = (
    "NOT_FOUND",
    "TYPE_ARCHIVED",
    "CHANNEL_NOT_OFFERED",
    "LEGAL_BASIS_REQUIRED",
    "EXPLANATION_REQUIRED",
)


def refused(code: str) -> Result:
    return ActionOutcome.REFUSED, code


@pytest.mark.parametrize(
    ("results", "state", "error", "counted"),
    [
        ((DONE,), EnrolmentState.DONE, None, "changed"),
        ((UNDONE,), EnrolmentState.DONE, None, "unchanged"),
        ((WAITS,), EnrolmentState.DONE, None, "unchanged"),
        ((DONE, UNDONE, WAITS), EnrolmentState.DONE, None, "changed"),
        ((refused("PREVIOUSLY_OPTED_OUT"),), EnrolmentState.DONE, None, "refused"),
        ((refused("OPTED_OUT_OF_ALL"), UNDONE), EnrolmentState.DONE, None, "refused"),
        ((refused("PROCESSING_BASIS_REQUIRED"), DONE), EnrolmentState.DONE, None, "changed"),
        ((refused(ADDRESS_MISSING),), EnrolmentState.DONE, None, "refused"),
        *(((refused(code),), EnrolmentState.FAILED, code, "failed") for code in OWN_FAULT),
        *(((DONE, refused(code)), EnrolmentState.FAILED, code, "failed") for code in OWN_FAULT),
        (
            (refused("TYPE_ARCHIVED"), refused("NOT_FOUND")),
            EnrolmentState.FAILED,
            "TYPE_ARCHIVED",
            "failed",
        ),
    ],
)
def test_an_enrolment_fails_by_the_workflows_own_faults_alone(
    results: tuple[Result, ...], state: EnrolmentState, error: str | None, counted: str
) -> None:
    assert state_of(results) == (state, error)
    assert counted_as(state, results) == counted


def test_what_was_cut_is_counted_apart() -> None:
    assert counted_as(EnrolmentState.CUT, ()) == "cut"
