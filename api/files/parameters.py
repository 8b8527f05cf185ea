"""What may be asked of an export, by query parameters and on the command line alike."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from enum import Enum
from typing import TypeVar

import orjson
from graphql import GraphQLError

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.contacts.filter import ContactFilter, PreferenceIs
from preference_center.errors import ErrorCode, Invalid
from preference_center.exports.contacts import contacts
from preference_center.exports.events import events
from preference_center.exports.stream import Export, Format
from preference_center.exports.suppressions import SuppressionFilter, suppressions
from preference_center.rules.types import Channel, PreferenceStatus
from schema.contacts.filter_json import filter_from_json
from schema.contract.scalars import parse_instant
from schema.engine.context import Context

CONSENT = "preferences:read"
_CONTACTS = ("filter", "search", "subscription_type", "status", "channel", "unsubscribed_from_all_email")
_SUPPRESSIONS = ("business_unit", "channel", "subscription_type", "opt_out_of_all")
_EVENTS = ("from", "before")
_FLAGS = {"true": True, "false": False}
_PLUS_LOST = re.compile(r"(T\S+) (\d\d:?\d\d)$", re.ASCII)
Chosen = TypeVar("Chosen", bound=Enum)
Pairs = Sequence[tuple[str, str]]
"""Names and values, in the order they came."""
Make = Callable[[Pairs, Context, Format], Awaitable[Export]]
"""Reads what is asked. Raises Invalid naming the parameter that is wrong."""


class Given:
    """Parameters by name. Each method reads one, None where it is not there, and raises Invalid naming it."""

    def __init__(self, pairs: Pairs, known: Collection[str]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            if name not in known:
                raise _wrong(name, f"There is no parameter {name[:80]!r} here; there are {', '.join(known)}.")
            if name in self._values:
                raise _wrong(name, f"`{name}` was given twice.")
            if not value:
                raise _wrong(name, f"`{name}` is empty; leave it out where it does not matter.")
            self._values[name] = value

    def text(self, name: str) -> str | None:
        """A parameter as it came."""
        return self._values.get(name)

    def one_of(self, name: str, choices: type[Chosen]) -> Chosen | None:
        """A word of an enumeration."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return choices(value)
        except ValueError:
            translator = ", ".join(str(choice.value) for choice in choices)
            raise _wrong(name, f"`{name}` is one of {translator}, not {value[:80]!r}.") from None

    def flag(self, name: str) -> bool | None:
        """Whether something holds: true or false."""
        value = self._values.get(name)
        if value is not None and value not in _FLAGS:
            raise _wrong(name, f"`{name}` is true or false, not {value[:80]!r}.")
        return None if value is None else _FLAGS[value]

    def instant(self, name: str) -> datetime | None:
        """An RFC 3339 instant; of one in a URL the + may have become a space, which is seen past."""
        value = self._values.get(name)
        try:
            return None if value is None else parse_instant(_PLUS_LOST.sub(r"\1+\2", value))
        except GraphQLError as error:
            raise _wrong(name, f"`{name}`: {error.message}") from None

    def type(self, name: str, context: Context) -> SubscriptionType | None:
        """A subscription type by its key; NOT_FOUND where there is none."""
        value = self._values.get(name)
        return None if value is None else context.type_named(value, name)

    def unit(self, name: str, context: Context) -> BusinessUnit | None:
        """A business unit likewise."""
        value = self._values.get(name)
        return None if value is None else context.unit_named(value, name)


def _wrong(name: str, message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, name)


async def contacts_asked(pairs: Pairs, context: Context, written: Format) -> Export:
    """Contacts by `filter`, the contract's ContactFilter as JSON, and by simple parameters; all must hold.

    What holds of their addresses is in it where the token may read preferences.
    """
    given = Given(pairs, _CONTACTS)
    filtered = given.text("filter")
    wanted = ContactFilter(
        search=given.text("search"),
        preference=_preference(given, context),
        unsubscribed_from_all_email=given.flag("unsubscribed_from_all_email"),
        any_of=None if filtered is None else [filter_from_json(_parsed(filtered), context)],
    )
    return await contacts(wanted, context.catalog, written, with_consent=context.may(CONSENT))


def _preference(given: Given, context: Context) -> PreferenceIs | None:
    kind = given.type("subscription_type", context)
    status = given.one_of("status", PreferenceStatus)
    channel = given.one_of("channel", Channel)
    if kind is not None and status is not None:
        return PreferenceIs(kind, channel or Channel.EMAIL, status)
    if kind is not None:
        raise _wrong("status", "`status` is missing: which of the subscription type is meant?")
    if status is not None or channel is not None:
        message = "`subscription_type` is missing: `status` and `channel` are asked of one."
        raise _wrong("subscription_type", message)
    return None


def _parsed(text: str) -> object:
    try:
        return orjson.loads(text.encode(errors="surrogatepass"))
    except orjson.JSONDecodeError as error:
        raise _wrong("filter", f"`filter` is no JSON: {error.msg}.") from None


async def suppressions_asked(pairs: Pairs, context: Context, _: Format) -> Export:
    """Opt-outs by unit, channel and type; a type's are also the opt-outs of all that cover it."""
    given = Given(pairs, _SUPPRESSIONS)
    wanted = SuppressionFilter(
        unit=given.unit("business_unit", context),
        channel=given.one_of("channel", Channel),
        type=given.type("subscription_type", context),
        of_all=given.flag("opt_out_of_all"),
    )
    return suppressions(wanted)


async def events_asked(pairs: Pairs, _: Context, __: Format) -> Export:
    """The ledger's events recorded `from` an instant on and `before` another."""
    given = Given(pairs, _EVENTS)
    return events(given.instant("from"), given.instant("before"))
