"""Which contacts are meant: the contract's ContactFilter, and its SQL for both databases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.contacts.contacts import folded
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.addresses import AddressError, parse_email
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from preference_center.validation import storable

HIGHEST = "\U0010ffff"
"""Comes after every text, in byte order."""


@dataclass(frozen=True, slots=True)
class PropertyEquals:
    """A property has a value; null means that it is null or not there."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class PreferenceIs:
    """The status of a type on a channel; NOT_OPTED without origins is also whoever never said anything."""

    type: SubscriptionType
    channel: Channel
    status: PreferenceStatus
    origins: Sequence[ConsentOrigin] | None = None


@dataclass(frozen=True, slots=True)
class OptedOutOfAllIs:
    """Whether an opt-out of all stands on a channel: of one unit, or of any (`unit` None)."""

    channel: Channel
    unit: BusinessUnit | None = None
    origins: Sequence[ConsentOrigin] | None = None
    value: bool = True


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """All that is given must hold; of `any_of` one, `negated` not."""

    ids: Sequence[int] | None = None
    search: str | None = None
    emails: Sequence[str] | None = None
    locale: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    property: PropertyEquals | None = None
    preference: PreferenceIs | None = None
    opted_out_of_email: SubscriptionType | None = None
    unsubscribed_from_all_email: bool | None = None
    opted_out_of_all: OptedOutOfAllIs | None = None
    any_of: Sequence[ContactFilter] | None = None
    negated: ContactFilter | None = None


