"""Whether a change of consent takes effect (R4-R19): facts in, one decision out.

Facts hold no times, ids or free text, so decisions about equal facts can be cached: a million rows do not
evaluate the rules a million times.
"""

from __future__ import annotations

from functools import lru_cache

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

_IN, _NEITHER, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
_FROM_ADDRESS = frozenset({ConsentOrigin.PREFERENCE_PAGE, ConsentOrigin.CONFIRMATION})
_EXPLAINED_OPT_IN = frozenset({ConsentOrigin.CONTACT_RECORD, ConsentOrigin.INTEGRATION, ConsentOrigin.IMPORT})


@lru_cache(maxsize=65536)
def decide(change: Change, prior: PriorState, unit: UnitFacts) -> Decision:
    """Decide one change, given the state before it.

    Checks the change itself first, then its time (R17), then whether the prior state allows it.
    Raises ValueError for an opt-in to "all", which does not exist.
    """
    if change.facts is None and change.status is _IN:
        raise ValueError("there is no opt-in to all: NOT_OPTED removes an opt-out of all")
    if change.carried:
        return _decide_carried(prior)
    faults = _faults(change, prior, unit)
    if faults:
        return Refused(faults[0], also=faults[1:])
    if change.origin is ConsentOrigin.REVERSAL:
        return Unchanged() if change.status is prior.status else Accepted()
    if _superseded(change, prior):
        return Superseded()
    if change.facts is None:
        return _decide_all(change, prior)
    if change.origin.maker is Maker.RECIPIENT:
        return _decide_recipient(change, prior)
    return _decide_team(change, change.facts, prior, unit)


def _faults(change: Change, prior: PriorState, unit: UnitFacts) -> tuple[ErrorCode, ...]:
    """All that is wrong with the change, whatever the prior state. No opt-out is lost for its time (R17)."""
    in_future = change.in_future and change.status is not _OUT
    faults = (ErrorCode.OCCURRED_IN_FUTURE,) if in_future else ()
    if change.origin is ConsentOrigin.REVERSAL:
        return faults
    if change.origin.maker is Maker.RECIPIENT:
        return (*faults, *_recipient_faults(change))
    return (*faults, *_type_faults(change), *_missing_requirements(change, prior, unit))


def _recipient_faults(change: Change) -> tuple[ErrorCode, ...]:
    """R4: recipients opt in to public types. They may opt out of every type but transactional ones (R24)."""
    facts = change.facts
    if facts is None:
        return ()
    if change.status is _OUT:
        return (ErrorCode.TYPE_IS_TRANSACTIONAL,) if facts.purpose is Purpose.TRANSACTIONAL else ()
    if change.origin is ConsentOrigin.PREFERENCE_PAGE and not facts.public:
        return (ErrorCode.NOT_FOUND,)
    return _type_faults(change)


def _type_faults(change: Change) -> tuple[ErrorCode, ...]:
    facts = change.facts
    if facts is None:
        return ()
    archived = facts.archived and change.status is not _OUT
    return (
        *(() if facts.offered else (ErrorCode.CHANNEL_NOT_OFFERED,)),
        *((ErrorCode.TYPE_ARCHIVED,) if archived else ()),
    )


def _missing_requirements(change: Change, prior: PriorState, unit: UnitFacts) -> tuple[ErrorCode, ...]:
    """A legal basis, explanation and basis to process that are required and missing (R6, R8, R13, R14)."""
    legal_basis, explanation, processing = _requirements(change, prior, unit)
    has_processing_basis = change.has_processing_basis or prior.has_processing_basis
    return (
        *((ErrorCode.LEGAL_BASIS_REQUIRED,) if legal_basis and not change.has_legal_basis else ()),
        *((ErrorCode.EXPLANATION_REQUIRED,) if explanation and not change.has_explanation else ()),
        *((ErrorCode.PROCESSING_BASIS_REQUIRED,) if processing and not has_processing_basis else ()),
    )


def _requirements(change: Change, prior: PriorState, unit: UnitFacts) -> tuple[bool, bool, bool]:
    """Which the change requires: (legal basis, explanation, basis to process)."""
    privacy = unit.data_privacy
    if change.origin is ConsentOrigin.BULK_UPDATE:
        return privacy, True, privacy
    if change.status is _OUT:
        return False, False, False
    if change.facts is None:
        return privacy, True, False
    reverses = prior.status is _OUT
    if change.status is _IN or reverses:
        if change.origin in _EXPLAINED_OPT_IN:
            return True, True, privacy
        return privacy, privacy or change.status is _NEITHER, privacy
    return False, change.origin is not ConsentOrigin.WORKFLOW or privacy, False


