"""Creating workflows, running them, and reading the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from preference_center.catalog.catalog import SubscriptionType
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.jobs import HANDLERS
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent, Outcome, Provenance
from preference_center.operations.operations import OperationRow, get
from preference_center.operations.runner import run_next
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, EnrolmentState, LegalBasis, PreferenceStatus, Trigger
from preference_center.rules.workflows import Action, Counts, Workflow
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from preference_center.workflows import definitions
from preference_center.workflows import enrolments as workflow_enrolments
from preference_center.workflows import runner as workflow_runner
from preference_center.workflows.enrolments import EnrolmentRow

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
WHY = "They asked at the fair."
DONE, FAILED, CUT = EnrolmentState.DONE, EnrolmentState.FAILED, EnrolmentState.CUT


def set_status(*keys: str, status: PreferenceStatus = IN, channel: Channel = Channel.EMAIL) -> Action:
    """An action with every legal basis and explanation that may be required."""
    return Action(channel, keys, status, LegalBasis.CONSENT_WITH_NOTICE, WHY)


async def create_workflow(*triggers: Trigger, **fields: Any) -> Workflow:
    """Create a workflow; by default it is called Welcome and opts in to the letters."""
    return await definitions.create(
        triggers=triggers or (Trigger.CONTACT_CREATED,),
        **{"name": "Welcome", "actions": [set_status("letters")], **fields},
    )


async def run_all() -> None:
    """Run everything that is due, operations too."""
    while await run_next(HANDLERS):
        pass
    while await workflow_runner.run_due():
        pass
    assert await database.fetch("SELECT 1 FROM workflow_triggers") == []


async def enrolments(workflow: Workflow) -> list[EnrolmentRow]:
    """All enrolments of a workflow, oldest first."""
    return await workflow_enrolments.page(workflow.id, KeysetRange(1_000, ascending=True))


async def counts(workflow: Workflow) -> Counts:
    """The current counters of a workflow."""
    row = await definitions.get(workflow.id)
    assert row is not None
    return row.counts


Outcomes = tuple[int, EnrolmentState, list[str]]


async def outcomes(workflow: Workflow) -> list[Outcomes]:
    """For each enrolment: the contact's id, the state, and the code or outcome of each result."""
    return [
        (row.contact_id, row.state, [result.code or result.outcome.value for result in row.results])
        for row in await enrolments(workflow)
    ]


async def change(
    contact: ContactRow,
    subscription_type: SubscriptionType,
    status: PreferenceStatus,
    provenance: Provenance,
    channel: Channel = Channel.EMAIL,
) -> Outcome:
    """Record one change of a contact's preference."""
    phone = contact.phone_recipient_id
    recipient = contact.email_recipient_id if channel is Channel.EMAIL else phone
    assert recipient is not None
    return (
        await record(
            [Intent(recipient, channel, status, subscription_type.business_unit, subscription_type)],
            provenance,
        )
    )[0]


async def statuses(contact: ContactRow) -> dict[str, str]:
    """The statuses of a contact's addresses by the key of the type."""
    rows = await database.fetch(
        "SELECT t.key, p.status FROM preferences p JOIN subscription_types t ON t.id = p.subscription_type_id"
        f" WHERE p.recipient_id {database.any_of(1)}",
        contact.recipient_ids,
    )
    return {row["key"]: row["status"] for row in rows}


async def create_contacts(count: int) -> Sequence[ContactRow]:
    """Create some contacts with an email address."""
    return [await contacts.create(email=f"dora-{n}@example.com") for n in range(count)]


async def known(address: str) -> int:
    """The id of an address's recipient."""
    parsed = parse(address)
    return (await recipients.ensure([parsed]))[parsed]


async def reread(operation: OperationRow) -> OperationRow:
    """Read the operation again."""
    row = await get(operation.id)
    assert row is not None
    return row
