"""Erasing a person from workflows: their names, filters and explanations may name people (R36)."""

from __future__ import annotations

import json
import re
from typing import Any

from preference_center.catalog.changes import increase_version
from preference_center.personal_data import ENUM, Person, PersonalData
from preference_center.rules.redaction import redacted
from preference_center.storage import database

_LONGEST_REDACTED_NAME = 180


async def _erase_workflows(person: Person) -> None:
    pattern = person.identifiers.pattern(single_names=False)
    if pattern is None:
        return
    rows = await database.fetch("SELECT id, name, condition, actions FROM workflows")
    changed = [await _redact_workflow(row, pattern) for row in rows]
    if any(changed):
        await increase_version()


async def _redact_workflow(row: database.Row, pattern: re.Pattern[str]) -> bool:
    """Redact one workflow; returns whether it named the person."""
    before = (row["name"], database.json_value(row["condition"]), database.json_value(row["actions"]))
    name, condition, actions = (redacted(value, pattern) for value in before)
    if (name, condition, actions) == before:
        return False
    if name != row["name"]:
        # Names are unique: the id keeps two redacted names apart.
        name = f"{name[:_LONGEST_REDACTED_NAME]} {row['id']}"
    await database.execute(
        "UPDATE workflows SET name = $2, condition = $3, actions = $4, version = version + 1 WHERE id = $1",
        *(row["id"], name, _json(condition), _json(actions)),
    )
    return True


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


PERSONAL_DATA = (
    PersonalData(
        table="workflows",
        redacted=("name", "condition", "actions"),
        never_personal={
            "triggers": ENUM,
            "when_property": "The name of a contact property.",
            "when_preference": "A subscription type's key, a channel and a status.",
        },
        erase=_erase_workflows,
    ),
    PersonalData(
        table="workflow_triggers",
        never_personal={
            **dict.fromkeys(("kind", "channel", "status"), ENUM),
            "properties": "Names of contact properties, without values.",
            "path": "Ids of workflows.",
        },
    ),
    PersonalData(
        table="enrolments",
        never_personal={
            **dict.fromkeys(("trigger_kind", "state"), ENUM),
            "error": "A message of the program.",
            "results": "Keys of subscription types, with fixed words for what became of them.",
        },
    ),
)
