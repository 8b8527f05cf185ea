"""What people were shown or said: each text once for a language, referred to by the evidence (R18).

What stands on Sayso's own pages names nobody and is never deleted, so that its number can be remembered. What
a caller gives, or a person wrote, may name them: it goes with the last evidence that refers to it (R36).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from weakref import WeakKeyDictionary

from preference_center.ledger.columns import SHOWN_WORDING
from preference_center.ledger.types import EvidenceFacts
from preference_center.storage import database, transactions
from preference_center.storage.connection import open_database_key

_MOST_KNOWN = 10_000
_known: WeakKeyDictionary[object, dict[bytes, int]] = WeakKeyDictionary()
"""The numbers of the own pages' wordings that are committed, by digest, for each open database."""


async def number_of(facts: EvidenceFacts) -> int | None:
    """The number of the wording that was shown, which is kept now where it is new; None where there is none.

    Belongs in the transaction that refers to it: until its end nobody deletes the wording.
    """
    if not facts.wording:
        return None
    digest = hashlib.sha256(f"{facts.locale or ''}\n{facts.wording}".encode()).digest()
    if not facts.own_page:
        return await _given(digest, facts)
    known = _known.setdefault(open_database_key(), {})
    return known.get(digest) or await _own(digest, facts, known)


async def _own(digest: bytes, facts: EvidenceFacts, known: dict[bytes, int]) -> int:
    rows = await database.fetch("SELECT id FROM shown_wordings WHERE digest = $1 AND own_page", digest)
    if not rows:
        # Where a caller gave the same text before, it is from now on one of the pages' too.
        rows = await _insert(digest, facts, "DO UPDATE SET own_page = TRUE")
    number: int = rows[0]["id"]

    def remember() -> None:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[digest] = number

    transactions.after_commit(remember)
    return number


async def _given(digest: bytes, facts: EvidenceFacts) -> int:
    """Hold the row against an erasure that is about to delete it; one that just did leaves it to be made."""
    held = " FOR KEY SHARE" if database.dialect() == "postgres" else ""
    while True:
        rows = await database.fetch(f"SELECT id FROM shown_wordings WHERE digest = $1{held}", digest)
        if not rows:
            rows = await _insert(digest, facts, "DO NOTHING")
        if rows:
            number: int = rows[0]["id"]
            return number


async def _insert(digest: bytes, facts: EvidenceFacts, met: str) -> list[database.Row]:
    places = ", ".join(f"${n}" for n in range(1, len(SHOWN_WORDING) + 1))
    return list(
        await database.fetch(
            f"INSERT INTO shown_wordings ({', '.join(SHOWN_WORDING)}) VALUES ({places})"
            f" ON CONFLICT (digest) {met} RETURNING id",
            digest,
            facts.locale,
            facts.wording,
            facts.own_page,
            database.now(),
        )
    )


async def delete_unused(shown_text_ids: Collection[int]) -> None:
    """Delete those of these texts that no evidence refers to any more, except texts of Sayso's pages (R36).

    The rows are locked before the references are read, so that two erasures, or an erasure and a change that
    refers to the same text, run one after the other.
    """
    ids = sorted(shown_text_ids)
    if not ids:
        return
    of_ids = database.any_of(1)
    if database.dialect() == "postgres":
        await database.fetch(
            f"SELECT id FROM shown_wordings WHERE id {of_ids} AND NOT own_page ORDER BY id FOR UPDATE", ids
        )
    await database.execute(
        f"DELETE FROM shown_wordings WHERE id {of_ids} AND NOT own_page"
        " AND NOT EXISTS (SELECT 1 FROM evidence v WHERE v.wording_id = shown_wordings.id)",
        ids,
    )
