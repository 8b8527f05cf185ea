"""Undoing a bulk update or an import: what was before comes back where nothing has happened since (R20)."""

from __future__ import annotations

from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger import record as ledger
from preference_center.ledger import write as ledger_rows
from preference_center.ledger.record import Intent, Provenance
from preference_center.operations import operations
from preference_center.operations.operations import FINISHED, Asked, OperationRow, RefusalRow
from preference_center.operations.runner import Done, Work
from preference_center.rules.types import Actor, Channel, ConsentOrigin, OperationKind, PreferenceStatus
from preference_center.storage import database
from preference_center.validation import check_text

PART = 2_000
_REVERSIBLE = frozenset(
    {OperationKind.BULK_UPDATE, OperationKind.IMPORT_OPT_OUTS, OperationKind.IMPORT_CONTACTS}
)


async def ask(operation_id: int, explanation: str, actor: Actor) -> OperationRow:
    """Queue the undoing of an operation.

    Raises Invalid: NOT_FOUND; EXPLANATION_REQUIRED; NOT_REVERSIBLE for what is not finished, changed
    nothing because it was a dry run, is no bulk update or import, or is undone already.
    """
    undone = await operations.get(operation_id)
    if undone is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such operation.", "id")
    text = check_text(explanation, "explanation", max_length=2_000)
    if not text:
        message = "Undoing needs an explanation."
        raise Invalid(ErrorCode.EXPLANATION_REQUIRED, message, "explanation")
    reason = _irreversible(undone)
    if reason:
        raise Invalid(ErrorCode.NOT_REVERSIBLE, reason, "id")
    return await operations.create(
        Asked(OperationKind.REVERSAL, actor, {"operation": operation_id}, text, reverts_id=operation_id)
    )


def _irreversible(operation: OperationRow) -> str | None:
    if operation.kind not in _REVERSIBLE:
        return "Only bulk updates and imports can be undone."
    if operation.state not in FINISHED:
        return "The operation still runs: cancel it first, or wait."
    if operation.dry_run:
        return "A dry run changed nothing."
    if operation.reverted_by_id is not None:
        return "That operation is being undone, or is undone, already."
    return None


async def _prepare(operation: OperationRow) -> int:
    """Fix what is looked at: the events of the operation. What waits for confirmation waits no more."""
    await ledger_rows.drop_pending(operation.reverts_id)
    together = "json_agg(id)::text" if database.dialect() == "postgres" else "json_group_array(id)"
    rows = await database.fetch(
        "SELECT COUNT(*) AS n FROM consent_events WHERE operation_id = $1 AND NOT superseded",
        operation.reverts_id,
    )
    await database.execute(
        f"INSERT INTO operation_parts (operation_id, number, payload) SELECT $1, part, {together} FROM ("
        "SELECT id, CAST((dense_rank() OVER (ORDER BY recipient_id) - 1) / $3 AS int) AS part"
        " FROM consent_events WHERE operation_id = $2 AND NOT superseded) AS chosen GROUP BY part",
        operation.id,
        operation.reverts_id,
        PART,
    )
    return int(rows[0]["n"])


async def _run(operation: OperationRow, event_ids: list[int]) -> Done:
    """Restore one part. Of several events of one preference the first says what was before."""
    catalog = await exact_catalog()
    events = await database.fetch(
        "SELECT id, recipient_id, channel, business_unit_id, subscription_type_id, before, after"
        f" FROM consent_events WHERE id {database.any_of(1)} ORDER BY id",
        event_ids,
    )
    recipients = sorted({event["recipient_id"] for event in events})
    standing = await ledger_rows.lock_newest(recipients)
    done = Done(processed=len(events))
    before: dict[ledger_rows.About, str] = {}
    for event in events:
        before.setdefault(ledger_rows.about(event), event["before"])
    intents = []
    for event in events:
        about = ledger_rows.about(event)
        newest, by_operation = standing.get(about, (None, None))
        if by_operation != operation.reverts_id:
            done.refuse(_changed_since(event, catalog))
        elif newest == event["id"] and before[about] != event["after"]:
            type_id = event["subscription_type_id"]
            intents.append(
                Intent(
                    event["recipient_id"],
                    Channel(event["channel"]),
                    PreferenceStatus(before[about]),
                    catalog.unit_by_id(event["business_unit_id"]),
                    catalog.type_by_id(type_id) if type_id else None,
                )
            )
        else:
            done.unchanged += 1
    done.changed = sum(outcome.changed for outcome in await _restore(intents, operation))
    return done


async def _restore(intents: list[Intent], operation: OperationRow) -> list[ledger.Outcome]:
    provenance = Provenance(
        ConsentOrigin.REVERSAL,
        operation.acting,
        explanation=operation.explanation,
        operation_id=operation.id,
    )
    return await ledger.apply(intents, provenance) if intents else []


def _changed_since(event: database.Row, catalog: Catalog) -> RefusalRow:
    type_id = event["subscription_type_id"]
    about = catalog.type_by_id(type_id).key if type_id else catalog.unit_by_id(event["business_unit_id"]).key
    return RefusalRow(
        ErrorCode.NOT_REVERSIBLE.value,
        "This changed since, and was left alone.",
        recipient_id=event["recipient_id"],
        about=about,
    )


WORK = Work(run=_run, prepare=_prepare)
