"""What proves events, read: where a change was made, and the wording that it refers to (R18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.storage import database

_WORDING = "w.id, w.digest, w.language, w.text, w.first_shown_at"


@dataclass(frozen=True, slots=True)
class WordingRow:
    """A text that was shown or said in a language; `digest` tells one version from another."""

    id: int
    digest: bytes
    language: str | None
    text: str
    first_shown_at: datetime


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """What is kept beside one event until erasure (R36)."""

    ip_address: str | None
    user_agent: str | None
    url: str | None
    language: str | None
    wording: WordingRow | None


async def of_events(event_ids: Sequence[int]) -> dict[int, EvidenceRow]:
    """The evidence of events, by their ids, in one statement; none where only an explanation is kept."""
    if not event_ids:
        return {}
    rows = await database.fetch(
        f"SELECT v.event_id, v.ip_address, v.user_agent, v.url, v.locale, {_WORDING}"
        " FROM evidence v LEFT JOIN shown_wordings w ON w.id = v.wording_id"
        f" WHERE v.event_id {database.any_of(1)}"
        " AND COALESCE(v.ip_address, v.user_agent, v.url, v.locale, w.text) IS NOT NULL",
        list(event_ids),
    )
    return {row["event_id"]: _evidence(row) for row in rows}


async def wordings(ids: Sequence[int]) -> dict[int, WordingRow]:
    """Wordings by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(
        f"SELECT {_WORDING} FROM shown_wordings w WHERE w.id {database.any_of(1)}", list(ids)
    )
    return {row["id"]: _wording(row) for row in rows}


def _evidence(row: database.Row) -> EvidenceRow:
    return EvidenceRow(
        ip_address=row["ip_address"],
        user_agent=row["user_agent"],
        url=row["url"],
        language=row["locale"],
        wording=_wording(row) if row["id"] is not None else None,
    )


def _wording(row: database.Row) -> WordingRow:
    return WordingRow(
        id=row["id"],
        digest=bytes(row["digest"]),
        language=row["language"],
        text=row["text"],
        first_shown_at=database.instant(row["first_shown_at"]),
    )
