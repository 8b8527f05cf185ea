"""What the rules say of changing consent, written down as tables from their text, not from the code.

Each line is found in the rules by their numbers. `L` is a legal basis to communicate, `E` an explanation,
`P` a basis to process and store, held or given now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from preference_center.rules.types import (
    Accepted,
    Change,
    ConsentOrigin,
    Decision,
    ErrorCode,
    Held,
    Maker,
    Moment,
    Pending,
    PreferenceStatus,
    Purpose,
    Refused,
    ResubscribePolicy,
    Superseded,
    TypeFacts,
    Unchanged,
    UnitFacts,
)

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT

# What has to be given (R5, R6, R7, R8, R13, R14).
NEEDS = """
                        | opt in | not opted | not opted from out | opt out | remove from all | opt out of all
CONTACT_RECORD  open    | L E    | E         | L E                | -       | E               | -
CONTACT_RECORD  private | L E P  | E         | L E P              | -       | L E             | -
BULK_UPDATE     open    | E      | E         | E                  | E       | E               | E
BULK_UPDATE     private | L E P  | L E P     | L E P              | L E P   | L E P           | L E P
IMPORT          open    | L E    | E         | L E                | -       | E               | -
IMPORT          private | L E P  | E         | L E P              | -       | L E             | -
INTEGRATION     open    | L E    | E         | L E                | -       | E               | -
INTEGRATION     private | L E P  | E         | L E P              | -       | L E             | -
WORKFLOW        open    | -      | -         | E                  | -       | E               | -
WORKFLOW        private | L E P  | E         | L E P              | -       | L E             | -
REVERSAL        open    | -      | -         | -                  | -       | -               | -
REVERSAL        private | -      | -         | -                  | -       | -               | -
"""

# Who may take back an opt-out that holds, by whose act it is (R4, R7, R8, R9, R10, R20).
BACK = """
                        | team                 | recipient              | recipient, RECIPIENT_ONLY
CONTACT_RECORD  type    | -                    | -                      | OPTED_OUT_BY_RECIPIENT
BULK_UPDATE     type    | -                    | OPTED_OUT_BY_RECIPIENT | OPTED_OUT_BY_RECIPIENT
INTEGRATION     type    | -                    | OPTED_OUT_BY_RECIPIENT | OPTED_OUT_BY_RECIPIENT
IMPORT          type    | PREVIOUSLY_OPTED_OUT | OPTED_OUT_BY_RECIPIENT | OPTED_OUT_BY_RECIPIENT
WORKFLOW        type    | PREVIOUSLY_OPTED_OUT | PREVIOUSLY_OPTED_OUT   | PREVIOUSLY_OPTED_OUT
REVERSAL        type    | -                    | -                      | -
CONTACT_RECORD  all     | -                    | OPTED_OUT_BY_RECIPIENT | OPTED_OUT_BY_RECIPIENT
BULK_UPDATE     all     | -                    | OPTED_OUT_BY_RECIPIENT | OPTED_OUT_BY_RECIPIENT
INTEGRATION     all     | -                    | OPTED_OUT_BY_RECIPIENT | OPTED_OUT_BY_RECIPIENT
IMPORT          all     | PREVIOUSLY_OPTED_OUT | OPTED_OUT_BY_RECIPIENT | OPTED_OUT_BY_RECIPIENT
WORKFLOW        all     | PREVIOUSLY_OPTED_OUT | OPTED_OUT_BY_RECIPIENT | OPTED_OUT_BY_RECIPIENT
REVERSAL        all     | -                    | -                      | -
"""


def _table(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """Read a table of the form above: row names to column names to cells."""
    header, *lines = [line.split("|") for line in text.strip().splitlines()]
    columns = [name.strip() for name in header[-len(lines[0]) + 1 :]]
    return {
        (first.split()[0], first.split()[1]): {
            column: cell.strip().strip("-") for column, cell in zip(columns, cells, strict=True)
        }
        for first, *cells in lines
    }


_NEEDS, _BACK = _table(NEEDS), _table(BACK)
_RECIPIENT_MADE = {"PREFERENCE_PAGE", "UNSUBSCRIBE_LINK", "ONE_CLICK", "KEYWORD", "CONFIRMATION", "PROVIDER"}
_THROUGH_A_LINK = {"PREFERENCE_PAGE", "CONFIRMATION", "REVERSAL"}


@dataclass(frozen=True)
class Question:
    """A change, what holds before it, and the unit that it is in."""

    change: Change
    held: Held
    unit: UnitFacts

    @property
    def by_recipient(self) -> bool:
        return self.change.origin.name in _RECIPIENT_MADE

    @property
    def of_all(self) -> bool:
        return self.change.facts is None

    def wants(self, status: PreferenceStatus) -> bool:
        return self.change.status is status

    def column(self) -> str:
        """The column of NEEDS that this change is read in."""
        if self.of_all:
            return "opt out of all" if self.wants(OUT) else "remove from all"
        if self.wants(NEITHER):
            return "not opted from out" if self.held.status is OUT else "not opted"
        return "opt in" if self.wants(IN) else "opt out"

    def lacks(self, need: str) -> bool:
        """NEEDS asks for it and it is not there."""
        row = _NEEDS[self.change.origin.name, "private" if self.unit.data_privacy else "open"]
        if need not in row[self.column()]:
            return False
        if need == "P":
            return not (self.change.has_processing_basis or self.held.processing_basis)
        return not (self.change.has_legal_basis if need == "L" else self.change.has_explanation)

    def may_not_take_back(self, code: str) -> bool:
        """The change takes back an opt-out, and BACK refuses that with this code."""
        if self.held.status is not OUT or self.wants(OUT):
            return False
        column = "team"
        if self.held.by is Maker.RECIPIENT:
            forbidden = self.unit.resubscribe is ResubscribePolicy.RECIPIENT_ONLY
            column = "recipient, RECIPIENT_ONLY" if forbidden else "recipient"
        return _BACK[self.change.origin.name, "all" if self.of_all else "type"][column] == code

    def overtaken(self) -> bool:
        """R17: something newer is held, or an opt-out that is as old."""
        held = self.held
        if held.when is Moment.BEFORE or (
            held.when is Moment.SAME and held.status is OUT and not self.wants(OUT)
        ):
            return True
        if self.of_all:
            return self.wants(OUT) and held.when_own_opt_in is Moment.BEFORE
        return self.wants(IN) and self.under_all() and held.when_all in {Moment.BEFORE, Moment.SAME}

    def under_all(self) -> bool:
        """A type's change while an opt-out of all stands."""
        return not self.of_all and self.held.all_by is not Maker.NOBODY

    def holds_already(self) -> bool:
        return self.held.status is self.change.status

    def unproved(self) -> bool:
        """R19: an opt-in that did not come through a link sent to the address itself."""
        facts = self.change.facts
        return (
            facts is not None
            and facts.double_opt_in
            and self.wants(IN)
            and self.held.status is not IN
            and not (self.change.origin.name in _THROUGH_A_LINK and self.change.through_own_link)
        )

    def confirms_nothing(self) -> bool:
        """A confirm link does R19 and nothing else (R31); pressed twice it has nothing left to change."""
        confirming = self.change.origin is ConsentOrigin.CONFIRMATION and not self.held.pending
        lifts = self.wants(IN) and self.under_all()
        return confirming and not self.of_all and (lifts or not self.holds_already())

    def waits_already(self) -> bool:
        return self.unproved() and self.held.pending


