"""Workflows as teams keep them: what may be said in them, and what an edit does."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import archive_type
from preference_center.contacts.filter import ContactFilter, PreferenceIs, PropertyEquals
from preference_center.contacts.filter_json import from_json, to_json
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Channel, LegalBasis, Trigger
from preference_center.workflows import definitions as workflows
from preference_center.workflows.definitions import Action, Counts, WhenPreference
from tests.conftest import Brands
from tests.use_cases.enrolling import IN, NEITHER, OUT, WHY, made, setting

EMAIL, SMS = Channel.EMAIL, Channel.SMS
BASIS = LegalBasis.CONSENT_WITH_NOTICE


async def test_a_workflow_is_kept_as_it_was_said(brands: Brands) -> None:
    wanted = ContactFilter(
        property=PropertyEquals("country", "PL"),
        negated=ContactFilter(preference=PreferenceIs(brands.digest, EMAIL, OUT)),
    )
    when = WhenPreference("alerts", SMS, IN)
    actions = [setting("letters", "alerts"), Action(SMS, ("alerts",), OUT)]
    one = await made(
        *Trigger,
        filter=wanted,
        when_property="country",
        when_preference=when,
        actions=actions,
        reenroll=True,
        enabled=False,
    )
    again = await workflows.get(one.id)
    assert again is not None
    assert (again.name, again.enabled, again.reenroll) == ("Welcome", False, True)
    assert (again.triggers, again.when_property, again.when_preference) == (set(Trigger), "country", when)
    assert again.actions == tuple(actions)
    assert again.filter is not None
    assert to_json(from_json(again.filter, await exact_catalog())) == to_json(wanted)
    assert again.counts == Counts()


@pytest.mark.parametrize(
    ("given", "code", "field"),
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
        ({"actions": [setting()]}, ErrorCode.INVALID_VALUE, "actions.0.subscriptionTypes"),
        ({"actions": [setting("nothing")]}, ErrorCode.NOT_FOUND, "actions.0.subscriptionTypes"),
        (
            {"actions": [setting("alerts"), setting("letters", channel=SMS)]},
            ErrorCode.CHANNEL_NOT_OFFERED,
            "actions.1.subscriptionTypes",
        ),
        (
            {"actions": [Action(EMAIL, ("letters",), IN, None, "x" * 2_001)]},
            ErrorCode.INVALID_VALUE,
            "actions.0.explanation",
        ),
    ],
)
async def test_what_cannot_be_a_workflow_is_refused_with_the_field_named(
    brands: Brands, given: dict[str, Any], code: ErrorCode, field: str
) -> None:
    said = {
        "name": "Welcome",
        "triggers": [Trigger.CONTACT_CREATED],
        "actions": [setting("letters")],
        **given,
    }
    with pytest.raises(Invalid) as refused:
        await workflows.create(**said)
    assert (refused.value.code, ".".join(refused.value.field or ())) == (code, field)
    assert await workflows.all_() == []


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
async def test_the_grounds_are_asked_for_when_the_workflow_is_saved(
    brands: Brands, action: Action, code: ErrorCode | None
) -> None:
    """R6, R13: where privacy is on both, unless it is an opt-out."""
    if code is None:
        assert (await made(actions=[action])).actions == (action,)
        return
    with pytest.raises(Invalid) as refused:
        await made(actions=[action])
    assert refused.value.code is code


async def test_a_name_is_taken_once(brands: Brands) -> None:
    await made()
    other = await made(name="Farewell")
    for attempt in (made(), workflows.update(other.id, name="Welcome")):
        with pytest.raises(Invalid) as refused:
            await attempt
        assert (refused.value.code, refused.value.field) == (ErrorCode.ALREADY_EXISTS, ("name",))


async def test_an_edit_changes_what_is_given_and_clears_what_is_null(brands: Brands) -> None:
    one = await made(
        Trigger.CONTACT_UPDATED, filter=ContactFilter(locale="pl"), when_property="country", reenroll=True
    )
    renamed = await workflows.update(one.id, name="Hello")
    assert (renamed.name, renamed.filter, renamed.when_property) == ("Hello", {"locale": "pl"}, "country")
    cleared = await workflows.update(one.id, filter=None, when_property=None)
    assert (cleared.name, cleared.filter, cleared.when_property) == ("Hello", None, None)
    assert cleared.reenroll
    assert cleared.triggers == {Trigger.CONTACT_UPDATED}


async def test_an_edit_is_looked_at_as_a_whole(brands: Brands) -> None:
    """The condition that is there narrows a trigger that goes."""
    one = await made(Trigger.CONTACT_UPDATED, when_property="country")
    with pytest.raises(Invalid) as refused:
        await workflows.update(one.id, triggers=[Trigger.CONTACT_CREATED])
    assert refused.value.field == ("whenProperty",)
    edited = await workflows.update(one.id, triggers=[Trigger.CONTACT_CREATED], when_property=None)
    assert edited.triggers == {Trigger.CONTACT_CREATED}


async def test_a_broken_workflow_can_be_disabled_and_is_not_enabled_again(brands: Brands) -> None:
    one = await made()
    await archive_type("letters")
    assert not (await workflows.update(one.id, enabled=False)).enabled
    with pytest.raises(Invalid) as refused:
        await workflows.update(one.id, enabled=True)
    assert refused.value.code is ErrorCode.TYPE_ARCHIVED
    assert (await workflows.update(one.id, enabled=True, actions=[setting("alerts")])).enabled


async def test_an_enabled_workflow_is_not_deleted(brands: Brands) -> None:
    one = await made()
    with pytest.raises(Invalid) as refused:
        await workflows.delete(one.id)
    assert refused.value.code is ErrorCode.INVALID_VALUE
    await workflows.update(one.id, enabled=False)
    await workflows.delete(one.id)
    for attempt in (workflows.delete(one.id), workflows.update(one.id, name="Again")):
        with pytest.raises(Invalid) as gone:
            await attempt
        assert gone.value.code is ErrorCode.NOT_FOUND
    assert await workflows.all_() == []


async def test_the_catalogue_has_the_enabled_ones_at_once(brands: Brands) -> None:
    one = await made()
    assert [w.id for w in (await exact_catalog()).workflows] == [one.id]
    await workflows.update(one.id, enabled=False)
    assert (await exact_catalog()).workflows == ()
