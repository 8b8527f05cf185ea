"""Permission to call a contact, and the one-time permits recorded for calls (R25)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from preference_center.action_states import ActionState, Refusal, action_state
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.legal_bases import check_legal_basis
from preference_center.rules import calls as rules
from preference_center.rules.eligibility import Eligibility
from preference_center.rules.permissions.actions import Requirement
from preference_center.rules.types import Actor, LegalBasis
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables import messaging as tables
from preference_center.validation import check_required_explanation

NEEDS_PERMIT: Final[Refusal] = (
    ErrorCode.LEGAL_BASIS_REQUIRED,
    "The contact is opted out of all email. Record a basis for this call with `permitCall` first.",
)


@dataclass(frozen=True, slots=True)
class CallPermit:
    """A legal basis and an explanation recorded for one call. `used_at` is when that call was made."""

    legal_basis: LegalBasis
    explanation: str
    used_at: datetime | None

    @property
    def facts(self) -> rules.CallPermit:
        """The permit as the rule sees it."""
        return rules.CallPermit(
            has_legal_basis=self.legal_basis.allows_communication,
            has_explanation=bool(self.explanation),
            used=self.used_at is not None,
        )


@dataclass(frozen=True, slots=True)
class CallPermission:
    """Whether a contact may be called now, and the newest permit, used or not."""

    eligibility: Eligibility
    permit: CallPermit | None = None

    @property
    def action(self) -> ActionState:
        """Why not, and what a permit needs."""
        if self.eligibility.allowed:
            return ActionState()
        return action_state([NEEDS_PERMIT], Requirement.LEGAL_BASIS, Requirement.EXPLANATION)


async def newest_permits(contact_ids: Iterable[int]) -> dict[int, CallPermit]:
    """Return the newest permit of each contact that has one, in one statement."""
    rows = await database.fetch(
        "SELECT p.contact_id, p.legal_basis, p.explanation, p.used_at FROM call_permits p"
        f" WHERE p.contact_id {database.any_of(1)}"
        " AND p.id = (SELECT MAX(n.id) FROM call_permits n WHERE n.contact_id = p.contact_id)",
        list(contact_ids),
    )
    return {row["contact_id"]: _permit(row) for row in rows}


def _permit(row: database.Row) -> CallPermit:
    return CallPermit(
        LegalBasis(row["legal_basis"]), row["explanation"], database.optional_instant(row["used_at"])
    )


def permission(newest: CallPermit | None, *, unsubscribed_from_all_email: bool) -> CallPermission:
    """Decide from the newest permit and the state of the contact's email address."""
    facts = newest.facts if newest else None
    eligibility = rules.may_call(unsubscribed_from_all_email=unsubscribed_from_all_email, permit=facts)
    return CallPermission(eligibility, newest)


async def permit(contact_id: int, legal_basis: LegalBasis, explanation: str, actor: Actor) -> CallPermission:
    """Record a permit for one call; it replaces one that was not used.

    Raises Invalid: NOT_FOUND, EXPLANATION_REQUIRED, and INVALID_VALUE for what is no basis to communicate.
    """
    text = check_permit(legal_basis, explanation)
    return await _save_permit(contact_id, legal_basis, text, actor)


def check_permit(legal_basis: LegalBasis, explanation: str) -> str:
    """Return the explanation of a permit, trimmed. Raises Invalid as `permit` does."""
    missing = "Give an explanation: every call after an opt-out of all email needs one."
    with Faults() as faults:
        faults.of(check_legal_basis, legal_basis, "legalBasis")
        return faults.of(check_required_explanation, explanation, "explanation", missing=missing)


@transaction
async def _save_permit(
    contact_id: int, legal_basis: LegalBasis, explanation: str, actor: Actor
) -> CallPermission:
    contact = await _lock(contact_id)
    await tables.CallPermit.filter(contact_id=contact_id, used_at=None).delete()
    await tables.CallPermit.create(
        contact_id=contact_id,
        legal_basis=legal_basis.value,
        explanation=explanation,
        actor=str(actor),
        created_at=database.now(),
    )
    return await _permission_of(contact)


@transaction
async def record(contact_id: int, actor: Actor) -> CallPermission:
    """Record that a call is made. It uses up an unused permit, whether it needs one or not.

    Raises Invalid: NOT_FOUND; LEGAL_BASIS_REQUIRED if the call needs a permit and has none. Of two calls
    recorded at once on one permit, one is refused.
    """
    contact = await _lock(contact_id)
    if not (await _permission_of(contact)).eligibility.allowed:
        raise Invalid(*NEEDS_PERMIT, "contact")
    unused = tables.CallPermit.filter(contact_id=contact_id, used_at=None)
    await unused.update(used_at=database.now(), used_by=str(actor))
    return await _permission_of(contact)


async def _lock(contact_id: int) -> ContactRow:
    """Lock the contact against other calls until the transaction ends. Raises Invalid."""
    mode = " FOR NO KEY UPDATE" if database.dialect() == "postgres" else ""
    found = await contacts.select("c.id = $1", contact_id, then=mode)
    if not found:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no contact with this id.", "contact")
    return found[0]


async def _permission_of(contact: ContactRow) -> CallPermission:
    opt_outs = await database.fetch(
        "SELECT 1 FROM opt_outs_of_all WHERE recipient_id = $1 AND channel = 'EMAIL' AND active LIMIT 1",
        contact.email_recipient_id,
    )
    newest = (await newest_permits([contact.id])).get(contact.id)
    return permission(newest, unsubscribed_from_all_email=bool(opt_outs))
