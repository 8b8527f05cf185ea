"""Erasing a person from operations: selections, rows of files, explanations, idempotency keys (R36)."""

from __future__ import annotations

import re

from preference_center.operations.completion import parameters_without_selection
from preference_center.personal_data import ENUM, TEAM_MEMBER, Person, PersonalData
from preference_center.rules.redaction import redacted
from preference_center.storage import database


async def _erase_parts(_person: Person) -> None:
    """Delete the rows that operations of earlier versions, and cancelled ones, kept after they finished."""
    await database.execute(
        f"DELETE FROM operation_parts WHERE operation_id IN (SELECT id FROM operations WHERE {_FINISHED})"
    )


async def _erase_operations(person: Person) -> None:
    """Clear the selections of finished operations, and redact the team's free text.

    Explanations of operations that concern the person also lose a first or last name alone.
    """
    await database.execute(
        f"UPDATE operations SET parameters = {parameters_without_selection()} WHERE {_FINISHED}"
        f" AND {_HAS_SELECTION[database.dialect()]}"
    )
    anywhere = person.identifiers.pattern(single_names=False)
    if anywhere is None:
        return
    concerned = await _concerned(person)
    close = person.identifiers.pattern(single_names=True) or anywhere
    rows = await database.fetch(
        "SELECT id, explanation, idempotency_key, parameters FROM operations"
        " WHERE explanation IS NOT NULL OR idempotency_key IS NOT NULL"
    )
    for row in rows:
        parameters = database.json_value(row["parameters"])
        is_concerned = row["id"] in concerned or redacted(parameters, anywhere) != parameters
        await _redact_operation(row, close if is_concerned else anywhere)


_FINISHED = "state IN ('COMPLETED', 'FAILED', 'CANCELLED')"
_HAS_SELECTION = {
    "postgres": "jsonb_exists(parameters, 'selection')",
    "sqlite": "json_extract(parameters, '$.selection') IS NOT NULL",
}


async def _concerned(person: Person) -> set[int]:
    """The operations that changed something for the person, or refused to."""
    of_recipients, of_contacts = database.any_of(1), database.any_of(2)
    rows = await database.fetch(
        f"SELECT operation_id FROM consent_events WHERE recipient_id {of_recipients}"
        " AND operation_id IS NOT NULL UNION SELECT operation_id FROM operation_refusals"
        f" WHERE recipient_id {of_recipients} OR contact_id {of_contacts}",
        list(person.recipient_ids),
        list(person.contact_ids),
    )
    return {row["operation_id"] for row in rows}


async def _redact_operation(row: database.Row, pattern: re.Pattern[str]) -> None:
    explanation, key = row["explanation"], row["idempotency_key"]
    left = redacted(explanation, pattern)
    # A redacted key could equal another operation's key: it is removed as a whole.
    key_left = None if key and pattern.search(key) else key
    if (left, key_left) != (explanation, key):
        await database.execute(
            "UPDATE operations SET explanation = $2, idempotency_key = $3 WHERE id = $1",
            *(row["id"], left, key_left),
        )


PERSONAL_DATA = (
    PersonalData(table="operation_parts", deleted=("payload",), erase=_erase_parts),
    PersonalData(
        table="operations",
        cleared=("parameters", "idempotency_key"),
        redacted=("explanation",),
        never_personal={
            **dict.fromkeys(("kind", "state"), ENUM),
            "actor": TEAM_MEMBER,
            "digest": "A hash of the request, which recognises a retry of it.",
            "refusals": "Numbers of refusals by code.",
            "error": "A message of the program, without values from the request.",
            "lease_owner": "Names a process.",
        },
        erase=_erase_operations,
    ),
    PersonalData(
        table="operation_refusals",
        never_personal={
            "about": "The key of a subscription type, or the name of a column.",
            "code": ENUM,
            "message": "A message of the program, without values from the request.",
        },
    ),
)
