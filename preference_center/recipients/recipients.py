"""Recipients: looked up by fingerprint, created when first named (R1-R3, R32), never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from preference_center.calculations import calculate
from preference_center.config import settings
from preference_center.recipients import merged
from preference_center.rules.addresses import Address, keyed_fingerprint
from preference_center.rules.phone_spellings import older_forms, todays_form
from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.storage.rows import Bytes, Instant, Text, columns_of

_COLUMNS = "id, kind, fingerprint, address, links_revoked_at, erased_at, merged_into_id"
_ADDRESS_ADDED = (
    "ON CONFLICT (kind, fingerprint) DO UPDATE SET address = excluded.address, erased_at = NULL"
    " WHERE recipients.address IS NULL AND excluded.address IS NOT NULL"
    " AND recipients.merged_into_id IS NULL"
)
_MAX_SQLITE_PLACES = 5_000
"""How many fingerprints go into one statement on SQLite, which allows 32,766 parameters."""


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One recipient, as it was when read."""

    id: int
    kind: RecipientKind
    fingerprint: bytes
    address: str | None
    links_revoked_at: datetime | None
    erased_at: datetime | None
    merged_into_id: int | None = None
    """The recipient that this is another spelling of (R3). What is looked up is that recipient."""


class Identity(NamedTuple):
    """What identifies a recipient: its kind and its fingerprint."""

    kind: RecipientKind
    fingerprint: bytes


class _NewRecipientRow(NamedTuple):
    """A row of `recipients` to insert."""

    kind: Text
    fingerprint: Bytes
    address: Text | None
    created_at: Instant


def fingerprint_of(address: Address) -> bytes:
    """The address's fingerprint under this installation's key: 16 bytes."""
    return keyed_fingerprint(address, settings.current().fingerprint_key)


async def find(address: Address) -> RecipientRow | None:
    """The recipient of an address, or None if it is unknown."""
    return await find_by_fingerprint(address.kind, fingerprint_of(address))


async def find_by_fingerprint(recipient_kind: RecipientKind, fingerprint: bytes) -> RecipientRow | None:
    """The recipient that a link names, or None if it is unknown."""
    identity = Identity(recipient_kind, fingerprint)
    return (await _find_identities([identity])).get(identity)


async def find_many(addresses: Sequence[Address]) -> dict[Address, RecipientRow]:
    """The recipients of many addresses, in one statement. Unknown addresses are left out."""
    by_identity = await calculate(
        len(addresses),
        lambda: {Identity(address.kind, fingerprint_of(address)): address for address in addresses},
    )
    found = await _find_identities(list(by_identity))
    return {by_identity[identity]: recipient for identity, recipient in found.items()}


async def get_many(ids: Iterable[int]) -> dict[int, RecipientRow]:
    """Recipients by id, in one statement. The id of another spelling of a number leads to its recipient."""
    found = await get_rows(ids)
    into = {of: row.merged_into_id for of, row in found.items() if row.merged_into_id}
    if into:
        merged_into = await get_rows(into.values())
        found |= {recipient_id: merged_into[into_id] for recipient_id, into_id in into.items()}
    return found


