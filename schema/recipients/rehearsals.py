"""What would hold after an update of preferences, as the schema shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from preference_center.ledger.types import Outcome, Provenance
from preference_center.preferences.changes import StatusChange
from preference_center.preferences.rehearsals import rehearse_update
from schema.contract.ids import StateKey
from schema.contract.references import ResolvedRef
from schema.engine.context import Context
from schema.recipients.preferences import Preference
from schema.recipients.states import find_preference
from schema.recipients.types import Recipient, to_recipient


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The outcomes of a dry run, and the recipients as they would be after it."""

    outcomes: list[Outcome]
    recipients: dict[int, Recipient]
    """By the id that outcomes have."""

    def preference(self, key: StateKey) -> Preference | None:
        """The preference that a change is about, as it would be."""
        return find_preference(self.recipients[key.recipient_id], key)


async def rehearse(
    resolved: ResolvedRef, changes: Sequence[StatusChange], provenance: Provenance, context: Context
) -> Rehearsal:
    """Decide changes and write nothing."""
    found = await rehearse_update(resolved.ensure, resolved.address, changes, provenance)
    shown = {recipient_id: to_recipient(row, context) for recipient_id, row in found.rows.items()}
    for recipient_id, recipient in shown.items():
        recipient.held, recipient.held_whole = found.states[recipient_id], True
    return Rehearsal(found.outcomes, shown)
