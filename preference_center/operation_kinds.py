"""What runs each kind of operation."""

from __future__ import annotations

from preference_center import bulk_updates, contact_imports, opt_out_imports, reversals, workflow_enrolments
from preference_center.operation_runner import Work
from preference_center.rules.types import OperationKind

WORKS: dict[OperationKind, Work] = {
    OperationKind.BULK_UPDATE: bulk_updates.WORK,
    OperationKind.REVERSAL: reversals.WORK,
    OperationKind.IMPORT_OPT_OUTS: opt_out_imports.WORK,
    OperationKind.IMPORT_CONTACTS: contact_imports.WORK,
    OperationKind.WORKFLOW_ENROLMENT: workflow_enrolments.WORK,
}
