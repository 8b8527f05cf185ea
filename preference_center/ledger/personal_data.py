"""Erasing a person from the ledger: events and opt-outs stay, and identify nobody (R36, R37)."""

from __future__ import annotations

from preference_center.ledger import shown_texts
from preference_center.personal_data import ENUM, TEAM_MEMBER, Person, PersonalData
from preference_center.storage import database


async def _erase_evidence(person: Person) -> None:
    """Delete the evidence of the person's events, and shown texts that no other evidence refers to."""
    deleted = await database.fetch(
        "DELETE FROM evidence WHERE event_id IN"
        f" (SELECT id FROM consent_events WHERE recipient_id {database.any_of(1)}) RETURNING wording_id",
        list(person.recipient_ids),
    )
    await shown_texts.delete_unused({row["wording_id"] for row in deleted} - {None})


async def _erase_pending_opt_ins(person: Person) -> None:
    await database.execute(
        f"DELETE FROM pending_opt_ins WHERE recipient_id {database.any_of(1)}", list(person.recipient_ids)
    )


async def _keep_opt_outs(person: Person) -> None:
    """Detach opt-outs from operations: undoing an operation restores only what is still its own (R20)."""
    await database.execute(
        "UPDATE preferences SET operation_id = NULL"
        f" WHERE status = 'OPTED_OUT' AND recipient_id {database.any_of(1)}",
        list(person.recipient_ids),
    )


async def _keep_opt_outs_of_all(person: Person) -> None:
    await database.execute(
        f"UPDATE opt_outs_of_all SET operation_id = NULL WHERE active AND recipient_id {database.any_of(1)}",
        list(person.recipient_ids),
    )


PERSONAL_DATA = (
    PersonalData(
        table="evidence",
        deleted=("explanation", "ip_address", "user_agent", "url", "locale"),
        erase=_erase_evidence,
    ),
    PersonalData(table="shown_wordings", deleted=("digest", "language", "text"), erased_with="evidence"),
    PersonalData(
        table="pending_opt_ins",
        deleted=("channel", "origin", "actor", "legal_basis", "explanation"),
        erase=_erase_pending_opt_ins,
    ),
    PersonalData(
        table="preferences",
        cleared=("operation_id",),
        never_personal=dict.fromkeys(("channel", "status", "origin", "legal_basis"), ENUM),
        erase=_keep_opt_outs,
    ),
    PersonalData(
        table="opt_outs_of_all",
        cleared=("operation_id",),
        never_personal=dict.fromkeys(("channel", "origin"), ENUM),
        erase=_keep_opt_outs_of_all,
    ),
    PersonalData(
        table="consent_events",
        never_personal={
            **dict.fromkeys(("channel", "before", "after", "origin", "legal_basis"), ENUM),
            "actor": TEAM_MEMBER,
        },
    ),
    PersonalData(
        table="pauses",
        never_personal={**dict.fromkeys(("channel", "origin"), ENUM), "actor": TEAM_MEMBER},
    ),
)
