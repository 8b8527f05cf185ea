"""What an update of preferences would do: it is made in a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Outcome, Provenance
from preference_center.preferences.changes import StatusChange, intents_of
from preference_center.recipients import recipients
from preference_center.recipients.recipients import RecipientRow
from preference_center.recipients.states import RecipientState, read_states, with_processing_basis
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel
from preference_center.storage.transactions import rehearsed

NOBODY: Final = 0
"""The id of a recipient that is not on record. No recipient has it."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would hold. Recipients that are not on record have the id NOBODY in their row."""

    outcomes: list[Outcome]
    rows: dict[int, RecipientRow]
    """By the id that outcomes have."""
    states: dict[int, RecipientState]
    """By the same id, each with `has_processing_basis`."""


async def rehearse_update(
    ensure: Callable[[], Awaitable[Mapping[Channel, int]]],
    address: Address | None,
    changes: Sequence[StatusChange],
    provenance: Provenance,
) -> Rehearsal:
    """Decide changes as `changes.update` does, with the same locks, and write nothing.

    `ensure` returns the recipient for each channel, and creates that of an `address` that is not on record.
    """
    rehearsal = await rehearsed(partial(_in_transaction, ensure, address, changes, provenance))
    saved = await recipients.get_rows(rehearsal.rows)
    for recipient_id, row in rehearsal.rows.items():
        found = saved.get(recipient_id)
        # Another request may create a recipient in the meantime, with the id that was rolled back.
        if found is None or found.fingerprint != row.fingerprint:
            rehearsal.rows[recipient_id] = replace(row, id=NOBODY)
    return rehearsal


async def _in_transaction(
    ensure: Callable[[], Awaitable[Mapping[Channel, int]]],
    address: Address | None,
    changes: Sequence[StatusChange],
    provenance: Provenance,
) -> Rehearsal:
    ids = await ensure()
    outcomes = await record_in_transaction(intents_of(ids, changes), provenance)
    rows = await _rows(ids, address)
    states = await read_states(rows)
    _set_processing_bases(states, await with_processing_basis(rows))
    return Rehearsal(outcomes, rows, states)


async def _rows(ids: Mapping[Channel, int], address: Address | None) -> dict[int, RecipientRow]:
    """The recipients that are changed, in the order of channels; without changes, the one of the address."""
    found = await recipients.get_rows(ids.values())
    if not ids and address is not None:
        named = await recipients.find(address)
        return {named.id: named} if named else {}
    return {recipient_id: found[recipient_id] for recipient_id in ids.values()}


def _set_processing_bases(states: Mapping[int, RecipientState], with_basis: Collection[int]) -> None:
    for recipient_id in with_basis:
        states[recipient_id].has_processing_basis = True
