"""Reads the evidence of events: where a change was made, and the text that was shown (R18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.storage import database

_TEXT_COLUMNS = "w.id, w.digest, w.language, w.text, w.first_shown_at"


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text that a person was shown or wrote; `digest` identifies its version."""

    id: int
    digest: bytes
    language: str | None
    text: str
    first_shown_at: datetime


@dataclass(frozen=True, slots=True)
class RecordedEvidence:
    """The evidence of one event, stored until erasure (R36)."""

    ip_address: str | None
    user_agent: str | None
    url: str | None
    language: str | None
    shown_text: ShownText | None


async def of_events(event_ids: Sequence[int]) -> dict[int, RecordedEvidence]:
    """The evidence of events by event id, in one statement. Omits events with nothing but an explanation."""
    if not event_ids:
        return {}
    rows = await database.fetch(
        f"SELECT v.event_id, v.ip_address, v.user_agent, v.url, v.locale, {_TEXT_COLUMNS}"
        " FROM evidence v LEFT JOIN shown_wordings w ON w.id = v.wording_id"
        f" WHERE v.event_id {database.any_of(1)}"
        " AND COALESCE(v.ip_address, v.user_agent, v.url, v.locale, w.text) IS NOT NULL",
        list(event_ids),
    )
    return {row["event_id"]: _evidence(row) for row in rows}


async def shown_texts(ids: Sequence[int]) -> dict[int, ShownText]:
    """Shown texts by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(
        f"SELECT {_TEXT_COLUMNS} FROM shown_wordings w WHERE w.id {database.any_of(1)}", list(ids)
    )
    return {row["id"]: _shown_text(row) for row in rows}


def _evidence(row: database.Row) -> RecordedEvidence:
    return RecordedEvidence(
        ip_address=row["ip_address"],
        user_agent=row["user_agent"],
        url=row["url"],
        language=row["locale"],
        shown_text=_shown_text(row) if row["id"] is not None else None,
    )


def _shown_text(row: database.Row) -> ShownText:
    return ShownText(
        id=row["id"],
        digest=bytes(row["digest"]),
        language=row["language"],
        text=row["text"],
        first_shown_at=database.instant(row["first_shown_at"]),
    )