class Row(NamedTuple):
    """One line of the book: the rules it is from, the answer, and when that is the answer."""

    rules: str
    answer: Decision
    holds: Callable[[Question], bool]


def _refused(code: ErrorCode, rules: str, holds: Callable[[Question], bool]) -> Row:
    return Row(rules, Refused(code), holds)


Code = ErrorCode
IN_FUTURE = _refused(Code.OCCURRED_IN_FUTURE, "R17", lambda q: q.change.in_future)


def _type(q: Question) -> TypeFacts:
    return q.change.facts or TypeFacts()


# The first line that holds is the answer.
TEAM = (
    IN_FUTURE,
    _refused(Code.CHANNEL_NOT_OFFERED, "R21", lambda q: not _type(q).offered),
    _refused(Code.TYPE_ARCHIVED, "R21", lambda q: _type(q).archived and not q.wants(OUT)),
    _refused(Code.LEGAL_BASIS_REQUIRED, "R6 R8 R9 R14", lambda q: q.lacks("L")),
    _refused(Code.EXPLANATION_REQUIRED, "R6 R8 R13 R14", lambda q: q.lacks("E")),
    _refused(Code.PROCESSING_BASIS_REQUIRED, "R6 R14", lambda q: q.lacks("P")),
    Row("R17", Superseded(), Question.overtaken),
    _refused(Code.OPTED_OUT_OF_ALL, "R10 R12", lambda q: q.wants(IN) and q.under_all()),
    Row("R11 R16", Unchanged(), Question.holds_already),
    _refused(
        Code.OPTED_OUT_BY_RECIPIENT, "R7 R8 R9", lambda q: q.may_not_take_back("OPTED_OUT_BY_RECIPIENT")
    ),
    _refused(Code.PREVIOUSLY_OPTED_OUT, "R9 R10", lambda q: q.may_not_take_back("PREVIOUSLY_OPTED_OUT")),
    Row("R16 R19", Unchanged(), Question.waits_already),
    Row("R19", Pending(), Question.unproved),
    Row("R5 R6 R7 R8 R9 R13", Accepted(), lambda q: True),
)
REVERSAL = (
    IN_FUTURE,
    Row("R16", Unchanged(), Question.holds_already),
    Row("R20", Accepted(), lambda q: True),
)
RECIPIENT = (
    IN_FUTURE,
    _refused(
        Code.NOT_FOUND,
        "R4",
        lambda q: q.change.origin is ConsentOrigin.PREFERENCE_PAGE and not _type(q).public,
    ),
    _refused(
        Code.TYPE_IS_TRANSACTIONAL,
        "R24",
        lambda q: q.wants(OUT) and _type(q).purpose is Purpose.TRANSACTIONAL,
    ),
    _refused(Code.CHANNEL_NOT_OFFERED, "R4", lambda q: not q.wants(OUT) and not _type(q).offered),
    _refused(Code.TYPE_ARCHIVED, "R4", lambda q: not q.wants(OUT) and _type(q).archived),
    Row("R11", Accepted(), lambda q: q.wants(OUT) and q.holds_already() and q.held.by is Maker.TEAM),
    Row("R17", Superseded(), Question.overtaken),
    _refused(Code.NOT_FOUND, "R19 R31", Question.confirms_nothing),
    Row("R16 R19", Unchanged(), Question.waits_already),
    Row("R19", Pending(), Question.unproved),
    Row("R12", Accepted(lifts_all=True), lambda q: q.wants(IN) and q.under_all()),
    Row("R16", Unchanged(), Question.holds_already),
    Row("R4 R8", Accepted(), lambda q: True),
)


def by_the_book(question: Question) -> Row:
    """The line of the domain that answers."""
    catalog = TEAM
    if question.change.origin is ConsentOrigin.REVERSAL:
        catalog = REVERSAL
    elif question.by_recipient:
        catalog = RECIPIENT
    return next(row for row in catalog if row.holds(question))
