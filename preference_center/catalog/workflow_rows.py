"""Workflows as the database keeps them, and as the rules know them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from preference_center.rules.types import Channel, LegalBasis, PreferenceStatus, Trigger
from preference_center.rules.workflows import Action, Counts, WhenPreference, Workflow
from preference_center.storage import database


async def enabled() -> tuple[Workflow, ...]:
    """The enabled workflows, oldest first."""
    rows = await database.fetch("SELECT * FROM workflows WHERE enabled ORDER BY id")
    return tuple(workflow_of(row) for row in rows)


def workflow_of(row: database.Row) -> Workflow:
    """A workflow from its table's row."""
    condition, when = database.json_value(row["condition"]), database.json_value(row["when_preference"])
    return Workflow(
        id=row["id"],
        name=row["name"],
        enabled=bool(row["enabled"]),
        triggers=frozenset(Trigger(name) for name in database.json_value(row["triggers"])),
        filter=condition,
        when_property=row["when_property"],
        when_preference=_when(when) if when is not None else None,
        actions=tuple(_action(said) for said in database.json_value(row["actions"])),
        reenroll=bool(row["reenroll"]),
        counts=Counts(*(row[name] for name in Counts.__dataclass_fields__)),
        created_at=database.instant(row["created_at"]),
        updated_at=database.instant(row["updated_at"]),
    )


def _when(said: dict[str, Any]) -> WhenPreference:
    channel = Channel(said["channel"]) if said["channel"] else None
    return WhenPreference(said["type"], channel, PreferenceStatus(said["status"]))


def _action(said: dict[str, Any]) -> Action:
    return Action(
        Channel(said["channel"]),
        tuple(said["types"]),
        PreferenceStatus(said["status"]),
        LegalBasis(said["legal_basis"]) if said["legal_basis"] else None,
        said["explanation"],
    )


def columns_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given of a workflow, already checked, named and written as the table has it."""
    columns = {
        name: given[name] for name in ("name", "enabled", "reenroll", "when_property") if name in given
    }
    if "triggers" in given:
        columns["triggers"] = json.dumps([kind.value for kind in Trigger if kind in given["triggers"]])
    if "filter" in given:
        columns["condition"] = _json(given["filter"])
    if "when_preference" in given:
        when: WhenPreference | None = given["when_preference"]
        columns["when_preference"] = when and _json(
            {
                "type": when.type,
                "channel": when.channel.value if when.channel else None,
                "status": when.status.value,
            }
        )
    if "actions" in given:
        columns["actions"] = _json([_said(action) for action in given["actions"]])
    return columns


def _said(action: Action) -> dict[str, Any]:
    return {
        "channel": action.channel.value,
        "types": list(action.types),
        "status": action.status.value,
        "legal_basis": action.legal_basis.value if action.legal_basis else None,
        "explanation": action.explanation,
    }


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
