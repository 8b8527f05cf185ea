"""What the token that asks may do to a preference or an opt-out of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import strawberry

from preference_center.access.scopes import CREATE_LINKS, WRITE_PREFERENCES
from preference_center.preferences import actions
from preference_center.recipients.states import with_processing_basis
from schema.contract.actions import ActionState, to_action
from schema.engine.context import Context

if TYPE_CHECKING:
    from schema.recipients.preferences import OptOutOfAll, Preference


@strawberry.type
class PreferenceActions:
    """What may be done to a preference now.

    Of `subscribe` and `resubscribe` one at most is allowed: both are `updatePreferences` with the status
    OPTED_IN. For a type with double opt-in an allowed opt-in waits for the recipient's confirmation.
    """

    subscribe: ActionState = strawberry.field(
        description="Opt in a recipient who is not opted out, with `updatePreferences`."
    )
    resubscribe: ActionState = strawberry.field(
        description="Opt in a recipient who is opted out, with `updatePreferences`. Tokens with the origin"
        " `INTEGRATION` may only do so where the team opted the recipient out."
    )
    unsubscribe: ActionState = strawberry.field(
        description="Opt the recipient out, with `updatePreferences`. The team may do so at any time,"
        " without a reason."
    )
    resend_confirmation: ActionState = strawberry.field(
        description="Send the message that asks to confirm the opt-in again, with `resendConfirmation`:"
        " where an opt-in is pending, 10 minutes after the last message, 5 messages at most."
    )


async def load_facts(preferences: Sequence[Preference], context: Context) -> None:
    """Load whether contacts have a legal basis to process and store: one statement for all recipients."""
    if WRITE_PREFERENCES.missing(context.scopes) is not None:
        return  # nothing is allowed, whatever the facts
    states = {each.recipient.row.id: each.recipient.state for each in preferences}
    for recipient_id in await with_processing_basis(states):
        states[recipient_id].has_processing_basis = True


def preference_actions(preference: Preference) -> PreferenceActions:
    """Return what may be done to a preference whose recipient's state and facts are loaded."""
    recipient, type_ = preference.recipient, preference.subscription_type.row
    context = recipient.context
    found = actions.of_preference(
        recipient.state, type_, preference.channel, context.actor.origin, context.now
    )
    return PreferenceActions(
        subscribe=to_action(found.subscribe, WRITE_PREFERENCES, context.scopes),
        resubscribe=to_action(found.resubscribe, WRITE_PREFERENCES, context.scopes),
        unsubscribe=to_action(found.unsubscribe, WRITE_PREFERENCES, context.scopes),
        resend_confirmation=to_action(found.resend_confirmation, CREATE_LINKS, context.scopes),
    )


def removal(opt_out: OptOutOfAll) -> ActionState:
    """Return whether an opt-out of all may be removed."""
    context = opt_out.recipient.context
    unit = context.catalog.unit_by_id(opt_out.business_unit.row_id)
    found = actions.of_opt_out_of_all(opt_out.origin.maker, unit, context.actor.origin)
    return to_action(found, WRITE_PREFERENCES, context.scopes)
