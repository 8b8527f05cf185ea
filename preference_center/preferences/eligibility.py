"""May it be sent? Loads the facts and asks the rules (R21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from preference_center.catalog.catalog import SubscriptionType
from preference_center.recipients import recipients
from preference_center.recipients.recipients import RecipientRow
from preference_center.recipients.states import RecipientState, read_states
from preference_center.rules import addresses
from preference_center.rules.addresses import Address, AddressError
from preference_center.rules.eligibility import BlockReason, Eligibility, SendFacts, may_send
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database

_UNUSABLE = Eligibility(BlockReason.ADDRESS_UNUSABLE)
_NOTHING = RecipientState()


def judge(
    state: RecipientState,
    recipient: RecipientRow | None,
    kind: SubscriptionType,
    channel: Channel,
    now: datetime,
) -> Eligibility:
    """Answer for one recipient whose state is at hand; None is an address that nobody spoke of (R2)."""
    if recipient is not None and recipient.erased_at is not None:
        return _UNUSABLE
    if state.refused_at is not None and channel is Channel.EMAIL:
        return _UNUSABLE
    held = state.preferences.get((kind.id, channel))
    paused = state.pauses.get((kind.business_unit.id, channel))
    waits = state.pending.get((kind.id, channel))
    facts = kind.facts(channel)
    return may_send(
        SendFacts(
            channel=channel,
            purpose=kind.purpose,
            offered=facts.offered,
            archived=facts.archived,
            data_privacy=kind.business_unit.data_privacy,
            opted_out_of_all=(kind.business_unit.id, channel) in state.opt_outs,
            status=held.status if held else PreferenceStatus.NOT_OPTED,
            paused_until=paused.until if paused and paused.until > now else None,
            pending=waits is not None and waits.expires_at > now,
        )
    )


async def of_addresses(kind: SubscriptionType, channel: Channel, texts: Sequence[str]) -> list[Eligibility]:
    """Answer for addresses as they were typed, in their order. What is no address is unusable."""
    parsed = [_parsed(text, channel) for text in texts]
    known = await recipients.find_many(list({address for address in parsed if address}))
    states = await read_states([row.id for row in known.values()])
    now = database.now()
    answers = []
    for address in parsed:
        if address is None:
            answers.append(_UNUSABLE)
            continue
        row = known.get(address)
        state = states.get(row.id, _NOTHING) if row else _NOTHING
        answers.append(judge(state, row, kind, channel, now))
    return answers


def _parsed(text: str, channel: Channel) -> Address | None:
    parse = addresses.parse_email if channel is Channel.EMAIL else addresses.parse_phone
    try:
        return parse(text)
    except AddressError:
        return None
