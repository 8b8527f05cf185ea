"""Importing contacts: created or updated by email, and opted in if a column says so.

An opt-out stays whatever the file says (R9): the opt-in is refused, the row's other columns are imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from preference_center.catalog.catalog import BusinessUnit, Catalog, current_catalog, exact_catalog
from preference_center.contacts.fields import PROPERTIES_TOO_LARGE
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import contact_writes, upload
from preference_center.imports.contact_file import (
    ContactFileRow,
    ContactLayout,
    ContactReading,
    is_column_name,
)
from preference_center.imports.contact_writes import ImportedContact, PropertiesTooLarge, SeveralContacts
from preference_center.imports.opt_out_columns.intents import (
    RowAddresses,
    already_superseded,
    intents_of,
    stored_targets,
)
from preference_center.imports.rows import StoredRow, readable
from preference_center.imports.upload import FileFormat, Upload
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.refusals import refusal_message, refusal_of
from preference_center.ledger.types import Intent, Outcome, Provenance
from preference_center.legal_bases import check_legal_basis
from preference_center.operations.handler import OperationHandler, PartResult
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow
from preference_center.operations.queue import NewOperation
from preference_center.preferences.carried_opt_outs import carry_opt_outs_in_transaction
from preference_center.recipients.locking import lock_recipients
from preference_center.recipients.refused_addresses import mark_all_unusable
from preference_center.rules.types import (
    Actor,
    Channel,
    ConsentOrigin,
    LegalBasis,
    OperationKind,
    PreferenceStatus,
)
from preference_center.storage import database
from preference_center.validation import check_explanation


@dataclass(frozen=True, slots=True)
class ContactImport:
    """The legal bases on which a file's contacts are stored and opted in, and the explanation."""

    legal_basis: LegalBasis | None = None
    processing_basis: LegalBasis | None = None
    explanation: str = ""
    dry_run: bool = False
    country: str | None = None
    """The country of phone numbers without a country code."""
    unit: BusinessUnit | None = None
    """The business unit of opt-outs that name none."""


async def receive(request: ContactImport, file: Upload, actor: Actor) -> OperationRow:
    """Receive a file completely and queue the operation that imports it.

    Raises Invalid: for bad files as `upload.receive` does; LEGAL_BASIS_REQUIRED and EXPLANATION_REQUIRED if
    the file opts anybody in without (R6).
    """
    explanation = check_explanation(request.explanation, "explanation")
    check_legal_basis(request.legal_basis, "legal_basis")
    parameters = {
        "legal_basis": request.legal_basis.value if request.legal_basis else None,
        "processing_basis": request.processing_basis.value if request.processing_basis else None,
    }
    new = NewOperation(OperationKind.IMPORT_CONTACTS, actor, parameters, explanation, request.dry_run)
    catalog = await exact_catalog()

    def layout_of(header: list[str]) -> ContactLayout:
        reading = ContactReading(database.now(), request.country, request.unit)
        layout = ContactLayout(header, catalog, reading)
        if layout.opt_ins and request.legal_basis is None:
            message = "Give a legal basis to communicate: the file has opt-ins, which need one."
            raise Invalid(ErrorCode.LEGAL_BASIS_REQUIRED, message, "legal_basis")
        if layout.opt_ins and explanation is None:
            message = "Give an explanation: the file has opt-ins, which need one."
            raise Invalid(ErrorCode.EXPLANATION_REQUIRED, message, "explanation")
        return layout

    return await upload.receive(new, file, FileFormat(is_column_name, layout_of))


@dataclass(slots=True)
class _ImportedRow:
    """A row that was applied to its contact; `changed` is whether that changed the contact."""

    row: ContactFileRow
    contact: ImportedContact
    phone_id: int | None
    """The recipient of the row's own phone number."""
    changed: bool

    @property
    def line(self) -> int:
        return self.row.line

    @property
    def addresses(self) -> RowAddresses:
        values = self.contact.values
        phone_id = self.phone_id or values["phone_recipient_id"]
        has_email, has_phone = self.row.email is not None, self.phone_id is not None
        return RowAddresses(values["email_recipient_id"], phone_id, has_email, has_phone)


_Change = tuple[_ImportedRow, Intent | RefusalRow]
"""A change that a row makes, or why it cannot."""