async def get_rows(ids: Iterable[int]) -> dict[int, RecipientRow]:
    """The rows with these ids, those of other spellings of a number too."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM recipients WHERE id {database.any_of(1)}", wanted)
    return {row["id"]: _recipient(row) for row in rows}


async def ensure(addresses: Iterable[Address]) -> dict[Address, int]:
    """The recipient ids of addresses. Creates unknown recipients, and restores erased addresses (R36).

    An import that was uploaded before an upgrade may have numbers in an older form (R3).
    """
    today = {address: _in_todays_form(address) for address in addresses}
    identities = {address: Identity(form.kind, fingerprint_of(form)) for address, form in today.items()}
    ids = await _ensure({identity: today[address].value for address, identity in identities.items()})
    return {address: ids[identity] for address, identity in identities.items()}


async def ensure_fingerprint(recipient_kind: RecipientKind, fingerprint: bytes) -> int:
    """The id of the recipient that a link names; creates it without an address if it is unknown (R32)."""
    identity = Identity(recipient_kind, fingerprint)
    return (await _ensure({identity: None}))[identity]


async def revoke_links(recipient_id: int) -> None:
    """Revoke all manage links of a recipient that were issued before now (R31)."""
    await database.execute(
        "UPDATE recipients SET links_revoked_at = $1 WHERE id = $2", database.now(), recipient_id
    )


def _in_todays_form(address: Address) -> Address:
    if address.kind is RecipientKind.EMAIL:
        return address
    number = todays_form(address.value)
    return address if number == address.value else Address(RecipientKind.PHONE, number)


async def _ensure(addresses: dict[Identity, str | None]) -> dict[Identity, int]:
    """The ids of recipients whose address is None where it is unknown."""
    found = await _find_identities(list(addresses))
    missing = {
        identity: address
        for identity, address in addresses.items()
        if identity not in found or (address and not found[identity].address)
    }
    if missing:
        await _rename_known({identity: missing[identity] for identity in missing if identity not in found})
        written = await _write(missing)
        found |= written
        others = [identity for identity in missing if identity not in written]
        found |= await _find_identities(others)
    return {identity: recipient.id for identity, recipient in found.items()}


async def _rename_known(unknown: dict[Identity, str | None]) -> None:
    """Give a new phone number the recipient that is known under an older form of it.

    Such a recipient is known from a link, or was erased: nobody could tell that it is the same number (R36).
    """
    by_older = {
        Identity(RecipientKind.PHONE, fingerprint_of(Address(RecipientKind.PHONE, older))): identity
        for identity, address in unknown.items()
        if identity.kind is RecipientKind.PHONE and address
        for older in older_forms(address)
    }
    known: dict[Identity, RecipientRow] = {}
    for row in await find_rows(list(by_older)):
        if row.merged_into_id is None:
            known.setdefault(by_older[Identity(row.kind, row.fingerprint)], row)
    await merged.rename(
        [
            merged.Renaming(row.id, row.fingerprint, identity.fingerprint, unknown[identity] or "")
            for identity, row in known.items()
        ]
    )


async def _write(addresses: dict[Identity, str | None]) -> dict[Identity, RecipientRow]:
    """Insert missing recipients, and add the address to those that a link or an erasure left without one.

    Returns those that PostgreSQL says it has written: not those that another transaction has just inserted.
    """
    at = database.now()
    rows = [
        _NewRecipientRow(identity.kind.value, identity.fingerprint, address, at)
        for identity, address in addresses.items()
    ]
    columns = columns_of(_NewRecipientRow)
    # Sorted, so that two transactions that insert the same recipients cannot deadlock.
    rows.sort()
    if database.dialect() == "sqlite":
        await database.insert("recipients", columns, rows, _ADDRESS_ADDED)
        return {}
    source, values = database.unnested(columns, rows)
    inserted = await database.fetch(
        f"INSERT INTO recipients ({', '.join(columns)}) {source} {_ADDRESS_ADDED} RETURNING {_COLUMNS}",
        *values,
    )
    written = map(_recipient, inserted)
    return {Identity(row.kind, row.fingerprint): row for row in written}


async def _find_identities(identities: Sequence[Identity]) -> dict[Identity, RecipientRow]:
    """Recipients by what identifies them, and by the fingerprints of their other spellings."""
    rows = await find_rows(identities)
    found = {Identity(row.kind, row.fingerprint): row for row in rows}
    spellings = {identity: row.merged_into_id for identity, row in found.items() if row.merged_into_id}
    if spellings:
        into = await get_many(spellings.values())
        found |= {identity: into[recipient_id] for identity, recipient_id in spellings.items()}
    return found


async def find_rows(identities: Sequence[Identity]) -> list[RecipientRow]:
    """The rows with these fingerprints, those of other spellings of a number too."""
    if not identities:
        return []
    if len(identities) == 1:
        rows = await database.fetch(
            f"SELECT {_COLUMNS} FROM recipients WHERE kind = $1 AND fingerprint = $2",
            identities[0].kind.value,
            identities[0].fingerprint,
        )
    elif database.dialect() == "sqlite":
        rows = await _fetch_identities_on_sqlite(identities)
    else:
        rows = await database.fetch(
            f"SELECT {_COLUMNS} FROM recipients"
            " JOIN unnest($1::text[], $2::bytea[]) AS wanted (wanted_kind, wanted_fingerprint)"
            " ON kind = wanted_kind AND fingerprint = wanted_fingerprint",
            [identity.kind.value for identity in identities],
            [identity.fingerprint for identity in identities],
        )
    return [_recipient(row) for row in rows]


async def _fetch_identities_on_sqlite(identities: Sequence[Identity]) -> Sequence[database.Row]:
    """SQLite has no arrays of bytes: a parameter for each fingerprint, in several statements."""
    rows: list[database.Row] = []
    for kind in RecipientKind:
        fingerprints = [identity.fingerprint for identity in identities if identity.kind is kind]
        for start in range(0, len(fingerprints), _MAX_SQLITE_PLACES):
            part = fingerprints[start : start + _MAX_SQLITE_PLACES]
            places = ", ".join(f"${place}" for place in range(2, len(part) + 2))
            rows += await database.fetch(
                f"SELECT {_COLUMNS} FROM recipients WHERE kind = $1 AND fingerprint IN ({places})",
                kind.value,
                *part,
            )
    return rows


def _recipient(row: database.Row) -> RecipientRow:
    return RecipientRow(
        row["id"],
        RecipientKind(row["kind"]),
        bytes(row["fingerprint"]),
        row["address"],
        database.optional_instant(row["links_revoked_at"]),
        database.optional_instant(row["erased_at"]),
        row["merged_into_id"],
    )
