"""Queries of recipients, and of what may be sent to them."""

from __future__ import annotations

from typing import Annotated

import strawberry

from preference_center.access.scopes import READ_CONSENT
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.errors import ErrorCode, Invalid
from preference_center.preferences import eligibility
from schema.contract.enums import Channel
from schema.contract.fields import query
from schema.contract.references import RecipientRef, find_recipient
from schema.contract.scalars import Key
from schema.engine.context import Info
from schema.recipients.preferences import Eligibility, to_eligibility
from schema.recipients.types import Recipient, to_recipient

_MOST_ADDRESSES = 1_000


@strawberry.type
class AddressEligibility:
    """Whether a message of a type may be sent to one address."""

    address: str = strawberry.field(description="The address, as it was passed in `addresses`.")
    eligibility: Eligibility = strawberry.field(
        description="Whether the message may be sent to the address, and why not."
    )


@strawberry.type
class RecipientQueries:
    """Queries of recipients."""

    @query(access=READ_CONSENT)
    async def recipient(
        self,
        info: Info,
        by: Annotated[
            RecipientRef,
            strawberry.argument(
                description="The address. A contact stands for its email address, or else its phone number."
            ),
        ],
    ) -> Recipient | None:
        """The recipient with an address; null if the address is not on record."""
        row = await find_recipient(by, "by")
        return to_recipient(row, info.context) if row else None

    @query(access=READ_CONSENT)
    async def eligibility(
        self,
        info: Info,
        subscription_type: Annotated[
            Key,
            strawberry.argument(
                description="The key of the message's subscription type, such as `weekly-digest`."
            ),
        ],
        channel: Annotated[
            Channel, strawberry.argument(description="The channel that the message is sent on.")
        ],
        addresses: Annotated[
            list[str],
            strawberry.argument(
                description="At most 1,000 email addresses or phone numbers, on record or not."
            ),
        ],
    ) -> list[AddressEligibility]:
        """Whether a message of a type may be sent to each address now, in the order of `addresses`.

        Ask before every message: a recipient may opt out at any time. Text that is no address is answered
        with `ADDRESS_UNUSABLE`.
        """
        if len(addresses) > _MOST_ADDRESSES:
            message = f"Pass at most {_MOST_ADDRESSES:,} addresses."
            raise Invalid(ErrorCode.INVALID_VALUE, message, "addresses")
        await info.context.refresh_catalog()  # another process may have archived the type just now
        type_ = info.context.subscription_type(subscription_type, "subscriptionType")
        return await _answers(type_, channel, addresses)


async def _answers(type_: CatalogType, channel: Channel, addresses: list[str]) -> list[AddressEligibility]:
    answers = await eligibility.of_addresses(type_, channel, addresses)
    return [
        AddressEligibility(address=address, eligibility=to_eligibility(answer))
        for address, answer in zip(addresses, answers, strict=True)
    ]
