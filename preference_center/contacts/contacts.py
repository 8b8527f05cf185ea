"""Contacts: create, update, delete and read people in the team's records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Unpack

import orjson
from tortoise.exceptions import IntegrityError

from preference_center import triggers
from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.contacts.fields import (
    ContactChanges,
    ContactFields,
    addresses_of,
    columns_of,
    columns_of_changes,
    merged_properties,
    properties_column,
)
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.preferences.carried_opt_outs import AddressMove, carry_opt_outs_in_transaction
from preference_center.recipients import recipients
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.addresses import Address
from preference_center.rules.types import LegalBasis, Trigger
from preference_center.storage import database
from preference_center.storage.transactions import RetryTransaction, transaction
from preference_center.tables.contacts import Contact


class ContactRow(NamedTuple):
    """One contact, as it was when read. Each field is a column of `contacts`."""

    id: int
    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    locale: str | None
    properties: dict[str, Any]
    processing_basis: LegalBasis | None
    created_at: datetime
    updated_at: datetime
    email_recipient_id: int | None
    phone_recipient_id: int | None

    @property
    def recipient_ids(self) -> list[int]:
        """The recipients of the contact's addresses: email first."""
        return [id for id in (self.email_recipient_id, self.phone_recipient_id) if id is not None]


_COLUMNS = ", ".join(f"c.{column}" for column in ContactRow._fields)


async def create(**given: Unpack[ContactFields]) -> ContactRow:
    """Create a contact with an email address, a phone number, or both.

    Raises Invalid: INVALID_ADDRESS; ALREADY_EXISTS for another contact's email address; ADDRESS_MISSING;
    INVALID_VALUE for a field that cannot be stored.
    """
    with Faults() as faults:
        found = faults.of(addresses_of, given)
        columns = faults.of(columns_of, given)
        if found is not None and not any(found.values()):
            message = "A contact needs an email address or a phone number."
            faults.add(Invalid(ErrorCode.ADDRESS_MISSING, message, "email"))
    new_addresses = {name: address for name, address in found.items() if address}
    columns = {name: value for name, value in columns.items() if value is not None}
    now = database.now()
    columns = {"properties": "{}", **columns, "created_at": now, "updated_at": now}
    try:
        contact_id = await _insert(columns, new_addresses)
    except IntegrityError:
        raise _email_taken() from None
    return await _existing(contact_id)


async def update(
    contact_id: int, *, carry_opt_outs: bool = True, **changes: Unpack[ContactChanges]
) -> ContactRow:
    """Change the given fields; None clears one. A new address has its own preferences (R1).

    `properties` are merged into those of the contact, `replace_properties` replaces them.
    `carry_opt_outs`: the person's own opt-outs of a replaced address are recorded for the new one (R38).
    Raises Invalid as `create` does, and NOT_FOUND.
    """
    with Faults() as faults:
        row = await faults.awaited(_existing(contact_id))
        new_addresses = faults.of(addresses_of, changes)
        columns, properties = faults.of(columns_of_changes, changes) or ({}, {})
        if row is not None and new_addresses is not None:
            faults.of(_check_keeps_address, row, new_addresses)
    if not new_addresses and not columns and not properties:
        return row
    try:
        columns = {**columns, "updated_at": database.now()}
        await _update(contact_id, columns, new_addresses, properties, carry_opt_outs=carry_opt_outs)
    except IntegrityError:
        raise _email_taken() from None
    return await _existing(contact_id)


async def delete(contact_id: int) -> bool:
    """Delete a contact; its addresses keep their preferences (R1). False if there was none."""
    return await Contact.filter(id=contact_id).delete() > 0


async def get(contact_id: int) -> ContactRow | None:
    """Return the contact, or None."""
    return (await get_many([contact_id])).get(contact_id)


async def get_many(ids: Iterable[int]) -> dict[int, ContactRow]:
    """Return contacts by id, in one statement."""
    return {row.id: row for row in await select(f"c.id {database.any_of(1)}", list(ids))}


async def by_email(address: Address) -> ContactRow | None:
    """Return the contact with an email address, or None."""
    found = await select("c.email = $1", address.value)
    return found[0] if found else None


async def by_phone(address: Address, limit: int) -> list[ContactRow]:
    """Return the first contacts with a phone number, which several may have: oldest first."""
    return await select("c.phone = $1", address.value, then=f"ORDER BY c.id LIMIT {limit}")


async def by_emails(values: Sequence[str]) -> dict[str, ContactRow]:
    """Return contacts by normalised email address, in one statement."""
    found = await select(f"c.email {database.any_of(1)}", list(values))
    return {row.email: row for row in found if row.email}


async def of_recipients(recipient_ids: Iterable[int]) -> dict[int, list[ContactRow]]:
    """Return the contacts that have each address, oldest first, in one statement.

    Several contacts may share a phone number.
    """
    ids = list(recipient_ids)
    found: dict[int, list[ContactRow]] = {recipient_id: [] for recipient_id in ids}
    any_id = database.any_of(1)
    rows = await select(f"c.email_recipient_id {any_id} OR c.phone_recipient_id {any_id}", ids)
    for row in sorted(rows, key=lambda row: row.id):
        for recipient_id in row.recipient_ids:
            if recipient_id in found:
                found[recipient_id].append(row)
    return found


