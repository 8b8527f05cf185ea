"""Refusals as values: what the caller can mend comes back in `userErrors`."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

import strawberry

from preference_center.errors import Invalid
from schema.contract.scalars import ErrorCode
from schema.engine.context import bad_input

P = ParamSpec("P")
Payload = TypeVar("Payload")


@strawberry.type(description="Something that the caller can mend. `field` is the path below `input`.")
class UserError:
    """One refusal or bad input."""

    code: ErrorCode
    message: str
    field: list[str] | None = None


def user_error(code: ErrorCode, message: str, *field: str) -> UserError:
    """Make a user error."""
    return UserError(code=code, message=message, field=list(field) or None)


def as_user_error(error: Invalid) -> UserError:
    """Turn what the domain raised into a user error."""
    return UserError(code=error.code, message=error.message, field=list(error.field) if error.field else None)


def answering(
    payload: Callable[..., Any],
) -> Callable[[Callable[P, Awaitable[Payload]]], Callable[P, Awaitable[Payload]]]:
    """Answer bad input to a mutation with `payload` holding the user error: nothing was changed then."""

    def decorate(resolve: Callable[P, Awaitable[Payload]]) -> Callable[P, Awaitable[Payload]]:
        @functools.wraps(resolve)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> Payload:
            try:
                return await resolve(*args, **kwargs)
            except Invalid as error:
                refused: Payload = payload(user_errors=[as_user_error(error)])
                return refused

        return guarded

    return decorate


def asking(resolve: Callable[P, Awaitable[Payload]]) -> Callable[P, Awaitable[Payload]]:
    """Answer bad input to a query with a GraphQL error that names the argument."""

    @functools.wraps(resolve)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> Payload:
        try:
            return await resolve(*args, **kwargs)
        except Invalid as error:
            raise bad_input(error.message, *(error.field or ())) from error

    return guarded
