"""Whether a change of consent takes effect (R4-R19). Finite facts in, one decision out.

Facts carry no clocks, ids or texts, so that the answers for equal facts are kept: a million rows
don't pay for the rules a million times.
"""

from __future__ import annotations

from functools import lru_cache

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

_IN, _NEITHER, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
_FROM_THE_ADDRESS = frozenset({ConsentOrigin.PREFERENCE_PAGE, ConsentOrigin.CONFIRMATION})
_EXPLAINED_OPT_IN = frozenset({ConsentOrigin.CONTACT_RECORD, ConsentOrigin.INTEGRATION, ConsentOrigin.IMPORT})


@lru_cache(maxsize=65536)
def decide(change: Change, held: Held, unit: UnitFacts) -> Decision:
    """Decide one change against what holds.

    Looks for faults of the change first, then at its time (R17), then at what stands against it.
    Raises ValueError for an opt-in to "all", which no rule knows.
    """
    if change.facts is None and change.status is _IN:
        raise ValueError("nobody opts in to all: NOT_OPTED removes an opt-out of all")
    refusal = _fault(change, held, unit)
    if refusal is not None:
        return Refused(refusal)
    if change.origin is ConsentOrigin.REVERSAL:
        return Unchanged() if change.status is held.status else Accepted()
    if _superseded(change, held):
        return Superseded()
    if change.facts is None:
        return _decide_all(change, held)
    if change.origin.maker is Maker.RECIPIENT:
        return _decide_recipient(change, held)
    return _decide_team(change, change.facts, held, unit)


def _fault(change: Change, held: Held, unit: UnitFacts) -> ErrorCode | None:
    """What is wrong with the change whatever is held."""
    if change.in_future:
        return ErrorCode.OCCURRED_IN_FUTURE
    if change.origin is ConsentOrigin.REVERSAL:
        return None
    if change.origin.maker is Maker.RECIPIENT:
        return _recipient_fault(change)
    return _type_fault(change) or _missing_ground(change, held, unit)


def _recipient_fault(change: Change) -> ErrorCode | None:
    """R4: every public type. A recipient's opt-out is held up by nothing but R24."""
    facts = change.facts
    if facts is None:
        return None
    if change.origin is ConsentOrigin.PREFERENCE_PAGE and not facts.public:
        return ErrorCode.NOT_FOUND
    if change.status is _OUT:
        transactional = facts.purpose is Purpose.TRANSACTIONAL
        return ErrorCode.TYPE_IS_TRANSACTIONAL if transactional else None
    return _type_fault(change)


def _type_fault(change: Change) -> ErrorCode | None:
    facts = change.facts
    if facts is None:
        return None
    if not facts.offered:
        return ErrorCode.CHANNEL_NOT_OFFERED
    if facts.archived and change.status is not _OUT:
        return ErrorCode.TYPE_ARCHIVED
    return None


def _missing_ground(change: Change, held: Held, unit: UnitFacts) -> ErrorCode | None:
    """Legal basis, explanation and basis to process, where they are asked for (R6, R8, R13, R14)."""
    legal_basis, explanation, processing = _grounds(change, held, unit)
    if legal_basis and not change.has_legal_basis:
        return ErrorCode.LEGAL_BASIS_REQUIRED
    if explanation and not change.has_explanation:
        return ErrorCode.EXPLANATION_REQUIRED
    if processing and not (change.has_processing_basis or held.processing_basis):
        return ErrorCode.PROCESSING_BASIS_REQUIRED
    return None


def _grounds(change: Change, held: Held, unit: UnitFacts) -> tuple[bool, bool, bool]:
    """(legal basis, explanation, basis to process): which of them the change has to come with."""
    privacy = unit.data_privacy
    if change.origin is ConsentOrigin.BULK_UPDATE:
        return privacy, True, privacy
    if change.status is _OUT:
        return False, False, False
    if change.facts is None:
        return privacy, True, False
    reverses = held.status is _OUT
    if change.status is _IN or reverses:
        if change.origin in _EXPLAINED_OPT_IN:
            return True, True, privacy
        return privacy, privacy or change.status is _NEITHER, privacy
    return False, change.origin is not ConsentOrigin.WORKFLOW or privacy, False


