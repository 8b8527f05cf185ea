"""User errors: refusals and bad input as values in the payload of a mutation."""

from __future__ import annotations

from typing import Any

import strawberry

from preference_center.errors import Invalid
from schema.contract.enums import ErrorCode


@strawberry.type
class UserError:
    """A problem that the caller can fix. Nothing was changed for it."""

    code: ErrorCode = strawberry.field(description="Why the input was refused.")
    message: str = strawberry.field(description="The problem in words.")
    field: list[str] | None = strawberry.field(
        default=None, description="The path below `input` to the field at fault."
    )


def user_error(code: ErrorCode, message: str, *path: str) -> UserError:
    """Return a user error about the field at `path`."""
    return UserError(code=code, message=message, field=list(path) or None)


def as_user_error(error: Invalid) -> UserError:
    """Return an Invalid as a user error."""
    return user_error(error.code, error.message, *(error.field or ()))


def as_user_errors(error: Invalid) -> list[UserError]:
    """Return all faults of an input as user errors."""
    return [as_user_error(fault) for fault in error.faults]


def no_errors() -> Any:
    """Declare the `userErrors` field of a payload."""
    return strawberry.field(
        default_factory=list, description="Why the input was refused. Empty if the mutation succeeded."
    )
