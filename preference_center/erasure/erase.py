"""Forgetting a person (R36): names, properties, addresses, evidence and free text go; opt-outs stay."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center import triggers
from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.erasure import free_text as erasure_traces
from preference_center.erasure import leftovers as erasure_leftovers
from preference_center.inbound import review
from preference_center.ledger import current_state
from preference_center.ledger import record as ledger
from preference_center.ledger import write as ledger_rows
from preference_center.ledger.record import Intent, Provenance
from preference_center.preferences import leaving_reasons
from preference_center.recipients import recipients, visitors
from preference_center.recipients.states import RecipientState
from preference_center.rules.types import (
    RECIPIENT,
    Actor,
    Channel,
    ConsentOrigin,
    PreferenceStatus,
    RecipientKind,
)
from preference_center.storage import database, transactions


async def erase_contact(contact: ContactRow, actor: Actor) -> None:
    """Erase a contact and all its addresses. Whoever shares its phone number stays, without it."""
    addresses = sorted(contact.recipient_ids)

    async def once() -> list[bytes]:
        async with transactions.write_transaction():
            await current_state.lock(addresses)
            return await _erase([contact.id], addresses, actor)

    await erasure_leftovers.clean(await transactions.retried(once))


async def erase_recipient(recipient_id: int, actor: Actor) -> None:
    """Erase an address, and every contact that has it."""

    async def once() -> list[bytes]:
        async with transactions.write_transaction():
            await current_state.lock([recipient_id])
            return await _erase(await _holders(recipient_id), [recipient_id], actor)

    await erasure_leftovers.clean(await transactions.retried(once))


async def erase_themselves(kind: RecipientKind, fingerprint: bytes) -> None:
    """Erase whoever confirmed that they want it, and every contact that has their address.

    With an email address goes the phone number that is its contact's alone (decision 0017). Before that they
    opt out of everything on all channels of these addresses, so that nobody writes to whoever is typed again.
    Of somebody unknown, or erased already, there is nothing to do.
    """
    locked: list[int] = []

    async def once() -> list[bytes] | None:
        async with transactions.write_transaction():
            await current_state.lock(locked)
            addresses = await _addresses(kind, fingerprint)
            if not addresses.keys() <= set(locked):
                # Whose these are was asked without a lock: once more, with one.
                locked[:] = sorted(addresses)
                return None
            if not addresses:
                return []
            contact_ids = await _holders(next(iter(addresses)))
            await _opt_out_of_everything(addresses)
            return await _erase(contact_ids, sorted(addresses), RECIPIENT)

    prints = await transactions.retried(once)
    while prints is None:
        prints = await transactions.retried(once)
    if prints:
        await erasure_leftovers.clean(prints)


async def _addresses(kind: RecipientKind, fingerprint: bytes) -> dict[int, RecipientKind]:
    """The recipient who confirmed, and after it the phone number that is theirs alone; nobody once erased."""
    visitor = await visitors.find(kind, fingerprint)
    confirmed = visitor.recipient
    if confirmed is None or confirmed.erased_at:
        return {}
    phone = (await visitors.with_phone(visitor, RecipientState())).phone
    own = {confirmed.id: kind}
    return own | {phone.id: RecipientKind.PHONE} if phone else own


async def _holders(recipient_id: int) -> list[int]:
    return [row.id for row in (await contacts.of_recipients([recipient_id]))[recipient_id]]


async def _opt_out_of_everything(addresses: dict[int, RecipientKind]) -> None:
    catalog = await exact_catalog()
    intents = [
        Intent(number, channel, PreferenceStatus.OPTED_OUT, unit)
        for number, kind in addresses.items()
        for unit in catalog.units
        for channel in kind.channels
    ]
    await ledger.apply(intents, Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT))


async def _erase(contact_ids: Sequence[int], addresses: Sequence[int], actor: Actor) -> list[bytes]:
    """Erase locked recipients and contacts in the open transaction; answers the addresses' fingerprints."""
    person = await erasure_traces.person(addresses, contact_ids)
    await _withdraw(addresses, actor)
    await database.execute(f"DELETE FROM contacts WHERE id {database.any_of(1)}", list(contact_ids))
    left = {kind: await _without(kind, addresses) for kind in ("email", "phone")}
    changed = {number: frozenset({kind}) for kind, numbers in left.items() for number in numbers}
    await triggers.contacts_updated(changed, await exact_catalog())
    await ledger_rows.forget(addresses)
    await review.forget(addresses)
    await leaving_reasons.forget(addresses)
    await erasure_traces.remove(person)
    prints = [row.fingerprint for row in (await recipients.get_many(addresses)).values()]
    await _forget(addresses, prints)
    await erasure_leftovers.note(prints)
    return prints


async def _without(kind: str, recipient_ids: Sequence[int]) -> list[int]:
    """Take addresses from whoever else has them; answers whom that changed."""
    column, of_ids = f"{kind}_recipient_id", database.any_of(1)
    rows = await database.fetch(
        f"UPDATE contacts SET {kind} = NULL, {column} = NULL WHERE {column} {of_ids} RETURNING id",
        list(recipient_ids),
    )
    return [row["id"] for row in rows]


async def _withdraw(recipient_ids: Sequence[int], actor: Actor) -> None:
    """End every consent given, by events: nobody who comes back under that address is opted in."""
    catalog = await exact_catalog()
    rows = await database.fetch(
        "SELECT recipient_id, channel, subscription_type_id FROM preferences"
        f" WHERE status = 'OPTED_IN' AND recipient_id {database.any_of(1)} ORDER BY id",
        list(recipient_ids),
    )
    intents = []
    for row in rows:
        kind = catalog.type_by_id(row["subscription_type_id"])
        channel = Channel(row["channel"])
        intents.append(Intent(row["recipient_id"], channel, PreferenceStatus.NOT_OPTED, kind.unit, kind))
    if intents:
        await ledger.apply(intents, Provenance(ConsentOrigin.REVERSAL, actor))


async def _forget(recipient_ids: Sequence[int], prints: Sequence[bytes]) -> None:
    of_ids = database.any_of(1)
    for fingerprint in prints:
        await database.execute("DELETE FROM outgoing_mails WHERE fingerprint = $1", fingerprint)
    await database.execute(f"DELETE FROM address_refusals WHERE recipient_id {of_ids}", list(recipient_ids))
    await database.execute(
        f"UPDATE recipients SET address = NULL, erased_at = $2 WHERE id {of_ids}",
        list(recipient_ids),
        database.now(),
    )
