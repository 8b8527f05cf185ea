"""What runs each kind of operation."""

from __future__ import annotations

from preference_center.imports import contacts as contact_imports
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.operations import bulk_updates, reversals
from preference_center.operations.runner import Work
from preference_center.rules.types import OperationKind
from preference_center.workflows import enrolments

WORKS: dict[OperationKind, Work] = {
    OperationKind.BULK_UPDATE: bulk_updates.WORK,
    OperationKind.REVERSAL: reversals.WORK,
    OperationKind.IMPORT_OPT_OUTS: opt_out_imports.WORK,
    OperationKind.IMPORT_CONTACTS: contact_imports.WORK,
    OperationKind.WORKFLOW_ENROLMENT: enrolments.WORK,
}
