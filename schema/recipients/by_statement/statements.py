"""A recipient by one statement: the root field `recipient`."""

from __future__ import annotations

from dataclasses import dataclass

from preference_center.catalog.catalog import Catalog
from preference_center.recipients import compact_recipients
from preference_center.recipients.recipients import Identity, fingerprint_of
from preference_center.rules.types import RecipientKind
from preference_center.storage.compact import Reading
from schema.contract.references import RecipientRef, address_of
from schema.engine.context import Context
from schema.engine.plans import Plan
from schema.engine.statements import roots
from schema.engine.statements.columns import NULL, Columns, NotByStatement, Write
from schema.engine.statements.objects import write_object
from schema.engine.statements.roots import Root
from schema.recipients.by_statement.columns import RECIPIENT
from schema.recipients.by_statement.preferences import Address


@dataclass(frozen=True, slots=True)
class RecipientStatement:
    """How a recipient of one kind is read and written."""

    reading: Reading
    write: Write


def _compile(plan: Plan, catalog: Catalog) -> dict[RecipientKind, RecipientStatement]:
    return {kind: _compile_kind(plan, catalog, kind) for kind in RecipientKind}


def _compile_kind(plan: Plan, catalog: Catalog, kind: RecipientKind) -> RecipientStatement:
    columns = Columns(catalog)
    address = Address(columns, kind, "r.id", "r.address", "= r.id", erased_at="r.erased_at")
    write = write_object(plan, RECIPIENT, address)
    return RecipientStatement(columns.reading(), write)


async def _answer(
    statements: dict[RecipientKind, RecipientStatement], context: Context, by: RecipientRef
) -> str:
    """Answer with the recipient of an address; not with that of a contact, which is read first."""
    if by.contact is not None:
        raise NotByStatement
    address = address_of(by, "by")
    statement = statements[address.kind]
    identity = Identity(address.kind, fingerprint_of(address))
    row = await compact_recipients.find(roots.at_time(statement.reading, context), identity)
    if row is None:
        return NULL
    if row[len(statement.reading.columns) or 1]:
        raise NotByStatement
    return await roots.written(context, lambda: statement.write(row, context))


RECIPIENT_ROOT = Root(_compile, _answer)
