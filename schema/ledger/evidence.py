"""What proves an event: who looks into a complaint reads it here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from preference_center.history import evidence
from preference_center.history.evidence import EvidenceRow, WordingRow
from schema.contract.ids import Node, global_id
from schema.engine.context import Context


@strawberry.type
class ShownWording(Node):
    """What somebody was shown or said, kept once for all events that refer to it."""

    locale: str | None
    text: str
    digest: str = strawberry.field(
        description="SHA-256 of language and text: it tells one version from another."
    )
    first_shown_at: datetime


@strawberry.type
class Evidence:
    """What proves a change; kept beside the ledger until erasure (R36)."""

    ip_address: str | None
    user_agent: str | None
    url: str | None
    locale: str | None
    wording: ShownWording | None


async def read_wordings(context: Context, numbers: Sequence[int]) -> dict[int, Node]:
    """Wordings by number."""
    return {n: wording_of(row) for n, row in (await evidence.wordings(numbers)).items()}


def evidence_of(row: EvidenceRow) -> Evidence:
    """Show what proves an event."""
    return Evidence(
        ip_address=row.ip_address,
        user_agent=row.user_agent,
        url=row.url,
        locale=row.language,
        wording=wording_of(row.wording) if row.wording else None,
    )


def wording_of(row: WordingRow) -> ShownWording:
    """Show a wording."""
    return ShownWording(
        id=global_id("ShownWording", row.id),
        locale=row.language,
        text=row.text,
        digest=row.digest.hex(),
        first_shown_at=row.first_shown_at,
    )
