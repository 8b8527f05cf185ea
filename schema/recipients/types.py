"""Recipients: addresses, with the preferences that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import strawberry

from preference_center.access.scopes import READ_ADDRESSES, READ_CONSENT, READ_CONTACTS
from preference_center.recipients import recipients
from preference_center.recipients.recipients import RecipientRow
from preference_center.recipients.states import (
    OptOutOfAllState,
    PauseState,
    RecipientState,
    read_preferences,
    read_states,
)
from schema.catalog.view import catalog_view, ensure_in_catalog
from schema.contract.arguments import group_arguments
from schema.contract.connections import Connection, PageArguments
from schema.contract.enums import Channel, RecipientKind
from schema.contract.fields import loaded, resolver, restricted
from schema.contract.ids import Node, global_id
from schema.contract.references import RecipientRef
from schema.contract.scalars import Key
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Context
from schema.ledger.conditions import EventConditions
from schema.ledger.events import ConsentEvent
from schema.ledger.history import History, load_histories
from schema.recipients.preferences import (
    WHOLE_STATE,
    Deliverability,
    OptOutOfAll,
    Pause,
    Preference,
    deliverability_of,
    to_opt_out_of_all,
    to_pause,
    to_preference,
)

if TYPE_CHECKING:
    from schema.contacts.types import Contact

State = TypeVar("State", OptOutOfAllState, PauseState)
OfUnit = Annotated[
    Key | None,
    strawberry.argument(
        description="Only preferences of the business unit with this key. Left out: those of all units."
    ),
]
OnChannel = Annotated[
    Channel | None,
    strawberry.argument(description="Only preferences on this channel. Left out: on all channels."),
]


async def load_preferences(
    recipients: Sequence[Recipient], context: Context, selected: frozenset[str], **_: object
) -> None:
    """Load the preferences of recipients, and their whole states if a selected field needs them."""
    await _load(recipients, context, whole=bool(selected & WHOLE_STATE))


async def load_states(recipients: Sequence[Recipient], context: Context) -> None:
    """Load the states of recipients, in one statement."""
    await _load(recipients, context, whole=True)


async def _load(recipients: Sequence[Recipient], context: Context, *, whole: bool) -> None:
    missing = [each for each in recipients if each.held is None or (whole and not each.held_whole)]
    if missing:
        ids = [recipient.row.id for recipient in missing]
        states = await (read_states(ids) if whole else read_preferences(ids))
        for recipient in missing:
            recipient.held, recipient.held_whole = states[recipient.row.id], whole
        await _ensure_catalog_has(context, states.values())


async def _ensure_catalog_has(context: Context, states: Iterable[RecipientState]) -> None:
    type_ids = {type_id for state in states for type_id, _ in state.preferences}
    unit_ids = {unit_id for state in states for unit_id, _ in (*state.opt_outs_of_all, *state.pauses)}
    await ensure_in_catalog(context, unit_ids=unit_ids, type_ids=type_ids)


async def load_history(recipients: Sequence[Recipient], context: Context, **arguments: object) -> None:
    """Load a page of each recipient's history, in one statement."""
    for recipient in recipients:
        recipient.events = recipient.events or History({recipient.row.id: recipient})
    await load_histories([each.events for each in recipients if each.events], context, **arguments)


