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

    If there are obstacles, `requires` is what has to be given once they are gone.
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
        subscribe=_unless(_not_subscribing(prior), opt_in),
        resubscribe=_unless(_not_resubscribing(prior), opt_in),
        unsubscribe=_unless(Pointless.OPTED_OUT if prior.status is _OUT else None, opt_out),
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


def _not_subscribing(prior: PriorState) -> Pointless | None:
    if prior.status is _IN:
        return Pointless.OPTED_IN
    if prior.status is _OUT:
        return Pointless.IS_RESUBSCRIBE
    return Pointless.PENDING if prior.pending else None


def _not_resubscribing(prior: PriorState) -> Pointless | None:
    if prior.status is _IN:
        return Pointless.OPTED_IN
    if prior.status is _NEITHER:
        return Pointless.IS_SUBSCRIBE
    return Pointless.PENDING if prior.pending else None


def _unless(pointless: Pointless | None, answer: Answer) -> Answer:
    """What stands against an action is named first: without it, it may have a point."""
    return answer if pointless is None or answer.obstacles else Answer((pointless,))


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
