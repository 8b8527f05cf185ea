"""The query of what waits for a person or is under way, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from preference_center.access.scopes import READ_CONSENT, READ_OPERATIONS
from preference_center.inbound import review
from preference_center.operations import operations
from schema.contract.fields import loaded, query
from schema.engine.context import Context, Info


async def load_messages_to_review(badges: Sequence[Badges], context: Context) -> None:
    """Count the messages that a person has to review."""
    found = await review.count()
    for each in badges:
        each.messages_to_review = found.number


async def load_running_operations(badges: Sequence[Badges], context: Context) -> None:
    """Count the operations that are not finished."""
    found = await operations.count_unfinished()
    for each in badges:
        each.running_operations = found.number


@strawberry.type
class Badges:
    """What waits for a person or is under way: numbers to show beside the entries of a menu.

    They are cheap enough to ask for with every page.
    """

    messages_to_review: int = loaded(
        "How many messages a person has to review: those that `messagesToReview` lists.",
        access=READ_CONSENT,
        load=load_messages_to_review,
    )
    running_operations: int = loaded(
        "How many operations are queued or running, dry runs included.",
        access=READ_OPERATIONS,
        load=load_running_operations,
    )


@strawberry.type
class BadgeQueries:
    """The query of badges."""

    @query()
    async def badges(self, info: Info) -> Badges:
        """What waits for a person or is under way, in numbers. Each number has a scope of its own."""
        return Badges()