def _superseded(change: Change, prior: PriorState) -> bool:
    """R17. A recipient's opt-out takes over a newer one of the team: the recipient decided first (R11)."""
    if change.status is _OUT:
        if change.in_future:
            return False
        takes_over = (
            change.origin.maker is Maker.RECIPIENT and prior.status is _OUT and prior.made_by is Maker.TEAM
        )
        return not takes_over and (
            prior.timing is Timing.BEFORE or prior.timing_to_own_opt_in is Timing.BEFORE
        )
    if prior.timing is Timing.BEFORE or (prior.timing is Timing.SAME and prior.status is _OUT):
        return True
    opted_out_of_all = prior.all_made_by is not Maker.NOBODY
    return change.status is _IN and opted_out_of_all and prior.timing_to_all in (Timing.BEFORE, Timing.SAME)


def _decide_carried(prior: PriorState) -> Decision:
    """R38: an objection that follows the person counts, unless the address has one of its own (R11, R16)."""
    has_own = prior.status is _OUT and prior.made_by is Maker.RECIPIENT
    return Unchanged() if has_own else Accepted()


def _decide_all(change: Change, prior: PriorState) -> Decision:
    """An opt-out of all, or its removal (R8, R10, R11)."""
    recipient = change.origin.maker is Maker.RECIPIENT
    if change.status is prior.status:
        takes_over = recipient and prior.status is _OUT and prior.made_by is Maker.TEAM
        return Accepted() if takes_over else Unchanged()
    if change.status is _OUT or recipient:
        return Accepted()
    if prior.made_by is Maker.RECIPIENT:
        return Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT)
    if change.origin in (ConsentOrigin.IMPORT, ConsentOrigin.WORKFLOW):
        return Refused(ErrorCode.PREVIOUSLY_OPTED_OUT)
    return Accepted()


def _decide_recipient(change: Change, prior: PriorState) -> Decision:
    """R4, R11, R12, R19: a recipient's change of one type."""
    lifts_all = change.status is _IN and prior.all_made_by is not Maker.NOBODY
    if change.status is prior.status and not lifts_all:
        takes_over = prior.status is _OUT and prior.made_by is Maker.TEAM
        return Accepted() if takes_over else Unchanged()
    if change.origin is ConsentOrigin.CONFIRMATION and not prior.pending:
        return Refused(ErrorCode.NOT_FOUND)  # confirm links only confirm (R19, R31)
    return _unconfirmed(change, prior) or Accepted(lifts_all=lifts_all)


def _decide_team(change: Change, facts: TypeFacts, prior: PriorState, unit: UnitFacts) -> Decision:
    """R5-R7, R9-R13, R19: a team's change of one type."""
    if change.status is _IN and prior.all_made_by is not Maker.NOBODY:
        return Refused(ErrorCode.OPTED_OUT_OF_ALL)
    if change.status is prior.status:
        return Unchanged()
    if prior.status is _OUT:
        refusal = _irreversible(change.origin, prior.made_by, unit)
        if refusal is not None:
            return Refused(refusal)
    return _unconfirmed(change, prior) or Accepted()


def _irreversible(origin: ConsentOrigin, made_by: Maker, unit: UnitFacts) -> ErrorCode | None:
    """Why this origin may not reverse an opt-out that `made_by` made (R7, R9, R10)."""
    own = made_by is Maker.RECIPIENT
    if origin is ConsentOrigin.WORKFLOW:
        return ErrorCode.PREVIOUSLY_OPTED_OUT
    if origin is ConsentOrigin.CONTACT_RECORD:
        forbidden = own and unit.resubscribe is ResubscribePolicy.RECIPIENT_ONLY
        return ErrorCode.OPTED_OUT_BY_RECIPIENT if forbidden else None
    if own:
        return ErrorCode.OPTED_OUT_BY_RECIPIENT
    return ErrorCode.PREVIOUSLY_OPTED_OUT if origin is ConsentOrigin.IMPORT else None


def _unconfirmed(change: Change, prior: PriorState) -> Decision | None:
    """R19: the decision on a double opt-in that is not confirmed yet; None if no confirmation is needed."""
    facts = change.facts
    if change.status is not _IN or facts is None or not facts.double_opt_in:
        return None
    proved = change.origin in _FROM_ADDRESS and change.through_own_link
    if proved or prior.status is _IN:
        return None
    return Unchanged() if prior.pending else Pending()
