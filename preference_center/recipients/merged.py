"""Recipients that are other spellings of the same phone number (R3).

Their rows stay, because events refer to them and links carry their fingerprints (R32). `merged_into_id` leads
to the recipient that they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.storage.rows import BigInt, Bytes, Instant, Text, columns_of


class Renaming(NamedTuple):
    """A recipient's new number. Its old fingerprint goes on leading to it."""

    recipient_id: int
    old_fingerprint: bytes
    fingerprint: bytes
    address: str


class Merging(NamedTuple):
    """A recipient that is another spelling of `into_id`."""

    recipient_id: int
    fingerprint: bytes
    into_id: int


class _RenamedRow(NamedTuple):
    id: BigInt
    kind: Text
    fingerprint: Bytes
    address: Text
    created_at: Instant


class _SpellingRow(NamedTuple):
    """Another spelling that leads to a recipient, and is nothing else."""

    kind: Text
    fingerprint: Bytes
    created_at: Instant
    merged_into_id: BigInt


class _MergedRow(NamedTuple):
    id: BigInt
    kind: Text
    fingerprint: Bytes
    created_at: Instant
    merged_into_id: BigInt


async def rename(renamings: Sequence[Renaming]) -> None:
    """Give recipients another number, in the open transaction. All that they decided stays theirs."""
    now, phone = database.now(), RecipientKind.PHONE.value
    # An INSERT that always conflicts: an UPDATE of many rows that both databases know.
    await database.insert(
        "recipients",
        columns_of(_RenamedRow),
        [_RenamedRow(to.recipient_id, phone, to.fingerprint, to.address, now) for to in renamings],
        "ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, address = excluded.address,"
        " erased_at = NULL",
    )
    spellings = [_SpellingRow(phone, to.old_fingerprint, now, to.recipient_id) for to in renamings]
    await database.insert("recipients", columns_of(_SpellingRow), spellings)


async def merge(mergings: Sequence[Merging]) -> None:
    """Let recipients lead to another one, in the open transaction, which has moved what is theirs.

    Links that were revoked for one spelling stay revoked (R31).
    """
    now, phone = database.now(), RecipientKind.PHONE.value
    await database.insert(
        "recipients",
        columns_of(_MergedRow),
        [_MergedRow(of.recipient_id, phone, of.fingerprint, now, of.into_id) for of in mergings],
        "ON CONFLICT (id) DO UPDATE SET merged_into_id = excluded.merged_into_id",
    )
    into_ids = sorted({merging.into_id for merging in mergings})
    ids = [merging.recipient_id for merging in mergings]
    # A number may change a second time: its earlier spellings lead to the newest at once.
    await database.execute(
        "UPDATE recipients SET merged_into_id = (SELECT m.merged_into_id FROM recipients m"
        f" WHERE m.id = recipients.merged_into_id) WHERE merged_into_id {database.any_of(1)}",
        ids,
    )
    revoked = "(SELECT MAX(m.links_revoked_at) FROM recipients m WHERE m.merged_into_id = recipients.id)"
    await database.execute(
        f"UPDATE recipients SET links_revoked_at = {revoked} WHERE id {database.any_of(1)}"
        f" AND {revoked} > COALESCE(links_revoked_at, '0001-01-01 00:00:00+00:00')",
        into_ids,
    )


async def with_spellings(recipient_ids: Sequence[int]) -> list[int]:
    """Recipients with all their other spellings, by id in order."""
    rows = await database.fetch(
        f"SELECT id FROM recipients WHERE merged_into_id {database.any_of(1)}", list(recipient_ids)
    )
    return sorted({*recipient_ids, *(row["id"] for row in rows)})
