"""Some thousand contacts, operations over them, and what each of these has to come to."""

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
from tests.journeys.model import Type

CRM = Actor("crm")
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
WHY, BASIS, PROCESSING = "From the old system.", LegalBasis.CONSENT_WITH_NOTICE, LegalBasis.PROCESS_AND_STORE
GROUNDS = ContactImport(BASIS, PROCESSING, WHY)
PEOPLE = 1_000
HAVE_LEFT, ARE_IN, HAVE_NO_ADDRESS = PEOPLE // 10, PEOPLE // 10, 100
STRANGERS, BAD_ROWS, ROWS_TWICE, NEW_PEOPLE = 250, 30, 20, 250


@dataclass(frozen=True)
class Expected:
    """What an operation has to come to."""

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


async def settle_in() -> None:
    """Make the contacts: a tenth left the digest by themselves, a tenth get it, some have a phone alone."""
    rows = [f"{email(n)},Dora {n}" for n in range(PEOPLE)]
    await contact_imports.receive(GROUNDS, upload(["email,first_name", *rows]), CRM)
    while await run_next(HANDLERS):
        pass
    for n in range(HAVE_NO_ADDRESS):
        await contacts.create(phone=f"+4860100{n:04}")
    known = await recipients.ensure([addresses.parse(email(n)) for n in range(PEOPLE)])
    everybody = sorted(known.values())
    await _digest(everybody[:HAVE_LEFT], OUT, Provenance(ConsentOrigin.ONE_CLICK, RECIPIENT))
    in_already = Provenance(ConsentOrigin.CONTACT_RECORD, CRM, BASIS, PROCESSING, WHY)
    await _digest(everybody[HAVE_LEFT : HAVE_LEFT + ARE_IN], IN, in_already)


async def _digest(whose: Sequence[int], status: PreferenceStatus, provenance: Provenance) -> None:
    kind = (await current_catalog()).type_by_key(DIGEST.key)
    assert kind is not None
    await record([Intent(person, EMAIL, status, kind.business_unit, kind) for person in whose], provenance)


async def bulk_opt_in(about: Type = DIGEST, *, dry_run: bool = False, key: str | None = None) -> OperationRow:
    """Everybody into one type."""
    kind = (await current_catalog()).type_by_key(about.key)
    assert kind is not None
    wish = BulkUpdate(
        selection=ContactFilter(),
        channel=EMAIL,
        types=[kind],
        status=IN,
        explanation=WHY,
        legal_basis=BASIS,
        processing_basis=PROCESSING,
        dry_run=dry_run,
        idempotency_key=key,
    )
    return await bulk_updates.enqueue(wish, CRM)


OF_BULK = Expected(
    total=PEOPLE + HAVE_NO_ADDRESS,
    changed=PEOPLE - HAVE_LEFT - ARE_IN,
    unchanged=ARE_IN,
    refused=HAVE_LEFT + HAVE_NO_ADDRESS,
    events=PEOPLE - HAVE_LEFT - ARE_IN,
)
OF_REHEARSAL = Expected(total=PEOPLE + HAVE_NO_ADDRESS, changed=PEOPLE, refused=HAVE_NO_ADDRESS)
OF_EVERYBODY = replace(OF_REHEARSAL, events=PEOPLE)
OF_REVERSAL = Expected(total=OF_BULK.changed, changed=OF_BULK.changed, events=OF_BULK.changed)


async def opt_out_list() -> OperationRow:
    """Half of the people and some strangers out of the bazaar; rows that are no addresses, and rows twice."""
    unit = (await current_catalog()).unit_by_key(BAZAAR.key)
    assert unit is not None
    known = [email(n) for n in range(0, PEOPLE, 2)]
    rows = [*known, *(f"stranger-{n}@example.com" for n in range(STRANGERS)), *known[:ROWS_TWICE]]
    bad = [f"nobody {n}" for n in range(BAD_ROWS)]
    return await opt_out_imports.receive(OptOutImport(unit, EMAIL, WHY), upload(["email", *rows, *bad]), CRM)


OF_LIST = Expected(
    total=PEOPLE // 2 + STRANGERS + ROWS_TWICE + BAD_ROWS,
    changed=PEOPLE // 2 + STRANGERS,
    unchanged=ROWS_TWICE,
    refused=BAD_ROWS,
    events=PEOPLE // 2 + STRANGERS,
)


async def newcomers() -> OperationRow:
    """Some people again and some new ones, all of them into the alerts."""
    first = PEOPLE - NEW_PEOPLE
    rows = [f"{email(first + n)},Theodora {n},yes" for n in range(2 * NEW_PEOPLE)]
    return await contact_imports.receive(
        GROUNDS, upload([f"email,first_name,opt_in:{ALERTS.key}", *rows]), CRM
    )


OF_NEWCOMERS = Expected(total=2 * NEW_PEOPLE, changed=2 * NEW_PEOPLE, events=2 * NEW_PEOPLE)


async def assert_done(asked: OperationRow, expected: Expected) -> None:
    """The operation says of itself what it should, and the ledger and the refusals say the same."""
    done = await operations.get(asked.id)
    assert done is not None
    assert (done.state, done.error) == (OperationState.COMPLETED, None)
    numbers = Expected(done.total or 0, done.changed, done.unchanged, done.refused, expected.events)
    assert numbers == expected, (done, expected)
    assert done.processed == done.total == done.changed + done.unchanged + done.refused
    assert sum(done.refusals.values()) == done.refused == await _count("operation_refusals", asked)
    assert await _count("operation_parts", asked) == 0
    assert await _count("consent_events", asked) == expected.events
    assert await _twice(asked) == []


async def _count(table: str, asked: OperationRow) -> int:
    rows = await database.fetch(f"SELECT COUNT(*) AS n FROM {table} WHERE operation_id = $1", asked.id)
    return int(rows[0]["n"])


async def _twice(asked: OperationRow) -> list[int]:
    """Who has more than one event of the operation."""
    rows = await database.fetch(
        "SELECT recipient_id FROM consent_events WHERE operation_id = $1"
        " GROUP BY recipient_id HAVING COUNT(*) > 1",
        asked.id,
    )
    return [row["recipient_id"] for row in rows]
