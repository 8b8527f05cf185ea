"""Contact filters: which contacts are meant, and the SQL condition for both databases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.contacts.fields import folded
from preference_center.rules.addresses import AddressError, parse_email
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from preference_center.validation import check_storable, check_storable_json

AFTER_ALL_TEXT = "\U0010ffff"
"""Sorts after every text, in byte order."""


@dataclass(frozen=True, slots=True)
class PropertyEquals:
    """A property has a value; None matches null and a missing property."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class PreferenceIs:
    """The status of a type on a channel. NOT_OPTED without origins includes addresses that never decided."""

    type: SubscriptionType
    channel: Channel
    status: PreferenceStatus
    origins: Sequence[ConsentOrigin] | None = None


@dataclass(frozen=True, slots=True)
class OptedOutOfAllIs:
    """Whether the address is opted out of all on a channel: of one unit, or of any (`unit` None)."""

    channel: Channel
    unit: BusinessUnit | None = None
    origins: Sequence[ConsentOrigin] | None = None
    value: bool = True


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Everything given must hold; of `any_of` at least one filter, `negated` must not hold."""

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
    """Builds an SQL condition on contacts `c`, and collects the values of its placeholders."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def placeholder(self, value: Any) -> str:
        """Add a value; returns its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"

    def matching(self, contact_filter: ContactFilter | None) -> str:
        """The SQL of a filter; an empty filter, or None, matches every contact. Raises Invalid."""
        if contact_filter is None:
            return "TRUE"
        parts = [*self._contact_columns(contact_filter), *self._consent(contact_filter)]
        if contact_filter.any_of is not None:
            alternatives = " OR ".join(self.matching(inner) for inner in contact_filter.any_of)
            parts.append(f"({alternatives or 'FALSE'})")
        if contact_filter.negated is not None:
            parts.append(f"NOT COALESCE({self.matching(contact_filter.negated)}, FALSE)")
        return "(" + (" AND ".join(parts) or "TRUE") + ")"

    def any_of(self, values: Sequence[Any]) -> str:
        """Add a list of values; returns SQL for "is one of them"."""
        self.values.append(list(values))
        return database.any_of(len(self.values))

    def _contact_columns(self, f: ContactFilter) -> list[str]:
        parts = []
        if f.ids is not None:
            parts.append(f"c.id {self.any_of(f.ids)}")
        if f.emails is not None:
            parts.append(f"c.email {self.any_of(_normalised(f.emails))}")
        if f.locale is not None:
            parts.append(f"c.locale = {self.placeholder(check_storable(f.locale, 'filter', 'locale'))}")
        if f.created_from is not None:
            parts.append(f"c.created_at >= {self.placeholder(f.created_from)}")
        if f.created_before is not None:
            parts.append(f"c.created_at < {self.placeholder(f.created_before)}")
        if f.search is not None:
            parts += self._search(check_storable(f.search, "filter", "search"))
        if f.property is not None:
            parts.append(self._property(f.property))
        return parts

    def _search(self, text: str) -> list[str]:
        """Every word is the start of a name or of the email address, or the whole text is."""
        words = folded(text).split()
        if len(words) < 2:
            return [self._starts_with(word) for word in words]
        every_word = " AND ".join(self._starts_with(word) for word in words)
        return [f"(({every_word}) OR {self._starts_with(' '.join(words))})"]

    def _starts_with(self, word: str) -> str:
        low, high = self.placeholder(word), self.placeholder(word + AFTER_ALL_TEXT)
        columns = ("c.email", "c.folded_first_name", "c.folded_last_name")
        return "(" + " OR ".join(f"({column} >= {low} AND {column} < {high})" for column in columns) + ")"

    def _property(self, wanted: PropertyEquals) -> str:
        name = self.placeholder(check_storable(wanted.name, "filter", "property", "name"))
        if database.dialect() == "postgres":
            return self._postgres_property(name, wanted.value)
        return self._sqlite_property(name, wanted.value)

    def _postgres_property(self, name: str, value: Any) -> str:
        stored = f"c.properties -> {name}"
        if value is None:
            return f"COALESCE({stored}, 'null') = 'null'"
        json_text = f"{self.placeholder(_json(value))}::jsonb"
        if isinstance(value, dict | list):
            return (
                f"({stored} = {json_text})"  # @> also matches a part, and compares each item with every other
            )
        # @> finds the rows by their index.
        return f"(c.properties @> jsonb_build_object({name}::text, {json_text}) AND {stored} = {json_text})"

    def _sqlite_property(self, name: str, value: Any) -> str:
        select = f"SELECT 1 FROM json_each(c.properties) j WHERE j.key = {name}"
        if value is None:
            return f"NOT EXISTS ({select} AND j.type <> 'null')"
        if isinstance(value, bool):
            return f"EXISTS ({select} AND j.type = {self.placeholder(json.dumps(value))})"
        json_text = _json(value)
        if isinstance(value, dict | list):
            return f"EXISTS ({select} AND j.value = json({self.placeholder(json_text)}))"
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return "FALSE"  # SQLite has no such integers
        json_types = "('text')" if isinstance(value, str) else "('integer', 'real')"
        return f"EXISTS ({select} AND j.type IN {json_types} AND j.atom = {self.placeholder(value)})"

    def _consent(self, f: ContactFilter) -> list[str]:
        """Conditions on the preferences and opt-outs of the contact's addresses (R26)."""
        parts = []
        if f.preference is not None:
            parts.append(self._preference(f.preference))
        if f.opted_out_of_email is not None:
            subscription_type = f.opted_out_of_email
            out = self._preference(PreferenceIs(subscription_type, Channel.EMAIL, PreferenceStatus.OPTED_OUT))
            covered = self._opted_out_of_all(OptedOutOfAllIs(Channel.EMAIL, subscription_type.business_unit))
            parts.append(f"({out} OR {covered})")
        if f.unsubscribed_from_all_email is not None:
            value = f.unsubscribed_from_all_email
            parts.append(self._opted_out_of_all(OptedOutOfAllIs(Channel.EMAIL, value=value)))
        if f.opted_out_of_all is not None:
            parts.append(self._opted_out_of_all(f.opted_out_of_all))
        return parts

    def _preference(self, wanted: PreferenceIs) -> str:
        column = recipient_column(wanted.channel)
        select = (
            f"SELECT 1 FROM preferences p WHERE p.recipient_id = {column}"
            f" AND p.subscription_type_id = {self.placeholder(wanted.type.id)}"
            f" AND p.channel = {self.placeholder(wanted.channel.value)}"
        )
        if wanted.status is PreferenceStatus.NOT_OPTED and wanted.origins is None:
            return f"({column} IS NOT NULL AND NOT EXISTS ({select} AND p.status <> 'NOT_OPTED'))"
        select += f" AND p.status = {self.placeholder(wanted.status.value)}"
        return f"EXISTS ({select}{self._origins('p', wanted.origins)})"

    def _opted_out_of_all(self, wanted: OptedOutOfAllIs) -> str:
        # SQLite would go through every opt-out on the channel for each contact: "+" hides that index from it.
        channel = "+o.channel" if database.dialect() == "sqlite" else "o.channel"
        select = (
            "SELECT 1 FROM opt_outs_of_all o WHERE o.active"
            f" AND o.recipient_id = {recipient_column(wanted.channel)}"
            f" AND {channel} = {self.placeholder(wanted.channel.value)}"
        )
        if wanted.unit is not None:
            select += f" AND o.business_unit_id = {self.placeholder(wanted.unit.id)}"
        select += self._origins("o", wanted.origins)
        return f"EXISTS ({select})" if wanted.value else f"NOT EXISTS ({select})"

    def _origins(self, table: str, origins: Sequence[ConsentOrigin] | None) -> str:
        if origins is None:
            return ""
        return f" AND {table}.origin {self.any_of(sorted({origin.value for origin in origins}))}"


def recipient_column(channel: Channel) -> str:
    """The column of a contact `c` that has its recipient on a channel."""
    return "c.email_recipient_id" if channel is Channel.EMAIL else "c.phone_recipient_id"


def _normalised(emails: Sequence[str]) -> list[str]:
    """The normalised addresses; text that is not an address matches nobody and is left out."""
    found = []
    for text in emails:
        try:
            found.append(parse_email(text).value)
        except AddressError:
            continue
    return found


def _json(value: Any) -> str:
    check_storable_json(value, "filter", "property", "value")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
