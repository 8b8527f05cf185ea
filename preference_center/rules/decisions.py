"""What the consent rules take and return: a change, the state before it, and a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from preference_center.rules.types import (
    ConsentOrigin,
    DomainEnum,
    ErrorCode,
    Maker,
    PreferenceStatus,
    Purpose,
    ResubscribePolicy,
)


class Timing(DomainEnum):
    """When a change was decided, relative to an earlier decision.

    NOW is a change without a time of its own: it comes after every earlier decision, whatever the clocks say.
    """

    NOW = "NOW"
    AFTER = "AFTER"
    SAME = "SAME"
    BEFORE = "BEFORE"


def timing_of(occurred_at: datetime | None, earlier_at: datetime | None) -> Timing:
    """Compare the time of a change with the time of an earlier decision; either may be missing (R17)."""
    if occurred_at is None:
        return Timing.NOW
    if earlier_at is None or occurred_at > earlier_at:
        return Timing.AFTER
    return Timing.SAME if occurred_at == earlier_at else Timing.BEFORE


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What the rules need to know about a business unit."""

    data_privacy: bool
    resubscribe: ResubscribePolicy = ResubscribePolicy.WITH_LEGAL_BASIS


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What the rules need to know about a subscription type, on the channel of the change."""

    purpose: Purpose = Purpose.MARKETING
    offered: bool = True
    public: bool = True
    double_opt_in: bool = False
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A requested status, of one type, or of all (`facts` None; NOT_OPTED removes an opt-out of all)."""

    status: PreferenceStatus
    origin: ConsentOrigin
    facts: TypeFacts | None
    has_legal_basis: bool = False
    has_processing_basis: bool = False
    has_explanation: bool = False
    in_future: bool = False
    """Whether it is dated later than now. An opt-out then counts as now (R17)."""
    through_own_link: bool = True
    """Whether it was made on a page or link that was sent to the address itself (R19)."""
    carried: bool = False
    """Whether it repeats the recipient's own opt-out of a former address (R38)."""


@dataclass(frozen=True, slots=True)
class PriorState:
    """The state before a change, and when the change was decided relative to it (R17).

    For a change of all, `status` and `made_by` are those of the opt-out of all, and `all_made_by` is NOBODY.
    """

    status: PreferenceStatus = PreferenceStatus.NOT_OPTED
    made_by: Maker = Maker.NOBODY
    timing: Timing = Timing.NOW
    all_made_by: Maker = Maker.NOBODY
    """Who made the active opt-out of all; NOBODY if there is none."""
    timing_to_all: Timing = Timing.NOW
    """Relative to the active opt-out of all."""
    timing_to_own_opt_in: Timing = Timing.NOW
    """For an opt-out of all: relative to the newest opt-in that the recipient made in the unit (R12, R17)."""
    pending: bool = False
    has_processing_basis: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The change takes effect. `lifts_all`: it also removes the opt-out of all.

    On a page it then also opts out of the unit's other public types that were opted in (R12).
    """

    lifts_all: bool = False


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The requested state already exists (R16)."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """A newer decision exists: the change is recorded, without effect (R17)."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The opt-in waits for the recipient's confirmation (R19)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The change is not permitted. `also`: what else is wrong with the request, whatever the prior state."""

    code: ErrorCode
    also: tuple[ErrorCode, ...] = field(default=(), compare=False)

    @property
    def codes(self) -> tuple[ErrorCode, ...]:
        """All that is wrong, the reason for the refusal first."""
        return (self.code, *self.also)


Decision = Accepted | Unchanged | Superseded | Pending | Refused
