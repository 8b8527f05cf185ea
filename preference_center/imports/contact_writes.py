"""Contacts created and changed by the thousand: a handful of statements for each part of a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from tortoise.exceptions import IntegrityError

from preference_center import triggers
from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow, folded
from preference_center.imports.rows import Row
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.rules.types import RecipientKind
from preference_center.storage import database

LARGEST_PROPERTIES: Final = 64 * 1024
"""Bytes of JSON, as for a contact that is made by hand."""
_COLUMNS: Final = {
    "email": "text",
    "email_recipient_id": "bigint",
    "phone": "text",
    "phone_recipient_id": "bigint",
    "first_name": "text",
    "last_name": "text",
    "folded_first_name": "text",
    "folded_last_name": "text",
    "locale": "text",
    "properties": "jsonb",
    "processing_basis": "text",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}


@dataclass(slots=True)
class Person:
    """One contact while the rows about it are taken in."""

    values: dict[str, Any]
    properties: dict[str, Any]
    id: int | None = None
    touched: bool = False
    before: ContactRow | None = None
    """The contact as it was, where there was one."""

    def changed(self) -> frozenset[str]:
        """The names of the properties and of the fields of its own that are others than before."""
        if self.before is None:
            return frozenset()
        names = triggers.changed_properties(self.before.properties, self.properties)
        was = _values_of(self.before)
        own = triggers.OWN_FIELDS.items()
        return names.union(name for field, name in own if was[field] != self.values[field])

    def take(self, row: Row, phone_id: int | None, basis: str | None) -> bool | None:
        """Take in one row: whether it changes anything, or None where its properties are too many."""
        _, _, fields, texts, _ = row
        new = {name: text for name, text in texts.items() if _as_text(self.properties.get(name)) != text}
        if new:
            properties = {**self.properties, **new}
            if len(json.dumps(properties, ensure_ascii=False).encode()) > LARGEST_PROPERTIES:
                return None
            self.properties = properties
        given = dict(fields)
        if not self.values["processing_basis"] and basis:
            given.setdefault("processing_basis", basis)
        changes = {name: value for name, value in given.items() if self.values[name] != value}
        self.values.update(changes)
        if "phone" in changes:
            self.values["phone_recipient_id"] = phone_id
        changed = bool(changes or new) or (self.id is None and not self.touched)
        self.touched = self.touched or changed
        return changed


async def people_of(rows: Sequence[Row]) -> tuple[dict[str, Person], dict[str, int]]:
    """The contacts that rows are about by email, locked, or new; and the recipients of phones."""
    emails = list(dict.fromkeys(row[1] for row in rows))
    phones = dict.fromkeys(row[2]["phone"] for row in rows if "phone" in row[2])
    named = [Address(RecipientKind.EMAIL, email) for email in emails]
    ids = await recipients.ensure([*named, *(Address(RecipientKind.PHONE, phone) for phone in phones)])
    held = await _lock(emails)
    people = {}
    for address in named:
        row = held.get(address.value)
        people[address.value] = _known(row) if row else _new(address.value, ids[address])
    return people, {phone: ids[Address(RecipientKind.PHONE, phone)] for phone in phones}


async def write(people: Iterable[Person]) -> None:
    """Write who is new and who changed, in two statements, and what workflows wait for; new ones get ids.

    Raises SerializationError where somebody made one of them meanwhile: the part is to be done anew.
    """
    touched = [person for person in people if person.touched]
    new = sorted((p for p in touched if p.id is None), key=lambda person: str(person.values["email"]))
    now = database.now()
    try:
        await database.insert("contacts", _COLUMNS, [_row(person, now) for person in new])
    except IntegrityError:
        raise asyncpg.SerializationError("another made one of the contacts meanwhile") from None
    await database.insert(
        "contacts",
        {"id": "bigint", **_COLUMNS},
        [(person.id, *_row(person, now)) for person in touched if person.id is not None],
        "ON CONFLICT (id) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "created_at"),
    )
    made = await contacts.by_emails([person.values["email"] for person in new])
    for person in new:
        person.id = made[person.values["email"]].id
    await _tell(new, touched)


async def _tell(new: Sequence[Person], touched: Sequence[Person]) -> None:
    """Let workflows know, in the order of the file's contacts."""
    catalog = await exact_catalog()
    made = {person.id for person in new if person.id is not None}
    await triggers.contacts_created(sorted(made), catalog)
    updated = {person.id: person.changed() for person in touched if person.id not in made}
    await triggers.contacts_updated({n: names for n, names in updated.items() if n and names}, catalog)


async def _lock(emails: Sequence[str]) -> dict[str, ContactRow]:
    lock = " FOR UPDATE" if database.dialect() == "postgres" else ""
    rows = await contacts.select(f"c.email {database.any_of(1)}", list(emails), then=f"ORDER BY c.id{lock}")
    return {row.email: row for row in rows if row.email}


def _known(row: ContactRow) -> Person:
    return Person(_values_of(row), row.properties, row.id, before=row)


def _values_of(row: ContactRow) -> dict[str, Any]:
    basis = row.processing_basis.value if row.processing_basis else None
    own = {name: getattr(row, name) for name in _COLUMNS if hasattr(row, name)}
    return {**own, "processing_basis": basis}


def _new(email: str, recipient_id: int) -> Person:
    values = dict.fromkeys(_COLUMNS) | {"email": email, "email_recipient_id": recipient_id}
    return Person(values, {})


def _row(person: Person, now: Any) -> tuple[Any, ...]:
    values = {
        **person.values,
        "folded_first_name": folded(person.values["first_name"]),
        "folded_last_name": folded(person.values["last_name"]),
        "properties": json.dumps(person.properties, ensure_ascii=False),
        "created_at": person.values["created_at"] or now,
        "updated_at": now,
    }
    return tuple(values[name] for name in _COLUMNS)


def _as_text(value: Any) -> str | None:
    """A property as an export writes it, so that taking in an export changes nothing."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
