"""Importing contacts: created or updated by email, and opted in if a column says so.

An opt-out stays whatever the file says (R9): the opt-in is refused, the row's other columns are imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from preference_center.catalog.catalog import Catalog, current_catalog, exact_catalog
from preference_center.contacts.fields import PROPERTIES_MAX_BYTES
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import contact_writes, upload
from preference_center.imports.contact_file import ContactFileRow, ContactLayout, is_column_name
from preference_center.imports.contact_writes import ImportedContact, PropertiesTooLarge, SeveralContacts
from preference_center.imports.rows import StoredRow, readable
from preference_center.imports.upload import FileFormat, Upload
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.refusals import refusal_of
from preference_center.ledger.types import Intent, Outcome, Provenance
from preference_center.operations.handler import OperationHandler, PartResult
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow
from preference_center.operations.queue import NewOperation
from preference_center.preferences.carried_opt_outs import carry_opt_outs_in_transaction
from preference_center.rules.types import (
    Actor,
    Channel,
    ConsentOrigin,
    LegalBasis,
    OperationKind,
    PreferenceStatus,
)
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


async def receive(request: ContactImport, file: Upload, actor: Actor) -> OperationRow:
    """Receive a file completely and queue the operation that imports it.

    Raises Invalid: for bad files as `upload.receive` does; LEGAL_BASIS_REQUIRED and EXPLANATION_REQUIRED if
    the file opts anybody in without (R6).
    """
    explanation = check_explanation(request.explanation, "explanation")
    parameters = {
        "legal_basis": request.legal_basis.value if request.legal_basis else None,
        "processing_basis": request.processing_basis.value if request.processing_basis else None,
    }
    new = NewOperation(OperationKind.IMPORT_CONTACTS, actor, parameters, explanation, request.dry_run)
    catalog = await exact_catalog()

    def layout_of(header: list[str]) -> ContactLayout:
        layout = ContactLayout(header, catalog, request.country)
        if layout.opt_ins and request.legal_basis is None:
            message = "The file has opt-ins: they need a legal basis to communicate (R6)."
            raise Invalid(ErrorCode.LEGAL_BASIS_REQUIRED, message, "legal_basis")
        if layout.opt_ins and explanation is None:
            message = "The file has opt-ins: they need an explanation (R6)."
            raise Invalid(ErrorCode.EXPLANATION_REQUIRED, message, "explanation")
        return layout

    return await upload.receive(new, file, FileFormat(is_column_name, layout_of))


@dataclass(slots=True)
class _ImportedRow:
    """A row that was applied to its contact; `changed` is whether that changed the contact."""

    row: ContactFileRow
    contact: ImportedContact
    changed: bool

    @property
    def line(self) -> int:
        return self.row.line


async def _run_part(operation: OperationRow, stored: list[StoredRow]) -> PartResult:
    result = PartResult(processed=len(stored))
    rows = [ContactFileRow(*fields) for fields in readable(stored, result)]
    imported = await _write_contacts(operation, rows, result)
    catalog = await current_catalog()
    opt_ins = [(row, opt_in) for row in imported for opt_in in _opt_ins(operation, row, catalog)]
    intents = [opt_in for _, opt_in in opt_ins if isinstance(opt_in, Intent)]
    moves = {move for row in imported if (move := row.contact.move)}
    await carry_opt_outs_in_transaction(moves, also_lock=[intent.recipient_id for intent in intents])
    outcomes = iter(await record_in_transaction(intents, _provenance(operation)))
    answers: dict[int, list[Outcome | RefusalRow]] = {}
    for row, opt_in in opt_ins:
        answer = next(outcomes) if isinstance(opt_in, Intent) else opt_in
        answers.setdefault(row.line, []).append(answer)
    for row in imported:
        _count(operation, result, row, answers.get(row.line, ()))
    return result


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
            message = f"Properties may have at most {PROPERTIES_MAX_BYTES // 1024} KiB."
            result.refuse(RefusalRow(ErrorCode.INVALID_VALUE.value, message, row.line, about="properties"))
        else:
            imported.append(_ImportedRow(row, contact, changed))
    await contact_writes.write(contacts.all())
    return imported


def _opt_ins(operation: OperationRow, imported: _ImportedRow, catalog: Catalog) -> list[Intent | RefusalRow]:
    """The opt-ins of a row; a refusal where the contact has no address on the channel."""
    found: list[Intent | RefusalRow] = []
    for number in imported.row.opt_ins:
        key, channel_name = operation.parameters["opt_ins"][number]
        subscription_type, channel = catalog.type_by_key(key), Channel(channel_name)
        column = "email_recipient_id" if channel is Channel.EMAIL else "phone_recipient_id"
        recipient_id = imported.contact.values[column]
        if recipient_id is None or subscription_type is None:
            message = "The contact has no address on this channel."
            code, contact_id = ErrorCode.ADDRESS_MISSING.value, _contact_id(operation, imported)
            found.append(RefusalRow(code, message, imported.line, contact_id, about=key))
        else:
            opted_in, unit = PreferenceStatus.OPTED_IN, subscription_type.business_unit
            found.append(Intent(recipient_id, channel, opted_in, unit, subscription_type))
    return found


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
        if isinstance(answer, RefusalRow):
            refusals.append(answer)
            continue
        changed = changed or answer.changed
        refusal = refusal_of(answer.decision)
        if refusal is not None and answer.intent.subscription_type is not None:
            code, message = refusal
            contact_id, key = _contact_id(operation, imported), answer.intent.subscription_type.key
            refusals.append(RefusalRow(code.value, message, imported.line, contact_id, about=key))
    result.refusals += refusals
    result.count(changed=changed, refused=bool(refusals))


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
