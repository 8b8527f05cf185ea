"""Asking for recipients, for what may be sent, and for the ledger."""

from __future__ import annotations

from dataclasses import replace

import strawberry

from preference_center.errors import ErrorCode, Invalid
from preference_center.history import events as history
from preference_center.history.events import EventFilter
from preference_center.preferences import eligibility
from schema.contacts.filter import TimeRange
from schema.contract.connections import span_of, window
from schema.contract.ids import argument_id
from schema.contract.references import RecipientRef, find_recipient
from schema.contract.scalars import Channel, ConsentOrigin, Key
from schema.contract.user_errors import asking
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver
from schema.ledger.events import ConsentEventConnection, connection, know_catalog
from schema.recipients.types import Eligibility, Recipient, recipient_of

READ = "preferences:read"
_MOST_ADDRESSES = 1_000


@strawberry.type
class AddressEligibility:
    """The answer for one address, as it was typed."""

    address: str
    eligibility: Eligibility


@strawberry.type
class PreferenceQueries:
    """Reading what recipients want."""

    @resolver(scope=READ)
    @asking
    async def recipient(self, info: Info, by: RecipientRef) -> Recipient | None:
        """An address, or the first of a contact's; null where nobody ever spoke of it."""
        row = await find_recipient(by, "by")
        return recipient_of(row, info.context) if row else None

    @resolver(scope=READ, description="In the order asked, at most 1,000 addresses.")
    @asking
    async def eligibility(
        self, info: Info, subscription_type: Key, channel: Channel, addresses: list[str]
    ) -> list[AddressEligibility]:
        """Whether a type may be sent to addresses, known or not (R21)."""
        if len(addresses) > _MOST_ADDRESSES:
            raise Invalid(ErrorCode.INVALID_VALUE, f"At most {_MOST_ADDRESSES:,} addresses.", "addresses")
        await info.context.renew()  # nothing is allowed that another process has just archived
        kind = info.context.type_named(subscription_type, "subscriptionType")
        answers = await eligibility.of_addresses(kind, channel, addresses)
        return [
            AddressEligibility(
                address=address,
                eligibility=Eligibility(allowed=one.allowed, reason=one.reason, until=one.until),
            )
            for address, one in zip(addresses, answers, strict=True)
        ]

    @resolver(scope=READ)
    @asking
    async def consent_events(
        self,
        info: Info,
        recipient: RecipientRef | None = None,
        business_unit: Key | None = None,
        origins: list[ConsentOrigin] | None = None,
        operation: strawberry.ID | None = None,
        recorded_at: TimeRange | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> ConsentEventConnection:
        """The ledger, newest first; all that is given must hold."""
        asked = window(first, after, last, before)
        span = span_of(asked, newest_first=True)
        wanted = await _filter(info.context, recipient, business_unit, origins, recorded_at)
        if wanted is not None and operation is not None:
            wanted = replace(wanted, operation_id=argument_id(operation, "Operation", "operation"))
        rows = await history.events(wanted, span) if wanted is not None else []
        await know_catalog(info.context, rows)
        return connection(rows, asked, info.context, {})


async def _filter(
    context: Context,
    recipient: RecipientRef | None,
    business_unit: Key | None,
    origins: list[ConsentOrigin] | None,
    recorded_at: TimeRange | None,
) -> EventFilter | None:
    """What is asked for; None where it is about somebody of whom nobody ever spoke."""
    unit = context.unit_named(business_unit, "businessUnit") if business_unit is not None else None
    row = await find_recipient(recipient, "recipient") if recipient is not None else None
    if recipient is not None and row is None:
        return None
    return EventFilter(
        recipient_id=row.id if row else None,
        business_unit_id=unit.id if unit else None,
        origins=origins,
        recorded_from=recorded_at.from_ if recorded_at else None,
        recorded_before=recorded_at.before if recorded_at else None,
    )
