"""Row locks on recipients. Every change of consent holds one until it commits (R18)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from preference_center.storage import database


class LockedRecipient(NamedTuple):
    """A recipient as it is while it is locked."""

    id: int
    fingerprint: bytes
    address: str | None
    is_erased: bool


async def lock_recipients(recipient_ids: Iterable[int]) -> list[LockedRecipient]:
    """Lock recipients until the open transaction ends, in id order so that two transactions cannot deadlock.

    SQLite needs no row locks: a write transaction excludes all others. Unknown ids are left out.
    """
    mode = " FOR NO KEY UPDATE" if database.dialect() == "postgres" else ""
    of_ids, ids = database.any_of_values(1, list(recipient_ids))
    rows = await database.fetch(
        f"SELECT id, fingerprint, address, erased_at FROM recipients WHERE id {of_ids} ORDER BY id{mode}",
        ids,
    )
    return [
        LockedRecipient(row["id"], bytes(row["fingerprint"]), row["address"], row["erased_at"] is not None)
        for row in rows
    ]
