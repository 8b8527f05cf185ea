"""What a token may read of an operation.

A dry run changes nothing, so whoever could read its numbers could ask it about one person after another. The
reasons of refusals tell what people chose. Both need the scopes that read what they tell.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from preference_center.access.scopes import (
    READ_DRY_RUNS,
    READ_DRY_RUNS_OF_CONTACTS,
    READ_REFUSAL_REASONS,
    READ_REFUSED_CONTACTS,
    Access,
)
from preference_center.operations.operations import OperationRow
from preference_center.rules.types import ErrorCode, OperationKind, OperationState

REASONS_WITHOUT_CONSENT: Final = frozenset(
    {
        ErrorCode.NOT_FOUND,
        ErrorCode.INVALID_ADDRESS,
        ErrorCode.INVALID_VALUE,
        ErrorCode.ADDRESS_MISSING,
        ErrorCode.CHANNEL_NOT_OFFERED,
        ErrorCode.TYPE_ARCHIVED,
    }
)
"""Reasons that lie in the file, the contact or the catalog. Others depend on what was chosen before."""
_REASONS_IN_CONTACTS: Final = frozenset({ErrorCode.NOT_FOUND, ErrorCode.ADDRESS_MISSING})
"""Reasons that tell which contacts there are, and which addresses they have."""
_OF_CONTACTS: Final = frozenset({OperationKind.IMPORT_CONTACTS, OperationKind.WORKFLOW_ENROLMENT})


def access_to_results(operation: OperationRow) -> Access | None:
    """What a token needs to read what became of the targets, in numbers; None if it needs nothing more.

    Before an operation starts, its numbers are 0.
    """
    if not operation.dry_run or operation.state is OperationState.QUEUED:
        return None
    return READ_DRY_RUNS_OF_CONTACTS if operation.kind in _OF_CONTACTS else READ_DRY_RUNS


def access_to_progress(operation: OperationRow) -> Access | None:
    """What a token needs to read how many targets there are; None if it needs nothing more.

    The filter of a workflow decides how many contacts an enrolment has.
    """
    is_enrolment = operation.kind is OperationKind.WORKFLOW_ENROLMENT
    return access_to_results(operation) if is_enrolment else None


def reasons_shown(operation: OperationRow, scopes: Collection[str]) -> frozenset[ErrorCode]:
    """Return the reasons of an operation's refusals that a token with these scopes may read."""
    may_read_consent = READ_REFUSAL_REASONS.missing(scopes) is None
    shown = frozenset(ErrorCode) if may_read_consent else REASONS_WITHOUT_CONSENT
    if operation.dry_run and READ_REFUSED_CONTACTS.missing(scopes) is not None:
        return shown - _REASONS_IN_CONTACTS
    return shown


def refusals_shown(operation: OperationRow, scopes: Collection[str]) -> dict[ErrorCode, int]:
    """Return how many refusals an operation has for each reason that the token may read."""
    shown = reasons_shown(operation, scopes)
    codes = ((ErrorCode(code), count) for code, count in sorted(operation.refusals.items()))
    return {code: count for code, count in codes if code in shown}
