"""Compares Sayso with the model, and checks what must hold whatever the model says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from preference_center.rules.decisions import Accepted, Decision, Refused, Superseded
from preference_center.rules.types import Channel, PreferenceStatus, Purpose
from tests.journeys.catalog import EMAIL, TYPES
from tests.journeys.driver import operations
from tests.journeys.driver.application import Application
from tests.journeys.driver.browser import Page
from tests.journeys.model import ConsentModel
from tests.journeys.values import OUT, Type, Unit

Place = tuple[str, Channel]
CHANNELS_BY_WAY = {"email": (EMAIL,), "phone": (Channel.SMS, Channel.WHATSAPP)}


def by(address: str) -> dict[str, str]:
    """The GraphQL reference to an address."""
    return {"phone" if address.startswith("+") else "email": address}


class Comparison:
    """Compares after each step, over GraphQL and by the rows of the ledger."""

    def __init__(self, application: Application, model: ConsentModel, people: list[str]) -> None:
        self.application = application
        self.model = model
        self.people = people
        self.known: set[str] = set()
        """Addresses that Sayso knows."""
        self._since = application.newest_event()
        self._rows: dict[str, list[tuple[Any, ...]]] = {address: [] for address in people}
        self._opted_out: set[tuple[str, Channel, Type | Unit]] = set()
        """Opt-outs that Sayso has confirmed, until it confirms an opt-in."""

    def note_answer(
        self, place: Place, about: Type | Unit, status: PreferenceStatus, decision: Decision
    ) -> None:
        """Remember the answer to a request."""
        if status is OUT and not isinstance(decision, Refused | Superseded):
            self._opted_out.add((*place, about))
        elif status is not OUT and isinstance(decision, Accepted):
            self._opted_out.discard((*place, about))
            if decision.lifts_all and isinstance(about, Type):
                self._opted_out.discard((*place, about.unit))

    def check(self, now: datetime) -> None:
        """Compare everything that GraphQL shows about these addresses."""
        self._ledger_only_grows()
        for way, channels in CHANNELS_BY_WAY.items():
            addresses = [address for address in self.people if way in by(address)]
            asked = operations.all_that_is_seen(way, len(addresses), channels)
            named = {f"a{number}": address for number, address in enumerate(addresses)}
            seen = self.application.ask(asked, all=addresses, **named)
            for name, address in named.items():
                self._state_is_held(address, seen[name], now)
            for channel in channels:
                for kind in TYPES.values():
                    verdicts = seen[f"{channel.value}_{kind.key}"]
                    for address, verdict in zip(addresses, verdicts, strict=True):
                        self._verdict((address, channel), kind, verdict["eligibility"], now)

    def shown(self, page: Page, address: str, channel: Channel) -> None:
        """The preference page ticks what may be sent, for each address that it shows."""
        expected = {
            f"{kind.key}:{on.value}": self.model.shown_as_on(owner, on, kind, self.application.clock())
            for owner, on in self.model.places(address, channel)
            for kind in TYPES.values()
            if on in kind.channels
            and kind.key not in self.model.archived
            and self.model.has_box(owner, on, kind, self.application.clock())
        }
        assert page.choices.boxes == expected

    def _ledger_only_grows(self) -> None:
        """Earlier rows are unchanged, and each effective change is one event (R18)."""
        for address, rows in self.application.ledger(self.people, self._since).items():
            before = self._rows[address]
            assert rows[: len(before)] == before
            assert len(rows) == self.model.events.get(address, 0), rows[len(before) :]
            self._rows[address] = rows

    def _state_is_held(self, address: str, seen: Any, now: datetime) -> None:
        if seen is None:
            assert address not in self.known
            return
        held = {
            (Channel(p["channel"]), p["subscriptionType"]["key"]): p["status"] for p in seen["preferences"]
        }
        for (channel, key), status in held.items():
            assert self.model.status(address, channel, TYPES[key]).value == status, (address, channel, key)
        of_all = {(o["channel"], o["businessUnit"]["key"]) for o in seen["optOutsOfAll"]}
        assert of_all == {
            (channel.value, unit)
            for (owner, channel, unit), held_status in self.model.opt_outs_of_all.items()
            if owner == address and held_status.status is OUT
        }
        paused = {(p["channel"], p["businessUnit"]["key"]) for p in seen["pauses"]}
        assert paused == {
            (channel.value, unit)
            for (owner, channel, unit), until in self.model.paused.items()
            if owner == address and now < until
        }

    def _verdict(self, place: Place, kind: Type, verdict: Any, now: datetime) -> None:
        expected = self.model.reason(*place, kind, now)
        assert verdict["reason"] == (expected.value if expected else None), (place, kind.key)
        essential = kind.purpose is Purpose.TRANSACTIONAL and place[1] is EMAIL
        left = (*place, kind) in self._opted_out or ((*place, kind.unit) in self._opted_out and not essential)
        assert not (left and verdict["allowed"]), f"{place} left {kind.key} and would be written to"