async def select(condition: str, *values: Any, then: str = "") -> list[ContactRow]:
    """Return the contacts `c` that meet an SQL condition; `then` orders, limits or locks them."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM contacts c WHERE {condition} {then}", *values)
    return [_contact(row) for row in rows]


def _contact(row: database.Row) -> ContactRow:
    basis = row["processing_basis"]
    return ContactRow(
        id=row["id"],
        email=row["email"],
        phone=row["phone"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        locale=row["locale"],
        properties=orjson.loads(row["properties"]),  # 1e30, which PostgreSQL writes in full, stays a float
        processing_basis=LegalBasis(basis) if basis else None,
        created_at=database.instant(row["created_at"]),
        updated_at=database.instant(row["updated_at"]),
        email_recipient_id=row["email_recipient_id"],
        phone_recipient_id=row["phone_recipient_id"],
    )


async def _existing(contact_id: int) -> ContactRow:
    row = await get(contact_id)
    if row is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no contact with this id.", "id")
    return row


def check_changes(**changes: Unpack[ContactChanges]) -> None:
    """Check changes whatever the contact. Raises Invalid with all faults."""
    with Faults() as faults:
        faults.of(addresses_of, changes)
        faults.of(columns_of_changes, changes)


def _check_keeps_address(row: ContactRow, new_addresses: Mapping[str, Address | None]) -> None:
    left = {"email": row.email, "phone": row.phone, **new_addresses}
    if not left["email"] and not left["phone"]:
        message = "A contact must keep an email address or a phone number."
        raise Invalid(ErrorCode.ADDRESS_MISSING, message, "email")


def _email_taken() -> Invalid:
    return Invalid(
        ErrorCode.ALREADY_EXISTS,
        "Another contact has this email address. Update that contact, or use another address.",
        "email",
    )


@transaction
async def _insert(columns: Mapping[str, Any], new_addresses: Mapping[str, Address | None]) -> int:
    row = {**columns, **await _address_columns(new_addresses)}
    placeholders = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    created = await database.fetch(
        f"INSERT INTO contacts ({', '.join(row)}) VALUES ({placeholders}) RETURNING id", *row.values()
    )
    contact_id: int = created[0]["id"]
    await triggers.contacts_created([contact_id], await exact_catalog())
    return contact_id


@transaction
async def _update(
    contact_id: int,
    columns: Mapping[str, Any],
    new_addresses: Mapping[str, Address | None],
    properties: Mapping[str, Any],
    *,
    carry_opt_outs: bool,
) -> None:
    row = {**await _address_columns(new_addresses), **columns}
    if new_addresses and carry_opt_outs:
        await carry_opt_outs_in_transaction(await _lock_moves(contact_id, row))
    catalog = await exact_catalog()
    listening = catalog.listening(Trigger.CONTACT_UPDATED)
    before = await _lock(contact_id) if listening or properties else None
    if before is not None and properties:
        row["properties"] = properties_column(merged_properties(before.properties, properties))
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(row, 2))
    await database.execute(f"UPDATE contacts SET {settings} WHERE id = $1", contact_id, *row.values())
    if before is not None and listening:
        await _queue_trigger(before, catalog)


async def _address_columns(new_addresses: Mapping[str, Address | None]) -> dict[str, Any]:
    """The columns of addresses, with their recipients, which are created if they are unknown."""
    ids = await recipients.ensure(address for address in new_addresses.values() if address)
    columns: dict[str, Any] = {}
    for name, address in new_addresses.items():
        columns[name] = address.value if address else None
        columns[f"{name}_recipient_id"] = ids[address] if address else None
    return columns


async def _lock_moves(contact_id: int, row: Mapping[str, Any]) -> list[AddressMove]:
    """The addresses that an update replaces. Locks their recipients, then the contact, as the ledger does.

    Raises RetryTransaction if another transaction changed the contact's addresses meanwhile.
    """
    moves = _moves(await get(contact_id), row)
    await lock_recipients({recipient_id for move in moves for recipient_id in move})
    if _moves(await _lock(contact_id), row) != moves:
        raise RetryTransaction
    return moves


def _moves(before: ContactRow | None, row: Mapping[str, Any]) -> list[AddressMove]:
    if before is None:
        return []
    replaced = [
        (before.email_recipient_id, row.get("email_recipient_id")),
        (before.phone_recipient_id, row.get("phone_recipient_id")),
    ]
    return [AddressMove(old, new) for old, new in replaced if old and new and old != new]


async def _lock(contact_id: int) -> ContactRow | None:
    lock = " FOR UPDATE" if database.dialect() == "postgres" else ""
    rows = await select("c.id = $1", contact_id, then=lock)
    return rows[0] if rows else None


async def _queue_trigger(before: ContactRow, catalog: Catalog) -> None:
    """Queue the workflow trigger of an updated contact, unless nothing of it is different."""
    after = (await select("c.id = $1", before.id))[0]
    names = triggers.changed_properties(before.properties, after.properties).union(
        name for field, name in triggers.OWN_FIELDS.items() if getattr(before, field) != getattr(after, field)
    )
    if names:
        await triggers.contacts_updated({after.id: names}, catalog)
