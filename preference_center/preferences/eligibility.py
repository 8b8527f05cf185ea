"""May it be sent? Loads what the eligibility rules need, and asks them (R21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from preference_center.calculations import calculate
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
_EMPTY_STATE = RecipientState()


def of_state(
    state: RecipientState,
    recipient: RecipientRow | None,
    subscription_type: SubscriptionType,
    channel: Channel,
    now: datetime,
) -> Eligibility:
    """The eligibility of a recipient whose state is loaded; None stands for an unknown address (R2)."""
    if recipient is not None and recipient.erased_at is not None:
        return _UNUSABLE
    if state.refused_at is not None and channel is Channel.EMAIL:
        return _UNUSABLE
    return may_send(_send_facts(state, subscription_type, channel, now))


def _send_facts(
    state: RecipientState, subscription_type: SubscriptionType, channel: Channel, now: datetime
) -> SendFacts:
    business_unit, facts = subscription_type.business_unit, subscription_type.facts(channel)
    preference = state.preferences.get((subscription_type.id, channel))
    pause = state.pauses.get((business_unit.id, channel))
    pending = state.pending_opt_ins.get((subscription_type.id, channel))
    return SendFacts(
        channel=channel,
        purpose=subscription_type.purpose,
        offered=facts.offered,
        archived=facts.archived,
        data_privacy=business_unit.data_privacy,
        opted_out_of_all=(business_unit.id, channel) in state.opt_outs_of_all,
        status=preference.status if preference else PreferenceStatus.NOT_OPTED,
        paused_until=pause.until if pause and pause.until > now else None,
        pending=pending is not None and pending.expires_at > now,
    )


async def of_addresses(
    subscription_type: SubscriptionType, channel: Channel, typed_addresses: Sequence[str]
) -> list[Eligibility]:
    """The eligibility of addresses as they were typed, in order. An invalid address is unusable."""
    many = len(typed_addresses)
    parsed = await calculate(many, lambda: [_parse(address, channel) for address in typed_addresses])
    known = await recipients.find_many(list({address for address in parsed if address}))
    states = await read_states([recipient.id for recipient in known.values()])
    now = database.now()

    def answer(address: Address | None) -> Eligibility:
        if address is None:
            return _UNUSABLE
        recipient = known.get(address)
        state = states[recipient.id] if recipient else _EMPTY_STATE
        return of_state(state, recipient, subscription_type, channel, now)

    return await calculate(many, lambda: [answer(address) for address in parsed])


def _parse(address: str, channel: Channel) -> Address | None:
    parse = addresses.parse_email if channel is Channel.EMAIL else addresses.parse_phone
    try:
        return parse(address)
    except AddressError:
        return None
