"""One person in a story: what they and the team can do to their address, over HTTP, in a word each."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from typing import Any

from preference_center.outbox import delivery as outbox
from preference_center.rules.types import RecipientKind
from tests.journeys import operations
from tests.journeys.agreement import by
from tests.journeys.browser import Page
from tests.journeys.cast import EMAIL
from tests.journeys.model import Type, Unit
from tests.journeys.world import World

GROUNDS = {
    "legalBasis": "CONSENT_WITH_NOTICE",
    "processingBasis": "PROCESS_AND_STORE",
    "explanation": "Asked for it at the fair.",
}
HISTORY = """
query History($by: RecipientRef!) {
  recipient(by: $by) {
    address
    history(first: 50) { nodes {
      origin before after superseded actor explanation subscriptionType { key } businessUnit { key } } }
  }
}"""
MAY_BE_SENT = """
query MayBeSent($type: Key!, $address: String!) {
  eligibility(subscriptionType: $type, channel: EMAIL, addresses: [$address]) {
    eligibility { allowed reason } }
}"""


@dataclass(frozen=True)
class Person:
    """An address in the world: of email, where nothing else is said."""

    world: World
    address: str

    def updated(self, kind: Type, status: str, who: str = "team", **given: Any) -> str:
        """The team or an integration sets a status; answers `changed`, `unchanged` or the refusal's code."""
        change = {"subscriptionType": kind.key, "status": status}
        sent = {"recipient": by(self.address), "changes": [change], **given}
        answer = self.world.ask(operations.UPDATE, who, input=sent)["updatePreferences"]
        [outcome] = answer["outcomes"]
        if outcome["error"]:
            return str(outcome["error"]["code"])
        return "changed" if outcome["changed"] else "unchanged"

    def opted_out_of_all(self, unit: Unit) -> list[str]:
        """The team opts them out of all; answers the refusals."""
        sent = {"recipient": by(self.address), "businessUnit": unit.key}
        answer = self.world.ask(operations.OPT_OUT_OF_ALL, input=sent)["optOutOfAll"]
        return [error["code"] for error in answer["userErrors"]]

    def readmitted(self, unit: Unit) -> list[str]:
        """The team removes an opt-out of all; answers the refusals."""
        sent = {"recipient": by(self.address), "businessUnit": unit.key}
        sent |= {name: given for name, given in GROUNDS.items() if name != "processingBasis"}
        answer = self.world.ask(operations.REMOVE_OPT_OUT_OF_ALL, input=sent)["removeOptOutOfAll"]
        return [error["code"] for error in answer["userErrors"]]

    def saves(self, *toggled: Type, button: str = "save") -> Page:
        """Opens the preference page, toggles boxes for email and presses a button."""
        return self.toggles(*(f"{kind.key}:EMAIL" for kind in toggled), button=button)

    def toggles(self, *values: str, button: str = "save") -> Page:
        """The same with boxes of any channel, such as "digest:SMS"."""
        page = self.opens()
        [form] = page.forms
        for box in form.boxes:
            box.on ^= box.value in values
        return self.world.press(page, button)

    def opens(self) -> Page:
        """Opens the preference page."""
        maker, fingerprint = self.world.links, self.world.fingerprint(self.address)
        token = maker.manage(fingerprint, RecipientKind.EMAIL, self.world.clock())
        return self.world.open(maker.manage_url(token))

    def one_clicks(self, kind: Type) -> None:
        """Their mail program sends the one-click POST of RFC 8058."""
        answer = self.world.post(self._withdraw_url(kind), **{"List-Unsubscribe": "One-Click"})
        assert answer.is_success

    def unsubscribes(self, kind: Type | None = None, unit: Unit | None = None) -> Page:
        """Opens the footer's link and presses the button; answers the page with the undo."""
        return self.world.press(self.world.open(self._withdraw_url(kind, unit)), "unsubscribe")

    def confirms(self) -> Page:
        """Finds the newest mail that asks for it, opens its link, and presses the button."""
        return self.world.press(self.world.open(self.mailed_link()), "confirm")

    def mailed_link(self) -> str:
        """The link in the newest mail that asks them to confirm."""
        self.world.run(outbox.deliver_due())
        folder = self.world.settings.data_dir / "mail"
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
        self.world.run(outbox.deliver_due())
        folder = self.world.settings.data_dir / "texts"
        texts = (path.read_text("utf-8") for path in sorted(folder.glob("*-confirm.txt"), reverse=True))
        text = next(text for text in texts if f"To: {self.address}\n" in text)
        found = re.search(r"http://\S+/c/\S+", text)
        assert found is not None
        return found[0]

    def blocked(self, kind: Type) -> str | None:
        """Why a message may not be sent to them by email; None where it may."""
        answer = self.world.ask(MAY_BE_SENT, type=kind.key, address=self.address)
        reason: str | None = answer["eligibility"][0]["eligibility"]["reason"]
        return reason

    def history(self) -> list[dict[str, Any]]:
        """What the ledger says of the address over GraphQL, oldest first."""
        answer = self.world.ask(HISTORY, by=by(self.address))["recipient"]
        return list(reversed(answer["history"]["nodes"])) if answer else []

    def told(self) -> list[str]:
        """The same in short: what, by what way, from what to what."""
        return [
            f"{(event['subscriptionType'] or {}).get('key', 'all')} {event['origin']}"
            f" {event['before']} {event['after']}" + (" superseded" if event["superseded"] else "")
            for event in self.history()
        ]

    def _withdraw_url(self, kind: Type | None, unit: Unit | None = None) -> str:
        maker, fingerprint = self.world.links, self.world.fingerprint(self.address)
        token = maker.withdraw(fingerprint, EMAIL, kind and kind.key, unit and unit.key)
        return maker.withdraw_url(token)
