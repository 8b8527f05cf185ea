"""The faults of single changes of an input that is refused as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from preference_center.errors import Faults, Invalid
from preference_center.preferences.changes import StatusChange
from preference_center.preferences.rehearsals import NOBODY
from preference_center.preferences.request_faults import GivenGrounds, refusals_of_change
from preference_center.recipients import recipients
from preference_center.recipients.states import with_processing_basis
from preference_center.validation import check_explanation
from schema.contract.enums import Channel
from schema.contract.references import RecipientRef, address_of, get_contact
from schema.engine.context import Context

if TYPE_CHECKING:
    from schema.recipients.updates import UpdatePreferencesInput


async def add_faults(
    known: Mapping[int, StatusChange], input: UpdatePreferencesInput, context: Context, faults: Faults
) -> None:
    """Add what each change, by its index in the input, would be refused for in any case."""
    given = GivenGrounds(
        context.actor.origin,
        legal_basis=input.legal_basis is not None,
        processing_basis=input.processing_basis is not None,
        explanation=_is_explained(input.explanation),
        occurred_at=input.occurred_at,
    )
    lacking = await _channels_without_basis(input.recipient)
    for index, change in known.items():
        for code, message in refusals_of_change(change, given, lacking):
            faults.add(Invalid(code, message, "changes", str(index)))


def _is_explained(explanation: str | None) -> bool:
    try:
        return check_explanation(explanation) is not None
    except Invalid:  # it is given, and has a fault of its own
        return True


async def _channels_without_basis(ref: RecipientRef) -> set[Channel]:
    """Return the channels of the addresses for which no basis to process is on record.

    Of a reference that cannot be used, none: nothing is known about it.
    """
    try:
        ids = await _recipient_ids(ref)
    except Invalid:
        return set()
    with_basis = await with_processing_basis(set(ids.values()))
    return {channel for channel, recipient_id in ids.items() if recipient_id not in with_basis}


async def _recipient_ids(ref: RecipientRef) -> dict[Channel, int]:
    """Return the recipient for each channel; NOBODY for an address that is not on record."""
    if ref.contact is None:
        address = address_of(ref)
        row = await recipients.find(address)
        return dict.fromkeys(address.kind.channels, row.id if row else NOBODY)
    contact = await get_contact(ref.contact)
    phone = contact.phone_recipient_id
    ids = {Channel.EMAIL: contact.email_recipient_id, Channel.SMS: phone, Channel.WHATSAPP: phone}
    return {channel: recipient_id for channel, recipient_id in ids.items() if recipient_id is not None}
