"""Workflows as the team defines them: create, update, delete, read. `runner` runs them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypedDict, Unpack

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import increase_version
from preference_center.catalog.workflow_rows import columns_of, workflow_of
from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.filter_json import to_json
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.rules.types import Trigger
from preference_center.rules.workflows import Action, WhenPreference, Workflow
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables import workflows as tables
from preference_center.validation import check_text
from preference_center.workflows.checks import (
    check_filter,
    check_triggers,
    check_when_preference,
    checked_actions,
)

_NAME_MAX_LENGTH = 200
_NULLABLE = frozenset({"filter", "when_property", "when_preference"})


class _OptionalFields(TypedDict, total=False):
    filter: ContactFilter | None
    when_property: str | None
    when_preference: WhenPreference | None
    reenroll: bool
    enabled: bool


class NewWorkflow(_OptionalFields):
    """The fields of a workflow to create; by default it is enabled and enrols a contact once."""

    name: str
    triggers: Collection[Trigger]
    actions: Sequence[Action]


class WorkflowChanges(_OptionalFields, total=False):
    """The fields of a workflow to change."""

    name: str
    triggers: Collection[Trigger]
    actions: Sequence[Action]


async def create(**fields: Unpack[NewWorkflow]) -> Workflow:
    """Create a workflow. Events from now on trigger it, earlier ones don't.

    Raises Invalid: ALREADY_EXISTS for a name that another workflow has; INVALID_VALUE, NOT_FOUND,
    CHANNEL_NOT_OFFERED, TYPE_ARCHIVED, LEGAL_BASIS_REQUIRED and EXPLANATION_REQUIRED as in `checks`.
    """
    with Faults() as faults:
        of_fields = await faults.awaited(check_fields(fields))
        conditions = (fields.get("when_property"), fields.get("when_preference"))
        faults.of(check_triggers, fields["triggers"], *conditions)
    checked = {"enabled": True, "reenroll": False, **of_fields}
    with _name_conflict():
        workflow_id = await _insert(columns_of(checked))
    return await _existing(workflow_id)


async def update(workflow_id: int, **changes: Unpack[WorkflowChanges]) -> Workflow:
    """Change fields of a workflow; None clears filter, when_property and when_preference.

    Pending triggers run with the changed workflow. Actions are checked if they change, and if the workflow is
    being enabled. Raises Invalid as `create`, and NOT_FOUND.
    """
    present = {name: value for name, value in changes.items() if value is not None or name in _NULLABLE}
    with Faults() as faults:
        checked = await faults.awaited(check_fields(present))
        await faults.awaited(_check_conditions(workflow_id, present))
    if checked:
        with _name_conflict():
            await _update(workflow_id, checked)
    return await _existing(workflow_id)


async def _check_conditions(workflow_id: int, changes: Mapping[str, Any]) -> None:
    """Check the triggers and conditions that an update leaves. Raises Invalid, NOT_FOUND among others."""
    after = _conditions_after(await _existing(workflow_id), changes)
    check_triggers(after["triggers"], after["when_property"], after["when_preference"])


def _conditions_after(current: Workflow, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: changes.get(name, getattr(current, name)) for name in ("triggers", *_NULLABLE)}


@transaction
async def delete(workflow_id: int) -> None:
    """Delete a workflow with its enrolments; what they did to preferences stays.

    Raises Invalid: NOT_FOUND, or INVALID_VALUE while it is enabled.
    """
    if (await _lock(workflow_id)).enabled:
        raise Invalid(
            ErrorCode.INVALID_VALUE, "Disable the workflow first: an enabled one cannot be deleted.", "id"
        )
    await tables.Enrolment.filter(workflow_id=workflow_id).delete()
    await tables.Workflow.filter(id=workflow_id).delete()
    await increase_version()


async def get(workflow_id: int) -> Workflow | None:
    """Return the workflow, or None."""
    return (await get_many([workflow_id])).get(workflow_id)


async def get_many(ids: Sequence[int]) -> dict[int, Workflow]:
    """Return workflows by id, in one statement."""
    if not ids:
        return {}
    rows = await tables.Workflow.filter(id__in=ids).values()
    return {row["id"]: workflow_of(row) for row in rows}


async def list_all() -> list[Workflow]:
    """Return every workflow, also disabled ones, oldest first."""
    return [workflow_of(row) for row in await tables.Workflow.all().order_by("id").values()]


@transaction
async def _insert(columns: Mapping[str, Any]) -> int:
    now = database.now()
    row = await tables.Workflow.create(**columns, created_at=now, updated_at=now)
    await increase_version()
    return row.id


@transaction
async def _update(workflow_id: int, checked: Mapping[str, Any]) -> None:
    current = await _lock(workflow_id)
    after = _conditions_after(current, checked)
    check_triggers(after["triggers"], after["when_property"], after["when_preference"])
    if checked.get("enabled") and "actions" not in checked:
        checked_actions(current.actions, await exact_catalog())
    await tables.Workflow.filter(id=workflow_id).update(
        **columns_of(checked), updated_at=database.now(), version=F("version") + 1
    )
    await increase_version()


async def check_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields trimmed, the filter as JSON. Raises Invalid with the faults of all fields."""
    catalog = await exact_catalog()
    checked = dict(fields)
    with Faults() as faults:
        for name, path in (("name", "name"), ("when_property", "whenProperty")):
            if fields.get(name) is not None:
                text = faults.of(check_text, fields[name], path, max_length=_NAME_MAX_LENGTH, required=True)
                checked[name] = text
        if fields.get("when_preference") is not None:
            faults.of(check_when_preference, fields["when_preference"], catalog)
        if fields.get("filter") is not None:
            faults.of(check_filter, fields["filter"])
            checked["filter"] = to_json(fields["filter"])
        if "actions" in fields:
            checked["actions"] = faults.of(checked_actions, fields["actions"], catalog)
    return checked


async def _lock(workflow_id: int) -> Workflow:
    rows = await tables.Workflow.filter(id=workflow_id).select_for_update().values()
    if not rows:
        raise _not_found()
    return workflow_of(rows[0])


@contextmanager
def _name_conflict() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise _name_taken() from None


def _name_taken() -> Invalid:
    message = "Another workflow has this name. Choose another one."
    return Invalid(ErrorCode.ALREADY_EXISTS, message, "name")


async def _existing(workflow_id: int) -> Workflow:
    workflow = await get(workflow_id)
    if workflow is None:
        raise _not_found()
    return workflow


def _not_found() -> Invalid:
    return Invalid(ErrorCode.NOT_FOUND, "There is no workflow with this id.", "id")
