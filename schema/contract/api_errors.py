"""GraphQL errors for misuse: a missing scope, an argument that cannot be used."""

from __future__ import annotations

from graphql import GraphQLError


class Forbidden(GraphQLError):
    """The error for a token that lacks a scope: `FORBIDDEN`."""

    def __init__(self, scope: str) -> None:
        super().__init__(lacking(scope), extensions={"code": "FORBIDDEN", "scope": scope})


def lacking(scope: str) -> str:
    """Say that the token lacks a scope, and what to do."""
    return f"This token lacks the scope {scope}. Use a token that has it."


def bad_input(message: str, *path: str) -> GraphQLError:
    """Return the error for an unusable argument: `BAD_USER_INPUT`. `path` leads to the argument."""
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT", "field": list(path)})
