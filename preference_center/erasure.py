"""Forgetting a person (R36): names, properties, addresses, evidence and free text go; opt-outs stay."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center import (
    catalog,
    contacts,
    database,
    leaving_reasons,
    ledger,
    ledger_rows,
    ledger_state,
    message_review,
    workflow_triggers,
)
from preference_center.contacts import ContactRow
from preference_center.ledger import Intent, Provenance
from preference_center.rules.types import Actor, Channel, ConsentOrigin, PreferenceStatus


async def erase_contact(contact: ContactRow, actor: Actor) -> None:
    """Erase a contact and all its addresses. Whoever shares its phone number stays, without it."""
    await _erase([contact.id], contact.recipient_ids, actor)


async def erase_recipient(recipient_id: int, actor: Actor) -> None:
    """Erase an address, and every contact that has it."""
    holders = (await contacts.of_recipients([recipient_id]))[recipient_id]
    await _erase([row.id for row in holders], [recipient_id], actor)


async def _erase(contact_ids: Sequence[int], recipient_ids: Sequence[int], actor: Actor) -> None:
    addresses = sorted(recipient_ids)

    async def once() -> None:
        async with database.write_transaction():
            await ledger_state.lock(addresses)
            await _withdraw(addresses, actor)
            of_ids = database.any_of(1)
            await database.execute(f"DELETE FROM contacts WHERE id {of_ids}", list(contact_ids))
            left = {kind: await _without(kind, addresses) for kind in ("email", "phone")}
            changed = {number: frozenset({kind}) for kind, numbers in left.items() for number in numbers}
            await workflow_triggers.contacts_updated(changed, await catalog.exact())
            await ledger_rows.forget(addresses)
            await message_review.forget(addresses)
            await leaving_reasons.forget(addresses)
            await _forget(addresses)

    await database.retried(once)


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
    book = await catalog.exact()
    rows = await database.fetch(
        "SELECT recipient_id, channel, subscription_type_id FROM preferences"
        f" WHERE status = 'OPTED_IN' AND recipient_id {database.any_of(1)} ORDER BY id",
        list(recipient_ids),
    )
    intents = []
    for row in rows:
        kind = book.type_by_id(row["subscription_type_id"])
        channel = Channel(row["channel"])
        intents.append(Intent(row["recipient_id"], channel, PreferenceStatus.NOT_OPTED, kind.unit, kind))
    if intents:
        await ledger.apply(intents, Provenance(ConsentOrigin.REVERSAL, actor))


async def _forget(recipient_ids: Sequence[int]) -> None:
    of_ids = database.any_of(1)
    prints = await database.fetch(
        f"SELECT fingerprint FROM recipients WHERE id {of_ids}", list(recipient_ids)
    )
    for row in prints:
        await database.execute("DELETE FROM outgoing_mails WHERE fingerprint = $1", bytes(row["fingerprint"]))
    await database.execute(f"DELETE FROM address_refusals WHERE recipient_id {of_ids}", list(recipient_ids))
    await database.execute(
        f"UPDATE recipients SET address = NULL, erased_at = $2 WHERE id {of_ids}",
        list(recipient_ids),
        database.now(),
    )
