"""Erasing a person (R36): names, properties, addresses, evidence and free text go; opt-outs stay.

Each package declares what it keeps about people and how that is erased; `registry` lists the declarations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.erasure import journal, leftovers
from preference_center.erasure.journal import Entry, ErasedAddress, ErasedContact
from preference_center.erasure.registry import PERSONAL_DATA
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Intent, Provenance
from preference_center.personal_data import Person
from preference_center.recipients import merged, recipients, visitors
from preference_center.recipients.locking import lock_recipients
from preference_center.recipients.recipients import Identity, RecipientRow
from preference_center.recipients.states import RecipientState
from preference_center.rules.addresses import Address
from preference_center.rules.redaction import FullName, Identifiers
from preference_center.rules.types import (
    RECIPIENT,
    Actor,
    Channel,
    ConsentOrigin,
    PreferenceStatus,
    RecipientKind,
)
from preference_center.storage import database
from preference_center.storage.transactions import RetryTransaction, transaction


async def erase_contact(contact: ContactRow, actor: Actor) -> None:
    """Erase a contact and all its addresses. Contacts that share its phone number stay, without it."""
    await leftovers.clean(await _erase_contact(contact, _Request(actor)))


async def erase_recipient(recipient_id: int, actor: Actor) -> None:
    """Erase an address, and every contact that has it."""
    await leftovers.clean(await _erase_recipient(recipient_id, _Request(actor)))


async def erase_on_request(recipient_kind: RecipientKind, fingerprint: bytes) -> None:
    """Erase the person who asked for it and confirmed, and every contact that has their address.

    A phone number that only this contact has is erased with an email address (decision 0017). All channels of
    these addresses are opted out of everything first, so that they stay opted out when they are added again.
    Does nothing for an address that is unknown, or erased already.
    """
    fingerprints = await _erase_on_request(recipient_kind, fingerprint, _Request(RECIPIENT))
    if fingerprints:
        await leftovers.clean(fingerprints)


@dataclass(frozen=True, slots=True)
class _Request:
    """Who asks for an erasure. Its id stays the same when the transaction runs again."""

    actor: Actor
    id: str = field(default_factory=journal.new_id)


@transaction
async def _erase_contact(contact: ContactRow, request: _Request) -> Sequence[bytes]:
    recipient_ids = sorted(contact.recipient_ids)
    await lock_recipients(recipient_ids)
    return await _erase([contact.id], recipient_ids, request)


@transaction
async def _erase_recipient(recipient_id: int, request: _Request) -> Sequence[bytes]:
    await lock_recipients([recipient_id])
    return await _erase(await _contacts_of(recipient_id), [recipient_id], request)


@transaction
async def _erase_on_request(
    recipient_kind: RecipientKind, fingerprint: bytes, request: _Request
) -> Sequence[bytes]:
    addresses = await _own_addresses(recipient_kind, fingerprint)
    if not addresses:
        return []
    recipient_ids = sorted(addresses)
    await lock_recipients(recipient_ids)
    if await _own_addresses(recipient_kind, fingerprint) != addresses:
        raise RetryTransaction("the person's addresses changed before they were locked")
    contact_ids = await _contacts_of(next(iter(addresses)))
    await _opt_out_of_everything(addresses)
    return await _erase(contact_ids, recipient_ids, request)


async def _own_addresses(recipient_kind: RecipientKind, fingerprint: bytes) -> dict[int, RecipientKind]:
    """The ids of the recipient and of a phone number that is theirs alone; empty if unknown or erased."""
    visitor = await visitors.find_visitor(recipient_kind, fingerprint)
    recipient = visitor.recipient
    if recipient is None or recipient.erased_at:
        return {}
    phone = (await visitors.with_phone(visitor, RecipientState())).phone
    own = {recipient.id: recipient_kind}
    return own | {phone.id: RecipientKind.PHONE} if phone else own


async def _contacts_of(recipient_id: int) -> list[int]:
    return [contact.id for contact in (await contacts.of_recipients([recipient_id]))[recipient_id]]


async def _opt_out_of_everything(
    addresses: dict[int, RecipientKind], occurred_at: datetime | None = None
) -> None:
    catalog = await exact_catalog()
    intents = [
        Intent(recipient_id, channel, PreferenceStatus.OPTED_OUT, unit)
        for recipient_id, recipient_kind in addresses.items()
        for unit in catalog.units
        for channel in recipient_kind.channels
    ]
    provenance = Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT, occurred_at=occurred_at)
    await record_in_transaction(intents, provenance)


@transaction
async def erase_again(entry: Entry, actor: Actor) -> Sequence[bytes]:
    """Erase in a restored database what the journal names; returns the fingerprints, for `leftovers.clean`.

    An address that a person had erased is opted out of everything again, even if the backup does not have it.
    """
    rows = await _recipients_of(entry)
    await lock_recipients(sorted(rows))
    if entry.by_recipient:
        await _opt_out_of_everything({id_: row.kind for id_, row in rows.items()}, entry.at)
    contact_ids = await _contacts_to_erase_again(entry, rows)
    await journal.mark_done(entry)
    return await _erase_locked(contact_ids, sorted(rows), actor) if rows or contact_ids else []


async def _recipients_of(entry: Entry) -> dict[int, RecipientRow]:
    identities = [Identity(address.kind, address.fingerprint) for address in entry.addresses]
    if entry.by_recipient:
        for identity in identities:
            await recipients.ensure_fingerprint(*identity)
    found = await recipients.find_rows(identities)
    return await recipients.get_many({row.merged_into_id or row.id for row in found})


async def _contacts_to_erase_again(entry: Entry, rows: Mapping[int, RecipientRow]) -> list[int]:
    """The contacts of the entry, and all with one of its addresses, unless others kept that address."""
    shared = {address.fingerprint for address in entry.addresses if address.shared}
    owned = await contacts.of_recipients(id_ for id_, row in rows.items() if row.fingerprint not in shared)
    named = await contacts.get_many([contact.id for contact in entry.contacts])
    created = {(contact.id, contact.created_at) for contact in entry.contacts}
    return sorted(
        {contact.id for having in owned.values() for contact in having}
        | {contact.id for contact in named.values() if (contact.id, contact.created_at) in created}
    )


async def _erase(
    contact_ids: Sequence[int], recipient_ids: Sequence[int], request: _Request
) -> Sequence[bytes]:
    """Erase locked recipients and their contacts in the open transaction, and note it in the journal.

    Returns the fingerprints. Other spellings of a phone number are erased with it.
    """
    entry = await _entry_of(contact_ids, await merged.with_spellings(recipient_ids), request)
    fingerprints = await _erase_locked(contact_ids, recipient_ids, request.actor)
    await journal.note(entry)
    return fingerprints


async def _entry_of(contact_ids: Sequence[int], recipient_ids: Sequence[int], request: _Request) -> Entry:
    having = await contacts.of_recipients(recipient_ids)
    addresses = tuple(
        ErasedAddress(
            row.kind, row.fingerprint, any(contact.id not in contact_ids for contact in having[row.id])
        )
        for row in (await recipients.get_rows(recipient_ids)).values()
    )
    named = (await contacts.get_many(contact_ids)).values()
    erased = tuple(ErasedContact(contact.id, contact.created_at) for contact in named)
    return Entry(request.id, database.now(), request.actor == RECIPIENT, addresses, erased)


async def _erase_locked(
    contact_ids: Sequence[int], recipient_ids: Sequence[int], actor: Actor
) -> Sequence[bytes]:
    recipient_ids = await merged.with_spellings(recipient_ids)
    person = await _read_person(contact_ids, recipient_ids)
    await _withdraw_opt_ins(recipient_ids, actor)
    for table in PERSONAL_DATA:
        if table.erase is not None:
            await table.erase(person)
    await leftovers.schedule(person.fingerprints)
    return person.fingerprints


async def _read_person(contact_ids: Sequence[int], recipient_ids: Sequence[int]) -> Person:
    rows = (await recipients.get_rows(recipient_ids)).values()
    named = (await contacts.get_many(contact_ids)).values()
    addresses = tuple(Address(row.kind, row.address) for row in rows if row.address is not None)
    names = tuple(FullName((row.first_name or "").strip(), (row.last_name or "").strip()) for row in named)
    fingerprints = [row.fingerprint for row in rows]
    return Person(recipient_ids, contact_ids, fingerprints, Identifiers(addresses, names))


async def _withdraw_opt_ins(recipient_ids: Sequence[int], actor: Actor) -> None:
    """Set every opt-in back to NOT_OPTED: an address that is added again is not opted in."""
    catalog = await exact_catalog()
    rows = await database.fetch(
        "SELECT recipient_id, channel, subscription_type_id FROM preferences"
        f" WHERE status = 'OPTED_IN' AND recipient_id {database.any_of(1)} ORDER BY id",
        list(recipient_ids),
    )
    intents = []
    for row in rows:
        channel, subscription_type = Channel(row["channel"]), catalog.type_by_id(row["subscription_type_id"])
        target = (subscription_type.business_unit, subscription_type)
        intents.append(Intent(row["recipient_id"], channel, PreferenceStatus.NOT_OPTED, *target))
    if intents:
        await record_in_transaction(intents, Provenance(ConsentOrigin.REVERSAL, actor))
