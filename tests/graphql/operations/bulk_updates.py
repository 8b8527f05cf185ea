"""Bulk updates over GraphQL: their documents, and running what is queued."""

from __future__ import annotations

from typing import Any

from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next

BULK = """mutation($input: BulkUpdatePreferencesInput!) { bulkUpdatePreferences(input: $input) {
  operation { id kind state dryRun total processed changed unchanged refused refusals { code count } actor
    explanation error finishedAt refusalsUrl revertedBy { id } }
  userErrors { code field } } }"""
REVERT = """mutation($id: ID!) { revertOperation(input: {id: $id, explanation: "Wrong list."}) {
  operation { id kind } userErrors { code field } } }"""
CREATE = "mutation($email: String) { createContact(input: {email: $email}) { contact { id } } }"
BASIS = {
    "explanation": "Moved from the old shop.",
    "legalBasis": "CONSENT_WITH_NOTICE",
    "processingBasis": "PROCESS_AND_STORE",
}


async def run_operations() -> None:
    while await run_next(HANDLERS):
        pass


def bulk_update(**more: Any) -> dict[str, Any]:
    selection = {"contacts": {"filter": {}}, "subscriptionTypes": ["weekly-digest"], "status": "OPTED_IN"}
    return {**selection, **BASIS, **more}
