"""Workflows converted between their table and the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from preference_center.rules.types import Channel, LegalBasis, PreferenceStatus, Trigger
from preference_center.rules.workflows import Action, Counts, WhenPreference, Workflow
from preference_center.storage import database


async def enabled() -> tuple[Workflow, ...]:
    """Return the enabled workflows, oldest first."""
    rows = await database.fetch("SELECT * FROM workflows WHERE enabled ORDER BY id")
    return tuple(workflow_of(row) for row in rows)


def workflow_of(row: database.Row) -> Workflow:
    """Convert a row of `workflows`; JSON columns may be text or values."""
    condition, when = database.json_value(row["condition"]), database.json_value(row["when_preference"])
    return Workflow(
        id=row["id"],
        name=row["name"],
        enabled=bool(row["enabled"]),
        triggers=frozenset(Trigger(name) for name in database.json_value(row["triggers"])),
        filter=condition,
        when_property=row["when_property"],
        when_preference=_when_preference_of(when) if when is not None else None,
        actions=tuple(_action_of(action) for action in database.json_value(row["actions"])),
        reenroll=bool(row["reenroll"]),
        counts=Counts(*(row[name] for name in Counts.__dataclass_fields__)),
        created_at=database.instant(row["created_at"]),
        updated_at=database.instant(row["updated_at"]),
    )


def columns_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Convert checked fields of a workflow to columns of `workflows`, JSON columns as values."""
    columns = {
        name: fields[name] for name in ("name", "enabled", "reenroll", "when_property") if name in fields
    }
    if "triggers" in fields:
        columns["triggers"] = [trigger.value for trigger in Trigger if trigger in fields["triggers"]]
    if "filter" in fields:
        columns["condition"] = fields["filter"]
    if "when_preference" in fields:
        when: WhenPreference | None = fields["when_preference"]
        columns["when_preference"] = when and _json_of_when_preference(when)
    if "actions" in fields:
        columns["actions"] = [_json_of_action(action) for action in fields["actions"]]
    return columns


def _when_preference_of(stored: Mapping[str, Any]) -> WhenPreference:
    channel = Channel(stored["channel"]) if stored["channel"] else None
    return WhenPreference(stored["type"], channel, PreferenceStatus(stored["status"]))


def _json_of_when_preference(when: WhenPreference) -> dict[str, Any]:
    channel = when.channel.value if when.channel else None
    return {"type": when.type, "channel": channel, "status": when.status.value}


def _action_of(stored: Mapping[str, Any]) -> Action:
    return Action(
        Channel(stored["channel"]),
        tuple(stored["types"]),
        PreferenceStatus(stored["status"]),
        LegalBasis(stored["legal_basis"]) if stored["legal_basis"] else None,
        stored["explanation"],
    )


def _json_of_action(action: Action) -> dict[str, Any]:
    return {
        "channel": action.channel.value,
        "types": list(action.types),
        "status": action.status.value,
        "legal_basis": action.legal_basis.value if action.legal_basis else None,
        "explanation": action.explanation,
    }
