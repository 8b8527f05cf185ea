"""Importing opt-out lists: every address is opted out of all of one business unit, on one channel.

It creates no contacts and opts nobody in; existing opt-outs stay as they are (R2, R9, R11, R16).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit, current_catalog
from preference_center.errors import ErrorCode
from preference_center.imports import known_opt_outs, upload
from preference_center.imports.opt_out_file import OptOutLayout, OptOutRow, is_column_name
from preference_center.imports.rows import StoredRow, readable
from preference_center.imports.upload import FileFormat, Upload
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.refusals import refusal_of
from preference_center.ledger.types import Intent, Outcome, Provenance
from preference_center.ledger.undecided import record_undecided
from preference_center.operations.handler import OperationHandler, PartResult
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow
from preference_center.operations.queue import NewOperation
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.rules.decisions import Decision, Superseded, Unchanged
from preference_center.rules.types import (
    Actor,
    Channel,
    ConsentOrigin,
    OperationKind,
    PreferenceStatus,
    RecipientKind,
)
from preference_center.storage import database
from preference_center.validation import check_required_explanation


@dataclass(frozen=True, slots=True)
class OptOutImport:
    """What the addresses of a file are opted out of, and why."""

    unit: BusinessUnit
    channel: Channel
    explanation: str
    dry_run: bool = False
    country: str | None = None
    """The country of phone numbers without a country code."""


async def receive(request: OptOutImport, file: Upload, actor: Actor) -> OperationRow:
    """Receive a file completely and queue the operation that imports it.

    Raises Invalid: EXPLANATION_REQUIRED, and for bad files as `upload.receive` does.
    """
    missing = "An explanation is needed: where does the file come from?"
    new = NewOperation(
        OperationKind.IMPORT_OPT_OUTS,
        actor,
        {"business_unit": request.unit.key, "channel": request.channel.value},
        check_required_explanation(request.explanation, "explanation", missing=missing),
        request.dry_run,
    )

    def layout_of(header: list[str]) -> OptOutLayout:
        return OptOutLayout(header, request.channel, database.now(), request.country)

    return await upload.receive(new, file, FileFormat(is_column_name, layout_of))


async def _run_part(operation: OperationRow, stored: list[StoredRow]) -> PartResult:
    """Opt out the addresses of one part; of several rows with one address the newest counts (R17)."""
    result = PartResult(processed=len(stored))
    newest: dict[str, OptOutRow] = {}
    for fields in readable(stored, result):
        row = OptOutRow(*fields)
        if row.time_problem:
            code = ErrorCode.INVALID_VALUE.value
            result.refusals.append(RefusalRow(code, row.time_problem, line=row.line, about="occurred_at"))
        other = newest.get(row.address)
        if other is not None:
            result.unchanged += 1
        if other is None or _sort_key(row) > _sort_key(other):
            newest[row.address] = row
    if newest:
        await _opt_out(operation, list(newest.values()), result)
    result.opted_out = result.changed + result.unchanged
    return result


def _sort_key(row: OptOutRow) -> str:
    """Times are in UTC and sort as text; a row without a time counts as now, after all of them."""
    return row.occurred_at or "now"


async def _opt_out(operation: OperationRow, rows: list[OptOutRow], result: PartResult) -> None:
    channel = Channel(operation.parameters["channel"])
    unit = (await current_catalog()).unit_by_key(operation.parameters["business_unit"])
    if unit is None:
        raise RuntimeError("the business unit of an import does not exist any more")
    by_recipient = await _by_recipient(rows, channel)
    times = {
        recipient_id: datetime.fromisoformat(row.occurred_at)
        for recipient_id, row in by_recipient.items()
        if row.occurred_at is not None
    }
    known = await known_opt_outs.find(times, unit, channel)
    intents: list[Intent] = []
    for recipient_id, row in by_recipient.items():
        if recipient_id in known.newer:
            result.unchanged += 1
        elif recipient_id in known.superseded:
            result.refuse(_refusal(row, recipient_id, Superseded()))
        else:
            out, occurred_at = PreferenceStatus.OPTED_OUT, times.get(recipient_id)
            intents.append(Intent(recipient_id, channel, out, unit, occurred_at=occurred_at))
    for outcome in await _record(intents, _provenance(operation), result):
        _count(result, by_recipient[outcome.intent.recipient_id], outcome)


async def _record(intents: list[Intent], provenance: Provenance, result: PartResult) -> list[Outcome]:
    """Opt out those who have decided nothing yet, all at once, and the others one by one."""
    undated = {intent.recipient_id: intent for intent in intents if intent.occurred_at is None}
    if undated:
        recorded = await record_undecided(undated.keys(), next(iter(undated.values())), provenance)
        result.changed += len(recorded)
        intents = [intent for intent in intents if intent.recipient_id not in recorded]
    return await record_in_transaction(intents, provenance)


async def _by_recipient(rows: list[OptOutRow], channel: Channel) -> dict[int, OptOutRow]:
    """The rows by recipient id; creates the recipients that are unknown."""
    kind = RecipientKind.EMAIL if channel is Channel.EMAIL else RecipientKind.PHONE
    addresses = [Address(kind, row.address) for row in rows]
    ids = await recipients.ensure(addresses)
    return {ids[address]: row for address, row in zip(addresses, rows, strict=True)}


def _provenance(operation: OperationRow) -> Provenance:
    return Provenance(
        ConsentOrigin.IMPORT,
        operation.ledger_actor,
        explanation=operation.explanation,
        operation_id=operation.id,
    )


def _count(result: PartResult, row: OptOutRow, outcome: Outcome) -> None:
    if outcome.changed:
        result.changed += 1
    elif isinstance(outcome.decision, Unchanged):
        result.unchanged += 1
    else:
        result.refuse(_refusal(row, outcome.intent.recipient_id, outcome.decision))


def _refusal(row: OptOutRow, recipient_id: int, decision: Decision) -> RefusalRow:
    refusal = refusal_of(decision)
    if refusal is None:
        raise RuntimeError(f"{decision} is not a refusal")
    code, message = refusal
    return RefusalRow(code.value, message, line=row.line, recipient_id=recipient_id)


HANDLER = OperationHandler(run_part=_run_part)
