"""May a contact be called, and the grounds recorded for single calls (R25)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules import calls as rules
from preference_center.rules.eligibility import Eligibility
from preference_center.rules.types import Actor, LegalBasis
from preference_center.storage import database, transactions
from preference_center.validation import check_text

LONGEST_EXPLANATION = 2_000


@dataclass(frozen=True, slots=True)
class CallPermit:
    """The newest ground that was recorded for a call to a contact."""

    legal_basis: LegalBasis
    explanation: str
    used_at: datetime | None

    @property
    def facts(self) -> rules.CallPermit:
        """What the rule needs to know of it."""
        return rules.CallPermit(
            has_legal_basis=True, has_explanation=bool(self.explanation), used=self.used_at is not None
        )


@dataclass(frozen=True, slots=True)
class CallPermission:
    """Whether a contact may be called, and on what ground: the newest recorded, used up or not."""

    answer: Eligibility
    permit: CallPermit | None = None


async def newest_permits(contact_ids: Iterable[int]) -> dict[int, CallPermit]:
    """The newest permit of each contact that ever had one, in one statement."""
    rows = await database.fetch(
        "SELECT p.contact_id, p.legal_basis, p.explanation, p.used_at FROM call_permits p"
        f" WHERE p.contact_id {database.any_of(1)}"
        " AND p.id = (SELECT MAX(n.id) FROM call_permits n WHERE n.contact_id = p.contact_id)",
        list(contact_ids),
    )
    return {row["contact_id"]: _permit(row) for row in rows}


def judge(permit: CallPermit | None, *, unsubscribed_from_all_email: bool) -> CallPermission:
    """Ask the rule about a contact as it was read."""
    facts = permit.facts if permit else None
    answer = rules.may_call(unsubscribed_from_all_email=unsubscribed_from_all_email, permit=facts)
    return CallPermission(answer, permit)


async def permit(contact_id: int, legal_basis: LegalBasis, explanation: str, actor: Actor) -> CallPermission:
    """Record a ground for one call, in place of one that was not used yet.

    Raises Invalid for a contact that is not there, and EXPLANATION_REQUIRED.
    """
    reason = check_text(explanation, "explanation", max_length=LONGEST_EXPLANATION)
    if not reason:
        raise Invalid(ErrorCode.EXPLANATION_REQUIRED, "A call needs an explanation (R25).", "explanation")

    async def once() -> CallPermission:
        async with transactions.write_transaction():
            contact = await _locked(contact_id)
            await database.execute(
                "DELETE FROM call_permits WHERE contact_id = $1 AND used_at IS NULL", contact_id
            )
            await database.execute(
                "INSERT INTO call_permits (contact_id, legal_basis, explanation, actor, created_at)"
                " VALUES ($1, $2, $3, $4, $5)",
                *(contact_id, legal_basis.value, reason, str(actor), database.now()),
            )
            return await _permission(contact)

    return await transactions.retried(once)


async def record(contact_id: int, actor: Actor) -> CallPermission:
    """Record that a call is made: a permit that was not used yet is used up by it, needed or not.

    Raises Invalid for a contact that is not there, and LEGAL_BASIS_REQUIRED where the call needs a permit
    and none is left: of two who record at once with one permit, one may call.
    """

    async def once() -> CallPermission:
        async with transactions.write_transaction():
            contact = await _locked(contact_id)
            if not (await _permission(contact)).answer.allowed:
                message = "The person is out of all email: a call needs a legal basis of its own (R25)."
                raise Invalid(ErrorCode.LEGAL_BASIS_REQUIRED, message, "contact")
            await database.execute(
                "UPDATE call_permits SET used_at = $2, used_by = $3"
                " WHERE contact_id = $1 AND used_at IS NULL",
                *(contact_id, database.now(), str(actor)),
            )
            return await _permission(contact)

    return await transactions.retried(once)


async def _locked(contact_id: int) -> ContactRow:
    """The contact, held against every other call until the transaction ends."""
    mode = " FOR NO KEY UPDATE" if database.dialect() == "postgres" else ""
    found = await contacts.select("c.id = $1", contact_id, then=mode)
    if not found:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such contact.", "contact")
    return found[0]


async def _permission(contact: ContactRow) -> CallPermission:
    out = await database.fetch(
        "SELECT 1 FROM opt_outs_of_all WHERE recipient_id = $1 AND channel = 'EMAIL' AND active LIMIT 1",
        contact.email_recipient_id,
    )
    newest = (await newest_permits([contact.id])).get(contact.id)
    return judge(newest, unsubscribed_from_all_email=bool(out))


def _permit(row: database.Row) -> CallPermit:
    return CallPermit(
        LegalBasis(row["legal_basis"]), row["explanation"], database.optional_instant(row["used_at"])
    )
