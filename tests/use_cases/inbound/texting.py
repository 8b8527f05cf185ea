"""Messages to the brands' numbers, and the replies."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from preference_center.catalog import sender_numbers
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.inbound import receive as inbound
from preference_center.inbound.message import Message
from preference_center.outbox.keyword_replies import KeywordReply
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import ALICE_PHONE

ACME_NUMBER, BAZAAR_NUMBER = "+447400123456", "+48221234567"
_ids = count()


async def acme_number(*types: str, channel: Channel = Channel.SMS, number: str = ACME_NUMBER) -> SenderNumber:
    """Register a number of Acme; it carries the weekly digest unless types are given."""
    carried = types or ("weekly-digest",)
    return await sender_numbers.create(
        number=number, channel=channel, business_unit="acme", subscription_types=carried
    )


async def bazaar_number(channel: Channel = Channel.SMS) -> SenderNumber:
    """Register a number of Bazaar, which carries alerts."""
    return await sender_numbers.create(
        number=BAZAAR_NUMBER, channel=channel, business_unit="bazaar", subscription_types=["alerts"]
    )


def message(
    text: str = "STOP", *, sender: str = ALICE_PHONE, to: str = ACME_NUMBER, **more: object
) -> Message:
    """A text message, with a new id unless one is given."""
    fields = {"channel": Channel.SMS, "provider": "twilio", "message_id": f"SM{next(_ids):032x}", **more}
    return Message(sender=parse(sender), to=to, text=text, **fields)  # type: ignore[arg-type]


async def send_message(words: str = "STOP", **more: object) -> KeywordReply | None:
    """Send a message and return the reply."""
    return await inbound.receive_message(message(words, **more))  # type: ignore[arg-type]


async def reply_to(words: str = "STOP", **more: object) -> str | None:
    """Send a message and return the kind of its reply."""
    answer = await send_message(words, **more)
    return answer.kind if answer else None


@dataclass
class CurrentState:
    """The state of a recipient on a channel: statuses by type id, and units opted out of, by id."""

    statuses: dict[int, PreferenceStatus] = field(default_factory=dict)
    opted_out_units: set[int] = field(default_factory=set)


async def current_state(phone: str = ALICE_PHONE, channel: Channel = Channel.SMS) -> CurrentState:
    """Read the state of a phone number on a channel."""
    known = await recipients.find(parse(phone))
    if known is None:
        return CurrentState()
    state = (await read_states([known.id]))[known.id]
    return CurrentState(
        {kind: one.status for (kind, on), one in state.preferences.items() if on is channel},
        {unit for unit, on in state.opt_outs_of_all if on is channel},
    )
