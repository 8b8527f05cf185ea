"""What the team may do to a preference or an opt-out of all, by the recipient's state that is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from preference_center.action_states import ActionState, Refusal, action_state
from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.ledger.refusals import refusal_message
from preference_center.recipients.states import RecipientState
from preference_center.rules.decisions import PriorState
from preference_center.rules.permissions import actions as rules
from preference_center.rules.permissions.actions import Obstacle, Pointless
from preference_center.rules.permissions.confirmations import Asked, ResendResult, decide_resending
from preference_center.rules.types import Channel, ConsentOrigin, ErrorCode, Maker, PreferenceStatus

RESEND_REFUSALS: Final[dict[ResendResult, Refusal]] = {
    ResendResult.NOT_PENDING: (ErrorCode.NOT_FOUND, "No opt-in waits for confirmation."),
    ResendResult.TOO_SOON: (
        ErrorCode.LIMIT_EXCEEDED,
        "A confirmation was sent less than 10 minutes ago. Try again later.",
    ),
    ResendResult.LIMIT_REACHED: (
        ErrorCode.LIMIT_EXCEEDED,
        "Five confirmations were sent for this opt-in, the maximum.",
    ),
}
_POINTLESS: Final[dict[Pointless, Refusal]] = {
    Pointless.OPTED_IN: (ErrorCode.ALREADY_EXISTS, "The recipient is opted in already."),
    Pointless.OPTED_OUT: (ErrorCode.ALREADY_EXISTS, "The recipient is opted out already."),
    Pointless.PENDING: (
        ErrorCode.ALREADY_EXISTS,
        "An opt-in waits for the recipient's confirmation already.",
    ),
    Pointless.IS_RESUBSCRIBE: (
        ErrorCode.PREVIOUSLY_OPTED_OUT,
        "The recipient is opted out. To opt them in again with `updatePreferences`, see `resubscribe`.",
    ),
    Pointless.IS_SUBSCRIBE: (
        ErrorCode.NOT_FOUND,
        "The recipient is not opted out. Subscribe them instead.",
    ),
}


@dataclass(frozen=True, slots=True)
class PreferenceActions:
    """What may be done to a preference, now."""

    subscribe: ActionState
    resubscribe: ActionState
    unsubscribe: ActionState
    resend_confirmation: ActionState


def of_preference(
    state: RecipientState,
    subscription_type: SubscriptionType,
    channel: Channel,
    origin: ConsentOrigin,
    now: datetime,
) -> PreferenceActions:
    """What a token of an origin may do to a preference. Needs `state.has_processing_basis`."""
    unit, facts = subscription_type.business_unit, subscription_type.facts(channel)
    prior = _prior(state, subscription_type, channel, now)
    answers = rules.of_preference(facts, prior, unit.facts, origin)
    resending = decide_resending(_asked(state, subscription_type, channel, now), now)
    return PreferenceActions(
        subscribe=_shown(answers.subscribe),
        resubscribe=_shown(answers.resubscribe),
        unsubscribe=_shown(answers.unsubscribe),
        resend_confirmation=_shown(rules.of_resending(facts, resending)),
    )


def of_opt_out_of_all(made_by: Maker, unit: BusinessUnit, origin: ConsentOrigin) -> ActionState:
    """Whether a token of an origin may remove an opt-out of all (R8)."""
    return _shown(rules.of_removal(made_by, unit.facts, origin))


def _prior(
    state: RecipientState, subscription_type: SubscriptionType, channel: Channel, now: datetime
) -> PriorState:
    held = state.preferences.get((subscription_type.id, channel))
    of_all = state.opt_outs_of_all.get((subscription_type.business_unit.id, channel))
    return PriorState(
        status=held.status if held else PreferenceStatus.NOT_OPTED,
        made_by=held.origin.maker if held else Maker.NOBODY,
        all_made_by=of_all.origin.maker if of_all else Maker.NOBODY,
        pending=_asked(state, subscription_type, channel, now) is not None,
        has_processing_basis=state.has_processing_basis,
    )


def _asked(
    state: RecipientState, subscription_type: SubscriptionType, channel: Channel, now: datetime
) -> Asked | None:
    pending = state.pending_opt_ins.get((subscription_type.id, channel))
    if pending is None or pending.expires_at <= now:
        return None
    return Asked(pending.confirmations, pending.last_asked_at)


@lru_cache(maxsize=4096)
def _shown(answer: rules.Answer) -> ActionState:
    return action_state([_refusal(obstacle) for obstacle in answer.obstacles], *answer.requires)


def _refusal(obstacle: Obstacle) -> Refusal:
    if isinstance(obstacle, Pointless):
        return _POINTLESS[obstacle]
    if isinstance(obstacle, ResendResult):
        return RESEND_REFUSALS[obstacle]
    return obstacle, refusal_message(obstacle)
