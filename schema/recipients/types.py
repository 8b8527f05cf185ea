"""Recipients: addresses, with the preferences that belong to them (R1, R2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.preferences.eligibility import judge
from preference_center.recipients.recipients import RecipientRow
from preference_center.recipients.states import RecipientState, read_preferences, read_states
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.contract.ids import Node, global_id
from schema.contract.scalars import (
    BlockReason,
    Channel,
    ConsentOrigin,
    Key,
    LegalBasis,
    PreferenceStatus,
    RecipientKind,
)
from schema.engine.context import Context
from schema.engine.resolver import resolver
from schema.ledger.events import ConsentEventConnection, History, asked_for, load_histories

if TYPE_CHECKING:
    from schema.contacts.types import Contact

READ = "preferences:read"
WHOLE_STATE = frozenset({"explanation", "eligibility", "pendingOptIn"})
"""Fields of a preference that need more than the preference itself."""


@strawberry.type(description="R21")
class Eligibility:
    """Whether a message may be sent, else the first reason why not."""

    allowed: bool
    reason: BlockReason | None
    until: datetime | None


@strawberry.type(description="R19")
class PendingOptIn:
    """An opt-in that waits for its recipient's confirmation, and grants nothing until then."""

    requested_at: datetime
    expires_at: datetime = strawberry.field(description="When it lapses, 7 days after it was asked for.")
    origin: ConsentOrigin = strawberry.field(description="By what way it was asked for.")
    confirmations_sent: int = strawberry.field(
        description="How many messages asked the recipient to confirm it, the first included; 5 at most."
    )


@strawberry.type
class Preference:
    """What holds for one address, channel and subscription type, said or unsaid."""

    subscription_type: SubscriptionType
    channel: Channel
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")]
    status: PreferenceStatus
    origin: ConsentOrigin | None
    legal_basis: LegalBasis | None
    explanation: str | None
    changed_at: datetime | None

    @resolver()
    def pending_opt_in(self) -> PendingOptIn | None:
        """The opt-in that waits to be confirmed, where one does; `status` is what holds until then."""
        return self.recipient.pending_opt_in(self.subscription_type.row, self.channel)

    @resolver()
    def eligibility(self) -> Eligibility:
        """Whether a message of this type may be sent to the address on this channel, now."""
        return self.recipient.eligibility(self.subscription_type.row, self.channel)


@strawberry.type
class OptOutOfAll:
    """An opt-out of everything that a unit sends on a channel."""

    channel: Channel
    business_unit: BusinessUnit
    origin: ConsentOrigin
    explanation: str | None
    since: datetime
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")]


@strawberry.type
class Pause:
    """A unit's silence on a channel, until an instant."""

    channel: Channel
    business_unit: BusinessUnit
    until: datetime
    origin: ConsentOrigin = strawberry.field(
        description="Who asked for it: a silence of the recipient's own is theirs alone to change or end."
    )


async def load_preferences(
    recipients: Sequence[Recipient], context: Context, selected: frozenset[str], **_: object
) -> None:
    """Read no more than the `selected` fields of preferences need, in one statement."""
    await load_states(recipients, context, partly=not selected & WHOLE_STATE)


async def load_states(
    recipients: Sequence[Recipient], context: Context, *, partly: bool = False, **_: object
) -> None:
    """Read what holds for recipients, in one statement; `partly`: their preferences alone."""
    missing = [one for one in recipients if one.held is None or (one.held_partly and not partly)]
    if missing:
        numbers = [recipient.row.id for recipient in missing]
        states = await (read_preferences(numbers) if partly else read_states(numbers))
        for recipient in missing:
            recipient.held, recipient.held_partly = states[recipient.row.id], partly
        await _know_catalog(context, states.values())


async def _know_catalog(context: Context, states: Iterable[RecipientState]) -> None:
    types = {number for state in states for number, _ in state.preferences}
    units = {number for state in states for number, _ in (*state.opt_outs, *state.pauses)}
    await context.catch_up(units, types)


async def load_recipient_histories(
    recipients: Sequence[Recipient], context: Context, **asked: object
) -> None:
    """Read a page of each recipient's history, in one statement."""
    await load_histories([recipient.ledger for recipient in recipients], context, **asked)


async def load_contacts(recipients: Sequence[Recipient], context: Context, **_: object) -> None:
    """Find the contacts that have the recipients' addresses, in one statement."""
    from schema.contacts.types import contacts_of_recipients

    missing = [recipient for recipient in recipients if recipient.found_contacts is None]
    if missing:
        await contacts_of_recipients(missing, context)


