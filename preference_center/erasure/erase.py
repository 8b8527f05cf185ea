"""Erasing a person (R36): names, properties, addresses, evidence and free text go; opt-outs stay.

Each package declares what it keeps about people and how that is erased; `registry` lists the declarations.
"""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.erasure import leftovers
from preference_center.erasure.registry import PERSONAL_DATA
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Intent, Provenance
from preference_center.personal_data import Person
from preference_center.recipients import merged, recipients, visitors
from preference_center.recipients.locking import lock_recipients
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
    await leftovers.clean(await _erase_contact(contact, actor))


async def erase_recipient(recipient_id: int, actor: Actor) -> None:
    """Erase an address, and every contact that has it."""
    await leftovers.clean(await _erase_recipient(recipient_id, actor))


async def erase_on_request(recipient_kind: RecipientKind, fingerprint: bytes) -> None:
    """Erase the person who asked for it and confirmed, and every contact that has their address.

    A phone number that only this contact has is erased with an email address (decision 0017). All channels of
    these addresses are opted out of everything first, so that they stay opted out when they are added again.
    Does nothing for an address that is unknown, or erased already.
    """
    fingerprints = await _erase_on_request(recipient_kind, fingerprint)
    if fingerprints:
        await leftovers.clean(fingerprints)


@transaction
async def _erase_contact(contact: ContactRow, actor: Actor) -> Sequence[bytes]:
    recipient_ids = sorted(contact.recipient_ids)
    await lock_recipients(recipient_ids)
    return await _erase([contact.id], recipient_ids, actor)


@transaction
async def _erase_recipient(recipient_id: int, actor: Actor) -> Sequence[bytes]:
    await lock_recipients([recipient_id])
    return await _erase(await _contacts_of(recipient_id), [recipient_id], actor)


@transaction
async def _erase_on_request(recipient_kind: RecipientKind, fingerprint: bytes) -> Sequence[bytes]:
    addresses = await _own_addresses(recipient_kind, fingerprint)
    if not addresses:
        return []
    recipient_ids = sorted(addresses)
    await lock_recipients(recipient_ids)
    if await _own_addresses(recipient_kind, fingerprint) != addresses:
        raise RetryTransaction("the person's addresses changed before they were locked")
    contact_ids = await _contacts_of(next(iter(addresses)))
    await _opt_out_of_everything(addresses)
    return await _erase(contact_ids, recipient_ids, RECIPIENT)


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


async def _opt_out_of_everything(addresses: dict[int, RecipientKind]) -> None:
    catalog = await exact_catalog()
    intents = [
        Intent(recipient_id, channel, PreferenceStatus.OPTED_OUT, unit)
        for recipient_id, recipient_kind in addresses.items()
        for unit in catalog.units
        for channel in recipient_kind.channels
    ]
    await record_in_transaction(intents, Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT))


async def _erase(contact_ids: Sequence[int], recipient_ids: Sequence[int], actor: Actor) -> Sequence[bytes]:
    """Erase locked recipients and their contacts in the open transaction; returns the fingerprints.

    Other spellings of a phone number are erased with it.
    """
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
