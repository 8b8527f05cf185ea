"""The mutation that erases a person."""

from __future__ import annotations

import strawberry

from preference_center.access.scopes import WRITE_CONTACTS
from preference_center.erasure import erase
from preference_center.errors import ErrorCode, Invalid
from preference_center.recipients import recipients
from schema.contract.fields import mutation
from schema.contract.references import RecipientRef, find_recipient, get_contact
from schema.engine.context import Info
from schema.recipients.types import RecipientPayload, to_recipient


@strawberry.input
class EraseRecipientInput:
    """A person whose data to erase."""

    recipient: RecipientRef = strawberry.field(
        description="Who to erase. By contact: the contact and all its addresses. By address:"
        " the address, and every contact that has it."
    )


@strawberry.type
class ErasureMutations:
    """The mutation that erases a person."""

    @mutation(RecipientPayload, access=WRITE_CONTACTS)
    async def erase_recipient(self, info: Info, input: EraseRecipientInput) -> RecipientPayload:
        """Erase a person's data and keep their opt-outs. This cannot be undone.

        Names, properties, addresses, evidence and free text are removed. A keyed fingerprint of each
        address stays with its opt-outs, so that an address that is added again is still opted out. The
        ledger keeps its events, which then identify nobody.
        """
        found = await find_recipient(input.recipient, "recipient")
        if input.recipient.contact is not None:
            contact = await get_contact(input.recipient.contact, "recipient", "contact")
            await erase.erase_contact(contact, info.context.actor)
        elif found is not None:
            await erase.erase_recipient(found.id, info.context.actor)
        else:
            raise Invalid(
                ErrorCode.NOT_FOUND, "This address is not on record. Check how it is written.", "recipient"
            )
        if found is None:
            return RecipientPayload()
        erased = (await recipients.get_many([found.id]))[found.id]
        return RecipientPayload(recipient=to_recipient(erased, info.context))
