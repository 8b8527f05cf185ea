"""Makes one recipient of the spellings of a phone number, where a database has several (R3).

Works through the phone numbers in chunks, each in one transaction. A second run finds nothing left to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tortoise.exceptions import IntegrityError

from preference_center.ledger.merging import merge_decisions
from preference_center.outbox import merging as outbox
from preference_center.recipients import merged, recipients
from preference_center.recipients.locking import lock_recipients
from preference_center.recipients.merged import Merging, Renaming
from preference_center.recipients.recipients import Identity, RecipientRow
from preference_center.rules.addresses import Address
from preference_center.rules.phone_numbers import PhoneNumberError, parse_provider_number
from preference_center.rules.phone_spellings import older_forms
from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.storage.transactions import RetryTransaction, transaction

_CHUNK = 5_000
_NUMBERS = (
    "SELECT id, address FROM recipients WHERE kind = 'PHONE' AND address IS NOT NULL"
    " AND merged_into_id IS NULL AND id > $1 ORDER BY id LIMIT $2"
)


@dataclass(slots=True)
class _Number:
    """A phone number of today, and the recipients that are spellings of it."""

    number: str
    fingerprint: bytes
    rows: dict[int, RecipientRow] = field(default_factory=dict)

    @property
    def remaining(self) -> RecipientRow:
        """The recipient that remains: that of today's form if there is one, else the oldest with a number."""
        rows = sorted(self.rows.values(), key=lambda row: (row.address is None, row.id))
        return next((row for row in rows if row.fingerprint == self.fingerprint), rows[0])

    @property
    def others(self) -> list[RecipientRow]:
        """The recipients that are merged into the one that remains."""
        remaining = self.remaining
        return [row for row in self.rows.values() if row.id != remaining.id]

    @property
    def renaming(self) -> Renaming | None:
        """The remaining recipient's new number, if it has another one or none."""
        row = self.remaining
        if row.fingerprint == self.fingerprint:
            return None
        return Renaming(row.id, row.fingerprint, self.fingerprint, self.number)


async def merge_all() -> None:
    """Merge the recipients of every phone number in the database."""
    last_id: int | None = 0
    while last_id is not None:
        last_id = await _merge_chunk(last_id)


@transaction
async def _merge_chunk(after_id: int) -> int | None:
    """Merge the next phone numbers; returns the id of the last one, None after the last chunk."""
    rows = await database.fetch(_NUMBERS, after_id, _CHUNK)
    if not rows:
        return None
    numbers = await _numbers({row["id"]: row["address"] for row in rows})
    try:
        await _merge(numbers)
    except IntegrityError as error:
        raise RetryTransaction("a number of today was added meanwhile") from error
    return int(rows[-1]["id"])


async def _numbers(addresses: dict[int, str]) -> list[_Number]:
    """The numbers of these recipients that have other spellings in the database, locked."""
    by_identity: dict[Identity, _Number] = {}
    changed: dict[int, _Number] = {}
    for recipient_id, address in addresses.items():
        today = _todays_form(address)
        forms = older_forms(today)
        if not forms and today == address:
            continue
        number = by_identity.setdefault(_identity(today), _Number(today, _identity(today).fingerprint))
        by_identity |= {_identity(form): number for form in forms}
        if today != address:
            changed[recipient_id] = number
    await _add_rows(by_identity, changed)
    found = {id(number): number for number in by_identity.values()}.values()
    return [number for number in found if number.rows and (number.others or number.renaming)]


async def _add_rows(by_identity: dict[Identity, _Number], changed: dict[int, _Number]) -> None:
    """Lock and read the recipients of numbers, those without an address too: erased, or known from a link."""
    found = {row.id for row in await recipients.find_rows(list(by_identity))} | set(changed)
    await lock_recipients(found)
    for row in (await recipients.get_many(found)).values():
        number = changed.get(row.id) or by_identity.get(Identity(row.kind, row.fingerprint))
        if number is not None and row.merged_into_id is None:
            number.rows[row.id] = row


def _todays_form(address: str) -> str:
    try:
        return parse_provider_number(address)
    except PhoneNumberError:
        return address


def _identity(number: str) -> Identity:
    return Identity(RecipientKind.PHONE, recipients.fingerprint_of(Address(RecipientKind.PHONE, number)))


async def _merge(numbers: Sequence[_Number]) -> None:
    if not numbers:
        return
    into = {row.id: number.remaining.id for number in numbers for row in number.others}
    if into:
        await merge_decisions(into)
    await outbox.readdress(
        {
            row.fingerprint: (number.fingerprint, number.number)
            for number in numbers
            for row in number.rows.values()
        }
    )
    await _move(numbers)
    await merged.merge(
        [Merging(row.id, row.fingerprint, into[row.id]) for number in numbers for row in number.others]
    )
    await merged.rename([number.renaming for number in numbers if number.renaming])
    await _restore_addresses(numbers)


async def _restore_addresses(numbers: Iterable[_Number]) -> None:
    """Give an erased recipient its number again where another spelling was added since (R36)."""
    for number in numbers:
        row = number.remaining
        if row.address is None and not number.renaming and any(other.address for other in number.others):
            await database.execute(
                "UPDATE recipients SET address = $2, erased_at = NULL WHERE id = $1", row.id, number.number
            )


async def _move(numbers: Iterable[_Number]) -> None:
    """Let contacts, messages and jobs refer to the recipient that remains, and contacts show its number."""
    moved = json.dumps(
        [
            {"old_id": row.id, "new_id": number.remaining.id, "number": number.number}
            for number in numbers
            for row in number.rows.values()
        ]
    )
    source = database.recordset(1, {"old_id": "bigint", "new_id": "bigint", "number": "text"})
    await database.execute(
        f"UPDATE contacts AS c SET phone_recipient_id = m.new_id, phone = m.number FROM {source} AS m"
        " WHERE c.phone_recipient_id = m.old_id",
        moved,
    )
    for table in ("inbound_messages", "operation_refusals", "workflow_triggers"):
        await database.execute(
            f"UPDATE {table} AS c SET recipient_id = m.new_id FROM {source} AS m"
            " WHERE c.recipient_id = m.old_id AND m.old_id <> m.new_id",
            moved,
        )