@strawberry.type(
    description="An address, with the preferences that belong to it,"
    " whether or not a contact has it (R1, R2)."
)
class Recipient(Node):
    """One recipient. `held` and `found_contacts` are filled in where the selection asks for them."""

    kind: RecipientKind
    address: str | None = strawberry.field(
        description="Null once erased, or where only a link has named it so far."
    )
    row: strawberry.Private[RecipientRow]
    context: strawberry.Private[Context]
    ledger: strawberry.Private[History]
    held: strawberry.Private[RecipientState | None] = None
    held_partly: strawberry.Private[bool] = False
    found_contacts: strawberry.Private[Any] = None

    @property
    def state(self) -> RecipientState:
        """What holds for the recipient; `load_states` read it."""
        if self.held is None:
            raise RuntimeError("preferences are read before they are loaded")
        return self.held

    @resolver(scope="contacts:read", load=load_contacts)
    def contacts(self) -> list[Annotated[Contact, strawberry.lazy("schema.contacts.types")]]:
        """The contacts that have this address."""
        found: list[Contact] = self.found_contacts
        return found

    @resolver(scope=READ, load=load_preferences, told=True)
    def preferences(
        self, business_unit: Key | None = None, channel: Channel | None = None
    ) -> list[Preference]:
        """One for each type and channel that the address can be written to on, said or unsaid."""
        return list(self.each_preference(business_unit, channel))

    @resolver(scope=READ, load=load_states)
    def opt_outs_of_all(self) -> list[OptOutOfAll]:
        """Those that stand."""
        return list(self.each_opt_out())

    @resolver(scope=READ, load=load_states)
    def pauses(self) -> list[Pause]:
        """Those that have not ended."""
        return [
            Pause(
                channel=channel,
                business_unit=self.context.view.units[unit],
                until=held.until,
                origin=held.origin,
            )
            for (unit, channel), held in self.state.pauses.items()
            if held.until > self.context.now
        ]

    @resolver(scope=READ, load=load_recipient_histories)
    def history(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> ConsentEventConnection:
        """Newest first."""
        return self.ledger.pages[asked_for(first, after, last, before)]

    def each_preference(self, business_unit: Key | None, channel: Channel | None) -> Iterator[Preference]:
        """What holds for each type and channel; archived types only where something was said."""
        held_by_type = self.state.preferences
        for shown, on in self.context.offers(self.kind):
            if (channel is not None and on is not channel) or (
                business_unit is not None and shown.business_unit.key != business_unit
            ):
                continue
            held = held_by_type.get((shown.row.id, on))
            if held is not None:
                yield Preference(
                    subscription_type=shown,
                    channel=on,
                    recipient=self,
                    status=held.status,
                    origin=held.origin,
                    legal_basis=held.legal_basis,
                    explanation=held.explanation,
                    changed_at=held.changed_at,
                )
            elif shown.archived_at is None:
                yield self._unsaid(shown, on)

    def each_opt_out(self) -> Iterator[OptOutOfAll]:
        """The opt-outs of all that stand."""
        for (unit, channel), held in self.state.opt_outs.items():
            yield OptOutOfAll(
                channel=channel,
                business_unit=self.context.view.units[unit],
                origin=held.origin,
                explanation=held.explanation,
                since=held.since,
                recipient=self,
            )

    def _unsaid(self, shown: SubscriptionType, on: Channel) -> Preference:
        return Preference(
            subscription_type=shown,
            channel=on,
            recipient=self,
            status=PreferenceStatus.NOT_OPTED,
            origin=None,
            legal_basis=None,
            explanation=None,
            changed_at=None,
        )

    def pending_opt_in(self, kind: CatalogType, channel: Channel) -> PendingOptIn | None:
        """The opt-in that waits to be confirmed (R19)."""
        waits = self.state.pending.get((kind.id, channel))
        if waits is None or waits.expires_at <= self.context.now:
            return None
        return PendingOptIn(
            requested_at=waits.requested_at,
            expires_at=waits.expires_at,
            origin=waits.origin,
            confirmations_sent=waits.confirmations,
        )

    def eligibility(self, kind: CatalogType, channel: Channel) -> Eligibility:
        """Whether a message may be sent to the address (R21)."""
        answer = judge(self.state, self.row, kind, channel, self.context.now)
        return Eligibility(allowed=answer.allowed, reason=answer.reason, until=answer.until)


def recipient_of(row: RecipientRow, context: Context) -> Recipient:
    """Show a recipient."""
    recipient = Recipient(
        id=global_id("Recipient", row.id),
        kind=row.kind,
        address=row.address,
        row=row,
        context=context,
        ledger=History({}),
    )
    recipient.ledger.recipients[row.id] = recipient
    return recipient
