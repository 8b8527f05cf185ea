"""The start of a journey, and what its steps share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from preference_center.rules.decisions import Accepted
from preference_center.rules.types import Channel
from tests.journeys.catalog import (
    ALERTS,
    CLUB,
    DIGEST,
    EMAIL,
    INSIDERS,
    OFFERS,
    RECEIPTS,
    SMS,
    TRIAL,
    TYPES,
    UNITS,
    WHATSAPP,
)
from tests.journeys.comparison import Comparison, by
from tests.journeys.driver import operations
from tests.journeys.driver.application import Application
from tests.journeys.driver.browser import Page
from tests.journeys.model import ConsentModel
from tests.journeys.values import IN, NEITHER, OUT, Contact

BASIS = "CONSENT_WITH_NOTICE"
types = st.sampled_from([DIGEST, DIGEST, TRIAL, TRIAL, OFFERS, CLUB, ALERTS, ALERTS, RECEIPTS, INSIDERS])
units = st.sampled_from(UNITS)
statuses = st.sampled_from([IN, NEITHER, OUT])
places = st.sampled_from(
    [
        *("alice", "alice", "alice's sms", "alice's whatsapp", "alice's new sms"),
        *("bob", "charlie's sms", "charlie's whatsapp"),
    ]
)


@dataclass(frozen=True)
class Tab:
    """A page that a person left open: whose link opened it, and what it showed then."""

    recipient: str
    page: Page
    phone: str | None
    """The phone number shown with the email address."""
    opted_out: frozenset[tuple[str, Channel, str]] = frozenset()
    """The opt-outs of all that it showed: address, channel, business unit."""


class Journey(RuleBasedStateMachine):
    """Alice, who has a phone too, and Charlie are contacts. Sayso does not know Bob.

    They play in the application set on the class.
    """

    application: ClassVar[Application]

    @initialize(privacy=st.booleans())
    def the_journey_begins(self, privacy: bool) -> None:
        number = next(self.application.numbers)
        self.people = {
            "alice": (f"alice-{number}@example.com", EMAIL),
            "alice's sms": (f"+48602{number:06d}", SMS),
            "alice's whatsapp": (f"+48602{number:06d}", WHATSAPP),
            "alice's new sms": (f"+48603{number:06d}", SMS),
            "bob": (f"bob-{number}@example.com", EMAIL),
            "charlie's sms": (f"+48601{number:06d}", SMS),
            "charlie's whatsapp": (f"+48601{number:06d}", WHATSAPP),
        }
        self.model = ConsentModel(TYPES)
        self.comparison = Comparison(
            self.application, self.model, sorted({a for a, _ in self.people.values()})
        )
        self.tabs: list[Tab] = []
        self.undos: list[tuple[str, Page, list[int], datetime]] = []
        for recipient in ("alice", "charlie's sms"):
            self.create_contact(recipient, privacy)

    def teardown(self) -> None:
        if hasattr(self, "model"):
            for key in sorted(self.model.archived):
                self.archive(key, archived=False)

    def tick(self) -> datetime:
        return self.application.clock.forward(seconds=1)

    def create_contact(self, recipient: str, privacy: bool) -> None:
        """Create a contact; Alice's has both of her addresses."""
        who = "alice" if recipient.startswith("alice") else recipient
        places = ("alice", "alice's sms") if who == "alice" else (who,)
        addresses = [self.people[place][0] for place in places]
        sent: dict[str, Any] = {}
        for address in addresses:
            sent |= by(address)
        if privacy:
            sent["processingBasis"] = BASIS
        answer = self.application.ask(operations.CREATE_CONTACT, input=sent)["createContact"]
        assert not answer["userErrors"]
        contact = Contact(sent.get("email"), sent.get("phone"), privacy)
        self.model.contacts[answer["contact"]["id"]] = contact
        for address in addresses:
            self.named(address)

    def alice_gets_another_number(self, recipient: str) -> None:  # R1
        """Her number becomes a new one, Charlie's, which both then have, or none."""
        found, (address, channel) = self.contact_of("alice"), self.people[recipient]
        if not found:
            return
        now, phone = self.tick(), None if channel is EMAIL else address
        answer = self.application.ask(operations.UPDATE_CONTACT, input={"id": found, "phone": phone})
        assert not answer["updateContact"]["userErrors"]
        old = self.model.contacts[found].phone
        self.model.contacts[found].phone = phone
        if phone:
            self.named(phone)
        if old and phone and old != phone:
            for on, about in self.model.carry(old, phone, now):
                self.comparison.note_answer((phone, on), about, OUT, Accepted())
        self.comparison.check(now)

    def contact_of(self, recipient: str) -> str | None:
        """The id of Alice's contact, found by her email address, or of Charlie's, who has none."""
        email = self.people["alice"][0] if recipient.startswith("alice") else None
        found = (n for n, contact in self.model.contacts.items() if contact.email == email)
        return next(found, None)

    def named(self, address: str) -> None:
        """The team typed the address, which makes it known, even after an erasure (R36)."""
        self.comparison.known.add(address)
        self.model.unusable.discard(address)

    def archive(self, key: str, archived: bool) -> None:
        sent = {"key": key, "archived": archived}
        answer = self.application.ask(operations.ARCHIVE, input=sent)["archiveSubscriptionType"]
        assert not answer["userErrors"]
