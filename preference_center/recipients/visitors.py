"""Who opens a link: the recipient that it names, and their contact's language, in one look-up.

An email address also stands for the phone number of its contact, where that is nobody else's: one more
look-up, for those who have a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from preference_center.recipients import recipients
from preference_center.recipients.recipients import RecipientRow
from preference_center.recipients.states import RecipientState, place, states_sql
from preference_center.rules.addresses import Address, masked
from preference_center.rules.types import Channel, RecipientKind
from preference_center.storage import database


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person behind a link; `recipient` is None where only links have named them so far (R32)."""

    kind: RecipientKind
    fingerprint: bytes
    recipient: RecipientRow | None = None
    locale: str | None = None
    """The language in the contact's record, where there is one."""
    has_number: bool = False
    """Whether the contact of an email address has a phone number at all, be it shared."""
    phone: RecipientRow | None = None
    """That number where it is the contact's alone; looked for by `with_phone` only."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that the visitor may see and change."""
        return self.kind.channels + (RecipientKind.PHONE.channels if self.phone else ())

    @property
    def masked_address(self) -> str | None:
        """What reminds the owner of the address and tells nobody else; None where it is not known."""
        return _masked(self.recipient)

    @property
    def masked_phone(self) -> str | None:
        """The same of the phone number beside it."""
        return _masked(self.phone)


async def find(kind: RecipientKind, fingerprint: bytes) -> Visitor:
    """The visitor whom a link names; changes nothing, whoever it is."""
    rows = await database.fetch(_who_sql(kind), fingerprint, kind.value)
    return _visitor(kind, fingerprint, rows[0]) if rows else Visitor(kind, fingerprint)


async def find_with_state(kind: RecipientKind, fingerprint: bytes) -> tuple[Visitor, RecipientState]:
    """The visitor and what holds for them, in one statement.

    The visitor's row takes the columns of a state's, each for something else.
    """
    visitor, state = Visitor(kind, fingerprint), RecipientState()
    for row in await database.fetch(_who_and_state_sql(kind), fingerprint, database.now(), kind.value):
        if row["what"] == "who":
            visitor = _visitor(kind, fingerprint, row)
        else:
            place(row, state)
    return visitor, state


async def with_phone(visitor: Visitor, state: RecipientState) -> Visitor:
    """The visitor with the phone number that is theirs alone, and what holds for it put into the state.

    One statement, and none for whoever has no number. Preferences of a number that two contacts share belong
    to neither's email address (R1), and of one that was erased nothing is shown (R36).
    """
    if visitor.recipient is None or not visitor.has_number:
        return visitor
    phone = None
    for row in await database.fetch(_phone_and_state_sql(), visitor.recipient.id, database.now()):
        if row["what"] == "who":
            fingerprint = recipients.fingerprint_of(Address(RecipientKind.PHONE, row["explanation"]))
            phone = _recipient(RecipientKind.PHONE, fingerprint, row)
        else:
            place(row, state)
    return replace(visitor, phone=phone)


async def owns_phone(visitor: Visitor) -> bool:
    """Whether the phone number that was found with a visitor is still theirs alone: to ask under its lock."""
    if visitor.recipient is None or visitor.phone is None:
        return False
    sql = f"SELECT recipient_id FROM ({_OWN_PHONE}) AS own WHERE recipient_id = $2"
    return bool(await database.fetch(sql, visitor.recipient.id, visitor.phone.id))


_OWN_PHONE = (
    "SELECT r.id AS recipient_id, r.address AS explanation, r.links_revoked_at AS occurred_at,"
    " r.erased_at AS changed_at FROM contacts c JOIN recipients r ON r.id = c.phone_recipient_id"
    " WHERE c.email_recipient_id = $1 AND r.address IS NOT NULL AND r.erased_at IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM contacts o WHERE o.phone_recipient_id = r.id AND o.id <> c.id)"
)
"""The phone recipient of the contact with the email recipient $1, where no other contact has it."""
_OF_CONTACT = {
    RecipientKind.EMAIL: "c.locale AS status, c.phone_recipient_id IS NOT NULL AS about"
    " FROM recipients r LEFT JOIN contacts c ON c.email_recipient_id = r.id",
    RecipientKind.PHONE: "(SELECT c.locale FROM contacts c WHERE c.phone_recipient_id = r.id"
    " AND c.locale IS NOT NULL ORDER BY c.id LIMIT 1) AS status, FALSE AS about FROM recipients r",
}


def _who_sql(kind: RecipientKind, kind_place: int = 2) -> str:
    return (
        "SELECT r.id AS recipient_id, r.address AS explanation, r.links_revoked_at AS occurred_at,"
        f" r.erased_at AS changed_at, {_OF_CONTACT[kind]} WHERE r.fingerprint = $1 AND r.kind = ${kind_place}"
    )


@cache
def _who_and_state_sql(kind: RecipientKind) -> str:
    return _with_state_sql(_who_sql(kind, 3), "CAST(about AS integer)", "status")


@cache
def _phone_and_state_sql() -> str:
    return _with_state_sql(_OWN_PHONE, "0", "''")


def _with_state_sql(who: str, about: str, status: str) -> str:
    return (
        f"WITH who AS ({who}) SELECT 'who' AS what, recipient_id, '' AS channel, {about} AS about,"
        f" {status} AS status, '' AS origin, NULL AS legal_basis, occurred_at, changed_at, 0 AS event_id,"
        f" explanation FROM who UNION ALL {states_sql('= (SELECT recipient_id FROM who)')}"
    )


def _visitor(kind: RecipientKind, fingerprint: bytes, row: database.Row) -> Visitor:
    found = _recipient(kind, fingerprint, row)
    return Visitor(kind, fingerprint, found, row["status"], has_number=bool(row["about"]))


def _recipient(kind: RecipientKind, fingerprint: bytes, row: database.Row) -> RecipientRow:
    return RecipientRow(
        row["recipient_id"],
        kind,
        fingerprint,
        row["explanation"],
        database.optional_instant(row["occurred_at"]),
        database.optional_instant(row["changed_at"]),
    )


def _masked(recipient: RecipientRow | None) -> str | None:
    if recipient is None or recipient.address is None:
        return None
    return masked(Address(recipient.kind, recipient.address))
