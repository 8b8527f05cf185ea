"""GraphQL errors for misuse: a missing scope, an argument that cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from graphql import GraphQLError

from preference_center.errors import Invalid


class Misuse(GraphQLError):
    """An error about what was asked for."""

    others: tuple[Misuse, ...] = ()
    """The other errors about the same arguments. The executor reports them beside this one."""


class Forbidden(Misuse):
    """The error for a token that lacks a scope: `FORBIDDEN`. `path` leads to the condition that needs it."""

    def __init__(self, scope: str, *path: str) -> None:
        named = {"field": list(path)} if path else {}
        super().__init__(lacking(scope), extensions={"code": "FORBIDDEN", "scope": scope, **named})


def lacking(scope: str) -> str:
    """Say that the token lacks a scope, and what to do."""
    return f"This token lacks the scope {scope}. Use a token that has it."


def bad_input(message: str, *path: str) -> Misuse:
    """Return the error for an unusable argument: `BAD_USER_INPUT`. `path` leads to the argument."""
    return Misuse(message, extensions={"code": "BAD_USER_INPUT", "field": list(path)})


def together(errors: Sequence[Misuse]) -> Misuse:
    """Return the first of some errors, which has the others with it."""
    first, *others = errors
    first.others = tuple(others)
    return first


@contextmanager
def naming_arguments() -> Iterator[None]:
    """Raise all faults of an Invalid as BAD_USER_INPUT."""
    try:
        yield
    except Invalid as error:
        raise together([bad_input(each.message, *(each.field or ())) for each in error.faults]) from error
