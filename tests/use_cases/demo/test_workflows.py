"""The workflows of the demo and their enrolments."""

from __future__ import annotations

from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.history import verification
from preference_center.operations import operations
from preference_center.rules.types import OperationState, Trigger
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from preference_center.workflows import definitions, enrolments


async def test_each_brand_of_the_demo_has_a_workflow_that_enrolled_people(db: Settings) -> None:
    """R10: some of the contacts are refused."""
    await demo.load(60)
    digest, surveys = await definitions.list_all()
    assert digest.enabled
    assert surveys.enabled
    for workflow in (digest, surveys):
        assert workflow.counts.changed
        assert not workflow.counts.failed
        page = await enrolments.page(workflow.id, KeysetRange(100))
        assert len(page) == workflow.counts.enrolled
        assert {row.trigger for row in page} == {Trigger.MANUAL}
        (operation_id,) = {row.operation_id for row in page}
        operation = await operations.get(operation_id or 0)
        assert operation is not None
        assert operation.state is OperationState.COMPLETED
    reasons = {row.results[0].code for row in await enrolments.page(digest.id, KeysetRange(100))}
    assert "PREVIOUSLY_OPTED_OUT" in reasons
    assert await database.fetch("SELECT 1 FROM workflow_triggers") == []
    assert [found async for found in verification.verify()] == []


async def test_a_demo_with_one_contact_also_has_the_workflows(db: Settings) -> None:
    await demo.load(1)
    assert [workflow.counts.enrolled for workflow in await definitions.list_all()] == [0, 0]
