"""Evidence: what proves a change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from preference_center.history import evidence
from preference_center.history.evidence import RecordedEvidence, ShownText
from schema.contract.ids import Node, global_id
from schema.engine.context import Context


@strawberry.type
class ShownWording(Node):
    """A text that a recipient was shown, or wrote. It is stored once for all the events that refer to it."""

    locale: str | None = strawberry.field(description="The language of the text.")
    text: str = strawberry.field(description="The text.")
    digest: str = strawberry.field(
        description="SHA-256 of the language and the text, in hexadecimal: it identifies a version."
    )
    first_shown_at: datetime = strawberry.field(description="When the text was first shown.")


@strawberry.type
class Evidence:
    """The evidence of a change. It is stored apart from the ledger, and erasure removes it."""

    ip_address: str | None = strawberry.field(description="The IP address that the request came from.")
    user_agent: str | None = strawberry.field(description="The browser or program that sent the request.")
    url: str | None = strawberry.field(description="The page or campaign.")
    locale: str | None = strawberry.field(description="The language of the page.")
    wording: ShownWording | None = strawberry.field(description="The text that was shown.")


def to_evidence(row: RecordedEvidence) -> Evidence:
    """Return evidence as the schema has it."""
    return Evidence(
        ip_address=row.ip_address,
        user_agent=row.user_agent,
        url=row.url,
        locale=row.language,
        wording=_wording(row.shown_text) if row.shown_text else None,
    )


def _wording(row: ShownText) -> ShownWording:
    return ShownWording(
        id=global_id("ShownWording", row.id),
        locale=row.language,
        text=row.text,
        digest=row.digest.hex(),
        first_shown_at=row.first_shown_at,
    )


async def read_wordings(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the texts with these ids, in one statement."""
    rows = await evidence.shown_texts(ids)
    return {wording_id: _wording(row) for wording_id, row in rows.items()}
