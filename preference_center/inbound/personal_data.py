"""Erasing a person from inbound messages (R36)."""

from __future__ import annotations

from preference_center.personal_data import ENUM, TEAM_MEMBER, Person, PersonalData
from preference_center.storage import database


async def _erase_messages(person: Person) -> None:
    """Delete the text of the person's messages, and close those that wait for review."""
    await database.execute(
        "UPDATE inbound_messages SET body = NULL, needs_review = (needs_review AND settled_at IS NOT NULL)"
        f" WHERE recipient_id {database.any_of(1)}",
        list(person.recipient_ids),
    )


PERSONAL_DATA = (
    PersonalData(
        table="inbound_messages",
        cleared=("body",),
        never_personal={
            **dict.fromkeys(("channel", "meaning", "verdict"), ENUM),
            "digest": "A hash of the provider's message id, kept so that a message acts once (R30).",
            "sent_to": "The business's own number.",
            "settled_by": TEAM_MEMBER,
        },
        erase=_erase_messages,
    ),
)
