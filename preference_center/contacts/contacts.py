"""People in the team's records: create, update, delete, get."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from tortoise.exceptions import IntegrityError

from preference_center import triggers
from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.recipients import recipients
from preference_center.rules import addresses
from preference_center.rules.addresses import Address, AddressError
from preference_center.rules.types import LegalBasis, Trigger
from preference_center.storage import database, transactions
from preference_center.validation import check_locale, check_text, storable

COLUMNS = (
    "c.id, c.email, c.phone, c.first_name, c.last_name, c.locale, c.properties, c.processing_basis,"
    " c.created_at, c.updated_at, c.email_recipient_id, c.phone_recipient_id"
)
_LARGEST_PROPERTIES = 64 * 1024
_DEEPEST_PROPERTIES = 20


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact, as it was when read."""

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
        """The contact's addresses: email first."""
        return [number for number in (self.email_recipient_id, self.phone_recipient_id) if number is not None]


async def create(**given: Any) -> ContactRow:
    """Make a contact of email, phone, first_name, last_name, locale, properties, processing_basis.

    Raises Invalid for an address that is none or that another contact has, for no address at all,
    and for what cannot be kept.
    """
    values = {name: value for name, value in given.items() if value is not None}
    columns = _columns(values)
    if not columns.get("email") and not columns.get("phone"):
        message = "A contact needs an email address or a phone number."
        raise Invalid(ErrorCode.ADDRESS_MISSING, message, "email")
    now = database.now()
    columns = {"properties": "{}", **columns, "created_at": now, "updated_at": now}
    return await _written(columns, "email", contact_id=None)


async def update(contact_id: int, **given: Any) -> ContactRow:
    """Change what is given, None clearing it. Another address has its own preferences (R1).

    Raises Invalid as `create`, and NOT_FOUND.
    """
    row = await get(contact_id)
    if row is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such contact.", "id")
    columns = _columns(given)
    if not columns:
        return row
    left = {"email": row.email, "phone": row.phone, **columns}
    if not left["email"] and not left["phone"]:
        message = "A contact keeps an email address or a phone number."
        raise Invalid(ErrorCode.ADDRESS_MISSING, message, "email")
    return await _written({**columns, "updated_at": database.now()}, "email", contact_id)


async def delete(contact_id: int) -> bool:
    """Delete a contact; its addresses and their preferences stay (R1). False where there was none."""
    return await database.execute("DELETE FROM contacts WHERE id = $1", contact_id) > 0


async def get(contact_id: int) -> ContactRow | None:
    """The contact of an id, or None."""
    return (await get_many([contact_id])).get(contact_id)


async def get_many(ids: Iterable[int]) -> dict[int, ContactRow]:
    """Contacts by id, in one statement."""
    return {row.id: row for row in await select(f"c.id {database.any_of(1)}", list(ids))}


async def by_email(address: Address) -> ContactRow | None:
    """The contact of an email address, or None."""
    found = await select("c.email = $1", address.value)
    return found[0] if found else None


async def by_emails(values: Sequence[str]) -> dict[str, ContactRow]:
    """Contacts by normalised email address, in one statement."""
    found = await select(f"c.email {database.any_of(1)}", list(values))
    return {row.email: row for row in found if row.email}


async def of_recipients(recipient_ids: Iterable[int]) -> dict[int, list[ContactRow]]:
    """The contacts that have each address, oldest first, in one statement; a phone may have several."""
    ids = list(recipient_ids)
    found: dict[int, list[ContactRow]] = {number: [] for number in ids}
    of_ids = database.any_of(1)
    rows = await select(f"c.email_recipient_id {of_ids} OR c.phone_recipient_id {of_ids}", ids)
    for row in sorted(rows, key=lambda row: row.id):
        for number in row.recipient_ids:
            if number in found:
                found[number].append(row)
    return found


async def select(condition: str, *values: Any, then: str = "") -> list[ContactRow]:
    """Contacts `c` for which an SQL condition holds; `then` orders and limits them."""
    rows = await database.fetch(f"SELECT {COLUMNS} FROM contacts c WHERE {condition} {then}", *values)
    return [_row(row) for row in rows]


def folded(name: str | None) -> str:
    """A name as it is ordered and searched by: without case, in composed form."""
    return unicodedata.normalize("NFKC", name or "").casefold()[:200]


