"""Double opt-in: pending opt-ins, and the messages that ask their recipients to confirm them (R19)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from preference_center.ledger.current_state import CurrentState
from preference_center.ledger.rows import PENDING_OPT_INS, PendingOptInRow, SourceColumns, source_columns
from preference_center.ledger.types import Intent, Provenance
from preference_center.outbox.queue import Confirmation, queue_confirmations, queue_confirmations_again
from preference_center.recipients.locking import LockedRecipient
from preference_center.rules.permissions.confirmations import (
    MAX_MESSAGES,
    RESEND_INTERVAL,
    Asked,
    ResendResult,
    decide_resending,
)
from preference_center.rules.types import Channel, ConsentOrigin
from preference_center.storage import database
from preference_center.storage.transactions import transaction

CONFIRMATION_PERIOD = timedelta(days=7)
"""How long a recipient can confirm an opt-in (R19)."""
RESENDING_ORIGINS = frozenset(
    {
        ConsentOrigin.PREFERENCE_PAGE,
        ConsentOrigin.KEYWORD,
        ConsentOrigin.CONTACT_RECORD,
        ConsentOrigin.INTEGRATION,
    }
)
"""Origins that concern one person. Bulk updates, imports and workflows may repeat every night."""


async def request(
    intents: Collection[Intent], current: CurrentState, provenance: Provenance, at: datetime
) -> None:
    """Store opt-ins to one type as pending, and queue a message that asks each recipient to confirm."""
    if not intents:
        return
    source = source_columns(provenance)
    rows = [_pending_row(intent, source, provenance.explanation, at) for intent in intents]
    await database.insert(PENDING_OPT_INS.name, PENDING_OPT_INS.columns, rows, PENDING_OPT_INS.on_conflict)
    messages = [_message(intent, current.recipients[intent.recipient_id]) for intent in intents]
    await queue_confirmations([message for message in messages if message], at)


def _message(intent: Intent, recipient: LockedRecipient) -> Confirmation | None:
    """The message to a recipient, or None while its address is unknown."""
    if not recipient.address:
        return None
    return Confirmation(
        channel=intent.channel,
        fingerprint=recipient.fingerprint,
        address=recipient.address,
        business_unit_id=intent.business_unit.id,
        subscription_type_id=_type_id(intent),
    )


def _pending_row(
    intent: Intent, source: SourceColumns, explanation: str | None, at: datetime
) -> PendingOptInRow:
    return PendingOptInRow(
        recipient_id=intent.recipient_id,
        channel=intent.channel.value,
        subscription_type_id=_type_id(intent),
        origin=source.origin,
        actor=source.actor,
        legal_basis=source.legal_basis,
        explanation=explanation,
        requested_at=at,
        expires_at=at + CONFIRMATION_PERIOD,
        operation_id=source.operation_id,
    )


def _type_id(intent: Intent) -> int:
    if intent.subscription_type is None:
        raise RuntimeError("only an opt-in to one subscription type can be pending")
    return intent.subscription_type.id


async def delete_pending(pending_ids: Collection[int]) -> None:
    """Delete pending opt-ins that were confirmed or ended."""
    if pending_ids:
        await database.execute(
            f"DELETE FROM pending_opt_ins WHERE id {database.any_of(1)}", list(pending_ids)
        )


async def delete_pending_requests(
    recipient_ids: Collection[int], places: Collection[tuple[int, Channel]], until: datetime
) -> int:
    """Delete these recipients' pending opt-ins, by type id and channel, that were requested by an instant.

    In the open transaction, the recipients locked: the person takes the request back. Returns how many.
    """
    deleted = 0
    for type_id, channel in places:
        rows = await database.fetch(
            f"DELETE FROM pending_opt_ins WHERE recipient_id {database.any_of(1)}"
            " AND subscription_type_id = $2 AND channel = $3 AND requested_at <= $4 RETURNING id",
            list(recipient_ids),
            type_id,
            channel.value,
            until,
        )
        deleted += len(rows)
    return deleted


async def delete_pending_of_operation(operation_id: int | None) -> None:
    """Delete the pending opt-ins that an operation requested: it is being undone (R20)."""
    await database.execute("DELETE FROM pending_opt_ins WHERE operation_id = $1", operation_id)


@transaction
async def resend_confirmation(recipient_id: int, channel: Channel, subscription_type_id: int) -> ResendResult:
    """Queue another message about a pending opt-in, within limits. It expires no later for that."""
    at = database.now()
    rows = await database.fetch(
        "SELECT id, confirmations, COALESCE(sent_again_at, requested_at) AS last_at FROM pending_opt_ins"
        " WHERE recipient_id = $1 AND channel = $2 AND subscription_type_id = $3 AND expires_at > $4",
        recipient_id,
        channel.value,
        subscription_type_id,
        at,
    )
    asked = Asked(rows[0]["confirmations"], database.instant(rows[0]["last_at"])) if rows else None
    result = decide_resending(asked, at)
    if result is ResendResult.QUEUED and not await queue_again([rows[0]["id"]], at):
        return ResendResult.TOO_SOON  # another request was faster
    return result


async def queue_again(pending_ids: Sequence[int], at: datetime) -> int:
    """Queue another message for each pending opt-in that the limits allow, in the open transaction.

    One statement checks and counts, so that two simultaneous requests queue one message.
    """
    if not pending_ids:
        return 0
    of_ids = database.any_of(1)
    rows = await database.fetch(
        "UPDATE pending_opt_ins SET confirmations = confirmations + 1, sent_again_at = $2"
        f" WHERE id {of_ids} AND expires_at > $2 AND confirmations < $3"
        " AND COALESCE(sent_again_at, requested_at) <= $4 RETURNING id",
        list(pending_ids),
        at,
        MAX_MESSAGES,
        at - RESEND_INTERVAL,
    )
    if rows:
        await queue_confirmations_again([row["id"] for row in rows], at)
    return len(rows)
