"""A thousand contacts, operations over them, and the expected result of each operation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from preference_center.catalog.catalog import current_catalog
from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter
from preference_center.imports import contacts as contact_imports
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports.contacts import ContactImport
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.upload import Upload
from preference_center.jobs import HANDLERS
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent, Provenance
from preference_center.operations import bulk_updates, operations
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.recipients import recipients
from preference_center.rules import addresses
from preference_center.rules.types import (
    RECIPIENT,
    Actor,
    ConsentOrigin,
    LegalBasis,
    OperationState,
    PreferenceStatus,
)
from preference_center.storage import database
from tests.journeys.catalog import ALERTS, BAZAAR, DIGEST, EMAIL
from tests.journeys.values import Type

CRM = Actor("crm")
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
EXPLANATION, BASIS, PROCESSING = (
    "From the old system.",
    LegalBasis.CONSENT_WITH_NOTICE,
    LegalBasis.PROCESS_AND_STORE,
)
CONTACT_IMPORT = ContactImport(BASIS, PROCESSING, EXPLANATION)
CONTACTS = 1_000
OPTED_OUT, OPTED_IN, WITHOUT_EMAIL = CONTACTS // 10, CONTACTS // 10, 100
UNKNOWN_ADDRESSES, BAD_ROWS, REPEATED_ROWS, NEW_CONTACTS = 250, 30, 20, 250


@dataclass(frozen=True)
class Expected:
    """The expected result of an operation."""

    total: int
    changed: int
    unchanged: int = 0
    refused: int = 0
    events: int = 0


def email(number: int) -> str:
    return f"dora-{number}@example.com"


def upload(lines: Sequence[str]) -> Upload:
    async def pieces() -> AsyncIterator[bytes]:
        yield "\n".join(lines).encode()

    return Upload(pieces())


async def create_contacts() -> None:
    """Create the contacts: a tenth opted out of the digest, a tenth are opted in, some have a phone only."""
    rows = [f"{email(n)},Dora {n}" for n in range(CONTACTS)]
    await contact_imports.receive(CONTACT_IMPORT, upload(["email,first_name", *rows]), CRM)
    while await run_next(HANDLERS):
        pass
    for n in range(WITHOUT_EMAIL):
        await contacts.create(phone=f"+4860100{n:04}")
    known = await recipients.ensure([addresses.parse(email(n)) for n in range(CONTACTS)])
    everybody = sorted(known.values())
    await _digest(everybody[:OPTED_OUT], OUT, Provenance(ConsentOrigin.ONE_CLICK, RECIPIENT))
    in_already = Provenance(ConsentOrigin.CONTACT_RECORD, CRM, BASIS, PROCESSING, EXPLANATION)
    await _digest(everybody[OPTED_OUT : OPTED_OUT + OPTED_IN], IN, in_already)


async def _digest(whose: Sequence[int], status: PreferenceStatus, provenance: Provenance) -> None:
    kind = (await current_catalog()).type_by_key(DIGEST.key)
    assert kind is not None
    await record([Intent(person, EMAIL, status, kind.business_unit, kind) for person in whose], provenance)


async def bulk_opt_in(about: Type = DIGEST, *, dry_run: bool = False, key: str | None = None) -> OperationRow:
    """Opt all contacts in to one type."""
    kind = (await current_catalog()).type_by_key(about.key)
    assert kind is not None
    wish = BulkUpdate(
        selection=ContactFilter(),
        channel=EMAIL,
        types=[kind],
        status=IN,
        explanation=EXPLANATION,
        legal_basis=BASIS,
        processing_basis=PROCESSING,
        dry_run=dry_run,
        idempotency_key=key,
    )
    return await bulk_updates.enqueue(wish, CRM)


BULK_EXPECTED = Expected(
    total=CONTACTS + WITHOUT_EMAIL,
    changed=CONTACTS - OPTED_OUT - OPTED_IN,
    unchanged=OPTED_IN,
    refused=OPTED_OUT + WITHOUT_EMAIL,
    events=CONTACTS - OPTED_OUT - OPTED_IN,
)
DRY_RUN_EXPECTED = Expected(total=CONTACTS + WITHOUT_EMAIL, changed=CONTACTS, refused=WITHOUT_EMAIL)
ALL_CHANGED_EXPECTED = replace(DRY_RUN_EXPECTED, events=CONTACTS)
REVERSAL_EXPECTED = Expected(
    total=BULK_EXPECTED.changed, changed=BULK_EXPECTED.changed, events=BULK_EXPECTED.changed
)


async def import_opt_out_list() -> OperationRow:
    """Opt half of the contacts and unknown addresses out of Bazaar, with invalid and repeated rows."""
    unit = (await current_catalog()).unit_by_key(BAZAAR.key)
    assert unit is not None
    known = [email(n) for n in range(0, CONTACTS, 2)]
    rows = [*known, *(f"stranger-{n}@example.com" for n in range(UNKNOWN_ADDRESSES)), *known[:REPEATED_ROWS]]
    bad = [f"nobody {n}" for n in range(BAD_ROWS)]
    return await opt_out_imports.receive(
        OptOutImport(unit, EMAIL, EXPLANATION), upload(["email", *rows, *bad]), CRM
    )


OPT_OUT_LIST_EXPECTED = Expected(
    total=CONTACTS // 2 + UNKNOWN_ADDRESSES + REPEATED_ROWS + BAD_ROWS,
    changed=CONTACTS // 2 + UNKNOWN_ADDRESSES,
    unchanged=REPEATED_ROWS,
    refused=BAD_ROWS,
    events=CONTACTS // 2 + UNKNOWN_ADDRESSES,
)


async def import_new_contacts() -> OperationRow:
    """Import known and new contacts, and opt all of them in to the alerts."""
    first = CONTACTS - NEW_CONTACTS
    rows = [f"{email(first + n)},Theodora {n},yes" for n in range(2 * NEW_CONTACTS)]
    return await contact_imports.receive(
        CONTACT_IMPORT, upload([f"email,first_name,opt_in:{ALERTS.key}", *rows]), CRM
    )


NEW_CONTACTS_EXPECTED = Expected(total=2 * NEW_CONTACTS, changed=2 * NEW_CONTACTS, events=2 * NEW_CONTACTS)


async def assert_completed(operation: OperationRow, expected: Expected) -> None:
    """Check the counts of the operation against the expected ones, the ledger and the refusals."""
    done = await operations.get(operation.id)
    assert done is not None
    assert (done.state, done.error) == (OperationState.COMPLETED, None)
    numbers = Expected(done.total or 0, done.changed, done.unchanged, done.refused, expected.events)
    assert numbers == expected, (done, expected)
    assert done.processed == done.total == done.changed + done.unchanged + done.refused
    assert sum(done.refusals.values()) == done.refused == await _count("operation_refusals", operation)
    assert await _count("operation_parts", operation) == 0
    assert await _count("consent_events", operation) == expected.events
    assert await _with_two_events(operation) == []


async def _count(table: str, operation: OperationRow) -> int:
    rows = await database.fetch(f"SELECT COUNT(*) AS n FROM {table} WHERE operation_id = $1", operation.id)
    return int(rows[0]["n"])


async def _with_two_events(operation: OperationRow) -> list[int]:
    """The recipients with more than one event of the operation."""
    rows = await database.fetch(
        "SELECT recipient_id FROM consent_events WHERE operation_id = $1"
        " GROUP BY recipient_id HAVING COUNT(*) > 1",
        operation.id,
    )
    return [row["recipient_id"] for row in rows]
