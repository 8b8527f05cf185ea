"""The handler of each kind of operation: the one place that knows all of them."""

from __future__ import annotations

from preference_center.imports import contacts as contact_imports
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.operations import bulk_updates, reversals
from preference_center.operations.handler import OperationHandler
from preference_center.rules.types import OperationKind
from preference_center.workflows import manual_enrolment

HANDLERS: dict[OperationKind, OperationHandler] = {
    OperationKind.BULK_UPDATE: bulk_updates.HANDLER,
    OperationKind.REVERSAL: reversals.HANDLER,
    OperationKind.IMPORT_OPT_OUTS: opt_out_imports.HANDLER,
    OperationKind.IMPORT_CONTACTS: contact_imports.HANDLER,
    OperationKind.WORKFLOW_ENROLMENT: manual_enrolment.HANDLER,
}
