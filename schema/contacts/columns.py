"""Contacts in a statement: their columns, and what is read of their addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from preference_center.recipients.compact_states import state_of
from preference_center.recipients.states import RecipientState
from preference_center.rules.types import Channel, RecipientKind
from schema.engine.context import Context
from schema.engine.plans import Step
from schema.engine.statements import columns
from schema.engine.statements.columns import Columns, Fields, NotByStatement, Row, Write, dumped
from schema.engine.statements.objects import write_object
from schema.ledger.columns import history
from schema.recipients.by_statement.columns import (
    RECIPIENT,
    opt_outs_of_all,
    owner_of,
    pauses,
    preferences,
    read_state,
)
from schema.recipients.by_statement.preferences import Address

_AMONG: Final = "IN (c.email_recipient_id, c.phone_recipient_id)"


@dataclass(slots=True)
class ContactSource:
    """A contact `c` that a statement reads, with its addresses: the email address first."""

    columns: Columns
    addresses: Sequence[Address] = field(init=False)

    def __post_init__(self) -> None:
        self.addresses = (
            Address(self.columns, RecipientKind.EMAIL, "c.email_recipient_id", "c.email", _AMONG),
            Address(self.columns, RecipientKind.PHONE, "c.phone_recipient_id", "c.phone", _AMONG),
        )


def _of_addresses(plan: Callable[[Step, Address], Write]) -> Callable[[Step, ContactSource], Write]:
    """Read a list that has the items of all addresses."""

    def read(step: Step, source: ContactSource) -> Write:
        writers = [plan(step, address) for address in source.addresses]

        def write(row: Row, context: Context) -> str:
            return "[" + ",".join(filter(None, [each(row, context) for each in writers])) + "]"

        return write

    return read


def _recipient(step: Step, address: Address) -> Write:
    write, place = write_object(step.below, RECIPIENT, address), address.id_place()
    return lambda row, context: "" if row[place] is None else write(row, context)


def _history(step: Step, source: ContactSource) -> Write:
    return history(step, source.columns, [owner_of(address) for address in source.addresses])


def _states(source: ContactSource, *parts: str) -> Callable[[Row], list[RecipientState]]:
    """Read parts of what is current for all addresses of a contact."""
    reads = [(read_state(address, *parts), address.id_place()) for address in source.addresses]
    return lambda row: [state_of(read(row), row[place]) for read, place in reads if row[place] is not None]


def _unsubscribed_from_all_email(step: Step, source: ContactSource) -> Write:
    states = _states(source, "opt_outs_of_all")
    return lambda row, _: dumped(any(state.opted_out_of_all(Channel.EMAIL) for state in states(row)))


def _opted_out_of_email(step: Step, source: ContactSource) -> Write:
    states, key = _states(source, "preferences", "opt_outs_of_all"), step.arguments["subscription_type"]

    def write(row: Row, context: Context) -> str:
        type_ = context.catalog.type_by_key(key)
        if type_ is None:
            raise NotByStatement
        return dumped(any(state.opted_out(type_, Channel.EMAIL) for state in states(row)))

    return write


CONTACT: Final[Fields] = {
    "id": columns.row_id("Contact", "c.id"),
    "email": columns.text("c.email"),
    "phone": columns.text("c.phone"),
    "firstName": columns.text("c.first_name"),
    "lastName": columns.text("c.last_name"),
    "locale": columns.filled("c.locale"),
    "properties": columns.json_text("c.properties"),
    "processingBasis": columns.word("c.processing_basis"),
    "createdAt": columns.instant("c.created_at"),
    "updatedAt": columns.instant("c.updated_at"),
    "preferences": _of_addresses(preferences),
    "optOutsOfAll": _of_addresses(opt_outs_of_all),
    "pauses": _of_addresses(pauses),
    "recipients": _of_addresses(_recipient),
    "unsubscribedFromAllEmail": _unsubscribed_from_all_email,
    "optedOutOfEmail": _opted_out_of_email,
    "history": _history,
}
