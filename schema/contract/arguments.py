"""Arguments declared once, as a dataclass, for every field that takes them."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast, get_type_hints

Resolver = TypeVar("Resolver", bound=Callable[..., Any])
Group = TypeVar("Group")


def group_arguments(**groups: type) -> Callable[[Resolver], Resolver]:
    """Publish the fields of a dataclass as arguments of a GraphQL field.

    `@group_arguments(page=PageArguments)` gives the resolver one parameter, `page`, and the schema one
    argument for each field of PageArguments. They follow the resolver's other arguments.
    """

    def decorate(resolve: Resolver) -> Resolver:
        @functools.wraps(resolve)
        def grouped(*args: Any, **arguments: Any) -> Any:
            for name, group in groups.items():
                arguments[name] = taken(group, arguments)
            return resolve(*args, **arguments)

        grouped.__signature__ = _signature(resolve, groups)  # type: ignore[attr-defined]
        return cast(Resolver, grouped)

    return decorate


def taken(group: type[Group], arguments: dict[str, Any]) -> Group:
    """Take the arguments that are fields of a dataclass; returns it with them."""
    names: Iterable[str] = cast(Any, group).__dataclass_fields__
    return group(**{name: arguments.pop(name) for name in names if name in arguments})


def _signature(resolve: Callable[..., Any], groups: dict[str, type]) -> inspect.Signature:
    """Return the signature that Strawberry reads the arguments from."""
    signature = inspect.signature(resolve)
    parameters = [p for p in signature.parameters.values() if p.name not in groups]
    for group in groups.values():
        hints = get_type_hints(group, include_extras=True)
        parameters += [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=field.default,
                annotation=hints[field.name],
            )
            for field in dataclasses.fields(group)
        ]
    return signature.replace(parameters=parameters)
