"""Actors: who made a change or started an operation, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import strawberry

from preference_center.access import actors
from preference_center.access.actors import Recorded, RecordedActor
from preference_center.rules.types import ConsentOrigin
from schema.contract.enums import ActorKind
from schema.engine.context import Context


@strawberry.type
class Actor:
    """Who acted, and for whom."""

    kind: ActorKind = strawberry.field(
        description="Whether the recipient acted, a token, a workflow or the command line."
    )
    name: str = strawberry.field(
        description="The name: `recipient`, that of the token or of the workflow, or `command line`."
    )
    on_behalf_of: str | None = strawberry.field(
        description="The end user that the token acted for, as `X-Sayso-User` named them; null if nobody was"
        " named."
    )


async def load_actors(objects: Sequence[Any], context: Context) -> None:
    """Load `actor_details` of events or operations, in one statement at most."""
    recorded = [_recorded(each.row) for each in objects]
    found = await actors.told_apart(set(recorded))
    for each, key in zip(objects, recorded, strict=True):
        each.actor_details = _actor(found[key])


def _recorded(row: Any) -> Recorded:
    return Recorded(row.actor, by_workflow=getattr(row, "origin", None) is ConsentOrigin.WORKFLOW)


def _actor(found: RecordedActor) -> Actor:
    return Actor(kind=found.kind, name=found.name, on_behalf_of=found.on_behalf_of)
