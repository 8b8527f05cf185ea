"""Every combination of a change, a prior state and a unit is decided as the rules say (R4-R20, R24)."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from preference_center.rules.consent import decide
from preference_center.rules.decisions import (
    Change,
    Decision,
    PriorState,
    Timing,
    TypeFacts,
    UnitFacts,
    timing_of,
)
from preference_center.rules.types import ConsentOrigin, Maker, PreferenceStatus, Purpose, ResubscribePolicy
from tests.rules.consent_tables import (
    CARRIED,
    IN,
    NEITHER,
    OUT,
    RECIPIENT,
    REVERSAL,
    TEAM,
    Question,
    Row,
    expected_row,
)
from tests.rules.every_case import Case, Walk, compare

EITHER = (False, True)
NOT_NEWER = {Timing.SAME, Timing.BEFORE}
PRIOR: dict[str, tuple[Any, ...]] = {
    "prior.made_by": tuple(Maker),
    "prior.timing": tuple(Timing),
    "prior.timing_to_all": tuple(Timing),
    "prior.timing_to_own_opt_in": tuple(Timing),
    "prior.pending": EITHER,
    "prior.has_processing_basis": EITHER,
}
CHANGE: dict[str, tuple[Any, ...]] = {
    "change.origin": tuple(ConsentOrigin),
    "change.has_legal_basis": EITHER,
    "change.has_processing_basis": EITHER,
    "change.has_explanation": EITHER,
    "change.in_future": EITHER,
    "change.through_own_link": EITHER,
    "change.carried": EITHER,
    "unit.data_privacy": EITHER,
    "unit.resubscribe": tuple(ResubscribePolicy),
}
OF_A_TYPE: dict[str, tuple[Any, ...]] = {
    **PRIOR,
    **CHANGE,
    "change.status": tuple(PreferenceStatus),
    "prior.status": tuple(PreferenceStatus),
    "prior.all_made_by": tuple(Maker),
    "type.purpose": tuple(Purpose),
    "type.offered": EITHER,
    "type.public": EITHER,
    "type.double_opt_in": EITHER,
    "type.archived": EITHER,
}
OF_ALL: dict[str, tuple[Any, ...]] = {
    **PRIOR,
    **CHANGE,
    "change.status": (NEITHER, OUT),
    "prior.status": (NEITHER, OUT),
    "prior.all_made_by": (Maker.NOBODY,),
}
MONDAY, TUESDAY = datetime(2026, 6, 1, 9, tzinfo=UTC), datetime(2026, 6, 2, 9, tzinfo=UTC)
real_decide = inspect.unwrap(decide)


def question(case: Case, of_all: bool) -> Question:
    facts = None if of_all else case.watched(TypeFacts, "type")
    change = case.watched(Change, "change", facts=facts)
    return Question(change, case.watched(PriorState, "prior"), case.watched(UnitFacts, "unit"))


def is_possible(case: Case) -> bool:
    """Leave out combinations that no history leads to.

    These are: statuses that nobody made; a newer decision where there is none; one change both with and
    without a time; a change of a type compared with own opt-ins (only changes of all are); a carried change
    that is no opt-out of a recipient (R38).
    """
    if case.read("change.carried"):
        by_recipient = case.read("change.origin").maker is Maker.RECIPIENT
        if case.read("change.status") is not OUT or not by_recipient:
            return False
    made_by, status = case.read("prior.made_by"), case.read("prior.status")
    if made_by is Maker.NOBODY and (status is not NEITHER or case.read("prior.timing") in NOT_NEWER):
        return False
    if case.read("prior.all_made_by") is Maker.NOBODY and case.read("prior.timing_to_all") in NOT_NEWER:
        return False
    own_opt_in = case.read("prior.timing_to_own_opt_in") is Timing.NOW
    timeless = {case.read(f"prior.{name}") is Timing.NOW for name in ("timing", "timing_to_all")}
    return len(timeless) == 1 and (own_opt_in if case.has("type.purpose") else own_opt_in in timeless)


def walk(domains: Mapping[str, tuple[Any, ...]]) -> tuple[Walk, set[Row]]:
    of_all, used = "type.purpose" not in domains, set()

    def found(case: Case) -> Decision:
        q = question(case, of_all)
        return real_decide(q.change, q.prior, q.unit)

    def expected(case: Case) -> Decision:
        row = expected_row(question(case, of_all))
        used.add(row)
        return row.decision

    return compare(domains, found, expected, is_possible), used


def test_every_change_of_a_type_and_of_all_is_decided_as_the_tables_say() -> None:
    of_a_type, used = walk(OF_A_TYPE)
    of_all, used_for_all = walk(OF_ALL)
    for result in (of_a_type, of_all):
        assert not result.differences, "\n".join(result.differences)
        assert result.covered == result.product
    assert used | used_for_all == {*TEAM, *REVERSAL, *RECIPIENT, *CARRIED}, (
        "a row of the tables never decides"
    )


def test_there_is_no_opt_in_to_all() -> None:
    change = Change(IN, ConsentOrigin.PREFERENCE_PAGE, None)
    with pytest.raises(ValueError, match="all"):
        decide(change, PriorState(), UnitFacts(data_privacy=True))


@pytest.mark.parametrize(
    ("occurred_at", "earlier_at", "expected"),
    [
        (None, None, Timing.NOW),
        (None, MONDAY, Timing.NOW),
        (MONDAY, None, Timing.AFTER),
        (TUESDAY, MONDAY, Timing.AFTER),
        (MONDAY, MONDAY, Timing.SAME),
        (MONDAY, TUESDAY, Timing.BEFORE),
    ],
)
def test_a_change_without_a_time_comes_after_every_earlier_decision(  # R17
    occurred_at: datetime | None, earlier_at: datetime | None, expected: Timing
) -> None:
    assert timing_of(occurred_at, earlier_at) is expected


@pytest.mark.parametrize("origin", ConsentOrigin)
def test_every_origin_is_team_made_or_recipient_made(origin: ConsentOrigin) -> None:
    team = {"CONTACT_RECORD", "BULK_UPDATE", "IMPORT", "INTEGRATION", "WORKFLOW", "REVERSAL"}
    assert origin.maker is (Maker.TEAM if origin.name in team else Maker.RECIPIENT)
