"""What may be done next: `decide` asked with supposed input, so no rule is stated twice (R5-R9, R13, R19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from preference_center.rules.consent import decide
from preference_center.rules.decisions import (
    Change,
    Decision,
    PriorState,
    Refused,
    TypeFacts,
    Unchanged,
    UnitFacts,
)
from preference_center.rules.permissions.confirmations import ResendResult
from preference_center.rules.types import (
    ConsentOrigin,
    DomainEnum,
    ErrorCode,
    Maker,
    PreferenceStatus,
)

_IN, _NEITHER, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT


class Requirement(DomainEnum):
    """What the caller has to give with an action."""

    LEGAL_BASIS = "LEGAL_BASIS"
    PROCESSING_BASIS = "PROCESSING_BASIS"
    EXPLANATION = "EXPLANATION"


class Pointless(DomainEnum):
    """Why an action that no rule forbids would do nothing, or is another action."""

    OPTED_IN = "OPTED_IN"
    OPTED_OUT = "OPTED_OUT"
    PENDING = "PENDING"
    """The opt-in waits for the recipient's confirmation already."""
    IS_RESUBSCRIBE = "IS_RESUBSCRIBE"
    """The recipient is opted out: opting in is to resubscribe (R7)."""
    IS_SUBSCRIBE = "IS_SUBSCRIBE"
    """The recipient is not opted out: opting in is to subscribe (R6)."""


Obstacle = ErrorCode | Pointless | ResendResult


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether an action is allowed, provided that what it `requires` is given.

    If there are obstacles, `requires` is what has to be given once they are gone: nothing if the action is
    pointless then.
    """

    obstacles: tuple[Obstacle, ...] = ()
    requires: tuple[Requirement, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against the action."""
        return not self.obstacles


@dataclass(frozen=True, slots=True)
class PreferenceAnswers:
    """What may be done to a preference."""

    subscribe: Answer
    resubscribe: Answer
    unsubscribe: Answer


_REQUIREMENTS: Final = {
    ErrorCode.LEGAL_BASIS_REQUIRED: Requirement.LEGAL_BASIS,
    ErrorCode.PROCESSING_BASIS_REQUIRED: Requirement.PROCESSING_BASIS,
    ErrorCode.EXPLANATION_REQUIRED: Requirement.EXPLANATION,
}


@lru_cache(maxsize=16384)
def of_preference(
    facts: TypeFacts, prior: PriorState, unit: UnitFacts, origin: ConsentOrigin
) -> PreferenceAnswers:
    """What a team's token of an origin may do to a preference, now."""
    opt_in = _asked(Change(_IN, origin, facts), prior, unit)
    opt_out = _asked(Change(_OUT, origin, facts), prior, unit)
    return PreferenceAnswers(
        subscribe=_unless(prior.status is _OUT, Pointless.IS_RESUBSCRIBE, opt_in),
        resubscribe=_unless(prior.status is _NEITHER, Pointless.IS_SUBSCRIBE, opt_in),
        unsubscribe=opt_out,
    )


@lru_cache(maxsize=256)
def of_removal(made_by: Maker, unit: UnitFacts, origin: ConsentOrigin) -> Answer:
    """Whether a team's token of an origin may remove an opt-out of all, now (R8)."""
    return _asked(Change(_NEITHER, origin, None), PriorState(_OUT, made_by), unit)


def of_resending(facts: TypeFacts, result: ResendResult) -> Answer:
    """Whether the message that asks for confirmation may be sent again, now (R19)."""
    archived = (ErrorCode.TYPE_ARCHIVED,) if facts.archived else ()
    refused = (result,) if result is not ResendResult.QUEUED else ()
    return Answer((*archived, *refused))


def _unless(is_other: bool, pointless: Pointless, answer: Answer) -> Answer:
    """The answer, or that the action is another one. What stands against it is named first."""
    return Answer(answer.obstacles or (pointless,)) if is_other else answer


def _pointless(change: Change, prior: PriorState) -> Pointless:
    """Why a change that is allowed would change nothing."""
    if change.status is not prior.status:
        return Pointless.PENDING
    return Pointless.OPTED_IN if prior.status is _IN else Pointless.OPTED_OUT


def _asked(change: Change, prior: PriorState, unit: UnitFacts) -> Answer:
    """All that stands against a change with everything given, and what it then lacks with nothing given."""
    obstacles: list[ErrorCode] = []
    given = replace(change, has_legal_basis=True, has_processing_basis=True, has_explanation=True)
    while isinstance(decision := decide(given, prior, unit), Refused):
        obstacles += decision.codes
        suppose = _supposed(decision.codes, given, prior)
        if suppose is None:
            return Answer(tuple(obstacles))
        given, prior = suppose
    if isinstance(decision, Unchanged):
        return Answer(tuple(obstacles) or (_pointless(change, prior),))
    facts = given.facts
    return Answer(tuple(obstacles), _lacking(decide(replace(change, facts=facts), prior, unit)))


def _lacking(decision: Decision) -> tuple[Requirement, ...]:
    if not isinstance(decision, Refused):
        return ()
    lacking = {_REQUIREMENTS[code] for code in decision.codes}
    return tuple(requirement for requirement in Requirement if requirement in lacking)


def _supposed(
    codes: Sequence[ErrorCode], change: Change, prior: PriorState
) -> tuple[Change, PriorState] | None:
    """The change and the state with these obstacles gone; None if one of them cannot go."""
    for code in codes:
        if code is ErrorCode.CHANNEL_NOT_OFFERED and change.facts is not None:
            change = replace(change, facts=replace(change.facts, offered=True))
        elif code is ErrorCode.TYPE_ARCHIVED and change.facts is not None:
            change = replace(change, facts=replace(change.facts, archived=False))
        elif code is ErrorCode.OPTED_OUT_OF_ALL:
            prior = replace(prior, all_made_by=Maker.NOBODY)
        else:
            return None
    return change, prior
