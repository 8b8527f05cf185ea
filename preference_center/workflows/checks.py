"""Checks of a workflow when it is saved. Each error names the field of the input."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from preference_center.catalog.catalog import Catalog, SubscriptionType
from preference_center.contacts.filter import Condition, ContactFilter
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.legal_bases import check_legal_basis
from preference_center.rules.types import PreferenceStatus, Trigger
from preference_center.rules.workflows import Action, WhenPreference
from preference_center.validation import check_explanation

MAX_ACTIONS = 20
MAX_TYPES = 100


def check_triggers(
    triggers: Collection[Trigger], when_property: str | None, when_preference: WhenPreference | None
) -> None:
    """Check that there is a trigger, and the triggers that the conditions limit. Raises Invalid."""
    with Faults() as faults:
        if not triggers:
            faults.add(Invalid(ErrorCode.INVALID_VALUE, "Add at least one trigger.", "triggers"))
        if when_property is not None and Trigger.CONTACT_UPDATED not in triggers:
            message = "Add the trigger CONTACT_UPDATED: `whenProperty` limits that trigger."
            faults.add(Invalid(ErrorCode.INVALID_VALUE, message, "whenProperty"))
        if when_preference is not None and Trigger.PREFERENCE_CHANGED not in triggers:
            message = "Add the trigger PREFERENCE_CHANGED: `whenPreference` limits that trigger."
            faults.add(Invalid(ErrorCode.INVALID_VALUE, message, "whenPreference"))


def check_when_preference(when: WhenPreference, catalog: Catalog) -> None:
    """Check that the type exists and is offered on the channel. Raises Invalid."""
    subscription_type = catalog.type_by_key(when.type)
    if subscription_type is None:
        message = f"There is no subscription type {when.type!r}."
        raise Invalid(ErrorCode.NOT_FOUND, message, "whenPreference", "subscriptionType")
    if when.channel is not None and when.channel not in subscription_type.channels:
        message = f"{subscription_type.key!r} is not offered on this channel. Choose another one."
        raise Invalid(ErrorCode.CHANNEL_NOT_OFFERED, message, "whenPreference", "channel")


def check_filter(contact_filter: ContactFilter) -> None:
    """Check that the filter can be turned into a condition. Raises Invalid."""
    Condition().matching(contact_filter)


def checked_actions(actions: Sequence[Action], catalog: Catalog) -> tuple[Action, ...]:
    """Return the actions with explanations trimmed and no type twice. Raises Invalid.

    The ledger will require the same: with privacy on, a legal basis and an explanation unless the action opts
    out; for NOT_OPTED always an explanation (R13).
    """
    if not actions:
        raise Invalid(ErrorCode.INVALID_VALUE, "Add at least one action.", "actions")
    if len(actions) > MAX_ACTIONS:
        raise Invalid(
            ErrorCode.INVALID_VALUE, f"A workflow can have at most {MAX_ACTIONS} actions.", "actions"
        )
    with Faults() as faults:
        return tuple(
            faults.of(_checked, action, catalog, ("actions", str(n))) for n, action in enumerate(actions)
        )


def _checked(action: Action, catalog: Catalog, path: tuple[str, ...]) -> Action:
    keys = tuple(dict.fromkeys(action.types))
    if not keys:
        message = "Add at least one subscription type."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *path, "subscriptionTypes")
    if len(keys) > MAX_TYPES:
        message = f"An action can have at most {MAX_TYPES} subscription types."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *path, "subscriptionTypes")
    with Faults() as faults:
        explanation = faults.of(check_explanation, action.explanation, *path, "explanation")
        paths = [(*path, "subscriptionTypes", str(action.types.index(key))) for key in keys]
        types = [faults.of(_existing, key, catalog, at) for key, at in zip(keys, paths, strict=True)]
        for type_, at in zip(types, paths, strict=True):
            if type_ is not None:
                faults.of(_check_usable, type_, action, at)
        checked = replace(action, types=keys, explanation=explanation)
        faults.of(_check_legal_basis, checked, list(filter(None, types)), path)
    return checked


def _existing(key: str, catalog: Catalog, path: tuple[str, ...]) -> SubscriptionType:
    subscription_type = catalog.type_by_key(key)
    if subscription_type is None:
        raise Invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key!r}.", *path)
    return subscription_type


def _check_usable(type_: SubscriptionType, action: Action, path: tuple[str, ...]) -> None:
    with Faults() as faults:
        if action.channel not in type_.channels:
            message = f"{type_.key!r} is not offered on this channel. Choose another one."
            faults.add(Invalid(ErrorCode.CHANNEL_NOT_OFFERED, message, *path))
        if type_.archived_at is not None:
            message = f"{type_.key!r} is archived. Choose another type, or restore it first."
            faults.add(Invalid(ErrorCode.TYPE_ARCHIVED, message, *path))


def _check_legal_basis(action: Action, types: Sequence[SubscriptionType], path: tuple[str, ...]) -> None:
    privacy = any(each.business_unit.data_privacy for each in types)
    opts_out = action.status is PreferenceStatus.OPTED_OUT
    with Faults() as faults:
        faults.of(check_legal_basis, action.legal_basis, *path, "legalBasis")
        if privacy and not opts_out and action.legal_basis is None:
            message = "Give a legal basis: the privacy setting of a type's business unit requires one."
            faults.add(Invalid(ErrorCode.LEGAL_BASIS_REQUIRED, message, *path, "legalBasis"))
        explains = privacy or action.status is PreferenceStatus.NOT_OPTED
        if explains and not opts_out and action.explanation is None:
            message = "Give an explanation: this action needs one."
            faults.add(Invalid(ErrorCode.EXPLANATION_REQUIRED, message, *path, "explanation"))