class Condition:
    """An SQL condition on contacts `c` in the making, with the values of its places."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def place(self, value: Any) -> str:
        """The place of one more value."""
        self.values.append(value)
        return f"${len(self.values)}"

    def among(self, values: Sequence[Any]) -> str:
        """SQL for "is one of these"."""
        self.values.append(list(values))
        return database.any_of(len(self.values))

    def of(self, wanted: ContactFilter | None) -> str:
        """The SQL of a filter; a filter that asks for nothing holds for everybody."""
        if wanted is None:
            return "TRUE"
        parts = [*self._own(wanted), *self._consent(wanted)]
        if wanted.any_of is not None:
            parts.append("(" + (" OR ".join(self.of(one) for one in wanted.any_of) or "FALSE") + ")")
        if wanted.negated is not None:
            parts.append(f"NOT COALESCE({self.of(wanted.negated)}, FALSE)")
        return "(" + (" AND ".join(parts) or "TRUE") + ")"

    def _own(self, wanted: ContactFilter) -> list[str]:
        """What the contact's own columns say."""
        parts = []
        if wanted.ids is not None:
            parts.append(f"c.id {self.among(wanted.ids)}")
        if wanted.emails is not None:
            parts.append(f"c.email {self.among(_normalised(wanted.emails))}")
        if wanted.locale is not None:
            parts.append(f"c.locale = {self.place(_kept(wanted.locale, 'locale'))}")
        if wanted.created_from is not None:
            parts.append(f"c.created_at >= {self.place(wanted.created_from)}")
        if wanted.created_before is not None:
            parts.append(f"c.created_at < {self.place(wanted.created_before)}")
        if wanted.search is not None:
            parts += self._search(_kept(wanted.search, "search"))
        if wanted.property is not None:
            parts.append(self._property(wanted.property))
        return parts

    def _search(self, text: str) -> list[str]:
        """Every word begins a name or the email address, or the whole does."""
        words = folded(text).split()
        if len(words) < 2:
            return [self._begins(word) for word in words]
        each = " AND ".join(self._begins(word) for word in words)
        return [f"(({each}) OR {self._begins(' '.join(words))})"]

    def _begins(self, word: str) -> str:
        low, high = self.place(word), self.place(word + HIGHEST)
        columns = ("c.email", "c.folded_first_name", "c.folded_last_name")
        return "(" + " OR ".join(f"({column} >= {low} AND {column} < {high})" for column in columns) + ")"

    def _property(self, wanted: PropertyEquals) -> str:
        name = self.place(_kept(wanted.name, "property", "name"))
        if database.dialect() == "postgres":
            held = f"c.properties -> {name}"
            if wanted.value is None:
                return f"COALESCE({held}, 'null') = 'null'"
            value = f"{self.place(_json(wanted.value))}::jsonb"
            # Containment finds the rows by their index; alone it would take a part of a list for the whole.
            return f"(c.properties @> jsonb_build_object({name}::text, {value}) AND {held} = {value})"
        inner = f"SELECT 1 FROM json_each(c.properties) j WHERE j.key = {name}"
        if wanted.value is None:
            return f"NOT EXISTS ({inner} AND j.type <> 'null')"
        if isinstance(wanted.value, bool):
            return f"EXISTS ({inner} AND j.type = {self.place(json.dumps(wanted.value))})"
        if isinstance(wanted.value, dict | list):
            return f"EXISTS ({inner} AND j.value = json({self.place(_json(wanted.value))}))"
        kinds = "('text')" if isinstance(wanted.value, str) else "('integer', 'real')"
        _json(wanted.value)
        if isinstance(wanted.value, int) and not -(2**63) <= wanted.value < 2**63:
            return "FALSE"  # SQLite has no such integers
        return f"EXISTS ({inner} AND j.type IN {kinds} AND j.atom = {self.place(wanted.value)})"

    def _consent(self, wanted: ContactFilter) -> list[str]:
        """What holds of the contact's addresses (R26)."""
        parts = []
        if wanted.preference is not None:
            parts.append(self._preference(wanted.preference))
        if wanted.opted_out_of_email is not None:
            kind = wanted.opted_out_of_email
            out = self._preference(PreferenceIs(kind, Channel.EMAIL, PreferenceStatus.OPTED_OUT))
            covered = self._of_all(OptedOutOfAllIs(Channel.EMAIL, kind.business_unit))
            parts.append(f"({out} OR {covered})")
        if wanted.unsubscribed_from_all_email is not None:
            value = wanted.unsubscribed_from_all_email
            parts.append(self._of_all(OptedOutOfAllIs(Channel.EMAIL, value=value)))
        if wanted.opted_out_of_all is not None:
            parts.append(self._of_all(wanted.opted_out_of_all))
        return parts

    def _preference(self, wanted: PreferenceIs) -> str:
        column = recipient_column(wanted.channel)
        inner = (
            f"SELECT 1 FROM preferences p WHERE p.recipient_id = {column}"
            f" AND p.subscription_type_id = {self.place(wanted.type.id)}"
            f" AND p.channel = {self.place(wanted.channel.value)}"
        )
        if wanted.status is PreferenceStatus.NOT_OPTED and wanted.origins is None:
            return f"({column} IS NOT NULL AND NOT EXISTS ({inner} AND p.status <> 'NOT_OPTED'))"
        inner += f" AND p.status = {self.place(wanted.status.value)}"
        return f"EXISTS ({inner}{self._origins('p', wanted.origins)})"

    def _of_all(self, wanted: OptedOutOfAllIs) -> str:
        inner = (
            "SELECT 1 FROM opt_outs_of_all o WHERE o.active"
            f" AND o.recipient_id = {recipient_column(wanted.channel)}"
            f" AND o.channel = {self.place(wanted.channel.value)}"
        )
        if wanted.unit is not None:
            inner += f" AND o.business_unit_id = {self.place(wanted.unit.id)}"
        inner += self._origins("o", wanted.origins)
        return f"EXISTS ({inner})" if wanted.value else f"NOT EXISTS ({inner})"

    def _origins(self, table: str, origins: Sequence[ConsentOrigin] | None) -> str:
        if origins is None:
            return ""
        return f" AND {table}.origin {self.among([origin.value for origin in origins])}"


def recipient_column(channel: Channel) -> str:
    """The column of a contact `c` that has its recipient on a channel."""
    return "c.email_recipient_id" if channel is Channel.EMAIL else "c.phone_recipient_id"


def _normalised(emails: Sequence[str]) -> list[str]:
    """What is no address is nobody's."""
    found = []
    for text in emails:
        try:
            found.append(parse_email(text).value)
        except AddressError:
            continue
    return found


def _kept(text: str, *field: str) -> str:
    if not storable(text):
        message = "The text has a character that cannot be kept."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "filter", *field)
    return text


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text or not storable(text):
        raise Invalid(ErrorCode.INVALID_VALUE, "The value cannot be kept.", "filter", "property", "value")
    return text
