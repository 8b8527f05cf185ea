"""Resolvers, with what they need declared beside them: a scope, and what is fetched before they are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., Any])
Load = Callable[..., Awaitable[None]]


def resolver(
    *,
    scope: str | None = None,
    load: Load | None = None,
    told: bool = False,
    description: str | None = None,
) -> Callable[[Resolver], Resolver]:
    """Serve a method as a field.

    A token without the `scope` is refused with FORBIDDEN. `load(objects, context, **arguments)` is awaited
    once for all objects of a selection, before the method is called on any of them; where it wants to be
    `told`, the names of the fields selected below come with the arguments, as `selected`.
    """
    metadata = {"scope": scope, "load": load, "told": told}

    def decorate(method: Resolver) -> Resolver:
        return cast(Resolver, strawberry.field(method, description=description, metadata=metadata))

    return decorate
