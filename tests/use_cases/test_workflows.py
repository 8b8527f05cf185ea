"""Workflows: what sets them off, whom they enrol, and what comes of it (R10, R16, R18)."""

from __future__ import annotations

from typing import Any

from preference_center import contacts, database, workflow_enrolments, workflow_runner, workflows
from preference_center.rules.types import (
    ActionOutcome,
    Channel,
    EnrolmentState,
    LegalBasis,
    PreferenceStatus,
    Trigger,
)
from preference_center.workflow_enrolments import EnrolmentRow
from preference_center.workflows import Action, Workflow
from tests.conftest import ALICE, Brands

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT


def into(*keys: str, status: PreferenceStatus = IN, channel: Channel = Channel.EMAIL) -> Action:
    return Action(channel, keys, status, LegalBasis.CONSENT_WITH_NOTICE, "They asked at the fair.")


async def made(*triggers: Trigger, **given: Any) -> Workflow:
    said = {"name": "Welcome", "actions": [into("letters")], **given}
    return await workflows.create(triggers=triggers, **said)


async def run() -> None:
    while await workflow_runner.run_due():
        pass


async def enrolments(workflow: Workflow) -> list[EnrolmentRow]:
    return await workflow_enrolments.page(workflow.id, 1000, 2**62, -1, oldest_first=True)


async def test_a_contact_that_is_made_is_enrolled_and_opted_in(brands: Brands) -> None:
    welcome = await made(Trigger.CONTACT_CREATED)
    contact = await contacts.create(email=ALICE)
    await run()
    [one] = await enrolments(welcome)
    assert (one.contact_id, one.trigger, one.state) == (
        contact.id,
        Trigger.CONTACT_CREATED,
        EnrolmentState.DONE,
    )
    assert [(r.type, r.outcome) for r in one.results] == [("letters", ActionOutcome.CHANGED)]
    [event] = await database.fetch(
        "SELECT e.*, v.explanation FROM consent_events e JOIN evidence v ON v.event_id = e.id"
    )
    assert (event["origin"], event["actor"], event["explanation"]) == (
        "WORKFLOW",
        "Welcome",
        "They asked at the fair.",
    )