async def _run_part(operation: OperationRow, stored: list[StoredRow]) -> PartResult:
    result = PartResult(processed=len(stored))
    rows = [ContactFileRow(*fields) for fields in readable(stored, result)]
    imported = await _write_contacts(operation, rows, result)
    await _mark_unusable(imported)
    catalog = await current_catalog()
    opt_outs = await _without_known(operation, list(_opt_outs(operation, imported, catalog)))
    opt_ins = [(row, opt_in) for row in imported for opt_in in _opt_ins(operation, row, catalog)]
    intents = [change for _, change in (*opt_outs, *opt_ins) if isinstance(change, Intent)]
    moves = {move for row in imported if (move := row.contact.move)}
    if opt_outs:  # two batches follow: their recipients are locked together, in the order of their ids
        moved = (recipient_id for move in moves for recipient_id in move)
        await lock_recipients({*moved, *(intent.recipient_id for intent in intents)})
    await carry_opt_outs_in_transaction(moves, also_lock=[intent.recipient_id for intent in intents])
    answers = await _answers(opt_outs, _opt_out_provenance(operation))
    answers_to_opt_ins = await _answers(opt_ins, _provenance(operation))
    for row in imported:
        _count(operation, result, row, [*answers.get(row.line, ()), *answers_to_opt_ins.get(row.line, ())])
    return result


async def _answers(
    changes: Sequence[_Change], provenance: Provenance
) -> dict[int, list[Outcome | RefusalRow]]:
    """Record the changes; their outcomes by line, among the refusals that were known before."""
    outcomes = iter(await record_in_transaction([c for _, c in changes if isinstance(c, Intent)], provenance))
    answers: dict[int, list[Outcome | RefusalRow]] = {}
    for row, change in changes:
        answer = next(outcomes) if isinstance(change, Intent) else change
        answers.setdefault(row.line, []).append(answer)
    return answers


async def _write_contacts(
    operation: OperationRow, rows: Sequence[ContactFileRow], result: PartResult
) -> list[_ImportedRow]:
    """Create and update the contacts; refuse rows whose properties are too large."""
    if not rows:
        return []
    contacts = await contact_writes.load(rows)
    default_basis = operation.parameters["processing_basis"]
    imported = []
    for row in rows:
        try:
            contact = contacts.of(row)
            changed = contact.apply(row, contacts.phone_id(row), default_basis)
            contacts.note_phone(contact)
        except SeveralContacts:
            message = "Several contacts have this phone number. Add the email address."
            result.refuse(RefusalRow(ErrorCode.INVALID_VALUE.value, message, row.line, about="phone"))
        except PropertiesTooLarge:
            code = ErrorCode.INVALID_VALUE.value
            result.refuse(RefusalRow(code, PROPERTIES_TOO_LARGE, row.line, about="properties"))
        else:
            imported.append(_ImportedRow(row, contact, contacts.phone_id(row), changed))
    await contact_writes.write(contacts.all())
    return imported


def _opt_outs(
    operation: OperationRow, imported: Sequence[_ImportedRow], catalog: Catalog
) -> Iterator[_Change]:
    """The opt-outs of rows; a refusal where a column of its own finds no address on the channel."""
    targets = stored_targets(operation.parameters)
    for row in (row for row in imported if row.row.opt_outs):
        for target, intents in intents_of(row.row.opt_outs, targets, row.addresses, catalog):
            yield from ((row, intent) for intent in intents)
            if not intents and target.is_required:
                code, message = ErrorCode.ADDRESS_MISSING.value, "The row has no address on this channel."
                contact_id = _contact_id(operation, row)
                yield row, RefusalRow(code, message, row.line, contact_id, about=target.column)


async def _without_known(operation: OperationRow, opt_outs: list[_Change]) -> list[_Change]:
    """The opt-outs, with a refusal in place of those that an earlier import recorded as superseded."""
    known = await already_superseded(change for _, change in opt_outs if isinstance(change, Intent))
    return [
        (row, change)
        if isinstance(change, RefusalRow) or change not in known
        else (row, _refusal_row(operation, row, change, ErrorCode.SUPERSEDED))
        for row, change in opt_outs
    ]


