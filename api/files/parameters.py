"""Reads the parameters of imports and exports: from a query string or from command-line options."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import Enum
from typing import TypeVar

from graphql import GraphQLError

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.errors import ErrorCode, Invalid
from schema.contract.scalars import parse_instant
from schema.engine.context import Context

T = TypeVar("T")
Choice = TypeVar("Choice", bound=Enum)
Pairs = Sequence[tuple[str, str]]
"""Names and values, in the order they were sent."""
_FLAGS = {"true": True, "false": False}
_PLUS_LOST = re.compile(r"(T\S+) (\d\d:?\d\d)$", re.ASCII)
_SHOWN_LENGTH = 80


class Parameters:
    """Parameters by name. Each method reads one, or None if it was not sent. Raises Invalid naming it."""

    def __init__(self, pairs: Pairs, known: Collection[str]) -> None:
        """Raises Invalid for a parameter that is unknown, empty or sent twice."""
        self._values: dict[str, str] = {}
        for name, value in pairs:
            if name not in known:
                message = f"Unknown parameter {name[:_SHOWN_LENGTH]!r}. Known parameters: {', '.join(known)}."
                raise wrong(name, message)
            if name in self._values:
                raise wrong(name, f"`{name}` was sent twice. Send it once.")
            if not value:
                raise wrong(name, f"`{name}` is empty. Leave it out or give it a value.")
            self._values[name] = value

    def text(self, name: str) -> str | None:
        """The value as it was sent."""
        return self._values.get(name)

    def choice(self, name: str, choices: type[Choice]) -> Choice | None:
        """A member of an enum, by its value."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return choices(value)
        except ValueError:
            allowed = ", ".join(str(choice.value) for choice in choices)
            raise wrong(name, f"`{name}` must be one of {allowed}, not {value[:_SHOWN_LENGTH]!r}.") from None

    def flag(self, name: str) -> bool | None:
        """`true` or `false`."""
        value = self._values.get(name)
        if value is not None and value not in _FLAGS:
            raise wrong(name, f"`{name}` must be true or false, not {value[:_SHOWN_LENGTH]!r}.")
        return None if value is None else _FLAGS[value]

    def instant(self, name: str) -> datetime | None:
        """An RFC 3339 instant. Accepts a space in place of the offset's +, which is how a URL decodes it."""
        value = self._values.get(name)
        try:
            return None if value is None else parse_instant(_PLUS_LOST.sub(r"\1+\2", value))
        except GraphQLError as error:
            raise wrong(name, f"`{name}`: {error.message}") from None

    def subscription_type(self, name: str, context: Context) -> SubscriptionType | None:
        """A subscription type, by its key. Raises Invalid (NOT_FOUND)."""
        key = self._values.get(name)
        return None if key is None else context.subscription_type(key, name)

    def business_unit(self, name: str, context: Context) -> BusinessUnit | None:
        """A business unit, by its key. Raises Invalid (NOT_FOUND)."""
        key = self._values.get(name)
        return None if key is None else context.business_unit(key, name)


def wrong(name: str, message: str) -> Invalid:
    """The refusal of a parameter's value."""
    return Invalid(ErrorCode.INVALID_VALUE, message, name)


def required(value: T | None, name: str) -> T:
    """Return the value of a parameter. Raises Invalid if it was not sent."""
    if value is None:
        raise wrong(name, f"Add `{name}`: it is required.")
    return value
