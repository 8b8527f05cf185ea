"""A person in a story: what they and the team do to their address, over HTTP."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from typing import Any

from preference_center.outbox import delivery as outbox
from preference_center.rules.types import RecipientKind
from tests.journeys.catalog import EMAIL
from tests.journeys.comparison import by
from tests.journeys.driver import operations
from tests.journeys.driver.application import Application
from tests.journeys.driver.browser import Page
from tests.journeys.values import Type, Unit

LEGAL_BASES = {
    "legalBasis": "CONSENT_WITH_NOTICE",
    "processingBasis": "PROCESS_AND_STORE",
    "explanation": "Asked for it at the fair.",
}
HISTORY = """
query History($by: RecipientRef!) {
  recipient(by: $by) {
    address
    history(first: 50) { nodes {
      id carriedFrom origin before after superseded actor explanation
      subscriptionType { key } businessUnit { key } } }
  }
}"""
MAY_BE_SENT = """
query MayBeSent($type: Key!, $address: String!) {
  eligibility(subscriptionType: $type, channel: EMAIL, addresses: [$address]) {
    eligibility { allowed reason } }
}"""


@dataclass(frozen=True)
class Person:
    """An address, on email unless a method says otherwise."""

    application: Application
    address: str

    def updated(self, kind: Type, status: str, who: str = "team", **given: Any) -> str:
        """The team or an integration sets a status. Returns `changed`, `unchanged` or the error code."""
        change = {"subscriptionType": kind.key, "status": status}
        sent = {"recipient": by(self.address), "changes": [change], **given}
        answer = self.application.ask(operations.UPDATE, who, input=sent)["updatePreferences"]
        [outcome] = answer["outcomes"]
        if outcome["error"]:
            return str(outcome["error"]["code"])
        return "changed" if outcome["changed"] else "unchanged"

    def opted_out_of_all(self, unit: Unit) -> list[str]:
        """The team opts them out of all. Returns the error codes."""
        sent = {"recipient": by(self.address), "businessUnit": unit.key}
        answer = self.application.ask(operations.OPT_OUT_OF_ALL, input=sent)["optOutOfAll"]
        return [error["code"] for error in answer["userErrors"]]

    def opt_out_of_all_removed(self, unit: Unit) -> list[str]:
        """The team removes an opt-out of all. Returns the error codes."""
        sent = {"recipient": by(self.address), "businessUnit": unit.key}
        sent |= {name: given for name, given in LEGAL_BASES.items() if name != "processingBasis"}
        answer = self.application.ask(operations.REMOVE_OPT_OUT_OF_ALL, input=sent)["removeOptOutOfAll"]
        return [error["code"] for error in answer["userErrors"]]

    def saves(self, *toggled: Type, button: str = "save") -> Page:
        """Opens the preference page, toggles boxes for email and presses a button."""
        return self.toggles(*(f"{kind.key}:EMAIL" for kind in toggled), button=button)

    def toggles(self, *values: str, button: str = "save", **chosen: str) -> Page:
        """The same with boxes of any channel ("digest:SMS"), and channels by unit (for "out:unit")."""
        page = self.opens()
        [form] = page.forms
        form.inputs |= {f"where:{unit}": channel for unit, channel in chosen.items()}
        for value in values:
            form.boxes[value] = not form.boxes[value]
        return self.application.press(page, button)

    def opens(self) -> Page:
        """Opens the preference page."""
        maker, fingerprint = self.application.links, self.application.fingerprint(self.address)
        token = maker.manage(fingerprint, RecipientKind.EMAIL, self.application.clock())
        return self.application.open(maker.manage_url(token))

    def one_clicks(self, kind: Type) -> None:
        """Their mail program sends the one-click POST of RFC 8058."""
        answer = self.application.post(self._withdraw_url(kind), **{"List-Unsubscribe": "One-Click"})
        assert answer.is_success

    def unsubscribes(self, kind: Type | None = None, unit: Unit | None = None) -> Page:
        """Opens the link of the footer and presses the button. Returns the page with the undo."""
        return self.application.press(self.application.open(self._withdraw_url(kind, unit)), "unsubscribe")

    def confirms(self) -> Page:
        """Opens the link of the newest confirmation mail and presses the button."""
        return self.application.press(self.application.open(self.mailed_link()), "confirm")

    def mailed_link(self) -> str:
        """The link in the newest mail that asks them to confirm."""
        self.application.run(outbox.deliver_due())
        folder = self.application.settings.data_dir / "mail"
        letters = (
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(folder.glob("*-confirm.eml"), reverse=True)
        )
        letter = next(letter for letter in letters if letter["to"] == self.address)
        text = letter.get_body(("plain",))
        assert text is not None
        found = re.search(r"http://\S+/c/\S+", text.get_content())
        assert found is not None
        return found[0]

    def texted_link(self) -> str:
        """The link in the newest text message that asks a phone to confirm."""
        self.application.run(outbox.deliver_due())
        folder = self.application.settings.data_dir / "texts"
        texts = (path.read_text("utf-8") for path in sorted(folder.glob("*-confirm.txt"), reverse=True))
        text = next(text for text in texts if f"To: {self.address}\n" in text)
        found = re.search(r"http://\S+/s/\S+", text)
        assert found is not None
        return found[0]

    def blocked(self, kind: Type) -> str | None:
        """Why a message may not be sent to them by email, None if it may."""
        answer = self.application.ask(MAY_BE_SENT, type=kind.key, address=self.address)
        reason: str | None = answer["eligibility"][0]["eligibility"]["reason"]
        return reason

    def history(self) -> list[dict[str, Any]]:
        """The history of the address over GraphQL, oldest first."""
        answer = self.application.ask(HISTORY, by=by(self.address))["recipient"]
        return list(reversed(answer["history"]["nodes"])) if answer else []

    def history_lines(self) -> list[str]:
        """The history in short: type or "all", origin, status before and after."""
        return [
            f"{(event['subscriptionType'] or {}).get('key', 'all')} {event['origin']}"
            f" {event['before']} {event['after']}" + (" superseded" if event["superseded"] else "")
            for event in self.history()
        ]

    def _withdraw_url(self, kind: Type | None, unit: Unit | None = None) -> str:
        maker, fingerprint = self.application.links, self.application.fingerprint(self.address)
        token = maker.withdraw(fingerprint, EMAIL, kind and kind.key, unit and unit.key)
        return maker.withdraw_url(token)
