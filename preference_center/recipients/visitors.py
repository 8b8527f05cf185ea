"""Who opens a link: the recipient that it names, and their contact's language and phone number.

An email address also gives access to the phone number of its contact, unless another contact has it too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from preference_center.recipients import recipients
from preference_center.recipients.recipients import RecipientRow
from preference_center.recipients.states import RecipientState, add_state_row, states_sql
from preference_center.rules.addresses import Address, masked
from preference_center.rules.types import Channel, RecipientKind
from preference_center.storage import database


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person behind a link. `recipient` is None while the recipient is known from links only (R32)."""

    recipient_kind: RecipientKind
    fingerprint: bytes
    recipient: RecipientRow | None = None
    locale: str | None = None
    """The contact's language, if there is a contact with one."""
    has_phone: bool = False
    """Whether the contact of an email address has a phone number, shared with other contacts or not."""
    phone: RecipientRow | None = None
    """That phone number if no other contact has it. Only `with_phone` looks it up."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that the visitor can see and change."""
        return self.recipient_kind.channels + (RecipientKind.PHONE.channels if self.phone else ())

    @property
    def masked_address(self) -> str | None:
        """The address, masked so that only its owner recognises it; None if it is unknown."""
        return _masked(self.recipient)

    @property
    def masked_phone(self) -> str | None:
        """The contact's phone number, masked in the same way."""
        return _masked(self.phone)


async def find_visitor(recipient_kind: RecipientKind, fingerprint: bytes) -> Visitor:
    """The visitor that a link names, known or not."""
    rows = await database.fetch(_VISITOR[recipient_kind], fingerprint)
    return _visitor(recipient_kind, fingerprint, rows[0]) if rows else Visitor(recipient_kind, fingerprint)


async def find_visitor_with_state(
    recipient_kind: RecipientKind, fingerprint: bytes
) -> tuple[Visitor, RecipientState]:
    """The visitor that a link names and their current state, in one statement."""
    visitor, state = Visitor(recipient_kind, fingerprint), RecipientState()
    sql = _visitor_and_state_sql(recipient_kind)
    rows = await database.fetch(sql, fingerprint, database.now())
    if rows:
        visitor = _visitor(recipient_kind, fingerprint, rows[0])
    for row in rows:
        if row["source"]:
            add_state_row(row, state)
    return visitor, state


async def with_phone(visitor: Visitor, state: RecipientState) -> Visitor:
    """The visitor with their own phone number; adds its current state to `state`.

    One statement, and none for a visitor without a phone number. The preferences of a number that two
    contacts share belong to neither email address (R1), and nothing of an erased number is shown (R36).
    """
    if visitor.recipient is None or not visitor.has_phone:
        return visitor
    rows = await database.fetch(_own_phone_and_state_sql(), visitor.recipient.id, database.now())
    if not rows:
        return replace(visitor, phone=None)
    for row in rows:
        if row["source"]:
            add_state_row(row, state)
    fingerprint = recipients.fingerprint_of(Address(RecipientKind.PHONE, rows[0]["address"]))
    return replace(visitor, phone=_recipient(RecipientKind.PHONE, fingerprint, rows[0]))


async def owns_phone(visitor: Visitor) -> bool:
    """Whether the visitor's phone number is still theirs alone. Ask while it is locked."""
    if visitor.recipient is None or visitor.phone is None:
        return False
    sql = f"SELECT visitor_id FROM ({_OWN_PHONE}) AS own_phone WHERE visitor_id = $2"
    return bool(await database.fetch(sql, visitor.recipient.id, visitor.phone.id))


_OWN_PHONE = """
SELECT r.id AS visitor_id, r.address, r.links_revoked_at, r.erased_at
FROM contacts c JOIN recipients r ON r.id = c.phone_recipient_id
WHERE c.email_recipient_id = $1 AND r.address IS NOT NULL AND r.erased_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM contacts o WHERE o.phone_recipient_id = r.id AND o.id <> c.id)
""".strip()
"""The phone number of the contact with the email recipient $1, unless another contact has it too."""
_VISITOR = {
    RecipientKind.EMAIL: """
SELECT r.id AS visitor_id, r.address, r.links_revoked_at, r.erased_at, c.locale,
  c.phone_recipient_id IS NOT NULL AS has_phone
FROM recipients r LEFT JOIN contacts c ON c.email_recipient_id = r.id
WHERE r.kind = 'EMAIL' AND r.fingerprint = $1
""".strip(),
    RecipientKind.PHONE: """
SELECT r.id AS visitor_id, r.address, r.links_revoked_at, r.erased_at,
  (SELECT c.locale FROM contacts c WHERE c.phone_recipient_id = r.id AND c.locale IS NOT NULL
    ORDER BY c.id LIMIT 1) AS locale,
  FALSE AS has_phone
FROM recipients r WHERE r.id = (
  SELECT COALESCE(s.merged_into_id, s.id) FROM recipients s WHERE s.kind = 'PHONE' AND s.fingerprint = $1)
""".strip(),
}
"""The recipient with the fingerprint $1, with what the contact's record says.

The fingerprint may be that of another spelling of the phone number (R3)."""


@cache
def _visitor_and_state_sql(recipient_kind: RecipientKind) -> str:
    return _with_state(_VISITOR[recipient_kind])


@cache
def _own_phone_and_state_sql() -> str:
    return _with_state(_OWN_PHONE)


def _with_state(visitor_sql: str) -> str:
    """The visitor beside each row of their state; one row whose `source` is NULL if the state is empty."""
    states = states_sql("= (SELECT visitor_id FROM visitor)")
    return f"WITH visitor AS ({visitor_sql}) SELECT * FROM visitor LEFT JOIN ({states}) AS state ON TRUE"


def _visitor(recipient_kind: RecipientKind, fingerprint: bytes, row: database.Row) -> Visitor:
    recipient = _recipient(recipient_kind, fingerprint, row)
    return Visitor(recipient_kind, fingerprint, recipient, row["locale"], has_phone=bool(row["has_phone"]))


def _recipient(recipient_kind: RecipientKind, fingerprint: bytes, row: database.Row) -> RecipientRow:
    return RecipientRow(
        row["visitor_id"],
        recipient_kind,
        fingerprint,
        row["address"],
        database.optional_instant(row["links_revoked_at"]),
        database.optional_instant(row["erased_at"]),
    )


def _masked(recipient: RecipientRow | None) -> str | None:
    if recipient is None or recipient.address is None:
        return None
    return masked(Address(recipient.kind, recipient.address))
