"""Whether an action is allowed, and why not: what the API tells before something is tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from preference_center.rules.permissions.actions import Requirement
from preference_center.rules.types import ErrorCode

Refusal = tuple[ErrorCode, str]
"""A code, and the reason in words."""


@dataclass(frozen=True, slots=True)
class ActionState:
    """Whether an action is allowed, provided that what it requires is given."""

    code: ErrorCode | None = None
    """The first reason against it; None if it is allowed."""
    message: str | None = None
    """All reasons against it."""
    requires: tuple[Requirement, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against it."""
        return self.code is None


def action_state(refusals: Sequence[Refusal], *requires: Requirement) -> ActionState:
    """An action with all that stands against it."""
    if not refusals:
        return ActionState(requires=requires)
    return ActionState(refusals[0][0], " ".join(message for _, message in refusals), requires)
