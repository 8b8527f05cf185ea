"""Contacts that a workflow may enrol: locking, filtering, and leaving out those that were enrolled before.

Everything runs in the transaction that the caller holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.contacts.filter import Condition
from preference_center.contacts.filter_json import from_json
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.types import Channel, Trigger
from preference_center.rules.workflows import Workflow
from preference_center.storage import database
from preference_center.storage.transactions import RetryTransaction

MAX_STEPS = 20_000
"""About how many consent changes one transaction may make."""


class Cause(NamedTuple):
    """Why a contact is enrolled: a stored trigger, or an operation. `path`: the workflows that led to it."""

    trigger: Trigger
    trigger_id: int | None = None
    event_id: int | None = None
    operation_id: int | None = None
    path: tuple[int, ...] = ()


class Candidate(NamedTuple):
    """A contact with its addresses, and why it may be enrolled."""

    contact_id: int
    email_recipient_id: int | None
    phone_recipient_id: int | None
    cause: Cause

    def recipient_id(self, channel: Channel) -> int | None:
        """Return the recipient that the channel reaches."""
        return self.email_recipient_id if channel is Channel.EMAIL else self.phone_recipient_id


def batch_size(largest: int, workflows: Iterable[Workflow]) -> int:
    """Return how many contacts one transaction enrols: fewer than `largest` if there are many actions."""
    steps = sum(len(action.types) for workflow in workflows for action in workflow.actions)
    return max(1, min(largest, MAX_STEPS // max(1, steps)))


async def lock_workflows(workflow_ids: Iterable[int], catalog: Catalog) -> None:
    """Lock workflows in id order: nobody edits them, or enrols by them, until the transaction ends.

    Raises RetryTransaction if they were edited after the catalog was read.
    """
    lock = " FOR NO KEY UPDATE" if database.dialect() == "postgres" else ""
    await database.fetch(
        f"SELECT id FROM workflows WHERE id {database.any_of(1)} ORDER BY id{lock}", sorted(workflow_ids)
    )
    if (await exact_catalog()).version != catalog.version:
        raise RetryTransaction("the catalog changed before the workflows were locked")


async def lock_candidates(candidates: Iterable[Candidate]) -> None:
    """Lock the recipients of all candidates in id order."""
    pairs = ((each.email_recipient_id, each.phone_recipient_id) for each in candidates)
    ids = sorted({recipient_id for pair in pairs for recipient_id in pair if recipient_id is not None})
    if ids:
        await lock_recipients(ids)


async def matching_ids(workflow: Workflow, candidates: Sequence[Candidate], catalog: Catalog) -> set[int]:
    """Return the ids of the contacts that the workflow's filter lets through now."""
    ids = [each.contact_id for each in candidates]
    if workflow.filter is None:
        return set(ids)
    condition = Condition(by_index=False)
    among = condition.any_of(ids)
    where = condition.matching(from_json(workflow.filter, catalog))
    # Materialized: an index for the filter's conditions may lead to a million other contacts.
    rows = await database.fetch(
        f"WITH concerned AS MATERIALIZED (SELECT * FROM contacts WHERE id {among})"
        f" SELECT c.id FROM concerned c WHERE {where}",
        *condition.values,
    )
    return {row["id"] for row in rows}


async def enrolled_before(workflow: Workflow, candidates: Sequence[Candidate]) -> set[int]:
    """Return the ids of the contacts that the workflow enrolled before; failed and cut ones don't count."""
    if not candidates:
        return set()
    rows = await database.fetch(
        "SELECT contact_id FROM enrolments WHERE workflow_id = $1 AND is_first"
        f" AND contact_id {database.any_of(2)}",
        workflow.id,
        [each.contact_id for each in candidates],
    )
    return {row["contact_id"] for row in rows}
