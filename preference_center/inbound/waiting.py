"""Messages that waited until the phone number of their sender became known (R29)."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import exact_catalog
from preference_center.inbound import decisions
from preference_center.inbound.decisions import KeywordDecision
from preference_center.inbound.reading import OPT_OUTS
from preference_center.inbound.review import MessageRow, message_row
from preference_center.ledger.types import EvidenceFacts, Provenance
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.rules.types import RECIPIENT, RecipientKind
from preference_center.storage import database

_WAITING = (
    "SELECT * FROM inbound_messages WHERE sender_id {any_of_1} AND recipient_id IS NULL"
    " AND needs_review AND settled_at IS NULL ORDER BY occurred_at, id"
)
_IDENTIFY = "UPDATE inbound_messages SET recipient_id = $2 WHERE id = $1"
_FINISH = (
    "UPDATE inbound_messages SET needs_review = $2, body = NULL, sender_id = NULL, sender_name = NULL"
    " WHERE id = $1"
)


async def act_on_messages_of(user_ids: Sequence[str], phone: Address) -> None:
    """Opt the recipient out as their messages asked, each at its time. All other messages still wait."""
    rows = await database.fetch(_WAITING.format(any_of_1=database.any_of(1)), list(user_ids))
    if not rows:
        return
    fingerprint = recipients.fingerprint_of(phone)
    recipient_id = await recipients.ensure_fingerprint(RecipientKind.PHONE, fingerprint)
    for message in map(message_row, rows):
        await database.execute(_IDENTIFY, message.id, recipient_id)
        if message.meaning in OPT_OUTS and message.business_unit_id is not None:
            await _opt_out(message, recipient_id, message.business_unit_id)


async def _opt_out(message: MessageRow, recipient_id: int, unit_id: int) -> None:
    decision = KeywordDecision(
        recipient_id,
        message.channel,
        (await exact_catalog()).unit_by_id(unit_id),
        is_opt_out=True,
        sender_number=await sender_numbers.find_by_id(message.sender_number_id),
    )
    evidence = EvidenceFacts(
        url=decisions.evidence_url(message.channel, message.sent_to), shown_text=message.text
    )
    provenance = Provenance(
        message.origin, RECIPIENT, occurred_at=min(message.occurred_at, database.now()), evidence=evidence
    )
    await decisions.apply(decision, provenance)
    await database.execute(_FINISH, message.id, False)
