"""The scene that a journey begins with, and what its steps have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from tests.journeys import operations
from tests.journeys.agreement import Agreement, by
from tests.journeys.book import IN, NEITHER, OUT, Book
from tests.journeys.browser import Page
from tests.journeys.cast import (
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
from tests.journeys.world import World

BASIS = "CONSENT_WITH_NOTICE"
types = st.sampled_from([DIGEST, DIGEST, TRIAL, TRIAL, OFFERS, CLUB, ALERTS, ALERTS, RECEIPTS, INSIDERS])
units = st.sampled_from(UNITS)
statuses = st.sampled_from([IN, NEITHER, OUT])
places = st.sampled_from(["alice", "alice", "bob", "charlie's sms", "charlie's whatsapp"])


class Scene(RuleBasedStateMachine):
    """Alice and Charlie are contacts, of Bob nobody has heard; they play in the world set on the class."""

    world: ClassVar[World]

    @initialize(privacy=st.booleans())
    def the_scene_is_set(self, privacy: bool) -> None:
        number = next(self.world.numbers)
        self.people = {
            "alice": (f"alice-{number}@example.com", EMAIL),
            "bob": (f"bob-{number}@example.com", EMAIL),
            "charlie's sms": (f"+48601{number:06d}", SMS),
            "charlie's whatsapp": (f"+48601{number:06d}", WHATSAPP),
        }
        self.book = Book(TYPES)
        self.agreement = Agreement(self.world, self.book, sorted({a for a, _ in self.people.values()}))
        self.tabs: list[tuple[str, Page]] = []
        self.undos: list[tuple[str, Page, list[int], datetime]] = []
        self.contacts: dict[str, str] = {}
        for whose in ("alice", "charlie's sms"):
            self.create_contact(self.people[whose][0], privacy)

    def teardown(self) -> None:
        if hasattr(self, "book"):
            for key in sorted(self.book.archived):
                self.archive(key, archived=False)

    def tick(self) -> datetime:
        return self.world.clock.forward(seconds=1)

    def create_contact(self, address: str, privacy: bool) -> None:
        sent: dict[str, Any] = by(address)
        if privacy:
            sent["processingBasis"] = BASIS
        answer = self.world.ask(operations.CREATE_CONTACT, input=sent)["createContact"]
        assert not answer["userErrors"]
        self.contacts[address] = answer["contact"]["id"]
        self.book.contacts.add(address)
        if privacy:
            self.book.processing_bases.add(address)
        self.named(address)

    def named(self, address: str) -> None:
        """The team typed the address: it is known from then on, also if it was erased (R36)."""
        self.agreement.known.add(address)
        self.book.unusable.discard(address)

    def archive(self, key: str, archived: bool) -> None:
        sent = {"key": key, "archived": archived}
        answer = self.world.ask(operations.ARCHIVE, input=sent)["archiveSubscriptionType"]
        assert not answer["userErrors"]
