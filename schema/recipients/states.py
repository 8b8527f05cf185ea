"""States of recipients by global id: preferences, opt-outs of all and pauses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from preference_center.recipients import recipients
from schema.contract.ids import Node, StateKey
from schema.engine.context import Context
from schema.recipients.preferences import OptOutOfAll, Pause, Preference
from schema.recipients.types import Recipient, load_states, to_recipient


async def read_preferences(context: Context, keys: Sequence[StateKey]) -> dict[StateKey, Node]:
    """Return the preferences with these keys, those without a decision included."""
    return await _read(context, keys, find_preference)


async def read_opt_outs_of_all(context: Context, keys: Sequence[StateKey]) -> dict[StateKey, Node]:
    """Return the opt-outs of all with these keys that stand."""
    return await _read(context, keys, _opt_out_of_all)


async def read_pauses(context: Context, keys: Sequence[StateKey]) -> dict[StateKey, Node]:
    """Return the pauses with these keys that have not ended."""
    return await _read(context, keys, _pause)


async def _read(
    context: Context, keys: Sequence[StateKey], find: Callable[[Recipient, StateKey], Node | None]
) -> dict[StateKey, Node]:
    """Find states among those of their recipients, which take one statement."""
    rows = await recipients.get_many({key.recipient_id for key in keys})
    by_id = {recipient_id: to_recipient(row, context) for recipient_id, row in rows.items()}
    await load_states(list(by_id.values()), context)
    found = {key: find(by_id[key.recipient_id], key) for key in keys if key.recipient_id in by_id}
    return {key: state for key, state in found.items() if state is not None}


def find_preference(recipient: Recipient, key: StateKey) -> Preference | None:
    """Return a preference of a recipient whose state is loaded."""
    of_channel = recipient.each_preference(None, key.channel)
    return next((each for each in of_channel if each.subscription_type.row.id == key.of_id), None)


def _opt_out_of_all(recipient: Recipient, key: StateKey) -> OptOutOfAll | None:
    on_channel = (each for each in recipient.each_opt_out() if each.channel is key.channel)
    return next((each for each in on_channel if each.business_unit.row_id == key.of_id), None)


def _pause(recipient: Recipient, key: StateKey) -> Pause | None:
    on_channel = (each for each in recipient.each_pause() if each.channel is key.channel)
    return next((each for each in on_channel if each.business_unit.row_id == key.of_id), None)
