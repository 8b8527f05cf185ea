"""Workflows of the demo: one for each brand, with some enrolments."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts.filter import ContactFilter, PreferenceIs, PropertyEquals
from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from preference_center.rules.types import Actor, Channel, LegalBasis, PreferenceStatus, Trigger
from preference_center.rules.workflows import Action, WhenPreference, Workflow
from preference_center.storage import database
from preference_center.workflows import definitions, manual_enrolment

_IN, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT


async def create() -> list[Workflow]:
    """Create a workflow for new contacts, and one for contacts that opt out."""
    digest = Action(
        Channel.EMAIL,
        ("weekly-digest",),
        _IN,
        LegalBasis.CONSENT_WITH_NOTICE,
        "Signed up in the Polish shop, where the form asks for the digest.",
    )
    no_questions = Action(
        Channel.EMAIL, ("surveys",), _OUT, explanation="Who leaves the letter is not asked why."
    )
    return [
        await definitions.create(
            name="Digest for readers in Poland",
            triggers=[Trigger.CONTACT_CREATED],
            filter=ContactFilter(property=PropertyEquals("country", "PL")),
            actions=[digest],
        ),
        await definitions.create(
            name="Out of the coffee letter, out of surveys",
            triggers=[Trigger.PREFERENCE_CHANGED],
            when_preference=WhenPreference("coffee-letter", Channel.EMAIL, _OUT),
            actions=[no_questions],
            reenroll=True,
        ),
    ]


async def enrol(workflows: Sequence[Workflow], recipient_ids: Sequence[int]) -> None:
    """Enrol contacts that existed before the two workflows, at the team's request."""
    rows = await database.fetch(
        f"SELECT id FROM contacts WHERE email_recipient_id {database.any_of(1)}", list(recipient_ids)
    )
    contact_ids = [row["id"] for row in rows]
    letter = (await exact_catalog()).type_by_key("coffee-letter")
    assert letter is not None
    opted_out = PreferenceIs(letter, Channel.EMAIL, _OUT)
    for workflow, selection in zip(
        workflows,
        (ContactFilter(ids=contact_ids), ContactFilter(ids=contact_ids, preference=opted_out)),
        strict=True,
    ):
        operation = await manual_enrolment.enqueue(workflow.id, selection, Actor("crm"))
        await run_next(HANDLERS, only=operation.id)