async def _mark_unusable(imported: Sequence[_ImportedRow]) -> None:
    """Mark the email addresses that cannot be reached (R40)."""
    bounced = [row for row in imported if row.row.is_unusable]
    marked = await mark_all_unusable([row.contact.values["email_recipient_id"] for row in bounced])
    for row in bounced:
        row.changed = row.changed or row.contact.values["email_recipient_id"] in marked


def _opt_ins(operation: OperationRow, imported: _ImportedRow, catalog: Catalog) -> list[Intent | RefusalRow]:
    """The opt-ins of a row; a refusal where the contact has no address on the channel."""
    found: list[Intent | RefusalRow] = []
    for number in imported.row.opt_ins:
        key, channel_name = operation.parameters["opt_ins"][number]
        subscription_type, channel = catalog.type_by_key(key), Channel(channel_name)
        column = "email_recipient_id" if channel is Channel.EMAIL else "phone_recipient_id"
        recipient_id = imported.contact.values[column]
        if recipient_id is None or subscription_type is None:
            message = "The contact has no address on this channel. Add one, or choose another channel."
            code, contact_id = ErrorCode.ADDRESS_MISSING.value, _contact_id(operation, imported)
            found.append(RefusalRow(code, message, imported.line, contact_id, about=key))
        else:
            opted_in, unit = PreferenceStatus.OPTED_IN, subscription_type.business_unit
            found.append(Intent(recipient_id, channel, opted_in, unit, subscription_type))
    return found


def _opt_out_provenance(operation: OperationRow) -> Provenance:
    """An opt-out has no legal basis."""
    return replace(_provenance(operation), legal_basis=None, processing_basis=None)


def _provenance(operation: OperationRow) -> Provenance:
    legal_basis = operation.parameters["legal_basis"]
    processing_basis = operation.parameters["processing_basis"]
    return Provenance(
        ConsentOrigin.IMPORT,
        operation.ledger_actor,
        legal_basis=LegalBasis(legal_basis) if legal_basis else None,
        processing_basis=LegalBasis(processing_basis) if processing_basis else None,
        explanation=operation.explanation,
        operation_id=operation.id,
    )


def _count(
    operation: OperationRow,
    result: PartResult,
    imported: _ImportedRow,
    answers: Sequence[Outcome | RefusalRow],
) -> None:
    changed, refusals = imported.changed, _problems(operation, imported)
    for answer in answers:
        refusal = answer if isinstance(answer, RefusalRow) else _refusal(operation, imported, answer)
        changed = changed or (isinstance(answer, Outcome) and answer.changed)
        if refusal is not None:
            refusals.append(refusal)
    result.opted_out += any(isinstance(answer, Outcome) and _is_opted_out(answer) for answer in answers)
    result.refusals += refusals
    result.count(changed=changed, refused=bool(refusals))


def _refusal(operation: OperationRow, imported: _ImportedRow, outcome: Outcome) -> RefusalRow | None:
    refusal = refusal_of(outcome.decision)
    return _refusal_row(operation, imported, outcome.intent, refusal[0]) if refusal else None


def _refusal_row(
    operation: OperationRow, imported: _ImportedRow, intent: Intent, code: ErrorCode
) -> RefusalRow:
    message, contact_id = refusal_message(code), _contact_id(operation, imported)
    about = intent.subscription_type.key if intent.subscription_type else intent.business_unit.key
    return RefusalRow(code.value, message, imported.line, contact_id, about=about)


def _is_opted_out(outcome: Outcome) -> bool:
    """Whether an opt-out holds now, by this change or before it."""
    out = PreferenceStatus.OPTED_OUT
    return outcome.intent.status is out and refusal_of(outcome.decision) is None


def _problems(operation: OperationRow, imported: _ImportedRow) -> list[RefusalRow]:
    """The cells that were left out."""
    contact_id = _contact_id(operation, imported)
    return [
        RefusalRow(code, message, imported.line, contact_id, about=column)
        for column, code, message in imported.row.problems
    ]


def _contact_id(operation: OperationRow, imported: _ImportedRow) -> int | None:
    """The contact's id; None in a dry run, which rolls a new contact back."""
    return None if operation.dry_run else imported.contact.id


HANDLER = OperationHandler(run_part=_run_part)
