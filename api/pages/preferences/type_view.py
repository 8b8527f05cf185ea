"""One subscription type on the preference page: its cells, and the text about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api.pages.frame.copy import channel_names
from api.pages.frame.parts import Button, CellView, ChannelHead, WaitingView
from api.pages.preferences import copy
from api.pages.preferences.boxes import ViewInput, has_box, is_ticked
from preference_center.catalog.catalog import SubscriptionType
from preference_center.preferences import eligibility
from preference_center.recipients.states import PendingOptInState
from preference_center.rules.permissions.confirmations import Asked, ResendResult, decide_resending
from preference_center.rules.types import Channel, PreferenceStatus, Purpose


def cell(
    page: ViewInput, subscription_type: SubscriptionType, channel: Channel, head: ChannelHead
) -> CellView:
    """A checkbox, or the fixed state where there is nothing to choose (R4, R24)."""
    state, place = page.state, (subscription_type.id, channel)
    if has_box(state, page.internal_types, subscription_type, channel):
        ticked = is_ticked(state, subscription_type, channel)
        value = f"{subscription_type.key}:{channel.value}"
        return CellView(head, value, page.touched.get(place, ticked), f"{value}:{int(ticked)}")
    is_internal = not subscription_type.is_public and subscription_type.purpose is Purpose.MARKETING
    verdict = eligibility.of_state(state, None, subscription_type, channel, page.now)
    if is_internal or not verdict.allowed:
        return CellView(head, state=copy.off(page.translator))
    return CellView(head, state=copy.always_on(page.translator), is_on=True)


def note(page: ViewInput, subscription_type: SubscriptionType, cells: Iterable[CellView]) -> str | None:
    """Why something about a type cannot be changed."""
    fixed = [each for each in cells if each.state is not None]
    unit = subscription_type.business_unit
    if any(each.is_on for each in fixed):
        return copy.transactional_explanation(page.translator)
    if not fixed or subscription_type.is_public or _all_left(page, subscription_type):
        return None
    return copy.internal_type(page.translator, unit.name)


def _all_left(page: ViewInput, subscription_type: SubscriptionType) -> bool:
    """Whether an opt-out of all explains why a type is off."""
    unit_id = subscription_type.business_unit.id
    return any((unit_id, channel) in page.state.opt_outs_of_all for channel in subscription_type.channels)


def waiting(
    page: ViewInput, subscription_type: SubscriptionType, channels: Sequence[Channel]
) -> tuple[WaitingView, ...]:
    """The opt-ins to a type that wait for their confirmation (R19)."""
    found = []
    for channel in channels:
        pending = page.state.pending_opt_ins.get((subscription_type.id, channel))
        ticked = is_ticked(page.state, subscription_type, channel)
        covered = (subscription_type.business_unit.id, channel) in page.state.opt_outs_of_all
        if pending is None or pending.expires_at <= page.now or ticked or covered:
            continue
        can_resend = _can_be_sent_again(page, pending)
        own_link = channel not in page.phone_channels
        text = copy.not_confirmed(page.translator, own_link=own_link, can_resend=can_resend)
        label = copy.send_again_button(page.translator)
        button = Button(f"send:{subscription_type.key}:{channel.value}", label)
        found.append(WaitingView(text, button if can_resend else None))
    return tuple(found)


def _can_be_sent_again(page: ViewInput, pending: PendingOptInState) -> bool:
    asked = Asked(pending.confirmations, pending.last_asked_at)
    return decide_resending(asked, page.now) is ResendResult.QUEUED


def about(
    page: ViewInput, subscription_type: SubscriptionType, channels: Sequence[Channel], *, several: bool
) -> tuple[str, ...]:
    """Why a type is sent or not, and since when: each sentence once, with its channels if there are several.

    Nothing where nothing was decided, and where an opt-out of all explains it.
    """
    found: dict[str, list[Channel]] = {}
    for channel in channels:
        if sentence := _explanation(page, subscription_type, channel):
            found.setdefault(sentence, []).append(channel)
    if not several:
        return tuple(found)
    return tuple(
        copy.on_channel(page.translator, channel_names(page.translator, of), sentence)
        for sentence, of in found.items()
    )


def _explanation(page: ViewInput, subscription_type: SubscriptionType, channel: Channel) -> str | None:
    translator, unit = page.translator, subscription_type.business_unit
    held = page.state.preferences.get((subscription_type.id, channel))
    if (unit.id, channel) in page.state.opt_outs_of_all:
        return None
    if held is None or held.status is PreferenceStatus.NOT_OPTED:
        is_default = is_ticked(page.state, subscription_type, channel)
        marketing = subscription_type.purpose is Purpose.MARKETING
        return copy.default_explanation(translator) if is_default and marketing else None
    day = translator.date(held.occurred_at)
    return copy.explanation(translator, held.status, held.origin, day, unit.name)
