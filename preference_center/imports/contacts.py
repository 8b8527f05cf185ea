"""Contacts from files: created, or changed, by email; opted in where a column says so.

An opt-out stands whatever the file says (R9): the rules refuse, the contact's other columns go in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from preference_center.catalog.catalog import Catalog, current_catalog, exact_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import contact_writes as contact_import_writes
from preference_center.imports import reception
from preference_center.imports.contact_columns import ContactLayout, is_known
from preference_center.imports.contact_writes import LARGEST_PROPERTIES, Person
from preference_center.imports.reception import Upload
from preference_center.imports.rows import Row, refused
from preference_center.ledger import record as ledger
from preference_center.ledger.record import Intent, Outcome, Provenance
from preference_center.ledger.refusals import refusal_of
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow
from preference_center.operations.queue import NewOperation
from preference_center.operations.runner import OperationHandler, PartResult
from preference_center.rules.types import (
    Actor,
    Channel,
    ConsentOrigin,
    LegalBasis,
    OperationKind,
    PreferenceStatus,
)
from preference_center.validation import check_text

LONGEST_EXPLANATION = 2_000


@dataclass(frozen=True, slots=True)
class ContactImport:
    """The grounds on which a file's contacts are kept and opted in."""

    legal_basis: LegalBasis | None = None
    processing_basis: LegalBasis | None = None
    explanation: str = ""
    dry_run: bool = False


async def receive(wish: ContactImport, upload: Upload, actor: Actor) -> OperationRow:
    """Receive a file completely and queue the operation that takes it in.

    Raises Invalid: for files as `import_reception.receive` does; LEGAL_BASIS_REQUIRED and
    EXPLANATION_REQUIRED where it opts anybody in without (R6).
    """
    explanation = check_text(wish.explanation, "explanation", max_length=LONGEST_EXPLANATION)
    parameters = {
        "legal_basis": wish.legal_basis.value if wish.legal_basis else None,
        "processing_basis": wish.processing_basis.value if wish.processing_basis else None,
    }
    asked = NewOperation(OperationKind.IMPORT_CONTACTS, actor, parameters, explanation or None, wish.dry_run)
    catalog = await exact_catalog()

    def layout_of(header: list[str]) -> ContactLayout:
        layout = ContactLayout(header, catalog)
        if layout.opt_ins and wish.legal_basis is None:
            message = "The file opts people in: that needs a legal basis to communicate (R6)."
            raise Invalid(ErrorCode.LEGAL_BASIS_REQUIRED, message, "legal_basis")
        if layout.opt_ins and not explanation:
            message = "The file opts people in: that needs an explanation (R6)."
            raise Invalid(ErrorCode.EXPLANATION_REQUIRED, message, "explanation")
        return layout

    return await reception.receive(asked, upload, is_known, layout_of)


@dataclass(slots=True)
class _Taken:
    """What became of one row."""

    row: Row
    person: Person
    changed: bool


async def _run(operation: OperationRow, rows: list[Row]) -> PartResult:
    done = PartResult(processed=len(rows))
    readable = []
    for row in sorted(rows, key=lambda row: row[0]):
        refusal = refused(row)
        if refusal is None:
            readable.append(row)
        else:
            done.refuse(refusal)
    taken = await _take_in(operation, readable, done)
    catalog = await current_catalog()
    wishes = [(one, wish) for one in taken for wish in _wishes(operation, one, catalog)]
    intents = [wish for _, wish in wishes if isinstance(wish, Intent)]
    outcomes = iter(await ledger.apply(intents, _provenance(operation)) if intents else [])
    results: dict[int, list[Outcome | RefusalRow]] = {}
    for one, wish in wishes:
        result = next(outcomes) if isinstance(wish, Intent) else wish
        results.setdefault(one.row[0], []).append(result)
    for one in taken:
        _count(operation, done, one, results.get(one.row[0], ()))
    return done


async def _take_in(operation: OperationRow, rows: Sequence[Row], done: PartResult) -> list[_Taken]:
    """Write the contacts themselves."""
    if not rows:
        return []
    people, phone_ids = await contact_import_writes.people_of(rows)
    basis = operation.parameters["processing_basis"]
    taken = []
    for row in rows:
        person = people[row[1]]
        changed = person.take(row, phone_ids.get(row[2].get("phone")), basis)
        if changed is None:
            message = f"Properties may take up {LARGEST_PROPERTIES // 1024} KiB at most."
            done.refuse(RefusalRow(ErrorCode.INVALID_VALUE.value, message, row[0], about="properties"))
        else:
            taken.append(_Taken(row, person, changed))
    await contact_import_writes.write(people.values())
    return taken


def _wishes(operation: OperationRow, one: _Taken, catalog: Catalog) -> list[Intent | RefusalRow]:
    """The opt-ins of a row; a refusal where the contact has no address on the channel."""
    wishes: list[Intent | RefusalRow] = []
    for number in one.row[4]:
        key, named = operation.parameters["opt_ins"][number]
        kind, channel = catalog.type_by_key(key), Channel(named)
        column = "email_recipient_id" if channel is Channel.EMAIL else "phone_recipient_id"
        recipient = one.person.values[column]
        if recipient is None or kind is None:
            message = "The contact has no address on this channel."
            code = ErrorCode.ADDRESS_MISSING.value
            wishes.append(RefusalRow(code, message, one.row[0], _known_id(operation, one), about=key))
        else:
            wishes.append(Intent(recipient, channel, PreferenceStatus.OPTED_IN, kind.business_unit, kind))
    return wishes


def _provenance(operation: OperationRow) -> Provenance:
    def basis(name: str) -> LegalBasis | None:
        value: Any = operation.parameters[name]
        return LegalBasis(value) if value else None

    return Provenance(
        ConsentOrigin.IMPORT,
        operation.ledger_actor,
        legal_basis=basis("legal_basis"),
        processing_basis=basis("processing_basis"),
        explanation=operation.explanation,
        operation_id=operation.id,
    )


def _count(
    operation: OperationRow, done: PartResult, one: _Taken, results: Sequence[Outcome | RefusalRow]
) -> None:
    """A row is changed where anything was, else refused where anything was, else unchanged."""
    before, changed = len(done.refusals), one.changed
    for result in results:
        if isinstance(result, RefusalRow):
            done.refusals.append(result)
            continue
        changed = changed or result.changed
        refusal = refusal_of(result.decision)
        if refusal is not None and result.intent.type is not None:
            code, message = refusal
            contact_id, key = _known_id(operation, one), result.intent.type.key
            done.refusals.append(RefusalRow(code.value, message, one.row[0], contact_id, about=key))
    if changed:
        done.changed += 1
    elif len(done.refusals) > before:
        done.refused += 1
    else:
        done.unchanged += 1


def _known_id(operation: OperationRow, one: _Taken) -> int | None:
    """The contact's id; in a rehearsal none, for a new contact's does not outlast it."""
    return None if operation.dry_run else one.person.id


HANDLER = OperationHandler(run_part=_run)
