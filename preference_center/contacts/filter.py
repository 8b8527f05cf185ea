"""Contact filters: which contacts are meant, and the SQL condition for both databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from preference_center.catalog.catalog import SubscriptionType
from preference_center.contacts import consent_sql, property_sql, search_sql
from preference_center.contacts.conditions import (
    DeliverabilityIs,
    Operator,
    OptedOutOfAllIs,
    PausedIs,
    PendingOptInIs,
    Period,
    PreferenceIs,
    PropertyComparison,
    PropertyEquals,
)
from preference_center.contacts.placeholders import Placeholders, recipient_column
from preference_center.contacts.search_sql import AFTER_ALL_TEXT
from preference_center.rules.addresses import Address, AddressError, parse_email, parse_phone
from preference_center.rules.types import Channel, LegalBasis, PreferenceStatus
from preference_center.storage import database
from preference_center.validation import check_storable

__all__ = [
    "AFTER_ALL_TEXT",
    "Condition",
    "ContactFilter",
    "DeliverabilityIs",
    "Operator",
    "OptedOutOfAllIs",
    "PausedIs",
    "PendingOptInIs",
    "Period",
    "PreferenceIs",
    "PropertyComparison",
    "PropertyEquals",
    "recipient_column",
]
_DOMAIN: Final = {
    "postgres": "split_part(c.email, '@', 2)",
    "sqlite": "substr(c.email, instr(c.email, '@') + 1)",
}
"""As in the indexes."""


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Everything given must hold; of `any_of` at least one filter, `negated` must not hold."""

    ids: Sequence[int] | None = None
    search: str | None = None
    emails: Sequence[str] | None = None
    email_domains: Sequence[str] | None = None
    phones: Sequence[str] | None = None
    has_email: bool | None = None
    has_phone: bool | None = None
    locale: str | None = None
    processing_bases: Sequence[LegalBasis] | None = None
    has_processing_basis: bool | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None
    property: PropertyEquals | None = None
    properties: Sequence[PropertyComparison] | None = None
    preference: PreferenceIs | None = None
    preference_changed: PreferenceIs | None = None
    """Of any status."""
    opted_out_of_email: SubscriptionType | None = None
    unsubscribed_from_all_email: bool | None = None
    opted_out_of_all: OptedOutOfAllIs | None = None
    pending_opt_in: PendingOptInIs | None = None
    paused: PausedIs | None = None
    deliverability: DeliverabilityIs | None = None
    any_of: Sequence[ContactFilter] | None = None
    negated: ContactFilter | None = None


class Condition(Placeholders):
    """Builds an SQL condition on contacts `c`, and collects the values of its placeholders."""

    def matching(self, contact_filter: ContactFilter | None) -> str:
        """The SQL of a filter; an empty filter, or None, matches every contact. Raises Invalid."""
        if contact_filter is None:
            return "TRUE"
        parts = [
            *self._contact_columns(contact_filter),
            *self._presence(contact_filter),
            *self._texts_and_properties(contact_filter),
            *self._consent(contact_filter),
        ]
        if contact_filter.any_of is not None:
            alternatives = " OR ".join(self.matching(inner) for inner in contact_filter.any_of)
            parts.append(f"({alternatives or 'FALSE'})")
        if contact_filter.negated is not None:
            parts.append(f"NOT COALESCE({self.matching(contact_filter.negated)}, FALSE)")
        return "(" + (" AND ".join(parts) or "TRUE") + ")"

    def _contact_columns(self, f: ContactFilter) -> list[str]:
        parts = []
        if f.ids is not None:
            parts.append(f"c.id {self.any_of(f.ids)}")
        if f.emails is not None:
            parts.append(f"c.email {self.any_of(_normalised(f.emails, parse_email))}")
        if f.email_domains is not None:
            parts.append(f"{_DOMAIN[database.dialect()]} {self.any_of(_domains(f.email_domains))}")
        if f.phones is not None:
            parts.append(f"c.phone {self.any_of(_normalised(f.phones, parse_phone))}")
        if f.locale is not None:
            parts.append(f"c.locale = {self.placeholder(check_storable(f.locale, 'filter', 'locale'))}")
        if f.processing_bases is not None:
            parts.append(f"c.processing_basis {self.any_of([each.value for each in f.processing_bases])}")
        parts += self.within("c.created_at", Period(f.created_from, f.created_before))
        parts += self.within("c.updated_at", Period(f.updated_from, f.updated_before))
        return parts

    def _presence(self, f: ContactFilter) -> list[str]:
        columns = {
            "c.email": f.has_email,
            "c.phone": f.has_phone,
            "c.processing_basis": f.has_processing_basis,
        }
        return [
            f"{column} IS {'NOT ' if wanted else ''}NULL"
            for column, wanted in columns.items()
            if wanted is not None
        ]

    def _texts_and_properties(self, f: ContactFilter) -> list[str]:
        parts = []
        if f.search is not None:
            parts += search_sql.search(self, check_storable(f.search, "filter", "search"))
        if f.property is not None:
            parts.append(property_sql.equals(self, f.property))
        parts += [property_sql.compares(self, each) for each in f.properties or ()]
        return parts

    def _consent(self, f: ContactFilter) -> list[str]:
        """Conditions on the preferences, opt-outs and addresses of the contact (R26)."""
        parts: list[str] = []
        wanted = [each for each in (f.preference, f.preference_changed) if each is not None]
        parts += [consent_sql.preference(self, each) for each in wanted]
        if f.opted_out_of_email is not None:
            parts.append(self._opted_out_of_email(f.opted_out_of_email))
        if f.unsubscribed_from_all_email is not None:
            of_all = OptedOutOfAllIs(Channel.EMAIL, value=f.unsubscribed_from_all_email)
            parts.append(consent_sql.opted_out_of_all(self, of_all))
        if f.opted_out_of_all is not None:
            parts.append(consent_sql.opted_out_of_all(self, f.opted_out_of_all))
        if f.pending_opt_in is not None:
            parts.append(consent_sql.pending_opt_in(self, f.pending_opt_in))
        if f.paused is not None:
            parts.append(consent_sql.paused(self, f.paused))
        if f.deliverability is not None:
            parts.append(consent_sql.deliverability(f.deliverability))
        return parts

    def _opted_out_of_email(self, type_: SubscriptionType) -> str:
        wanted = PreferenceIs(type_, Channel.EMAIL, PreferenceStatus.OPTED_OUT)
        out = consent_sql.preference(self, wanted)
        covered = consent_sql.opted_out_of_all(self, OptedOutOfAllIs(Channel.EMAIL, type_.business_unit))
        return f"({out} OR {covered})"


def _normalised(texts: Sequence[str], parse: Callable[[str], Address]) -> list[str]:
    """The normalised addresses; text that is not an address matches nobody and is left out."""
    found = []
    for text in texts:
        try:
            found.append(parse(text).value)
        except AddressError:
            continue
    return found


def _domains(texts: Sequence[str]) -> list[str]:
    """The domains as addresses have them; an "@" before one is left out, and text that is no domain."""
    addresses = _normalised([f"x@{text.strip().removeprefix('@')}" for text in texts], parse_email)
    return [address.partition("@")[2] for address in addresses]
