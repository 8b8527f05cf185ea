"""Erasing recipients: the address goes, the keyed fingerprint stays (R36)."""

from __future__ import annotations

from preference_center.personal_data import ENUM, Person, PersonalData
from preference_center.storage import database


async def _erase_refusals(person: Person) -> None:
    await database.execute(
        f"DELETE FROM address_refusals WHERE recipient_id {database.any_of(1)}", list(person.recipient_ids)
    )


async def _erase_recipients(person: Person) -> None:
    await database.execute(
        f"UPDATE recipients SET address = NULL, erased_at = $2 WHERE id {database.any_of(1)}",
        list(person.recipient_ids),
        database.now(),
    )


PERSONAL_DATA = (
    PersonalData(table="address_refusals", deleted=("answer",), erase=_erase_refusals),
    PersonalData(
        table="recipients",
        cleared=("address",),
        fingerprints=("fingerprint",),
        never_personal={"kind": ENUM},
        erase=_erase_recipients,
    ),
    PersonalData(table="phone_spelling_state"),
)
