"""What a workflow may say: checked when it is saved, each fault named by its field."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from preference_center.catalog.catalog import Catalog, SubscriptionType
from preference_center.contacts.filter import Condition, ContactFilter
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import PreferenceStatus, Trigger
from preference_center.rules.workflows import Action, WhenPreference
from preference_center.validation import check_explanation

MOST_ACTIONS = 20
MOST_TYPES = 100


def check_triggers(
    triggers: Collection[Trigger], when_property: str | None, when_preference: WhenPreference | None
) -> None:
    """At least one trigger, and those that the conditions narrow. Raises Invalid."""
    if not triggers:
        raise Invalid(ErrorCode.INVALID_VALUE, "At least one trigger is needed.", "triggers")
    if when_property is not None and Trigger.CONTACT_UPDATED not in triggers:
        message = "This narrows the trigger CONTACT_UPDATED, which the workflow does not have."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "whenProperty")
    if when_preference is not None and Trigger.PREFERENCE_CHANGED not in triggers:
        message = "This narrows the trigger PREFERENCE_CHANGED, which the workflow does not have."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "whenPreference")


def check_when_preference(when: WhenPreference, catalog: Catalog) -> None:
    """A status of a type that there is, on a channel that carries it. Raises Invalid."""
    kind = catalog.type_by_key(when.type)
    if kind is None:
        message = f"There is no subscription type {when.type!r}."
        raise Invalid(ErrorCode.NOT_FOUND, message, "whenPreference", "subscriptionType")
    if when.channel is not None and when.channel not in kind.channels:
        message = f"{kind.key!r} is not offered on this channel."
        raise Invalid(ErrorCode.CHANNEL_NOT_OFFERED, message, "whenPreference", "channel")


def check_filter(wanted: ContactFilter) -> None:
    """A filter whose values can be asked for. Raises Invalid."""
    Condition().of(wanted)


def checked_actions(actions: Sequence[Action], catalog: Catalog) -> tuple[Action, ...]:
    """The actions with their texts trimmed and no type twice. Raises Invalid.

    Grounds are asked for as the door will ask for them: both where privacy is on, unless it is an opt-out,
    and for NOT_OPTED the explanation always (R13).
    """
    if not actions:
        raise Invalid(ErrorCode.INVALID_VALUE, "At least one action is needed.", "actions")
    if len(actions) > MOST_ACTIONS:
        raise Invalid(ErrorCode.INVALID_VALUE, f"At most {MOST_ACTIONS} actions.", "actions")
    return tuple(_checked(action, catalog, ("actions", str(n))) for n, action in enumerate(actions))


def _checked(action: Action, catalog: Catalog, at: tuple[str, ...]) -> Action:
    keys = tuple(dict.fromkeys(action.types))
    if not keys:
        message = "At least one subscription type is needed."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *at, "subscriptionTypes")
    if len(keys) > MOST_TYPES:
        message = f"At most {MOST_TYPES} subscription types."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *at, "subscriptionTypes")
    made = replace(action, types=keys, explanation=check_explanation(action.explanation, *at, "explanation"))
    _check_grounds(made, [_usable(key, action, catalog, at) for key in keys], at)
    return made


def _usable(key: str, action: Action, catalog: Catalog, at: tuple[str, ...]) -> SubscriptionType:
    def invalid(code: ErrorCode, words: str) -> Invalid:
        return Invalid(code, words, *at, "subscriptionTypes")

    kind = catalog.type_by_key(key)
    if kind is None:
        raise invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key!r}.")
    if action.channel not in kind.channels:
        raise invalid(ErrorCode.CHANNEL_NOT_OFFERED, f"{key!r} is not offered on this channel.")
    if kind.archived_at is not None:
        raise invalid(ErrorCode.TYPE_ARCHIVED, f"{key!r} is archived.")
    return kind


def _check_grounds(action: Action, types: Sequence[SubscriptionType], at: tuple[str, ...]) -> None:
    if action.status is PreferenceStatus.OPTED_OUT:
        return
    privacy = any(kind.business_unit.data_privacy for kind in types)
    if privacy and action.legal_basis is None:
        message = "Where a unit's privacy setting is on, a legal basis is needed (R6)."
        raise Invalid(ErrorCode.LEGAL_BASIS_REQUIRED, message, *at, "legalBasis")
    if action.explanation is None and (privacy or action.status is PreferenceStatus.NOT_OPTED):
        message = "An explanation is needed (R6, R13)."
        raise Invalid(ErrorCode.EXPLANATION_REQUIRED, message, *at, "explanation")
