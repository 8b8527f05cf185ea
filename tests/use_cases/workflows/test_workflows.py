"""Workflows as the team defines them: what is accepted, and what an edit does."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import archive_type
from preference_center.contacts.filter import ContactFilter, PreferenceIs, PropertyEquals
from preference_center.contacts.filter_json import from_json, to_json
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Channel, LegalBasis, Trigger
from preference_center.rules.workflows import Action, Counts, WhenPreference
from preference_center.workflows import definitions
from tests.conftest import Brands
from tests.use_cases.workflows.enrolling import IN, NEITHER, OUT, WHY, create_workflow, set_status

EMAIL, SMS = Channel.EMAIL, Channel.SMS
BASIS = LegalBasis.CONSENT_WITH_NOTICE


async def test_a_workflow_is_stored_as_it_was_created(brands: Brands) -> None:
    contact_filter = ContactFilter(
        property=PropertyEquals("country", "PL"),
        negated=ContactFilter(preference=PreferenceIs(brands.digest, EMAIL, OUT)),
    )
    when = WhenPreference("alerts", SMS, IN)
    actions = [set_status("letters", "alerts"), Action(SMS, ("alerts",), OUT)]
    workflow = await create_workflow(
        *Trigger,
        filter=contact_filter,
        when_property="country",
        when_preference=when,
        actions=actions,
        reenroll=True,
        enabled=False,
    )
    again = await definitions.get(workflow.id)
    assert again is not None
    assert (again.name, again.enabled, again.reenroll) == ("Welcome", False, True)
    assert (again.triggers, again.when_property, again.when_preference) == (set(Trigger), "country", when)
    assert again.actions == tuple(actions)
    assert again.filter is not None
    assert to_json(from_json(again.filter, await exact_catalog())) == to_json(contact_filter)
    assert again.counts == Counts()


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"name": " "}, ErrorCode.INVALID_VALUE, "name"),
        ({"name": "n" * 201}, ErrorCode.INVALID_VALUE, "name"),
        ({"name": "a\x00b"}, ErrorCode.INVALID_VALUE, "name"),
        ({"triggers": []}, ErrorCode.INVALID_VALUE, "triggers"),
        ({"actions": []}, ErrorCode.INVALID_VALUE, "actions"),
        ({"when_property": "country"}, ErrorCode.INVALID_VALUE, "whenProperty"),
        ({"when_property": ""}, ErrorCode.INVALID_VALUE, "whenProperty"),
        (
            {"when_preference": WhenPreference("letters", None, IN)},
            ErrorCode.INVALID_VALUE,
            "whenPreference",
        ),
        (
            {"when_preference": WhenPreference("nothing", None, IN)},
            ErrorCode.NOT_FOUND,
            "whenPreference.subscriptionType",
        ),
        (
            {"when_preference": WhenPreference("letters", SMS, IN)},
            ErrorCode.CHANNEL_NOT_OFFERED,
            "whenPreference.channel",
        ),
        ({"filter": ContactFilter(search="a\x00b")}, ErrorCode.INVALID_VALUE, "filter.search"),
        ({"actions": [set_status()]}, ErrorCode.INVALID_VALUE, "actions.0.subscriptionTypes"),
        ({"actions": [set_status("nothing")]}, ErrorCode.NOT_FOUND, "actions.0.subscriptionTypes.0"),
        (
            {"actions": [set_status("alerts"), set_status("letters", channel=SMS)]},
            ErrorCode.CHANNEL_NOT_OFFERED,
            "actions.1.subscriptionTypes.0",
        ),
        (
            {"actions": [Action(EMAIL, ("letters",), IN, None, "x" * 2_001)]},
            ErrorCode.INVALID_VALUE,
            "actions.0.explanation",
        ),
    ],
)
async def test_invalid_input_is_refused_with_the_field(
    brands: Brands, fields: dict[str, Any], code: ErrorCode, field: str
) -> None:
    new: dict[str, Any] = {
        "name": "Welcome",
        "triggers": [Trigger.CONTACT_CREATED],
        "actions": [set_status("letters")],
        **fields,
    }
    with pytest.raises(Invalid) as refused:
        await definitions.create(**new)
    assert (refused.value.code, ".".join(refused.value.field or ())) == (code, field)
    assert await definitions.list_all() == []


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (Action(EMAIL, ("weekly-digest",), IN, None, WHY), ErrorCode.LEGAL_BASIS_REQUIRED),
        (Action(EMAIL, ("weekly-digest",), IN, BASIS), ErrorCode.EXPLANATION_REQUIRED),
        (Action(EMAIL, ("weekly-digest",), IN, BASIS, "  "), ErrorCode.EXPLANATION_REQUIRED),
        (Action(EMAIL, ("letters", "weekly-digest"), IN, None, WHY), ErrorCode.LEGAL_BASIS_REQUIRED),
        (Action(EMAIL, ("weekly-digest",), NEITHER, None, WHY), ErrorCode.LEGAL_BASIS_REQUIRED),
        (Action(EMAIL, ("letters",), NEITHER), ErrorCode.EXPLANATION_REQUIRED),
        (Action(EMAIL, ("letters",), NEITHER, None, WHY), None),
        (Action(EMAIL, ("letters",), IN), None),
        (Action(EMAIL, ("weekly-digest",), OUT), None),
        (Action(EMAIL, ("weekly-digest",), IN, BASIS, WHY), None),
    ],
)
async def test_legal_basis_and_explanation_are_required_when_the_workflow_is_saved(
    brands: Brands, action: Action, code: ErrorCode | None
) -> None:
    """R6, R13: with privacy on both are required, unless the action opts out."""
    if code is None:
        assert (await create_workflow(actions=[action])).actions == (action,)
        return
    with pytest.raises(Invalid) as refused:
        await create_workflow(actions=[action])
    assert refused.value.code is code


async def test_names_are_unique(brands: Brands) -> None:
    await create_workflow()
    other = await create_workflow(name="Farewell")
    for attempt in (create_workflow(), definitions.update(other.id, name="Welcome")):
        with pytest.raises(Invalid) as refused:
            await attempt
        assert (refused.value.code, refused.value.field) == (ErrorCode.ALREADY_EXISTS, ("name",))


async def test_an_edit_changes_the_given_fields_and_null_clears_a_field(brands: Brands) -> None:
    workflow = await create_workflow(
        Trigger.CONTACT_UPDATED, filter=ContactFilter(locale="pl"), when_property="country", reenroll=True
    )
    renamed = await definitions.update(workflow.id, name="Hello")
    assert (renamed.name, renamed.filter, renamed.when_property) == ("Hello", {"locale": "pl"}, "country")
    cleared = await definitions.update(workflow.id, filter=None, when_property=None)
    assert (cleared.name, cleared.filter, cleared.when_property) == ("Hello", None, None)
    assert cleared.reenroll
    assert cleared.triggers == {Trigger.CONTACT_UPDATED}


async def test_an_edit_is_checked_together_with_the_unchanged_fields(brands: Brands) -> None:
    """The existing condition limits a trigger that the edit removes."""
    workflow = await create_workflow(Trigger.CONTACT_UPDATED, when_property="country")
    with pytest.raises(Invalid) as refused:
        await definitions.update(workflow.id, triggers=[Trigger.CONTACT_CREATED])
    assert refused.value.field == ("whenProperty",)
    edited = await definitions.update(workflow.id, triggers=[Trigger.CONTACT_CREATED], when_property=None)
    assert edited.triggers == {Trigger.CONTACT_CREATED}


async def test_a_broken_workflow_can_be_disabled_but_not_enabled(brands: Brands) -> None:
    workflow = await create_workflow()
    await archive_type("letters")
    assert not (await definitions.update(workflow.id, enabled=False)).enabled
    with pytest.raises(Invalid) as refused:
        await definitions.update(workflow.id, enabled=True)
    assert refused.value.code is ErrorCode.TYPE_ARCHIVED
    assert (await definitions.update(workflow.id, enabled=True, actions=[set_status("alerts")])).enabled


async def test_an_enabled_workflow_cannot_be_deleted(brands: Brands) -> None:
    workflow = await create_workflow()
    with pytest.raises(Invalid) as refused:
        await definitions.delete(workflow.id)
    assert refused.value.code is ErrorCode.INVALID_VALUE
    await definitions.update(workflow.id, enabled=False)
    await definitions.delete(workflow.id)
    for attempt in (definitions.delete(workflow.id), definitions.update(workflow.id, name="Again")):
        with pytest.raises(Invalid) as missing:
            await attempt
        assert missing.value.code is ErrorCode.NOT_FOUND
    assert await definitions.list_all() == []


async def test_the_catalog_has_enabled_workflows_at_once(brands: Brands) -> None:
    workflow = await create_workflow()
    assert [w.id for w in (await exact_catalog()).workflows] == [workflow.id]
    await definitions.update(workflow.id, enabled=False)
    assert (await exact_catalog()).workflows == ()
