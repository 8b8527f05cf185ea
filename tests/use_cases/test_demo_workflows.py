"""The demo has workflows to look at, and people who went through them."""

from __future__ import annotations

from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.history import verification
from preference_center.operations import operations
from preference_center.rules.types import OperationState, Trigger
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from preference_center.workflows import definitions as workflows
from preference_center.workflows import enrolments


async def test_each_brand_of_the_demo_has_a_workflow_that_enrolled_people(db: Settings) -> None:
    """R10: among them some who stay out."""
    await demo.load(60)
    digest, surveys = await workflows.list_all()
    assert digest.enabled
    assert surveys.enabled
    for workflow in (digest, surveys):
        assert workflow.counts.changed
        assert not workflow.counts.failed
        page = await enrolments.page(workflow.id, KeysetRange(100))
        assert len(page) == workflow.counts.enrolled
        assert {one.trigger for one in page} == {Trigger.MANUAL}
        (number,) = {one.operation_id for one in page}
        operation = await operations.get(number or 0)
        assert operation is not None
        assert operation.state is OperationState.COMPLETED
    reasons = {one.results[0].code for one in await enrolments.page(digest.id, KeysetRange(100))}
    assert "PREVIOUSLY_OPTED_OUT" in reasons
    assert await database.fetch("SELECT 1 FROM workflow_triggers") == []
    assert [found async for found in verification.verify()] == []


async def test_a_demo_of_one_contact_has_the_workflows_too(db: Settings) -> None:
    await demo.load(1)
    assert [workflow.counts.enrolled for workflow in await workflows.list_all()] == [0, 0]
