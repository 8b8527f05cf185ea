"""What the team does, over GraphQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from preference_center.rules.decisions import Accepted, Decision, Refused, Superseded
from preference_center.rules.types import ConsentOrigin, PreferenceStatus
from tests.journeys.catalog import ALERTS
from tests.journeys.comparison import by
from tests.journeys.driver import operations
from tests.journeys.journey import BASIS, Journey, places, statuses, types, units
from tests.journeys.values import IN, NEITHER, OUT, ChangeRequest, HeldStatus, Type, Unit

ALL_BASES = ("legal", "processing", "explanation")
who = st.sampled_from(["team", "team", "integration"])
legal_bases = st.sampled_from(
    [ALL_BASES, ("legal", "explanation"), ("explanation",), ("legal",), ("processing", "explanation"), ()]
)
moments = st.sampled_from(["now", "now", "now", "an hour ago", "two days ago", "as held", "tomorrow"])
rarities = st.sampled_from(["contact", "number", "number", "erase", "archive"])
requests = st.lists(st.tuples(types, statuses), min_size=1, max_size=3)


class TeamRules(Journey):
    """Updates, opt-outs of all and their removal, pauses, contacts, and the catalog."""

    @rule(recipient=places, who=who, kind=types, moment=moments)
    def the_team_opts_in(self, recipient: str, who: str, kind: Type, moment: str) -> None:
        channel = self.people[recipient][1]
        kind = kind if channel in kind.channels else ALERTS
        self.the_team_updates(recipient, who, [(kind, IN)], ALL_BASES, moment)

    @rule(recipient=places, who=who, requests=requests, given=legal_bases, moment=moments)
    def the_team_requests_any_changes(
        self,
        recipient: str,
        who: str,
        requests: list[tuple[Type, PreferenceStatus]],
        given: tuple[str, ...],
        moment: str,
    ) -> None:
        self.the_team_updates(recipient, who, requests, given, moment)

    def the_team_updates(
        self,
        recipient: str,
        who: str,
        requests: list[tuple[Type, PreferenceStatus]],
        given: tuple[str, ...],
        moment: str,
    ) -> None:
        address, channel = self.people[recipient]
        now = self.tick()
        at = self._when(moment, self.model.statuses.get((address, channel, requests[0][0].key)), now)
        changes = [
            {"subscriptionType": kind.key, "channel": channel.value, "status": status.value}
            for kind, status in requests
        ]
        sent = {**self._sent(address, given, at), "changes": changes}
        if "processing" in given:
            sent["processingBasis"] = BASIS
        answer = self.application.ask(operations.UPDATE, who, input=sent)["updatePreferences"]
        self.named(address)
        for (kind, status), outcome in zip(requests, answer["outcomes"], strict=True):
            decision = self.model.change(address, channel, kind, self._request(status, who, given, at), now)
            held = self.model.status(address, channel, kind)
            assert _outcome(outcome) == (*_expected(decision), held.value), (decision, outcome)
            self.comparison.note_answer((address, channel), kind, status, decision)
        self.comparison.check(now)

    @rule(recipient=places, unit=units, who=who, explained=st.booleans(), moment=moments)
    def the_team_opts_out_of_all(
        self, recipient: str, unit: Unit, who: str, explained: bool, moment: str
    ) -> None:
        address, channel = self.people[recipient]
        now, given = self.tick(), ("explanation",) if explained else ()
        at = self._when(moment, self.model.opt_outs_of_all.get((address, channel, unit.key)), now)
        sent = {**self._sent(address, given, at), "channel": channel.value, "businessUnit": unit.key}
        answer = self.application.ask(operations.OPT_OUT_OF_ALL, who, input=sent)["optOutOfAll"]
        self._of_all(answer, recipient, unit, self._request(OUT, who, given, at), now)

    @rule(recipient=places, unit=units, who=who, given=legal_bases)
    def the_team_removes_an_opt_out_of_all(
        self, recipient: str, unit: Unit, who: str, given: tuple[str, ...]
    ) -> None:
        address, channel = self.people[recipient]
        now, given = self.tick(), tuple(part for part in given if part != "processing")
        sent = {"explanation": "", **self._sent(address, given, None)}
        sent |= {"channel": channel.value, "businessUnit": unit.key}
        answer = self.application.ask(operations.REMOVE_OPT_OUT_OF_ALL, who, input=sent)["removeOptOutOfAll"]
        self._of_all(answer, recipient, unit, self._request(NEITHER, who, given, None), now)

    @rule(recipient=places, unit=units, days=st.sampled_from([1, 3, None]))
    def the_team_pauses(self, recipient: str, unit: Unit, days: int | None) -> None:
        address, channel = self.people[recipient]
        now = self.tick()
        until = now + timedelta(days=days) if days else None
        sent = {**self._sent(address, (), None), "channel": channel.value, "businessUnit": unit.key}
        sent["until"] = until.isoformat() if until else None
        errors = self.application.ask(operations.PAUSE, input=sent)["pausePreferences"]["userErrors"]
        self.named(address)
        done = self.model.pause((address, channel, unit.key), until, now, own=False)
        assert errors == ([] if done else [{"code": "OPTED_OUT_BY_RECIPIENT"}])
        self.comparison.check(now)

    @rule(
        what=rarities,
        recipient=places,
        privacy=st.booleans(),
        kind=types,
    )
    def something_rare_happens(self, what: str, recipient: str, privacy: bool, kind: Type) -> None:
        if what == "contact":
            self.a_contact_is_deleted_or_comes_back("alice" if recipient == "bob" else recipient, privacy)
        elif what == "number":
            self.alice_gets_another_number(recipient)
        elif what == "erase":
            self.somebody_is_erased(recipient)
        else:
            self.a_type_is_archived_or_comes_back(kind)

    def a_contact_is_deleted_or_comes_back(self, recipient: str, privacy: bool) -> None:  # R1
        now, found = self.tick(), self.contact_of(recipient)
        if found:
            del self.model.contacts[found]
            sent = {"id": found}
            assert not self.application.ask(operations.DELETE_CONTACT, input=sent)["deleteContact"][
                "userErrors"
            ]
        else:
            self.create_contact(recipient, privacy)
        self.comparison.check(now)

    def somebody_is_erased(self, recipient: str) -> None:  # R36
        address, _ = self.people[recipient]
        if address not in self.comparison.known:
            return
        now = self.tick()
        answer = self.application.ask(operations.ERASE, input={"recipient": by(address)})["eraseRecipient"]
        assert not answer["userErrors"]
        self.model.erase(address, now)
        self.comparison.check(now)

    def a_type_is_archived_or_comes_back(self, kind: Type) -> None:
        now, archived = self.tick(), kind.key not in self.model.archived
        self.archive(kind.key, archived)
        self.model.archived.symmetric_difference_update({kind.key})
        self.comparison.check(now)

    @rule(by=st.sampled_from([timedelta(hours=1), timedelta(days=2), timedelta(days=8)]))
    def time_goes_by(self, by: timedelta) -> None:
        self.application.clock.forward(seconds=by.total_seconds())
        self.comparison.check(self.tick())

    def _sent(self, address: str, given: tuple[str, ...], at: datetime | None) -> dict[str, Any]:
        sent: dict[str, Any] = {"recipient": by(address)}
        if "legal" in given:
            sent["legalBasis"] = BASIS
        if "explanation" in given:
            sent["explanation"] = "asked at the counter"
        if at:
            sent["occurredAt"] = at.isoformat()
        return sent

    def _request(
        self, status: PreferenceStatus, who: str, given: tuple[str, ...], at: datetime | None
    ) -> ChangeRequest:
        origin = ConsentOrigin.INTEGRATION if who == "integration" else ConsentOrigin.CONTACT_RECORD
        return ChangeRequest(
            status, origin, "legal" in given, "processing" in given, "explanation" in given, at
        )

    def _when(self, moment: str, held: HeldStatus | None, now: datetime) -> datetime | None:
        return {
            "now": None,
            "an hour ago": now - timedelta(hours=1),
            "two days ago": now - timedelta(days=2),
            "as held": held.at if held else None,
            "tomorrow": now + timedelta(days=1),
        }[moment]

    def _of_all(self, answer: Any, recipient: str, unit: Unit, request: ChangeRequest, now: datetime) -> None:
        address, channel = self.people[recipient]
        self.named(address)
        decision = self.model.change_of_all(address, channel, unit, request, now)
        _, code = _expected(decision)
        codes = [error["code"] for error in answer["userErrors"]]
        lacking = _lacking(unit, request)
        assert codes == (lacking if code in lacking else [code] if code else []), decision
        self.comparison.note_answer((address, channel), unit, request.status, decision)
        self.comparison.check(now)


def _lacking(unit: Unit, request: ChangeRequest) -> list[str]:
    """All that the removal of an opt-out of all has to give and does not (R8)."""
    lacking = {
        "LEGAL_BASIS_REQUIRED": unit.privacy and not request.legal_basis,
        "EXPLANATION_REQUIRED": not request.explanation,
    }
    return [code for code, lacks in lacking.items() if lacks]


def _expected(decision: Decision) -> tuple[bool, str | None]:
    """The outcome that GraphQL returns for a decision: whether it changed something, and the error code."""
    if isinstance(decision, Refused):
        return False, decision.code.value
    return isinstance(decision, Accepted), "SUPERSEDED" if isinstance(decision, Superseded) else None


def _outcome(outcome: Any) -> tuple[bool, str | None, str]:
    error = outcome["error"]
    return outcome["changed"], error["code"] if error else None, outcome["status"]
