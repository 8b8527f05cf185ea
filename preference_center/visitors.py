"""Who opens a link: the recipient that it names, and the language of their contact, in one look-up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from preference_center import database
from preference_center.preference_states import RecipientState, place, states_sql
from preference_center.recipients import RecipientRow
from preference_center.rules.addresses import Address, masked
from preference_center.rules.types import RecipientKind


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person behind a link; `recipient` is None where only links have named them so far (R32)."""

    kind: RecipientKind
    fingerprint: bytes
    recipient: RecipientRow | None = None
    locale: str | None = None
    """The language in the contact's record, where there is one."""

    @property
    def masked_address(self) -> str | None:
        """What reminds the owner of the address and tells nobody else; None where it is not known."""
        if self.recipient is None or self.recipient.address is None:
            return None
        return masked(Address(self.kind, self.recipient.address))


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


def _who_sql(kind: RecipientKind, kind_place: int = 2) -> str:
    column = "email_recipient_id" if kind is RecipientKind.EMAIL else "phone_recipient_id"
    return (
        "SELECT r.id AS recipient_id, r.address AS explanation, r.links_revoked_at AS occurred_at,"
        f" r.erased_at AS changed_at, (SELECT c.locale FROM contacts c WHERE c.{column} = r.id"
        " AND c.locale IS NOT NULL ORDER BY c.id LIMIT 1) AS status"
        f" FROM recipients r WHERE r.fingerprint = $1 AND r.kind = ${kind_place}"
    )


@cache
def _who_and_state_sql(kind: RecipientKind) -> str:
    return (
        f"WITH who AS ({_who_sql(kind, 3)}) SELECT 'who' AS what, recipient_id, '' AS channel, 0 AS about,"
        " status, '' AS origin, NULL AS legal_basis, occurred_at, changed_at, 0 AS event_id, explanation"
        f" FROM who UNION ALL {states_sql('= (SELECT recipient_id FROM who)')}"
    )


def _visitor(kind: RecipientKind, fingerprint: bytes, row: database.Row) -> Visitor:
    recipient = RecipientRow(
        row["recipient_id"],
        kind,
        fingerprint,
        row["explanation"],
        database.optional_instant(row["occurred_at"]),
        database.optional_instant(row["changed_at"]),
    )
    return Visitor(kind, fingerprint, recipient, row["status"])
