"""A contact with an email address and a phone number."""

from __future__ import annotations

from dataclasses import dataclass

from preference_center.catalog.catalog import SubscriptionType
from preference_center.contacts.contacts import ContactRow
from preference_center.recipients.states import read_states
from preference_center.rules.types import Channel, PreferenceStatus
from tests.http.visit import Visit

OTHER_PHONE = "+48601999888"
MASKED = "+48•••67"
PHONE_BOXES = {
    f"{key}:{channel}" for key in ("weekly-digest", "receipts", "alerts") for channel in ("SMS", "WHATSAPP")
}


@dataclass(frozen=True)
class TwoAddresses:
    """Alice: her contact, and the ids of her two recipients."""

    contact: ContactRow
    email: int
    phone: int

    async def status(self, kind: SubscriptionType, channel: Channel) -> PreferenceStatus | None:
        """The status of a preference; None if there is none."""
        recipient_id = self.email if channel is Channel.EMAIL else self.phone
        held = (await read_states([recipient_id]))[recipient_id].preferences.get((kind.id, channel))
        return held.status if held else None


def phone_boxes(page: Visit) -> set[str]:
    """The page's boxes for the phone number."""
    return {box for box in page.form.boxes if not box.endswith(":EMAIL")}
