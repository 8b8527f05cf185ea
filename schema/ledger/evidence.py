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
    """The exact text that a recipient was shown, or wrote. It is stored once for all the events that refer
    to it.
    """

    locale: str | None = strawberry.field(
        description="The language of the text, such as `pl`; null if it is not known."
    )
    text: str = strawberry.field(description="The text as the person saw it, without the design.")
    digest: str = strawberry.field(
        description="SHA-256 of the language and the text, in hexadecimal. It identifies a"
        " version of the text."
    )
    first_shown_at: datetime = strawberry.field(description="When the text was first shown to anybody.")


@strawberry.type
class Evidence:
    """What proves a change. It is stored apart from the ledger, and erasure removes it."""

    ip_address: str | None = strawberry.field(
        description="The IPv4 or IPv6 address that the person's request came from; null if it is not known."
    )
    user_agent: str | None = strawberry.field(
        description="The browser, app or program that sent the request; null if it is not known."
    )
    url: str | None = strawberry.field(
        description="The page, form or campaign where the person decided; null if it is not known."
    )
    locale: str | None = strawberry.field(
        description="The language of the page or message, such as `pl`; null if it is not known."
    )
    wording: ShownWording | None = strawberry.field(
        description="The exact text that the person was shown, or wrote; null if it is not known."
    )


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
