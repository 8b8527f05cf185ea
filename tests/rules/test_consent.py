"""Every combination of a change, what holds and a unit is decided by the rules (R4-R14, R16-R20, R24)."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from preference_center.rules.consent import decide
from preference_center.rules.types import (
    Change,
    ConsentOrigin,
    Decision,
    Held,
    Maker,
    Moment,
    PreferenceStatus,
    Purpose,
    ResubscribePolicy,
    TypeFacts,
    UnitFacts,
    moment,
)
from tests.rules.consent_by_the_book import (
    IN,
    NEITHER,
    OUT,
    RECIPIENT,
    REVERSAL,
    TEAM,
    Question,
    Row,
    by_the_book,
)
from tests.rules.every_case import Case, Walk, compare

EITHER = (False, True)
NOT_NEWER = {Moment.SAME, Moment.BEFORE}
HELD: dict[str, tuple[Any, ...]] = {
    "held.by": tuple(Maker),
    "held.when": tuple(Moment),
    "held.when_all": tuple(Moment),
    "held.when_own_opt_in": tuple(Moment),
    "held.pending": EITHER,
    "held.processing_basis": EITHER,
}
GIVEN: dict[str, tuple[Any, ...]] = {
    "change.origin": tuple(ConsentOrigin),
    "change.has_legal_basis": EITHER,
    "change.has_processing_basis": EITHER,
    "change.has_explanation": EITHER,
    "change.in_future": EITHER,
    "change.through_own_link": EITHER,
    "unit.data_privacy": EITHER,
    "unit.resubscribe": tuple(ResubscribePolicy),
}
OF_A_TYPE: dict[str, tuple[Any, ...]] = {
    **HELD,
    **GIVEN,
    "change.status": tuple(PreferenceStatus),
    "held.status": tuple(PreferenceStatus),
    "held.all_by": tuple(Maker),
    "type.purpose": tuple(Purpose),
    "type.offered": EITHER,
    "type.public": EITHER,
    "type.double_opt_in": EITHER,
    "type.archived": EITHER,
}
OF_ALL: dict[str, tuple[Any, ...]] = {
    **HELD,
    **GIVEN,
    "change.status": (NEITHER, OUT),
    "held.status": (NEITHER, OUT),
    "held.all_by": (Maker.NOBODY,),
}
MONDAY, TUESDAY = datetime(2026, 6, 1, 9, tzinfo=UTC), datetime(2026, 6, 2, 9, tzinfo=UTC)
real_decide = inspect.unwrap(decide)


def question(case: Case, of_all: bool) -> Question:
    facts = None if of_all else case.watched(TypeFacts, "type")
    change = case.watched(Change, "change", facts=facts)
    return Question(change, case.watched(Held, "held"), case.watched(UnitFacts, "unit"))


def can_come_about(case: Case) -> bool:
    """Leave out what no history leads to.

    Statuses by nobody; something newer where nothing is held; one change with and without a time; a type's
    change placed against opt-ins (that is asked for "all" alone).
    """
    by, status = case.read("held.by"), case.read("held.status")
    if by is Maker.NOBODY and (status is not NEITHER or case.read("held.when") in NOT_NEWER):
        return False
    if case.read("held.all_by") is Maker.NOBODY and case.read("held.when_all") in NOT_NEWER:
        return False
    own_opt_in = case.read("held.when_own_opt_in") is Moment.NOW
    timeless = {case.read(f"held.{when}") is Moment.NOW for when in ("when", "when_all")}
    return len(timeless) == 1 and (own_opt_in if case.has("type.purpose") else own_opt_in in timeless)


def walk(domains: Mapping[str, tuple[Any, ...]]) -> tuple[Walk, set[Row]]:
    of_all, used = "type.purpose" not in domains, set()

    def found(case: Case) -> Decision:
        q = question(case, of_all)
        return real_decide(q.change, q.held, q.unit)

    def expected(case: Case) -> Decision:
        row = by_the_book(question(case, of_all))
        used.add(row)
        return row.answer

    return compare(domains, found, expected, can_come_about), used


def test_every_change_of_a_type_and_of_all_is_decided_by_the_book() -> None:
    of_a_type, used = walk(OF_A_TYPE)
    of_all, used_for_all = walk(OF_ALL)
    for result in (of_a_type, of_all):
        assert not result.differences, "\n".join(result.differences)
        assert result.covered == result.product
    assert used | used_for_all == {*TEAM, *REVERSAL, *RECIPIENT}, "a line of the book is never the answer"


def test_nobody_opts_in_to_all() -> None:
    change = Change(IN, ConsentOrigin.PREFERENCE_PAGE, None)
    with pytest.raises(ValueError, match="all"):
        decide(change, Held(), UnitFacts(data_privacy=True))


@pytest.mark.parametrize(
    ("occurred_at", "held_at", "expected"),
    [
        (None, None, Moment.NOW),
        (None, MONDAY, Moment.NOW),
        (MONDAY, None, Moment.AFTER),
        (TUESDAY, MONDAY, Moment.AFTER),
        (MONDAY, MONDAY, Moment.SAME),
        (MONDAY, TUESDAY, Moment.BEFORE),
    ],
)
def test_a_change_without_a_time_comes_after_all_that_is_held(  # R17
    occurred_at: datetime | None, held_at: datetime | None, expected: Moment
) -> None:
    assert moment(occurred_at, held_at) is expected


@pytest.mark.parametrize("origin", ConsentOrigin)
def test_each_way_in_is_somebodys_act(origin: ConsentOrigin) -> None:
    team = {"CONTACT_RECORD", "BULK_UPDATE", "IMPORT", "INTEGRATION", "WORKFLOW", "REVERSAL"}
    assert origin.maker is (Maker.TEAM if origin.name in team else Maker.RECIPIENT)
