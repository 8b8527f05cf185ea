"""A message as a provider delivers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, ConsentOrigin, Meaning


@dataclass(frozen=True, slots=True)
class Message:
    """A person's message, or what a provider reports that they did there."""

    provider: Literal["twilio", "whatsapp"]
    message_id: str
    channel: Channel
    """SMS or WHATSAPP."""
    sender: Address | None
    """The person's phone number; None if the provider does not name it."""
    to: str
    """The business's number, as `phone_numbers.business_number` returns it."""
    text: str
    """What the person typed, or the title of the button that they pressed."""
    more_texts: tuple[str, ...] = ()
    """Other texts of the message, such as a caption."""
    answers: tuple[str, ...] = ()
    """What the person chose or typed in a form."""
    payloads: tuple[str, ...] = ()
    """The ids that the team gave to what the person pressed."""
    user_ids: tuple[str, ...] = ()
    """The provider's ids of the person, which need no phone number: WhatsApp's business-scoped user ids."""
    user_name: str = ""
    """The user name of a sender without a phone number, else their name."""
    occurred_at: datetime | None = None
    """By the provider's clock; None for now."""
    provider_meaning: Meaning | None = None
    """What the message means, if the provider itself says so."""
    origin: ConsentOrigin = ConsentOrigin.KEYWORD
    """KEYWORD, or PROVIDER for what the person did at the provider."""
    provider_number_id: str | None = None
    """The id of the business's number in the provider's API."""
    provider_replied: bool = False
    """Whether the provider has replied already."""

    @property
    def words(self) -> str:
        """Everything that a reader of the message sees, else the ids of what was pressed."""
        shown = [text for text in (self.text, *self.more_texts, *self.answers) if text.strip()]
        return "\n".join(dict.fromkeys(shown or self.payloads))
