"""Erasing a person from inbound messages (R36)."""

from __future__ import annotations

from preference_center.personal_data import ENUM, TEAM_MEMBER, Person, PersonalData
from preference_center.storage import database


async def _erase_messages(person: Person) -> None:
    """Delete the text of the person's messages, and close those that wait for review."""
    await database.execute(
        "UPDATE inbound_messages SET body = NULL, sender_id = NULL, sender_name = NULL,"
        " needs_review = (needs_review AND settled_at IS NOT NULL)"
        f" WHERE recipient_id {database.any_of(1)}",
        list(person.recipient_ids),
    )


async def _erase_user_ids(person: Person) -> None:
    """Forget which WhatsApp user ids belong to the person's phone numbers."""
    for fingerprint in person.fingerprints:
        await database.execute("DELETE FROM whatsapp_users WHERE phone_fingerprint = $1", fingerprint)


PERSONAL_DATA = (
    PersonalData(
        table="inbound_messages",
        cleared=("body", "sender_id", "sender_name"),
        never_personal={
            **dict.fromkeys(("channel", "meaning", "verdict"), ENUM),
            "digest": "A hash of the provider's message id, kept so that a message acts once (R30).",
            "sent_to": "The business's own number.",
            "settled_by": TEAM_MEMBER,
        },
        erase=_erase_messages,
    ),
    PersonalData(table="whatsapp_users", deleted=("fingerprint", "phone_fingerprint"), erase=_erase_user_ids),
)
