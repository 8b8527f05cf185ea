"""Erasing a person from the contacts (R36)."""

from __future__ import annotations

from typing import Literal

from preference_center import triggers
from preference_center.catalog.catalog import exact_catalog
from preference_center.personal_data import Person, PersonalData
from preference_center.storage import database


async def _erase_contacts(person: Person) -> None:
    """Delete the person's contacts, and remove the person's addresses from contacts that share them."""
    await database.execute(f"DELETE FROM contacts WHERE id {database.any_of(1)}", list(person.contact_ids))
    emails, phones = await _clear_address("email", person), await _clear_address("phone", person)
    changed = {
        **{contact_id: frozenset({"email"}) for contact_id in emails},
        **{contact_id: frozenset({"phone"}) for contact_id in phones},
    }
    await triggers.contacts_updated(changed, await exact_catalog())


async def _clear_address(field: Literal["email", "phone"], person: Person) -> list[int]:
    """Clear the person's address in other contacts; returns the ids of these contacts."""
    column = f"{field}_recipient_id"
    rows = await database.fetch(
        f"UPDATE contacts SET {field} = NULL, {column} = NULL WHERE {column} {database.any_of(1)}"
        " RETURNING id",
        list(person.recipient_ids),
    )
    return [row["id"] for row in rows]


PERSONAL_DATA = (
    PersonalData(
        table="contacts",
        deleted=(
            *("email", "phone", "first_name", "last_name", "folded_first_name", "folded_last_name"),
            *("locale", "properties", "processing_basis"),
        ),
        erase=_erase_contacts,
    ),
    PersonalData(
        table="contact_properties",  # triggers keep it in step with `contacts`
        deleted=("name", "number", "text"),
        erased_with="contacts",
    ),
    PersonalData(
        table="call_permits",
        deleted=("legal_basis", "explanation", "actor", "used_by"),
        erased_with="contacts",
    ),
)
