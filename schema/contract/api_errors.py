"""GraphQL errors for misuse: a missing scope, an argument that cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graphql import GraphQLError

from preference_center.errors import Invalid


class Forbidden(GraphQLError):
    """The error for a token that lacks a scope: `FORBIDDEN`."""

    def __init__(self, scope: str) -> None:
        super().__init__(lacking(scope), extensions={"code": "FORBIDDEN", "scope": scope})


def lacking(scope: str) -> str:
    """Say that the token lacks a scope, and what to do."""
    return f"This token lacks the scope {scope}. Use a token that has it."


class BadInput(GraphQLError):
    """The error for an argument that cannot be used: `BAD_USER_INPUT`."""

    others: tuple[BadInput, ...] = ()
    """The other faults of the same arguments. The executor reports them beside this one."""


def bad_input(message: str, *path: str) -> BadInput:
    """Return the error for an unusable argument: `BAD_USER_INPUT`. `path` leads to the argument."""
    return BadInput(message, extensions={"code": "BAD_USER_INPUT", "field": list(path)})


@contextmanager
def naming_arguments() -> Iterator[None]:
    """Raise all faults of an Invalid as BAD_USER_INPUT."""
    try:
        yield
    except Invalid as error:
        first, *others = (bad_input(each.message, *(each.field or ())) for each in error.faults)
        first.others = tuple(others)
        raise first from error
