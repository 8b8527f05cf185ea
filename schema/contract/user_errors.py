"""User errors: refusals and bad input as values in the payload of a mutation."""

from __future__ import annotations

from typing import Any

import strawberry

from preference_center.errors import Invalid
from schema.contract.enums import ErrorCode


@strawberry.type
class UserError:
    """A problem with the input that the caller can correct. Nothing was changed where it arose."""

    code: ErrorCode = strawberry.field(description="The kind of problem, for programs to act on.")
    message: str = strawberry.field(
        description="The problem in words, for people: what is wrong, and what to do."
    )
    field: list[str] | None = strawberry.field(
        default=None,
        description='The path below `input` to the field at fault, such as `["changes", "0",'
        ' "status"]`; null if the input is at fault as a whole.',
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
        default_factory=list,
        description="All that the caller has to correct. Empty if the mutation succeeded.",
    )
