"""Columns that opt in to a subscription type: `opt_in:TYPE`, `opt_in:TYPE:SMS`."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from preference_center.catalog.catalog import Catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Channel

OPT_IN: Final = re.compile(r"opt[ _-]?in\s*:\s*([^:\s]+)\s*(?::\s*(\w+)\s*)?", re.IGNORECASE)
"""The name of a column: the key of the type, and the channel if it has one."""


class OptInColumn(NamedTuple):
    """A subscription type's key and a channel's name. The rows refer to it by its index in the parameters."""

    key: str
    channel: str


def opt_in_column(key: str, channel: str | None, catalog: Catalog) -> OptInColumn:
    """The type and channel of an opt-in column; email if it names no channel. Raises Invalid."""
    subscription_type = catalog.type_by_key(key.lower())
    if subscription_type is None:
        raise _invalid(f"There is no subscription type {key[:80]!r} to opt in to.")
    name = (channel or Channel.EMAIL.value).upper()
    offered = [offered.value for offered in subscription_type.channels]
    if name not in offered:
        columns = ", ".join(f"opt_in:{subscription_type.key}:{channel}" for channel in offered)
        message = f"{subscription_type.key!r} is not offered on {name[:20]}: name the column {columns}."
        raise _invalid(message)
    return OptInColumn(subscription_type.key, name)


def _invalid(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")
