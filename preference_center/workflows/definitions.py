"""Workflows as teams keep them: made, changed, enabled, deleted. What runs them is `workflow_runner`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tortoise.exceptions import IntegrityError

from preference_center.catalog import changes as catalog_changes
from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.workflow_rows import columns_of, workflow_of
from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.filter_json import to_json
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Trigger
from preference_center.rules.workflows import Action, Counts, WhenPreference, Workflow
from preference_center.storage import database, transactions
from preference_center.validation import check_text
from preference_center.workflows.checks import (
    check_filter,
    check_triggers,
    check_when_preference,
    checked_actions,
)

__all__ = [
    "Action",
    "Counts",
    "WhenPreference",
    "Workflow",
    "all_",
    "create",
    "delete",
    "get",
    "get_many",
    "update",
]
_MAY_BE_CLEARED = frozenset({"filter", "when_property", "when_preference"})


async def create(
    *,
    name: str,
    triggers: Collection[Trigger],
    actions: Sequence[Action],
    filter: ContactFilter | None = None,
    when_property: str | None = None,
    when_preference: WhenPreference | None = None,
    reenroll: bool = False,
    enabled: bool = True,
) -> Workflow:
    """Make a workflow. What happens from now on sets it off, nothing of what was before.

    Raises Invalid: ALREADY_EXISTS for a name that is taken; INVALID_VALUE, NOT_FOUND, CHANNEL_NOT_OFFERED,
    TYPE_ARCHIVED, LEGAL_BASIS_REQUIRED and EXPLANATION_REQUIRED as `workflow_checks` has them.
    """
    given = await _checked(
        {
            "name": name,
            "triggers": triggers,
            "actions": actions,
            "filter": filter,
            "when_property": when_property,
            "when_preference": when_preference,
            "reenroll": reenroll,
            "enabled": enabled,
        }
    )
    check_triggers(triggers, given["when_property"], when_preference)
    now = database.now()
    columns = {**columns_of(given), "created_at": now, "updated_at": now}
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))

    async def once() -> int:
        async with transactions.write_transaction():
            rows = await database.fetch(
                f"INSERT INTO workflows ({', '.join(columns)}) VALUES ({places}) RETURNING id",
                *columns.values(),
            )
            await catalog_changes.moved()
            return int(rows[0]["id"])

    return await _existing(await _saved(once))


async def update(workflow_id: int, **given: Any) -> Workflow:
    """Change what is given, as `create` takes it; None clears filter, when_property and when_preference.

    What waits runs as the workflow is when it runs. Raises Invalid as `create`, and NOT_FOUND. Actions are
    looked at where they are given, and where the workflow is enabled.
    """
    given = {name: value for name, value in given.items() if value is not None or name in _MAY_BE_CLEARED}
    said = await _checked(given)

    async def once() -> int:
        async with transactions.write_transaction():
            held = await _locked(workflow_id)
            left = {name: said.get(name, getattr(held, name)) for name in ("triggers", *_MAY_BE_CLEARED)}
            check_triggers(left["triggers"], left["when_property"], left["when_preference"])
            if said.get("enabled") and "actions" not in said:
                checked_actions(held.actions, await exact_catalog())
            columns = {**columns_of(said), "updated_at": database.now()}
            settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
            await database.execute(
                f"UPDATE workflows SET {settings}, version = version + 1 WHERE id = $1",
                workflow_id,
                *columns.values(),
            )
            await catalog_changes.moved()
            return workflow_id

    if not said:
        return await _existing(workflow_id)
    return await _existing(await _saved(once))


async def delete(workflow_id: int) -> None:
    """Delete a workflow with its enrolments; what these did to preferences stays.

    Raises Invalid: NOT_FOUND, or INVALID_VALUE while it is enabled.
    """

    async def once() -> None:
        async with transactions.write_transaction():
            if (await _locked(workflow_id)).enabled:
                raise Invalid(ErrorCode.INVALID_VALUE, "Disable the workflow first.", "id")
            await database.execute("DELETE FROM enrolments WHERE workflow_id = $1", workflow_id)
            await database.execute("DELETE FROM workflows WHERE id = $1", workflow_id)
            await catalog_changes.moved()

    await transactions.retried(once)


async def get(workflow_id: int) -> Workflow | None:
    """The workflow of an id, or None."""
    return (await get_many([workflow_id])).get(workflow_id)


async def get_many(ids: Sequence[int]) -> dict[int, Workflow]:
    """Workflows by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(f"SELECT * FROM workflows WHERE id {database.any_of(1)}", list(ids))
    return {row["id"]: workflow_of(row) for row in rows}


async def all_() -> list[Workflow]:
    """Every workflow, disabled ones too, oldest first."""
    return [workflow_of(row) for row in await database.fetch("SELECT * FROM workflows ORDER BY id")]


async def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """What is given, each for itself, checked and trimmed; the filter as JSON."""
    catalog = await exact_catalog()
    said = dict(given)
    if "name" in given:
        said["name"] = check_text(given["name"], "name", max_length=200, required=True)
    if given.get("when_property") is not None:
        said["when_property"] = check_text(given["when_property"], "whenProperty", max_length=200, required=True)
    if given.get("when_preference") is not None:
        check_when_preference(given["when_preference"], catalog)
    if given.get("filter") is not None:
        check_filter(given["filter"])
        said["filter"] = to_json(given["filter"])
    if "actions" in given:
        said["actions"] = checked_actions(given["actions"], catalog)
    return said


async def _locked(workflow_id: int) -> Workflow:
    lock = " FOR UPDATE" if database.dialect() == "postgres" else ""
    rows = await database.fetch(f"SELECT * FROM workflows WHERE id = $1{lock}", workflow_id)
    if not rows:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such workflow.", "id")
    return workflow_of(rows[0])


async def _saved(once: Any) -> int:
    try:
        number: int = await transactions.retried(once)
    except IntegrityError:
        raise Invalid(ErrorCode.ALREADY_EXISTS, "Another workflow has that name.", "name") from None
    return number


async def _existing(workflow_id: int) -> Workflow:
    found = await get(workflow_id)
    if found is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such workflow.", "id")
    return found
