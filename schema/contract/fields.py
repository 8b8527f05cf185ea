"""Fields and their requirements: scopes, and what is loaded before they are read.

The docstring of a resolver is the description of its field; what it needs is added by `schema/described.py`.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, Protocol, TypeVar, cast

import strawberry
from strawberry.types.field import StrawberryField

from preference_center.access.scopes import Access
from preference_center.errors import Invalid
from schema.contract.api_errors import naming_arguments
from schema.contract.descriptions import as_description
from schema.contract.user_errors import UserError, as_user_errors

P = ParamSpec("P")
Result = TypeVar("Result")
Resolver = TypeVar("Resolver", bound=Callable[..., Any])
Load = Callable[..., Awaitable[None]]
"""`await load(objects, context, **arguments)`: fetches what a field needs, for all objects of a selection."""

_METADATA: Final = "sayso"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What has to be done before a field is read."""

    access: Access | None = None
    """What the token has to be allowed. Without its scopes the field answers FORBIDDEN."""
    load: Load | None = None
    """Awaited once for all objects of a selection."""
    registered: bool = False
    """The field leads to another noun, and `schema/loaders.py` has its loader."""
    pass_selection: bool = False
    """The loader also takes `selected`: the names of the fields selected below."""
    guarded: bool = False
    """Reading the field may raise Forbidden: what it needs depends on the object."""

    @property
    def can_forbid(self) -> bool:
        """Whether some tokens get FORBIDDEN in place of the value, which is then null."""
        return self.guarded or self.access is not None


_NONE = Requirements()


def requirements_of(definition: StrawberryField | None) -> Requirements:
    """Return what a field requires."""
    found: Requirements = _NONE if definition is None else definition.metadata.get(_METADATA, _NONE)
    return found


def requires(needed: Requirements) -> dict[str, Requirements]:
    """Return the metadata of a field with requirements."""
    return {_METADATA: needed}


def restricted(description: str, access: Access, *, default: Any = dataclasses.MISSING) -> Any:
    """Publish an attribute, or a condition of a filter, that not every token may read or ask for."""
    return strawberry.field(default=default, description=description, metadata=requires(Requirements(access)))


def guarded(description: str) -> Any:
    """Publish an attribute whose reading raises Forbidden for some objects."""
    return strawberry.field(description=description, metadata=requires(Requirements(guarded=True)))


def loaded(description: str, *, access: Access | None = None, load: Load | None = None) -> Any:
    """Publish an attribute that a loader sets before it is read: `load`, or a registered one."""
    needed = Requirements(access, load, registered=load is None)
    return strawberry.field(default=None, description=description, metadata=requires(needed))


def resolver(
    *,
    access: Access | None = None,
    load: Load | None = None,
    pass_selection: bool = False,
    guarded: bool = False,
) -> Callable[[Resolver], Resolver]:
    """Publish a method as a field. What it requires: see `Requirements`."""
    needed = Requirements(access, load, pass_selection=pass_selection, guarded=guarded)

    def decorate(method: Resolver) -> Resolver:
        field = strawberry.field(
            method, description=as_description(method.__doc__), metadata=requires(needed)
        )
        return cast(Resolver, field)

    return decorate


def query(
    *, access: Access | None = None
) -> Callable[[Callable[P, Awaitable[Result]]], Callable[P, Awaitable[Result]]]:
    """Publish a method as a root field of Query. Invalid becomes BAD_USER_INPUT, one for each fault."""

    def decorate(resolve: Callable[P, Awaitable[Result]]) -> Callable[P, Awaitable[Result]]:
        @functools.wraps(resolve)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> Result:
            with naming_arguments():
                return await resolve(*args, **kwargs)

        return resolver(access=access)(guarded)

    return decorate


class _Payload(Protocol):
    def __call__(self, *, user_errors: list[UserError]) -> Any: ...


def mutation(
    payload: _Payload, *, access: Access
) -> Callable[[Callable[P, Awaitable[Result]]], Callable[P, Awaitable[Result]]]:
    """Publish a method as a root field of Mutation. Invalid becomes user errors in the payload."""

    def decorate(resolve: Callable[P, Awaitable[Result]]) -> Callable[P, Awaitable[Result]]:
        @functools.wraps(resolve)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> Result:
            try:
                return await resolve(*args, **kwargs)
            except Invalid as error:
                refused: Result = payload(user_errors=as_user_errors(error))
                return refused

        return resolver(access=access)(guarded)

    return decorate
