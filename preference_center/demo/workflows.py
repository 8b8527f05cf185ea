"""Workflows in the demo: one for each brand, and a few people who went through them."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts.filter import ContactFilter, PreferenceIs, PropertyEquals
from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from preference_center.rules.types import Actor, Channel, LegalBasis, PreferenceStatus, Trigger
from preference_center.rules.workflows import Action, WhenPreference, Workflow
from preference_center.storage import database
from preference_center.workflows import definitions as workflows
from preference_center.workflows import manual_enrolment

_IN, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT


async def make() -> list[Workflow]:
    """A workflow for whoever comes, and one for whoever leaves."""
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
        await workflows.create(
            name="Digest for readers in Poland",
            triggers=[Trigger.CONTACT_CREATED],
            filter=ContactFilter(property=PropertyEquals("country", "PL")),
            actions=[digest],
        ),
        await workflows.create(
            name="Out of the coffee letter, out of surveys",
            triggers=[Trigger.PREFERENCE_CHANGED],
            when_preference=WhenPreference("coffee-letter", Channel.EMAIL, _OUT),
            actions=[no_questions],
            reenroll=True,
        ),
    ]


async def enrol_some(made: Sequence[Workflow], recipient_ids: Sequence[int]) -> None:
    """Enrol some of the people who were there before the workflows: as a team would, by hand."""
    rows = await database.fetch(
        f"SELECT id FROM contacts WHERE email_recipient_id {database.any_of(1)}", list(recipient_ids)
    )
    some = [row["id"] for row in rows]
    letter = (await exact_catalog()).type_by_key("coffee-letter")
    assert letter is not None
    gone = PreferenceIs(letter, Channel.EMAIL, _OUT)
    for workflow, selection in zip(
        made, (ContactFilter(ids=some), ContactFilter(ids=some, preference=gone)), strict=True
    ):
        operation = await manual_enrolment.enqueue(workflow.id, selection, Actor("crm"))
        await run_next(HANDLERS, only=operation.id)
