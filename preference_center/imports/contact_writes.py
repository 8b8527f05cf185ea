"""Creating and updating thousands of contacts with a few statements for each part of a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from tortoise.exceptions import IntegrityError

from preference_center import triggers
from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.fields import PROPERTIES_MAX_BYTES, folded
from preference_center.imports.contact_file import ContactFileRow
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.storage.rows import BigInt, Instant, Json, Text, columns_of
from preference_center.storage.transactions import RetryTransaction


class _TableRow(NamedTuple):
    """The columns that an import writes."""

    email: Text
    email_recipient_id: BigInt
    phone: Text | None
    phone_recipient_id: BigInt | None
    first_name: Text | None
    last_name: Text | None
    folded_first_name: Text
    folded_last_name: Text
    locale: Text | None
    properties: Json
    processing_basis: Text | None
    created_at: Instant
    updated_at: Instant


_COLUMNS: Final = columns_of(_TableRow)
_UPSERT: Final = "ON CONFLICT (id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in _COLUMNS if name != "created_at"
)


class PropertiesTooLarge(Exception):
    """A row would make the contact's properties larger than allowed."""


@dataclass(slots=True)
class ImportedContact:
    """One contact while rows are applied to it: a new one, or one as it was with the changes so far."""

    values: dict[str, Any]
    """By column, as far as rows can change it."""
    properties: dict[str, Any]
    id: int | None = None
    is_changed: bool = False
    before: ContactRow | None = None
    """The contact as it was; None for a new one."""

    def apply(self, row: ContactFileRow, phone_id: int | None, default_basis: str | None) -> bool:
        """Apply one row; returns whether it changes anything. Raises PropertiesTooLarge.

        `default_basis` is the basis to process for contacts that have none.
        """
        has_new_properties = self._apply_properties(row.properties)
        given = dict(row.fields)
        if not self.values["processing_basis"] and default_basis:
            given.setdefault("processing_basis", default_basis)
        changes = {name: value for name, value in given.items() if self.values[name] != value}
        self.values.update(changes)
        if "phone" in changes:
            self.values["phone_recipient_id"] = phone_id
        is_first_row = self.id is None and not self.is_changed
        changed = bool(changes) or has_new_properties or is_first_row
        self.is_changed = self.is_changed or changed
        return changed

    def _apply_properties(self, texts: dict[str, str]) -> bool:
        new = {name: text for name, text in texts.items() if _as_text(self.properties.get(name)) != text}
        if not new:
            return False
        properties = {**self.properties, **new}
        if len(json.dumps(properties, ensure_ascii=False).encode()) > PROPERTIES_MAX_BYTES:
            raise PropertiesTooLarge
        self.properties = properties
        return True

    def changed_names(self) -> frozenset[str]:
        """The names of changed properties and fields, for workflows; none for a new contact."""
        if self.before is None:
            return frozenset()
        names = triggers.changed_properties(self.before.properties, self.properties)
        before = _values_of(self.before)
        own = triggers.OWN_FIELDS.items()
        return names.union(name for field, name in own if before[field] != self.values[field])

    def row(self, now: datetime) -> _TableRow:
        """The row to write."""
        values = {
            **self.values,
            "folded_first_name": folded(self.values["first_name"]),
            "folded_last_name": folded(self.values["last_name"]),
            "properties": json.dumps(self.properties, ensure_ascii=False),
            "created_at": self.values["created_at"] or now,
            "updated_at": now,
        }
        return _TableRow(**values)


async def load(rows: Sequence[ContactFileRow]) -> tuple[dict[str, ImportedContact], dict[str, int]]:
    """Lock the contacts of the rows, or make new ones: by email. And the recipient ids of phone numbers."""
    emails = list(dict.fromkeys(row.email for row in rows))
    phones = dict.fromkeys(row.fields["phone"] for row in rows if "phone" in row.fields)
    email_addresses = [Address(RecipientKind.EMAIL, email) for email in emails]
    phone_addresses = [Address(RecipientKind.PHONE, phone) for phone in phones]
    ids = await recipients.ensure([*email_addresses, *phone_addresses])
    existing = await _lock(emails)
    loaded = {}
    for address in email_addresses:
        row = existing.get(address.value)
        loaded[address.value] = _existing(row) if row else _new(address.value, ids[address])
    return loaded, {address.value: ids[address] for address in phone_addresses}


async def write(imported: Iterable[ImportedContact]) -> None:
    """Write the new and the changed contacts in two statements, and queue their workflow triggers.

    New contacts get their ids. Raises RetryTransaction if another transaction created one of them meanwhile.
    """
    changed = [contact for contact in imported if contact.is_changed]
    new = sorted((c for c in changed if c.id is None), key=lambda contact: str(contact.values["email"]))
    existing = [contact for contact in changed if contact.id is not None]
    now = database.now()
    try:
        await database.insert("contacts", _COLUMNS, [contact.row(now) for contact in new])
    except IntegrityError:
        raise RetryTransaction from None
    id_and_columns = {"id": "bigint", **_COLUMNS}
    rows = [(contact.id, *contact.row(now)) for contact in existing]
    await database.insert("contacts", id_and_columns, rows, _UPSERT)
    created = await contacts.by_emails([contact.values["email"] for contact in new])
    for contact in new:
        contact.id = created[contact.values["email"]].id
    await _queue_triggers(new, existing)


async def _queue_triggers(new: Sequence[ImportedContact], existing: Sequence[ImportedContact]) -> None:
    catalog = await exact_catalog()
    await triggers.contacts_created(sorted(contact.id for contact in new if contact.id is not None), catalog)
    updated = {contact.id: names for contact in existing if (names := contact.changed_names())}
    await triggers.contacts_updated({id: names for id, names in updated.items() if id is not None}, catalog)


async def _lock(emails: Sequence[str]) -> dict[str, ContactRow]:
    lock = " FOR UPDATE" if database.dialect() == "postgres" else ""
    rows = await contacts.select(f"c.email {database.any_of(1)}", list(emails), then=f"ORDER BY c.id{lock}")
    return {row.email: row for row in rows if row.email}


def _existing(row: ContactRow) -> ImportedContact:
    return ImportedContact(_values_of(row), row.properties, row.id, before=row)


def _values_of(row: ContactRow) -> dict[str, Any]:
    basis = row.processing_basis.value if row.processing_basis else None
    own = {name: getattr(row, name) for name in _COLUMNS if hasattr(row, name)}
    return {**own, "processing_basis": basis}


def _new(email: str, recipient_id: int) -> ImportedContact:
    values = dict.fromkeys(_COLUMNS) | {"email": email, "email_recipient_id": recipient_id}
    return ImportedContact(values, {})


def _as_text(value: Any) -> str | None:
    """A property as an export writes it: importing an export changes nothing."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
