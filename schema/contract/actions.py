"""Whether an action is allowed, why not, and what has to be given with it."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

import strawberry

from preference_center import action_states
from preference_center.access.scopes import Access
from schema.contract.api_errors import lacking
from schema.contract.enums import ErrorCode, Requirement


@strawberry.type
class ActionState:
    """Whether an action is allowed now, for the token that asks.

    The rules that decide about the mutation answer this too: it is accepted if `allowed` is true, what
    `requires` names is given, and nothing changes meanwhile.
    """

    allowed: bool = strawberry.field(
        description="Whether the action is allowed, provided that what `requires` names is given."
    )
    code: ErrorCode | None = strawberry.field(
        description="Why not: the first reason; null if it is allowed. An action that would do nothing, or is"
        " another action, is not allowed either."
    )
    message: str | None = strawberry.field(
        description="All that stands against the action, in words for people; null if it is allowed."
    )
    requires: list[Requirement] = strawberry.field(
        description="What has to be given with the action, or once nothing stands against it any more."
        " Empty if nothing, or if only the recipient can change what stands against it."
    )


def to_action(state: action_states.ActionState, access: Access, held: Collection[str]) -> ActionState:
    """Return the state of an action as the schema has it: of what it needs and the scopes of the token."""
    scope = access.missing(held)
    return _shown(state) if scope is None else _forbidden(scope)


@lru_cache(maxsize=4096)
def _shown(state: action_states.ActionState) -> ActionState:
    return ActionState(
        allowed=state.allowed, code=state.code, message=state.message, requires=list(state.requires)
    )


@lru_cache(maxsize=16)
def _forbidden(scope: str) -> ActionState:
    message = lacking(scope)
    return ActionState(allowed=False, code=ErrorCode.FORBIDDEN, message=message, requires=[])
