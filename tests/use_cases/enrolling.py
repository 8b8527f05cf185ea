"""Making workflows, letting them run, and reading what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from preference_center.catalog.catalog import SubscriptionType
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.jobs import HANDLERS
from preference_center.ledger.record import Intent, Outcome, Provenance, record
from preference_center.operations.operations import OperationRow, get
from preference_center.operations.runner import run_next
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, EnrolmentState, LegalBasis, PreferenceStatus, Trigger
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from preference_center.workflows import definitions as workflows
from preference_center.workflows import enrolments as workflow_enrolments
from preference_center.workflows import runner as workflow_runner
from preference_center.workflows.definitions import Action, Counts, Workflow
from preference_center.workflows.enrolments import EnrolmentRow

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
WHY = "They asked at the fair."
DONE, FAILED, CUT = EnrolmentState.DONE, EnrolmentState.FAILED, EnrolmentState.CUT


def setting(*keys: str, status: PreferenceStatus = IN, channel: Channel = Channel.EMAIL) -> Action:
    """An action with all the grounds that may be asked for."""
    return Action(channel, keys, status, LegalBasis.CONSENT_WITH_NOTICE, WHY)


async def made(*triggers: Trigger, **given: Any) -> Workflow:
    """A workflow; without more it is called Welcome and opts in to the letters."""
    return await workflows.create(
        triggers=triggers or (Trigger.CONTACT_CREATED,),
        **{"name": "Welcome", "actions": [setting("letters")], **given},
    )


async def run() -> None:
    """Run all that waits, operations too."""
    while await run_next(HANDLERS):
        pass
    while await workflow_runner.run_due():
        pass
    assert await database.fetch("SELECT 1 FROM workflow_triggers") == []


async def enrolments(workflow: Workflow) -> list[EnrolmentRow]:
    """All of a workflow, oldest first."""
    return await workflow_enrolments.page(workflow.id, KeysetRange(1_000, ascending=True))


async def counts(workflow: Workflow) -> Counts:
    """A workflow's counts as they are now."""
    row = await workflows.get(workflow.id)
    assert row is not None
    return row.counts


FlashMessage = tuple[int, EnrolmentState, list[str]]


async def told(workflow: Workflow) -> list[FlashMessage]:
    """Of each enrolment: the contact's id, the state, and each result's code, or its outcome."""
    return [
        (row.contact_id, row.state, [result.code or result.outcome.value for result in row.results])
        for row in await enrolments(workflow)
    ]


async def say(
    contact: ContactRow,
    kind: SubscriptionType,
    status: PreferenceStatus,
    provenance: Provenance,
    channel: Channel = Channel.EMAIL,
) -> Outcome:
    """Something is said about a contact's address."""
    phone = contact.phone_recipient_id
    recipient = contact.email_recipient_id if channel is Channel.EMAIL else phone
    assert recipient is not None
    return (await record([Intent(recipient, channel, status, kind.business_unit, kind)], provenance))[0]


async def statuses(contact: ContactRow) -> dict[str, str]:
    """What holds of a contact's addresses: status by type's key."""
    rows = await database.fetch(
        "SELECT t.key, p.status FROM preferences p JOIN subscription_types t ON t.id = p.subscription_type_id"
        f" WHERE p.recipient_id {database.any_of(1)}",
        contact.recipient_ids,
    )
    return {row["key"]: row["status"] for row in rows}


async def everybody(number: int) -> Sequence[ContactRow]:
    """Some contacts."""
    return [await contacts.create(email=f"dora-{n}@example.com") for n in range(number)]


async def known(address: str) -> int:
    """The recipient's id of an address."""
    parsed = parse(address)
    return (await recipients.ensure([parsed]))[parsed]


async def asked_again(operation: OperationRow) -> OperationRow:
    """The operation as it is now."""
    row = await get(operation.id)
    assert row is not None
    return row
