"""What would stop a workflow at run time: the catalog has changed since the workflow was saved."""

from __future__ import annotations

from preference_center.catalog.catalog import Catalog
from preference_center.contacts.filter_json import from_json
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.rules.workflows import Action, WhenPreference, Workflow
from preference_center.workflows.checks import (
    check_filter,
    check_triggers,
    check_when_preference,
    checked_actions,
)


def problems_of(workflow: Workflow, catalog: Catalog, *, can_text: bool) -> tuple[Invalid, ...]:
    """All that saving the workflow as it is would be refused for, and what it could not do besides.

    `can_text`: whether there is a sender number that confirmations are sent from.
    """
    try:
        with Faults() as faults:
            _check(workflow, catalog, faults)
            for number, action in enumerate(workflow.actions):
                if not can_text and _asks_by_text(action, catalog):
                    faults.add(_without_sender(number))
    except Invalid as error:
        return error.faults
    return ()


def needs_text_messages(workflow: Workflow, catalog: Catalog) -> bool:
    """Whether an action opts in to a double opt-in type on SMS or WhatsApp (R19)."""
    return any(_asks_by_text(action, catalog) for action in workflow.actions)


def _check(workflow: Workflow, catalog: Catalog, faults: Faults) -> None:
    faults.of(check_triggers, workflow.triggers, workflow.when_property, workflow.when_preference)
    if workflow.when_preference is not None:
        faults.of(check_when_preference, workflow.when_preference, catalog)
        faults.of(_check_can_happen, workflow.when_preference, catalog)
    if workflow.filter is not None:
        faults.of(lambda stored: check_filter(from_json(stored, catalog)), workflow.filter)
    faults.of(checked_actions, workflow.actions, catalog)


def _check_can_happen(when: WhenPreference, catalog: Catalog) -> None:
    """Check that the change that starts the workflow can happen. Raises Invalid."""
    type_ = catalog.type_by_key(when.type)
    if type_ is None or type_.archived_at is None or when.status is PreferenceStatus.OPTED_OUT:
        return
    message = f"{type_.key!r} is archived: nobody is opted in to it any more. Restore it, or change this."
    raise Invalid(ErrorCode.TYPE_ARCHIVED, message, "whenPreference", "subscriptionType")


def _asks_by_text(action: Action, catalog: Catalog) -> bool:
    if action.channel is Channel.EMAIL or action.status is not PreferenceStatus.OPTED_IN:
        return False
    types = (catalog.type_by_key(key) for key in action.types)
    return any(type_ is not None and type_.double_opt_in for type_ in types)


def _without_sender(number: int) -> Invalid:
    message = (
        "There is no sender number for SMS, so nobody can be asked to confirm. Add one with"
        " `createSenderNumber`."
    )
    return Invalid(ErrorCode.NOT_FOUND, message, "actions", str(number), "channel")
