"""The consent history of the demo's contacts: sign-ups, imports, visits of the page, unsubscribes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from preference_center.catalog.catalog import Catalog, SubscriptionType, exact_catalog
from preference_center.demo.leaving_reasons import add_leaving_reasons
from preference_center.demo.people import Person
from preference_center.ledger.record import record
from preference_center.ledger.types import EvidenceFacts, Intent, Provenance
from preference_center.rules.types import (
    RECIPIENT,
    Actor,
    Channel,
    ConsentOrigin,
    LegalBasis,
    PreferenceStatus,
    Purpose,
)
from preference_center.storage import database

_IN, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
_AGE_DAYS = {
    ConsentOrigin.IMPORT: (300, 400),
    ConsentOrigin.CONTACT_RECORD: (200, 299),
    ConsentOrigin.PREFERENCE_PAGE: (60, 199),
    ConsentOrigin.ONE_CLICK: (10, 59),
    ConsentOrigin.UNSUBSCRIBE_LINK: (1, 9),
}
"""How many days ago changes of an origin were made: at least, at most."""


async def add_history(people: Sequence[Person], chance: random.Random) -> None:
    """Record what these people and the team did, oldest first. Ada opts out of nothing as a whole."""
    draw = _Draw(people, await exact_catalog(), chance)
    changes = [
        (_signed_up(), draw.of_types(0.62, _IN)),
        (_asked_at_fair(), draw.of_types(0.08, _IN)),
        (_on_page(), draw.of_types(0.12, _IN)),
        (_on_page(), draw.of_types(0.05, _OUT)),
        (_from_footer(ConsentOrigin.ONE_CLICK), draw.of_types(0.05, _OUT)),
        (_from_footer(ConsentOrigin.UNSUBSCRIBE_LINK), draw.of_types(0.03, _OUT)),
        (_from_old_list(), draw.of_all_email(0.03)),
        (_from_footer(ConsentOrigin.UNSUBSCRIBE_LINK), draw.of_all_email(0.04)),
    ]
    for provenance, intents in changes:
        outcomes = await record(_dated(intents, provenance.origin, chance), provenance)
        await add_leaving_reasons(outcomes, provenance.origin)


async def add_pending_opt_in(recipient_id: int) -> None:
    """Leave one double opt-in pending, so that there is something to confirm (R19)."""
    subscription_type = next(each for each in (await exact_catalog()).types if each.double_opt_in)
    target = (subscription_type.business_unit, subscription_type)
    await record([Intent(recipient_id, Channel.EMAIL, _IN, *target)], _asked_at_fair())


class _Draw:
    """Draws changes at random."""

    def __init__(self, people: Sequence[Person], catalog: Catalog, chance: random.Random) -> None:
        self._people = people
        self._catalog = catalog
        self._chance = chance

    def of_types(self, share: float, status: PreferenceStatus) -> list[Intent]:
        """Change a share of all (person, type, channel); half of it on SMS and WhatsApp."""
        return [
            Intent(recipient_id, channel, status, each.business_unit, each)
            for email, phone in self._people
            for each in self._catalog.types
            for channel in each.channels
            if (recipient_id := email if channel is Channel.EMAIL else phone) is not None
            and _is_plausible(each, status)
            and self._chance.random() < (share if channel is Channel.EMAIL else share / 2)
        ]

    def of_all_email(self, share: float) -> list[Intent]:
        """Opt a share of all (person, unit) out of all email; never Ada."""
        return [
            Intent(email, Channel.EMAIL, _OUT, unit)
            for email, _ in self._people[1:]
            for unit in self._catalog.units
            if self._chance.random() < share
        ]


def _is_plausible(subscription_type: SubscriptionType, status: PreferenceStatus) -> bool:
    if status is _IN:
        return not subscription_type.double_opt_in
    return subscription_type.is_public and subscription_type.purpose is Purpose.MARKETING


def _dated(intents: Sequence[Intent], origin: ConsentOrigin, chance: random.Random) -> list[Intent]:
    newest, oldest = _AGE_DAYS[origin]
    now = database.now()
    return [
        replace(
            intent,
            occurred_at=now
            - timedelta(days=chance.randint(newest, oldest), seconds=chance.randint(1, 86000)),
        )
        for intent in intents
    ]


def _signed_up() -> Provenance:
    return Provenance(
        ConsentOrigin.IMPORT,
        Actor("shop-migration"),
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        processing_basis=LegalBasis.PROCESS_AND_STORE,
        explanation="Ticked the box of the sign-up form in the old shop.",
    )


def _asked_at_fair() -> Provenance:
    return Provenance(
        ConsentOrigin.CONTACT_RECORD,
        Actor("crm", on_behalf_of="jane@example.com"),
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        processing_basis=LegalBasis.PROCESS_AND_STORE,
        explanation="Asked for it at our stand at the book fair.",
    )


def _on_page() -> Provenance:
    return Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT, evidence=_evidence("/p/…"))


def _from_footer(origin: ConsentOrigin) -> Provenance:
    return Provenance(origin, RECIPIENT, evidence=_evidence("/u/…"))


def _from_old_list() -> Provenance:
    return Provenance(
        ConsentOrigin.IMPORT,
        Actor("shop-migration"),
        explanation="On the suppression list of the mail provider we left.",
    )


def _evidence(url: str) -> EvidenceFacts:
    user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    return EvidenceFacts("203.0.113.7", user_agent, url, "Choose what you get from us.", "en", own_page=True)
