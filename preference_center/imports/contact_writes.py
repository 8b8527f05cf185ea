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
from preference_center.preferences.carried_opt_outs import AddressMove
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.storage.rows import BigInt, Instant, Json, Text, columns_of
from preference_center.storage.transactions import RetryTransaction


class _TableRow(NamedTuple):
    """The columns that an import writes."""

    email: Text | None
    email_recipient_id: BigInt | None
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


class SeveralContacts(Exception):
    """Several contacts have the phone number of a row without an email address."""


class PropertiesTooLarge(Exception):
    """A row would make the contact's properties larger than allowed."""


@dataclass(slots=True, eq=False)
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

    @property
    def move(self) -> AddressMove | None:
        """The phone number that the rows replace, with the new one (R38). They change no email address."""
        old, new = self.before and self.before.phone_recipient_id, self.values["phone_recipient_id"]
        return AddressMove(old, new) if old and new and old != new else None

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


class LoadedContacts:
    """The contacts of a part's rows, by email address, and by phone number for rows that have no other."""

    def __init__(self, contacts: Iterable[ImportedContact], ids: dict[str, int]) -> None:
        self._ids = ids
        self._by_email: dict[str, ImportedContact] = {}
        self._by_phone: dict[str, list[ImportedContact]] = {}
        for contact in contacts:
            if contact.values["email"]:
                self._by_email[contact.values["email"]] = contact
            self.note_phone(contact)

    def of(self, row: ContactFileRow) -> ImportedContact:
        """The contact of a row; a new one if there is none. Raises SeveralContacts.

        People share phone numbers: a contact with an email address is meant only if the names agree.
        """
        if row.email:
            return self._by_email.setdefault(row.email, _new(row.email, self._ids[row.email]))
        having = [c for c in self._by_phone.get(row.address, ()) if c.values["phone"] == row.address]
        without_email = [contact for contact in having if not contact.values["email"]]
        meant = without_email or [contact for contact in having if _names_agree(contact, row)]
        if len(meant) > 1:
            raise SeveralContacts
        return meant[0] if meant else _new(None, None)

    def phone_id(self, row: ContactFileRow) -> int | None:
        """The recipient id of a row's phone number."""
        return self._ids.get(row.fields.get("phone", ""))

    def note_phone(self, contact: ImportedContact) -> None:
        """Find the contact by the phone number that it has now."""
        phone = contact.values["phone"]
        if phone and contact not in self._by_phone.setdefault(phone, []):
            self._by_phone[phone].append(contact)

    def all(self) -> list[ImportedContact]:
        """All contacts, each once."""
        of_phones = (contact for having in self._by_phone.values() for contact in having)
        return list({id(contact): contact for contact in (*self._by_email.values(), *of_phones)}.values())


def _names_agree(contact: ImportedContact, row: ContactFileRow) -> bool:
    names = ((contact.values[name], row.fields.get(name)) for name in ("first_name", "last_name"))
    return not any(old and new and folded(old) != folded(new) for old, new in names)


async def load(rows: Sequence[ContactFileRow]) -> LoadedContacts:
    """Lock the contacts of the rows, and create their recipients if they are new."""
    emails = list(dict.fromkeys(row.email for row in rows if row.email))
    phones = dict.fromkeys(row.fields["phone"] for row in rows if "phone" in row.fields)
    keys = list(dict.fromkeys(row.address for row in rows if not row.email))
    email_addresses = [Address(RecipientKind.EMAIL, email) for email in emails]
    phone_addresses = [Address(RecipientKind.PHONE, phone) for phone in phones]
    ids = await recipients.ensure([*email_addresses, *phone_addresses])
    by_value = {address.value: recipient_id for address, recipient_id in ids.items()}
    existing = await _lock(emails, [by_value[phone] for phone in keys])
    return LoadedContacts(map(_existing, existing), by_value)


async def write(imported: Iterable[ImportedContact]) -> None:
    """Write the new and the changed contacts in two statements, and queue their workflow triggers.

    New contacts get their ids. Raises RetryTransaction if another transaction created one of them meanwhile.
    """
    changed = [contact for contact in imported if contact.is_changed]
    new = sorted(
        (c for c in changed if c.id is None), key=lambda c: str(c.values["email"] or c.values["phone"])
    )
    existing = [contact for contact in changed if contact.id is not None]
    now = database.now()
    try:
        await database.insert("contacts", _COLUMNS, [contact.row(now) for contact in new])
    except IntegrityError:
        raise RetryTransaction from None
    id_and_columns = {"id": "bigint", **_COLUMNS}
    rows = [(contact.id, *contact.row(now)) for contact in existing]
    await database.insert("contacts", id_and_columns, rows, _UPSERT)
    await _set_ids(new)
    await _queue_triggers(new, existing)


async def _set_ids(new: Sequence[ImportedContact]) -> None:
    """Give new contacts their ids. One without an email address is the only one that has its phone number."""
    of_email = await contacts.by_emails([c.values["email"] for c in new if c.values["email"]])
    phone_ids = [c.values["phone_recipient_id"] for c in new if not c.values["email"]]
    condition = f"c.phone_recipient_id {database.any_of(1)} AND c.email IS NULL"
    of_phone = await contacts.select(condition, phone_ids) if phone_ids else []
    ids = {row.phone_recipient_id: row.id for row in of_phone}
    for contact in new:
        email, phone_id = contact.values["email"], contact.values["phone_recipient_id"]
        contact.id = of_email[email].id if email else ids[phone_id]


async def _queue_triggers(new: Sequence[ImportedContact], existing: Sequence[ImportedContact]) -> None:
    catalog = await exact_catalog()
    await triggers.contacts_created(sorted(contact.id for contact in new if contact.id is not None), catalog)
    updated = {contact.id: names for contact in existing if (names := contact.changed_names())}
    await triggers.contacts_updated({id: names for id, names in updated.items() if id is not None}, catalog)


async def _lock(emails: Sequence[str], phone_ids: Sequence[int]) -> list[ContactRow]:
    """The contacts with one of the email addresses, or one of the phone numbers."""
    lock = " FOR UPDATE" if database.dialect() == "postgres" else ""
    of_emails = f"c.email {database.any_of(1)}"
    if not phone_ids:
        return await contacts.select(of_emails, list(emails), then=f"ORDER BY c.id{lock}")
    condition = f"{of_emails} OR c.phone_recipient_id {database.any_of(2)}"
    return await contacts.select(condition, list(emails), list(phone_ids), then=f"ORDER BY c.id{lock}")


def _existing(row: ContactRow) -> ImportedContact:
    return ImportedContact(_values_of(row), row.properties, row.id, before=row)


def _values_of(row: ContactRow) -> dict[str, Any]:
    basis = row.processing_basis.value if row.processing_basis else None
    own = {name: getattr(row, name) for name in _COLUMNS if hasattr(row, name)}
    return {**own, "processing_basis": basis}


def _new(email: str | None, recipient_id: int | None) -> ImportedContact:
    values = dict.fromkeys(_COLUMNS) | {"email": email, "email_recipient_id": recipient_id}
    return ImportedContact(values, {})


def _as_text(value: Any) -> str | None:
    """A property as an export writes it: importing an export changes nothing."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
