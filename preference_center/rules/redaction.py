"""What identifies a person in free text, and text without it (R36).

Text that the team wrote keeps its other words: it may also explain changes to other people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from preference_center.rules.addresses import Address, displayed
from preference_center.rules.types import RecipientKind

ERASED = "[erased]"
"""Replaces an address or a name. It is no valid address, so a filter that holds it finds nobody."""
_SHORTEST_SINGLE_NAME = 2


class FullName(NamedTuple):
    """A contact's name; a part that is missing is empty."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Everything that identifies one person in free text."""

    addresses: tuple[Address, ...]
    names: tuple[FullName, ...]

    def pattern(self, *, single_names: bool) -> re.Pattern[str] | None:
        """Compile a pattern that finds addresses and full names, in any case; None if there are none.

        `single_names` also finds a first or last name alone: for text known to be about this person.
        """
        found = [_address_pattern(address) for address in self.addresses]
        for name in self.names:
            if name.first and name.last:
                found += [_words_pattern(name.first, name.last), _words_pattern(name.last, name.first)]
            if single_names:
                found += [_words_pattern(part) for part in name if len(part) >= _SHORTEST_SINGLE_NAME]
        return re.compile("|".join(found), re.IGNORECASE) if found else None


def redacted(value: Any, pattern: re.Pattern[str]) -> Any:
    """Return text, or a JSON value with text anywhere in it, with every match replaced by `ERASED`."""
    if isinstance(value, str):
        return pattern.sub(ERASED, value)
    if isinstance(value, list):
        return [redacted(item, pattern) for item in value]
    if isinstance(value, dict):
        return {key: redacted(item, pattern) for key, item in value.items()}
    return value


def _address_pattern(address: Address) -> str:
    if address.kind is RecipientKind.PHONE:
        return r"(?<!\d)\+?" + r"[\s().\u00a0-]*".join(address.value[1:]) + r"(?!\d)"
    spellings = sorted({address.value, displayed(address)})
    return r"(?<![\w.+-])(?:" + "|".join(map(re.escape, spellings)) + r")(?!\.?[\w-])"


def _words_pattern(*names: str) -> str:
    words = r"[\s,]+".join(re.escape(word) for name in names for word in name.split())
    return rf"(?<!\w){words}(?!\w)"
