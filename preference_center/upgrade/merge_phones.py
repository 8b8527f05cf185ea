"""Makes one recipient of the spellings of a phone number, where a database has several (R3).

Works through the phone numbers in chunks, each in one transaction. A second run finds nothing left to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

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
    "SELECT id, address FROM recipients WHERE kind || '' = 'PHONE' AND address IS NOT NULL"
    " AND merged_into_id IS NULL AND id > $1 ORDER BY id LIMIT $2"
)
"""Phone numbers by id. With a plain "kind =", SQLite would sort all of them for each chunk."""


@dataclass
class _Number:
    """A phone number of today, and the recipients that are spellings of it."""

    number: str
    fingerprint: bytes
    rows: dict[int, RecipientRow] = field(default_factory=dict)

    @cached_property
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
        """The remaining recipient's new number, if it has another one."""
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
    """The numbers of these recipients that are to be merged or renamed, with their recipients locked."""
    today = {recipient_id: _todays_form(address) for recipient_id, address in addresses.items()}
    changed = {
        recipient_id: number for recipient_id, number in today.items() if number != addresses[recipient_id]
    }
    # Those without an address too: they were erased, or are known from a link only.
    older = {_identity(form): number for number in set(today.values()) for form in older_forms(number)}
    changed |= await _unmerged(older)
    numbers = {_identity(number): number for number in changed.values()}
    changed |= await _unmerged(numbers)
    found = {number: _Number(number, identity.fingerprint) for identity, number in numbers.items()}
    await lock_recipients(changed)
    for row in (await recipients.get_rows(changed)).values():
        if row.merged_into_id is None:
            found[changed[row.id]].rows[row.id] = row
    return [number for number in found.values() if number.rows and (number.others or number.renaming)]


async def _unmerged(numbers: dict[Identity, str]) -> dict[int, str]:
    """The number of each recipient with one of these fingerprints that is not merged yet, by its id."""
    rows = await recipients.find_rows(list(numbers))
    return {
        row.id: numbers[Identity(row.kind, row.fingerprint)] for row in rows if row.merged_into_id is None
    }


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