def _row(row: database.Row) -> ContactRow:
    basis = row["processing_basis"]
    return ContactRow(
        row["id"],
        row["email"],
        row["phone"],
        row["first_name"],
        row["last_name"],
        row["locale"],
        orjson.loads(row["properties"]),  # 1e30, which PostgreSQL writes out in full, stays a float
        LegalBasis(basis) if basis else None,
        database.instant(row["created_at"]),
        database.instant(row["updated_at"]),
        row["email_recipient_id"],
        row["phone_recipient_id"],
    )


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what is given and name it as the table does; addresses stay `Address`, for `_written`."""
    columns: dict[str, Any] = {}
    for name, parse in (("email", addresses.parse_email), ("phone", addresses.parse_phone)):
        if name in given:
            columns[name] = _address(given[name], name, parse)
    for name, field in (("first_name", "firstName"), ("last_name", "lastName")):
        if name in given:
            text = given[name] and check_text(given[name], field, max_length=200)
            columns[name], columns[f"folded_{name}"] = text or None, folded(text)
    if "locale" in given:
        columns["locale"] = check_locale(given["locale"], "locale") if given["locale"] else None
    if "properties" in given:
        columns["properties"] = _properties(given["properties"])
    if "processing_basis" in given:
        basis = given["processing_basis"]
        columns["processing_basis"] = basis.value if basis else None
    return columns


def _address(text: str | None, field: str, parse: Any) -> Address | None:
    if text is None or not text.strip():
        return None
    try:
        parsed: Address = parse(text)
    except AddressError as error:
        raise Invalid(ErrorCode.INVALID_ADDRESS, str(error), field) from None
    return parsed


def _properties(value: Any) -> str:
    """Free properties as JSON text. Raises Invalid for what is no object, too large, or not storable."""
    if value is None:
        return "{}"
    if not isinstance(value, dict):
        raise Invalid(ErrorCode.INVALID_VALUE, "Properties are a JSON object.", "properties")
    _check_json(value, 0)
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except ValueError:
        raise Invalid(ErrorCode.INVALID_VALUE, "A number that JSON does not know.", "properties") from None
    if len(text.encode()) > _LARGEST_PROPERTIES:
        raise Invalid(ErrorCode.INVALID_VALUE, "Properties may take up 64 KiB at most.", "properties")
    return text


def _check_json(value: Any, depth: int) -> None:
    if depth > _DEEPEST_PROPERTIES:
        message = f"Properties may be nested {_DEEPEST_PROPERTIES} deep."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "properties")
    if isinstance(value, str) and not storable(value):
        message = "A text has a character that cannot be kept."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "properties")
    for inner in [*value.keys(), *value.values()] if isinstance(value, dict) else []:
        _check_json(inner, depth + 1)
    for inner in value if isinstance(value, list) else []:
        _check_json(inner, depth + 1)


async def _written(columns: dict[str, Any], field: str, contact_id: int | None) -> ContactRow:
    """Write a new contact, or what changes of one, with the recipients of its addresses."""

    async def once() -> int:
        async with transactions.write_transaction():
            row = {**columns, **await _recipients(columns)}
            catalog = await exact_catalog()
            if contact_id is not None:
                return await _update(contact_id, row, catalog)
            made = await _insert(row)
            await triggers.contacts_created([made], catalog)
            return made

    try:
        number = await transactions.retried(once)
    except IntegrityError:
        message = "Another contact has that email address."
        raise Invalid(ErrorCode.ALREADY_EXISTS, message, field) from None
    found = await get(number)
    if found is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such contact.", "id")
    return found


async def _recipients(columns: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: columns[name] for name in ("email", "phone") if name in columns}
    ids = await recipients.ensure(address for address in given.values() if address)
    row: dict[str, Any] = {}
    for name, address in given.items():
        row[name] = address.value if address else None
        row[f"{name}_recipient_id"] = ids[address] if address else None
    return row


async def _insert(row: dict[str, Any]) -> int:
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    made = await database.fetch(
        f"INSERT INTO contacts ({', '.join(row)}) VALUES ({places}) RETURNING id", *row.values()
    )
    number: int = made[0]["id"]
    return number


async def _update(contact_id: int, row: dict[str, Any], catalog: Catalog) -> int:
    lock = " FOR UPDATE" if database.dialect() == "postgres" else ""
    waited_for = bool(catalog.listening(Trigger.CONTACT_UPDATED))
    before = await select("c.id = $1", contact_id, then=lock) if waited_for else []
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(row, 2))
    await database.execute(f"UPDATE contacts SET {settings} WHERE id = $1", contact_id, *row.values())
    if before:
        await _tell(before[0], (await select("c.id = $1", contact_id))[0], catalog)
    return contact_id


async def _tell(before: ContactRow, after: ContactRow, catalog: Catalog) -> None:
    """Let workflows know of a contact that is another than before, not just updated again."""
    names = triggers.changed_properties(before.properties, after.properties).union(
        name for field, name in triggers.OWN_FIELDS.items() if getattr(before, field) != getattr(after, field)
    )
    if names:
        await triggers.contacts_updated({after.id: names}, catalog)
