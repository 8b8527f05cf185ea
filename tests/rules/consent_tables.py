"""The rules on consent changes as tables, written from their text and not from the code.

The tables cite the rules by number. `L` is a legal basis to communicate, `E` an explanation, `P` a basis to
process and store, which the contact may already have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from preference_center.rules.decisions import (
    Accepted,
    Change,
    Decision,
    Pending,
    PriorState,
    Refused,
    Superseded,
    Timing,
    TypeFacts,
    Unchanged,
    UnitFacts,
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

# What a change requires (R5, R6, R7, R8, R13, R14).
REQUIREMENTS = """
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

# Which refusal a change that reverses an opt-out gets, by who made the opt-out (R4, R7, R8, R9, R10, R20).
REFUSED_REVERSALS = """
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
    """Read a table of this form: row names to column names to cells."""
    header, *lines = [line.split("|") for line in text.strip().splitlines()]
    columns = [name.strip() for name in header[-len(lines[0]) + 1 :]]
    return {
        (first.split()[0], first.split()[1]): {
            column: cell.strip().strip("-") for column, cell in zip(columns, cells, strict=True)
        }
        for first, *cells in lines
    }


_REQUIREMENTS, _REFUSED_REVERSALS = _table(REQUIREMENTS), _table(REFUSED_REVERSALS)
_RECIPIENT_MADE = {"PREFERENCE_PAGE", "UNSUBSCRIBE_LINK", "ONE_CLICK", "KEYWORD", "CONFIRMATION", "PROVIDER"}
_NEEDS_NO_CONFIRMATION = {"PREFERENCE_PAGE", "CONFIRMATION", "REVERSAL"}


@dataclass(frozen=True)
class Question:
    """A change, the state before it, and its business unit."""

    change: Change
    prior: PriorState
    unit: UnitFacts

    @property
    def by_recipient(self) -> bool:
        return self.change.origin.name in _RECIPIENT_MADE

    @property
    def of_all(self) -> bool:
        return self.change.facts is None

    def requests(self, status: PreferenceStatus) -> bool:
        return self.change.status is status

    def column(self) -> str:
        """The column of REQUIREMENTS that applies to this change."""
        if self.of_all:
            return "opt out of all" if self.requests(OUT) else "remove from all"
        if self.requests(NEITHER):
            return "not opted from out" if self.prior.status is OUT else "not opted"
        return "opt in" if self.requests(IN) else "opt out"

    def lacks(self, requirement: str) -> bool:
        """REQUIREMENTS has it and the change does not."""
        row = _REQUIREMENTS[self.change.origin.name, "private" if self.unit.data_privacy else "open"]
        if requirement not in row[self.column()]:
            return False
        if requirement == "P":
            return not (self.change.has_processing_basis or self.prior.has_processing_basis)
        return not (self.change.has_legal_basis if requirement == "L" else self.change.has_explanation)

    def may_not_reverse(self, code: str) -> bool:
        """The change reverses an opt-out, and REFUSED_REVERSALS refuses that with this code."""
        if self.prior.status is not OUT or self.requests(OUT):
            return False
        column = "team"
        if self.prior.made_by is Maker.RECIPIENT:
            forbidden = self.unit.resubscribe is ResubscribePolicy.RECIPIENT_ONLY
            column = "recipient, RECIPIENT_ONLY" if forbidden else "recipient"
        return _REFUSED_REVERSALS[self.change.origin.name, "all" if self.of_all else "type"][column] == code

    def superseded(self) -> bool:
        """R17: a newer decision exists, or an opt-out of the same time. A future opt-out counts as now."""
        prior = self.prior
        if self.change.in_future and self.requests(OUT):
            return False
        if prior.timing is Timing.BEFORE or (
            prior.timing is Timing.SAME and prior.status is OUT and not self.requests(OUT)
        ):
            return True
        if self.of_all:
            return self.requests(OUT) and prior.timing_to_own_opt_in is Timing.BEFORE
        not_newer = prior.timing_to_all in {Timing.BEFORE, Timing.SAME}
        return self.requests(IN) and self.under_opt_out_of_all() and not_newer

    def under_opt_out_of_all(self) -> bool:
        """A change of a type while an opt-out of all is active."""
        return not self.of_all and self.prior.all_made_by is not Maker.NOBODY

    def changes_nothing(self) -> bool:
        return self.prior.status is self.change.status

    def unconfirmed(self) -> bool:
        """R19: a double opt-in that was not made through a link sent to the address itself."""
        facts = self.change.facts
        return (
            facts is not None
            and facts.double_opt_in
            and self.requests(IN)
            and self.prior.status is not IN
            and not (self.change.origin.name in _NEEDS_NO_CONFIRMATION and self.change.through_own_link)
        )

    def confirms_nothing(self) -> bool:
        """R19, R31: a confirm link only confirms; used twice, it changes nothing."""
        confirming = self.change.origin is ConsentOrigin.CONFIRMATION and not self.prior.pending
        lifts = self.requests(IN) and self.under_opt_out_of_all()
        return confirming and not self.of_all and (lifts or not self.changes_nothing())

    def already_pending(self) -> bool:
        return self.unconfirmed() and self.prior.pending


class Row(NamedTuple):
    """One row: the rules that it is from, the decision, and the condition under which it applies."""

    rules: str
    decision: Decision
    applies: Callable[[Question], bool]


def _refused(code: ErrorCode, rules: str, applies: Callable[[Question], bool]) -> Row:
    return Row(rules, Refused(code), applies)


Code = ErrorCode
IN_FUTURE = _refused(Code.OCCURRED_IN_FUTURE, "R17", lambda q: q.change.in_future and not q.requests(OUT))


def _type(q: Question) -> TypeFacts:
    return q.change.facts or TypeFacts()


# In each table the first row that applies is the decision.
TEAM = (
    IN_FUTURE,
    _refused(Code.CHANNEL_NOT_OFFERED, "R21", lambda q: not _type(q).offered),
    _refused(Code.TYPE_ARCHIVED, "R21", lambda q: _type(q).archived and not q.requests(OUT)),
    _refused(Code.LEGAL_BASIS_REQUIRED, "R6 R8 R9 R14", lambda q: q.lacks("L")),
    _refused(Code.EXPLANATION_REQUIRED, "R6 R8 R13 R14", lambda q: q.lacks("E")),
    _refused(Code.PROCESSING_BASIS_REQUIRED, "R6 R14", lambda q: q.lacks("P")),
    Row("R17", Superseded(), Question.superseded),
    _refused(Code.OPTED_OUT_OF_ALL, "R10 R12", lambda q: q.requests(IN) and q.under_opt_out_of_all()),
    Row("R11 R16", Unchanged(), Question.changes_nothing),
    _refused(Code.OPTED_OUT_BY_RECIPIENT, "R7 R8 R9", lambda q: q.may_not_reverse("OPTED_OUT_BY_RECIPIENT")),
    _refused(Code.PREVIOUSLY_OPTED_OUT, "R9 R10", lambda q: q.may_not_reverse("PREVIOUSLY_OPTED_OUT")),
    Row("R16 R19", Unchanged(), Question.already_pending),
    Row("R19", Pending(), Question.unconfirmed),
    Row("R5 R6 R7 R8 R9 R13", Accepted(), lambda q: True),
)
# R38: the recipient's own opt-out of a former address, recorded for the new one.
CARRIED = (
    Row(
        "R16",
        Unchanged(),
        lambda q: q.changes_nothing() and q.prior.made_by is Maker.RECIPIENT,
    ),
    Row("R11 R38", Accepted(), lambda q: True),
)
REVERSAL = (
    IN_FUTURE,
    Row("R16", Unchanged(), Question.changes_nothing),
    Row("R20", Accepted(), lambda q: True),
)
RECIPIENT = (
    IN_FUTURE,
    _refused(
        Code.NOT_FOUND,
        "R4",
        lambda q: (
            q.change.origin is ConsentOrigin.PREFERENCE_PAGE and not _type(q).public and not q.requests(OUT)
        ),
    ),
    _refused(
        Code.TYPE_IS_TRANSACTIONAL,
        "R24",
        lambda q: q.requests(OUT) and _type(q).purpose is Purpose.TRANSACTIONAL,
    ),
    _refused(Code.CHANNEL_NOT_OFFERED, "R4", lambda q: not q.requests(OUT) and not _type(q).offered),
    _refused(Code.TYPE_ARCHIVED, "R4", lambda q: not q.requests(OUT) and _type(q).archived),
    Row(
        "R11",
        Accepted(),
        lambda q: q.requests(OUT) and q.changes_nothing() and q.prior.made_by is Maker.TEAM,
    ),
    Row("R17", Superseded(), Question.superseded),
    _refused(Code.NOT_FOUND, "R19 R31", Question.confirms_nothing),
    Row("R16 R19", Unchanged(), Question.already_pending),
    Row("R19", Pending(), Question.unconfirmed),
    Row("R12", Accepted(lifts_all=True), lambda q: q.requests(IN) and q.under_opt_out_of_all()),
    Row("R16", Unchanged(), Question.changes_nothing),
    Row("R4 R8", Accepted(), lambda q: True),
)


def expected_row(question: Question) -> Row:
    """The row of the tables that decides."""
    table = TEAM
    if question.change.carried:
        table = CARRIED
    elif question.change.origin is ConsentOrigin.REVERSAL:
        table = REVERSAL
    elif question.by_recipient:
        table = RECIPIENT
    return next(row for row in table if row.applies(question))
