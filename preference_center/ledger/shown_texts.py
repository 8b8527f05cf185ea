"""Texts that people were shown or wrote, which evidence refers to (R18). Each is stored once.

Texts of Sayso's own pages name nobody and are never deleted, so their ids can be cached. A text that a caller
gave or a person wrote may name somebody: erasure deletes it with the last evidence that refers to it (R36).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from weakref import WeakKeyDictionary

from preference_center.ledger.rows import ShownWordingRow
from preference_center.ledger.types import EvidenceFacts
from preference_center.storage import database, transactions
from preference_center.storage.connection import open_database_key
from preference_center.storage.rows import columns_of

_MAX_CACHED = 10_000
_cached_ids: WeakKeyDictionary[object, dict[bytes, int]] = WeakKeyDictionary()
"""Ids of committed texts of Sayso's pages by digest, for each open database."""


async def shown_text_id(facts: EvidenceFacts) -> int | None:
    """The id of the text in some evidence, stored now if it is new; None if there is no text.

    Call it in the transaction that writes the evidence: until that ends, nobody deletes the text.
    """
    if not facts.shown_text:
        return None
    digest = hashlib.sha256(f"{facts.locale or ''}\n{facts.shown_text}".encode()).digest()
    if not facts.own_page:
        return await _id_of_given_text(digest, facts)
    cached = _cached_ids.setdefault(open_database_key(), {})
    return cached.get(digest) or await _id_of_page_text(digest, facts, cached)


async def _id_of_page_text(digest: bytes, facts: EvidenceFacts, cached: dict[bytes, int]) -> int:
    rows = await database.fetch("SELECT id FROM shown_wordings WHERE digest = $1 AND own_page", digest)
    if not rows:
        # If a caller gave the same text before, it becomes a page's text now.
        rows = await _insert(digest, facts, "DO UPDATE SET own_page = TRUE")
    text_id: int = rows[0]["id"]

    def remember() -> None:
        if len(cached) >= _MAX_CACHED:
            cached.clear()
        cached[digest] = text_id

    transactions.after_commit(remember)
    return text_id


async def _id_of_given_text(digest: bytes, facts: EvidenceFacts) -> int:
    """Lock the row against erasure; insert the text again if an erasure has just deleted it."""
    lock = " FOR KEY SHARE" if database.dialect() == "postgres" else ""
    while True:
        rows = await database.fetch(f"SELECT id FROM shown_wordings WHERE digest = $1{lock}", digest)
        if not rows:
            rows = await _insert(digest, facts, "DO NOTHING")
        if rows:
            text_id: int = rows[0]["id"]
            return text_id


async def _insert(digest: bytes, facts: EvidenceFacts, on_conflict: str) -> list[database.Row]:
    row = ShownWordingRow(
        digest=digest,
        language=facts.locale,
        text=facts.shown_text or "",
        own_page=facts.own_page,
        first_shown_at=database.now(),
    )
    columns = columns_of(ShownWordingRow)
    places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    sql = (
        f"INSERT INTO shown_wordings ({', '.join(columns)}) VALUES ({places})"
        f" ON CONFLICT (digest) {on_conflict} RETURNING id"
    )
    return list(await database.fetch(sql, *row))


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
