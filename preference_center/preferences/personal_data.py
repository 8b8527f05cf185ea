"""Erasing a person from the reasons for leaving (R36)."""

from __future__ import annotations

from preference_center.personal_data import ENUM, Person, PersonalData
from preference_center.storage import database

_START_OF_MONTH = {
    "postgres": "date_trunc('month', given_at, 'UTC')",
    "sqlite": "substr(given_at, 1, 7) || '-01 00:00:00.000000+00:00'",
}


async def _erase_leaving_reasons(person: Person) -> None:
    """Detach the reasons from the person's events, and round their times down to the month."""
    await database.execute(
        f"UPDATE leaving_reasons SET event_id = NULL, given_at = {_START_OF_MONTH[database.dialect()]}"
        f" WHERE event_id IN (SELECT id FROM consent_events WHERE recipient_id {database.any_of(1)})",
        list(person.recipient_ids),
    )


PERSONAL_DATA = (
    PersonalData(
        table="leaving_reasons",
        cleared=("event_id", "given_at"),
        never_personal=dict.fromkeys(("channel", "reason"), ENUM),
        erase=_erase_leaving_reasons,
    ),
)
