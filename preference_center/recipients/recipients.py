"""Addresses and their rows: found by fingerprint, made when first spoken of (R1-R3), never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.config import settings
from preference_center.rules.addresses import Address, keyed_fingerprint
from preference_center.rules.types import RecipientKind
from preference_center.storage import database

_COLUMNS = "id, kind, fingerprint, address, links_revoked_at, erased_at"
Named = tuple[RecipientKind, bytes, str | None]
"""A kind, a fingerprint, and the address where it is known."""


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One recipient, as it was when read."""

    id: int
    kind: RecipientKind
    fingerprint: bytes
    address: str | None
    links_revoked_at: datetime | None
    erased_at: datetime | None


def fingerprint_of(address: Address) -> bytes:
    """The address's fingerprint under this installation's key: 16 bytes."""
    return keyed_fingerprint(address, settings.current().fingerprint_key)


async def find(address: Address) -> RecipientRow | None:
    """The recipient of an address, or None where nobody ever spoke of it."""
    return await find_by_fingerprint(address.kind, fingerprint_of(address))


async def find_by_fingerprint(kind: RecipientKind, fingerprint: bytes) -> RecipientRow | None:
    """The recipient that a link names, or None."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM recipients WHERE kind = $1 AND fingerprint = $2", kind.value, fingerprint
    )
    return _row(rows[0]) if rows else None


async def find_many(addresses: Sequence[Address]) -> dict[Address, RecipientRow]:
    """The recipients of many addresses, in one statement; those that nobody spoke of are left out."""
    named = {(address.kind, fingerprint_of(address)): address for address in addresses}
    found = await _by_fingerprints(named)
    return {named[row.kind, row.fingerprint]: row for row in found}


async def get_many(ids: Iterable[int]) -> dict[int, RecipientRow]:
    """Recipients by id, in one statement."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM recipients WHERE id {database.any_of(1)}", wanted)
    return {row["id"]: _row(row) for row in rows}


async def ensure(addresses: Iterable[Address]) -> dict[Address, int]:
    """The ids of addresses, made where they are new. An erased one typed again is known again (R36)."""
    wanted = list(dict.fromkeys(addresses))
    prints = {address: fingerprint_of(address) for address in wanted}
    found = await _ensure([(a.kind, prints[a], a.value) for a in wanted])
    return {address: found[address.kind, prints[address]] for address in wanted}


async def ensure_fingerprint(kind: RecipientKind, fingerprint: bytes) -> int:
    """The id of whom a link names, made without an address where nobody spoke of it (R32)."""
    return (await _ensure([(kind, fingerprint, None)]))[kind, fingerprint]


async def revoke_links(recipient_id: int) -> None:
    """Make every manage link that exists of a recipient worthless (R31)."""
    await database.execute(
        "UPDATE recipients SET links_revoked_at = $1 WHERE id = $2", database.now(), recipient_id
    )


async def _ensure(named: list[Named]) -> dict[tuple[RecipientKind, bytes], int]:
    rows = {(row.kind, row.fingerprint): row for row in await _by_fingerprints([n[:2] for n in named])}
    new = [n for n in named if n[:2] not in rows or (n[2] and not rows[n[:2]].address)]
    if new:
        await _write(new)
        made = await _by_fingerprints([name[:2] for name in new])
        rows.update({(row.kind, row.fingerprint): row for row in made})
    return {name: row.id for name, row in rows.items()}


async def _write(new: list[Named]) -> None:
    """Make the rows that are missing, and name those that a link or an erasure had left without address."""
    at = database.now()
    await database.insert(
        "recipients",
        {"kind": "text", "fingerprint": "bytea", "address": "text", "created_at": "timestamptz"},
        # In one order, so that two who make the same addresses wait for each other instead of for ever.
        sorted((kind.value, fingerprint, address, at) for kind, fingerprint, address in new),
        then="ON CONFLICT (kind, fingerprint) DO UPDATE SET address = excluded.address, erased_at = NULL"
        " WHERE recipients.address IS NULL AND excluded.address IS NOT NULL",
    )


async def _by_fingerprints(named: Iterable[tuple[RecipientKind, bytes]]) -> list[RecipientRow]:
    wanted = list(named)
    if not wanted:
        return []
    if len(wanted) == 1:
        row = await find_by_fingerprint(*wanted[0])
        return [row] if row else []
    if database.dialect() == "sqlite":
        return await _by_fingerprints_in_parts(wanted)
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM recipients JOIN unnest($1::text[], $2::bytea[]) AS wanted (k, f)"
        " ON kind = k AND fingerprint = f",
        [kind.value for kind, _ in wanted],
        [fingerprint for _, fingerprint in wanted],
    )
    return [_row(row) for row in rows]


async def _by_fingerprints_in_parts(wanted: list[tuple[RecipientKind, bytes]]) -> list[RecipientRow]:
    """SQLite has no arrays of bytes, and at most 32,766 places in a statement."""
    found: list[database.Row] = []
    for kind in RecipientKind:
        prints = [fingerprint for of, fingerprint in wanted if of is kind]
        for part in (prints[n : n + 5000] for n in range(0, len(prints), 5000)):
            places = ", ".join(f"${n}" for n in range(2, len(part) + 2))
            found += await database.fetch(
                f"SELECT {_COLUMNS} FROM recipients WHERE kind = $1 AND fingerprint IN ({places})",
                kind.value,
                *part,
            )
    return [_row(row) for row in found]


def _row(row: database.Row) -> RecipientRow:
    return RecipientRow(
        row["id"],
        RecipientKind(row["kind"]),
        bytes(row["fingerprint"]),
        row["address"],
        database.optional_instant(row["links_revoked_at"]),
        database.optional_instant(row["erased_at"]),
    )