def _superseded(change: Change, held: Held) -> bool:
    """R17. A recipient's opt-out still takes over a team's newer one: in true order it came first (R11)."""
    if change.status is _OUT:
        takes_over = change.origin.maker is Maker.RECIPIENT and held.status is _OUT and held.by is Maker.TEAM
        return not takes_over and (held.when is Moment.BEFORE or held.when_own_opt_in is Moment.BEFORE)
    if held.when is Moment.BEFORE or (held.when is Moment.SAME and held.status is _OUT):
        return True
    all_stands = held.all_by is not Maker.NOBODY
    return change.status is _IN and all_stands and held.when_all in (Moment.BEFORE, Moment.SAME)


def _decide_all(change: Change, held: Held) -> Decision:
    """An opt-out of all, or its removal (R8, R10, R11)."""
    recipient = change.origin.maker is Maker.RECIPIENT
    if change.status is held.status:
        takes_over = recipient and held.status is _OUT and held.by is Maker.TEAM
        return Accepted() if takes_over else Unchanged()
    if change.status is _OUT or recipient:
        return Accepted()
    if held.by is Maker.RECIPIENT:
        return Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT)
    if change.origin in (ConsentOrigin.IMPORT, ConsentOrigin.WORKFLOW):
        return Refused(ErrorCode.PREVIOUSLY_OPTED_OUT)
    return Accepted()


def _decide_recipient(change: Change, held: Held) -> Decision:
    """R4, R11, R12, R19: the recipient's own word on one type."""
    lifts_all = change.status is _IN and held.all_by is not Maker.NOBODY
    if change.status is held.status and not lifts_all:
        takes_over = held.status is _OUT and held.by is Maker.TEAM
        return Accepted() if takes_over else Unchanged()
    if change.origin is ConsentOrigin.CONFIRMATION and not held.pending:
        return Refused(ErrorCode.NOT_FOUND)  # confirm links do R19 and nothing else (R31)
    return _confirmed(change, held) or Accepted(lifts_all=lifts_all)


def _decide_team(change: Change, facts: TypeFacts, held: Held, unit: UnitFacts) -> Decision:
    """R5-R7, R9-R13, R19: the team's word on one type."""
    if change.status is _IN and held.all_by is not Maker.NOBODY:
        return Refused(ErrorCode.OPTED_OUT_OF_ALL)
    if change.status is held.status:
        return Unchanged()
    if held.status is _OUT:
        refusal = _irreversible(change.origin, held.by, unit)
        if refusal is not None:
            return Refused(refusal)
    return _confirmed(change, held) or Accepted()


def _irreversible(origin: ConsentOrigin, by: Maker, unit: UnitFacts) -> ErrorCode | None:
    """Why this origin may not end an opt-out that `by` made (R7, R9, R10)."""
    own = by is Maker.RECIPIENT
    if origin is ConsentOrigin.WORKFLOW:
        return ErrorCode.PREVIOUSLY_OPTED_OUT
    if origin is ConsentOrigin.CONTACT_RECORD:
        forbidden = own and unit.resubscribe is ResubscribePolicy.RECIPIENT_ONLY
        return ErrorCode.OPTED_OUT_BY_RECIPIENT if forbidden else None
    if own:
        return ErrorCode.OPTED_OUT_BY_RECIPIENT
    return ErrorCode.PREVIOUSLY_OPTED_OUT if origin is ConsentOrigin.IMPORT else None


def _confirmed(change: Change, held: Held) -> Decision | None:
    """R19: what a double opt-in waits for, or None where nothing has to be waited for."""
    facts = change.facts
    if change.status is not _IN or facts is None or not facts.double_opt_in:
        return None
    proved = change.origin in _FROM_THE_ADDRESS and change.through_own_link
    if proved or held.status is _IN:
        return None
    return Unchanged() if held.pending else Pending()