@strawberry.type
class Recipient(Node):
    """One address: an email address or a phone number.

    Preferences belong to the address, whether or not a contact has it. It is never deleted, so that
    opt-outs hold.
    """

    kind: RecipientKind = strawberry.field(
        description="Whether the address is an email address or a phone number."
    )
    address: str | None = restricted(
        "The email address in lower case, or the phone number in E.164 format. Null"
        " once it was erased, or if only a link has identified it so far.",
        READ_ADDRESSES,
    )
    row: strawberry.Private[RecipientRow]
    context: strawberry.Private[Context]
    events: strawberry.Private[History | None] = None
    """Made where it is selected: it refers to the recipient, so that both wait for garbage collection."""
    held: strawberry.Private[RecipientState | None] = None
    """Loaded where the selection needs it."""
    held_whole: strawberry.Private[bool] = False
    """Whether `held` has more than the preferences."""
    contacts: list[Annotated[Contact, strawberry.lazy("schema.contacts.types")]] = loaded(
        "The contacts that have this address: at most one for an email address. Empty if it has none.",
        access=READ_CONTACTS,
    )

    @property
    def state(self) -> RecipientState:
        """The state of the recipient, once it was loaded."""
        if self.held is None:
            raise RuntimeError("The state of a recipient was read before it was loaded.")
        return self.held

    @resolver(access=READ_CONSENT, load=load_preferences, pass_selection=True)
    def preferences(self, business_unit: OfUnit = None, channel: OnChannel = None) -> list[Preference]:
        """The preference for each subscription type and channel on which the address can receive messages.

        Archived types are in it only where something was decided.
        """
        return list(self.each_preference(business_unit, channel))

    @resolver(access=READ_CONSENT, load=load_states)
    def opt_outs_of_all(self) -> list[OptOutOfAll]:
        """The opt-outs of everything that a business unit sends on a channel. Empty if there is none."""
        return list(self.each_opt_out())

    @resolver(access=READ_CONSENT, load=load_states)
    def pauses(self) -> list[Pause]:
        """The pauses of the address that have not ended. Empty if there is none."""
        return list(self.each_pause())

    @resolver(access=READ_CONSENT, load=load_states)
    def deliverability(self) -> Deliverability:
        """Whether messages can reach the address, and if not, why and since when."""
        return deliverability_of(self.row, self.state)

    @resolver(access=READ_CONSENT, load=load_history)
    @group_arguments(conditions=EventConditions, page=PageArguments)
    def history(self, conditions: EventConditions, page: PageArguments) -> Connection[ConsentEvent]:
        """The events of the address in the ledger, newest first."""
        assert self.events is not None, "the history is loaded before it is read"
        return self.events.pages[conditions.filter(self.context), page]

    def each_preference(self, business_unit: Key | None, channel: Channel | None) -> Iterator[Preference]:
        """Return the preferences; those of archived types only where a decision was recorded."""
        held_by_type = self.state.preferences
        for type_, on in catalog_view(self.context).offers[self.kind]:
            if (channel is not None and on is not channel) or (
                business_unit is not None and type_.business_unit.key != business_unit
            ):
                continue
            held = held_by_type.get((type_.row.id, on))
            if held is not None or type_.archived_at is None:
                yield to_preference(self, type_, on, held)

    def each_opt_out(self) -> Iterator[OptOutOfAll]:
        """Return the opt-outs of all."""
        units = catalog_view(self.context).units
        for (unit_id, channel), held in _in_order(self.state.opt_outs_of_all):
            yield to_opt_out_of_all(self, units[unit_id], channel, held)

    def each_pause(self) -> Iterator[Pause]:
        """Return the pauses that have not ended."""
        units = catalog_view(self.context).units
        for (unit_id, channel), held in _in_order(self.state.pauses):
            yield to_pause(self, units[unit_id], channel, held)


def _in_order(states: dict[tuple[int, Channel], State]) -> list[tuple[tuple[int, Channel], State]]:
    """Return states of business units in the order of the units, and of the names of channels."""
    return sorted(states.items(), key=lambda each: (each[0][0], each[0][1].value))


@strawberry.type
class WithContact:
    """A payload that also gives the contact, so that caches refresh what they show of it."""

    named: strawberry.Private[RecipientRef | None] = None
    """The reference in the input."""
    recipient: Recipient | None = strawberry.field(
        default=None,
        description="The recipient after the change; null if the input was refused, or names no address.",
    )
    contact: Annotated[Contact, strawberry.lazy("schema.contacts.types")] | None = loaded(
        "The contact after the change: the one that the input names by id, else the"
        " one that has the address. If several share a phone number, it is the oldest;"
        " `recipient.contacts` has all. Null if there is none.",
        access=READ_CONTACTS,
    )


@strawberry.type
class RecipientPayload(WithContact):
    """The result of changing a recipient."""

    user_errors: list[UserError] = no_errors()


def to_recipient(row: RecipientRow, context: Context) -> Recipient:
    """Return a recipient as the schema has it."""
    return Recipient(
        id=global_id("Recipient", row.id), kind=row.kind, address=row.address, row=row, context=context
    )


async def read_recipient(context: Context, recipient_id: int) -> Recipient:
    """Return the recipient with an id, which exists."""
    return to_recipient((await recipients.get_many([recipient_id]))[recipient_id], context)


async def read_recipients(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the recipients with these ids, in one statement."""
    rows = await recipients.get_many(ids)
    return {recipient_id: to_recipient(row, context) for recipient_id, row in rows.items()}
