"""What triggers a workflow and how an enrolment is counted, as truth tables (R10, R16)."""

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
    MAX_CHAIN_LENGTH,
    Action,
    Counts,
    Reaction,
    Result,
    WhenPreference,
    Workflow,
    WorkflowEvent,
    counter_of,
    reaction,
    result_of,
    state_of,
)

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
EMAIL, SMS = Channel.EMAIL, Channel.SMS
CREATED, UPDATED = Trigger.CONTACT_CREATED, Trigger.CONTACT_UPDATED
CHANGED, MANUAL = Trigger.PREFERENCE_CHANGED, Trigger.MANUAL
NOW = datetime(2026, 5, 4, tzinfo=UTC)
OWN_ID = 7
PLAIN = Workflow(
    id=OWN_ID,
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


def events() -> Iterator[WorkflowEvent]:
    """One of every kind of event, without workflows that led to it."""
    yield WorkflowEvent(CREATED)
    yield WorkflowEvent(MANUAL)
    for names in ((), ("country",), ("city",), ("country", "city")):
        yield WorkflowEvent(UPDATED, changed_properties=frozenset(names))
    for type_key, channel, status in product(("digest", "offers", None), (EMAIL, SMS), (IN, NEITHER, OUT)):
        yield WorkflowEvent(CHANGED, type_key=type_key, channel=channel, status=status)


def workflows() -> Iterator[Workflow]:
    """Every set of triggers, with and without the conditions that limit them."""
    whens = (None, WhenPreference("digest", None, OUT), WhenPreference("digest", SMS, IN))
    sets = [frozenset(some) for size in range(1, 5) for some in combinations(Trigger, size)]
    for triggers, name, when, enabled in product(sets, (None, "country"), whens, (True, False)):
        yield replace(PLAIN, triggers=triggers, when_property=name, when_preference=when, enabled=enabled)


def is_triggered(w: Workflow, event: WorkflowEvent) -> bool:
    """The rule stated the other way round: no reason to ignore the event applies."""
    when = w.when_preference
    reasons = [
        not w.enabled,
        event.trigger not in w.triggers,
        event.trigger is UPDATED and w.when_property and w.when_property not in event.changed_properties,
        event.trigger is CHANGED and when and when.type != event.type_key,
        event.trigger is CHANGED and when and when.channel and when.channel is not event.channel,
        event.trigger is CHANGED and when and when.status is not event.status,
    ]
    return not any(reasons)


def test_a_workflow_is_triggered_by_the_events_it_waits_for_and_by_no_others() -> None:
    answers = {
        (reaction(workflow, event), is_triggered(workflow, event))
        for workflow in workflows()
        for event in events()
    }
    assert answers == {(Reaction.ENROL, True), (Reaction.IGNORE, False)}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), Reaction.ENROL),
        ((1,), Reaction.ENROL),
        ((1, 2, 3, 4), Reaction.ENROL),
        ((1, 2, 3, 4, 5), Reaction.CUT),
        ((1, 2, 3, 4, 5, 6), Reaction.CUT),
        ((OWN_ID,), Reaction.IGNORE),
        ((OWN_ID, 1), Reaction.IGNORE),
        ((1, OWN_ID), Reaction.IGNORE),
        ((1, 2, OWN_ID, 3, 4), Reaction.IGNORE),
    ],
)
def test_a_chain_ends_at_a_loop_and_is_cut_at_the_maximum_length(
    path: tuple[int, ...], expected: Reaction
) -> None:
    assert MAX_CHAIN_LENGTH == 5
    for event in events():
        workflow = replace(PLAIN, triggers=frozenset({event.trigger}))
        assert reaction(workflow, replace(event, path=path)) is expected


def test_every_chain_of_workflows_ends() -> None:
    """Each of nine workflows triggers all the others: every chain ends, at the documented length."""
    nine = [replace(PLAIN, id=id_, triggers=frozenset({CHANGED})) for id_ in range(9)]

    def longest(path: tuple[int, ...]) -> int:
        event = WorkflowEvent(CHANGED, path, type_key="digest", channel=EMAIL, status=IN)
        reactions = {w.id: reaction(w, event) for w in nine}
        further = [id_ for id_, found in reactions.items() if found is Reaction.ENROL]
        if not further:
            assert all(found is Reaction.CUT for id_, found in reactions.items() if id_ not in path)
            return len(path)
        # The workflows are alike: two of them stand for all.
        return max(longest((*path, id_)) for id_ in further[:2])

    assert longest(()) == MAX_CHAIN_LENGTH


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
def test_every_decision_becomes_a_result_with_its_code(decision: object, expected: Result) -> None:
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
def test_a_workflow_never_opts_in_after_an_opt_out_whoever_made_it(
    prior: PriorState, code: str, privacy: bool
) -> None:
    """R10"""
    change = Change(IN, ConsentOrigin.WORKFLOW, TypeFacts(), has_legal_basis=True, has_explanation=True)
    decision = decide(change, replace(prior, has_processing_basis=True), UnitFacts(privacy))
    assert result_of(decision) == (ActionOutcome.REFUSED, code)
    assert state_of([result_of(decision)]) == (EnrolmentState.DONE, None)


DONE, UNCHANGED = (ActionOutcome.CHANGED, None), (ActionOutcome.UNCHANGED, None)
PENDING = (ActionOutcome.PENDING, None)
FAULTS = (
    "NOT_FOUND",
    "TYPE_ARCHIVED",
    "CHANNEL_NOT_OFFERED",
    "LEGAL_BASIS_REQUIRED",
    "EXPLANATION_REQUIRED",
)


def refused(code: str) -> Result:
    return ActionOutcome.REFUSED, code


@pytest.mark.parametrize(
    ("results", "state", "error", "counter"),
    [
        ((DONE,), EnrolmentState.DONE, None, "changed"),
        ((UNCHANGED,), EnrolmentState.DONE, None, "unchanged"),
        ((PENDING,), EnrolmentState.DONE, None, "unchanged"),
        ((DONE, UNCHANGED, PENDING), EnrolmentState.DONE, None, "changed"),
        ((refused("PREVIOUSLY_OPTED_OUT"),), EnrolmentState.DONE, None, "refused"),
        ((refused("OPTED_OUT_OF_ALL"), UNCHANGED), EnrolmentState.DONE, None, "refused"),
        ((refused("PROCESSING_BASIS_REQUIRED"), DONE), EnrolmentState.DONE, None, "changed"),
        ((refused("ADDRESS_MISSING"),), EnrolmentState.DONE, None, "refused"),
        *(((refused(code),), EnrolmentState.FAILED, code, "failed") for code in FAULTS),
        *(((DONE, refused(code)), EnrolmentState.FAILED, code, "failed") for code in FAULTS),
        (
            (refused("TYPE_ARCHIVED"), refused("NOT_FOUND")),
            EnrolmentState.FAILED,
            "TYPE_ARCHIVED",
            "failed",
        ),
    ],
)
def test_only_faults_of_the_workflow_itself_fail_an_enrolment(
    results: tuple[Result, ...], state: EnrolmentState, error: str | None, counter: str
) -> None:
    assert state_of(results) == (state, error)
    assert counter_of(state, results) == counter


def test_cut_enrolments_have_a_counter_of_their_own() -> None:
    assert counter_of(EnrolmentState.CUT, ()) == "cut"
