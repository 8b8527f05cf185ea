"""One mail or text message that Sayso itself sends: what it is, whom it is for, what it has to say.

Nothing is rendered before it is sent, so no link rests in the database.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType, current_catalog
from preference_center.outbox import keyword_replies as replies
from preference_center.recipients import recipients, visitors
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind
from preference_center.storage import database, transactions
from preference_center.translations import SOURCE_LANGUAGE, Translator, nearest, wording

Kind = Literal["LINK", "CONFIRM", "FORGET"] | replies.Kind


class TryLater(Exception):
    """It could not be sent now; `after` is what the provider asks for, where it says so."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class GivenUp(Exception):
    """No later try would do better: the provider refused this very message."""


class Standstill(Exception):
    """Nothing can be sent on this channel now: the server is away, or will not have us."""


class Refused(GivenUp):
    """A mail server refused the mail for good; `unusable` says that it knows no such mailbox."""

    def __init__(self, reason: str, *, unusable: bool = False) -> None:
        super().__init__(reason)
        self.unusable = unusable


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A row of the outbox that is this worker's to deliver, or to drop."""

    id: int
    kind: Kind
    channel: Channel
    address: Address
    unit_id: int | None
    type_id: int | None
    locale: str | None
    sender_number_id: int | None
    created_at: datetime
    attempts: int

    @property
    def file_name(self) -> str:
        """The name of its file, without an ending: in the order of asking."""
        return f"{self.id:08d}-{self.kind.lower()}"


@dataclass(frozen=True, slots=True)
class Letter:
    """Whom a message is for, and what about: everything that its words depend on."""

    visitor: Visitor
    unit: BusinessUnit | None
    type: SubscriptionType | None
    translator: Translator
    until: datetime | None = None
    """When the opt-in lapses that a CONFIRM message is about: later its link does nothing."""


async def read(outgoing: Outgoing) -> Letter | None:
    """What a LINK, CONFIRM or FORGET message has to say now; None where nobody is to get it.

    That is an address which nobody ever spoke of (R35), an opt-in that waits no longer (R19), and whoever was
    erased since it was asked for (R36).
    """
    address = outgoing.address
    visitor = await visitors.find(address.kind, recipients.fingerprint_of(address))
    if visitor.recipient is None:
        return None
    catalog = await current_catalog()
    type_ = catalog.type_by_id(outgoing.type_id) if outgoing.type_id else None
    unit = catalog.units[0] if len(catalog.units) == 1 else None
    if outgoing.unit_id:
        unit = catalog.unit_by_id(outgoing.unit_id)
    until = None
    if outgoing.kind == "CONFIRM":
        until = await _waits_until(visitor.recipient.id, type_, outgoing.channel) if type_ else None
        if until is None:
            return None
    elif visitor.recipient.erased_at and (outgoing.kind == "FORGET" or not await _known_again(outgoing)):
        return None
    return Letter(visitor, unit, type_, _words(visitor, outgoing.locale, unit), until)


async def _known_again(outgoing: Outgoing) -> bool:
    """Make an erased address known again, for it was typed since (R36); False where it was not.

    Erasing takes what was asked for before out of the outbox, be it already in a worker's hands.
    """
    lock = " FOR UPDATE" if database.dialect() == "postgres" else ""

    async def once() -> bool:
        async with transactions.write_transaction():
            if not await database.fetch(f"SELECT 1 FROM outgoing_mails WHERE id = $1{lock}", outgoing.id):
                return False
            await recipients.ensure([outgoing.address])
            return True

    return await transactions.retried(once)


async def _waits_until(recipient_id: int, type_: SubscriptionType, channel: Channel) -> datetime | None:
    rows = await database.fetch(
        "SELECT expires_at FROM pending_opt_ins WHERE recipient_id = $1 AND channel = $2"
        " AND subscription_type_id = $3 AND expires_at > $4",
        recipient_id,
        channel.value,
        type_.id,
        database.now(),
    )
    return database.instant(rows[0]["expires_at"]) if rows else None


def _words(visitor: Visitor, locale: str | None, unit: BusinessUnit | None) -> Translator:
    """The contact's language, then that of the page on which it was asked for, then the unit's."""
    wishes = (visitor.locale, locale, unit.default_locale if unit else None)
    return wording(next((known for wish in wishes if (known := nearest(wish))), SOURCE_LANGUAGE))


def from_row(row: database.Row) -> Outgoing:
    """A row of `outgoing_mails`."""
    channel = Channel(row["channel"])
    kind = RecipientKind.EMAIL if channel is Channel.EMAIL else RecipientKind.PHONE
    return Outgoing(
        row["id"],
        row["kind"],
        channel,
        Address(kind, row["address"]),
        row["business_unit_id"],
        row["subscription_type_id"],
        row["locale"],
        row["sender_number_id"],
        database.instant(row["created_at"]),
        row["attempts"],
    )


async def deliver_to_file(outgoing: Outgoing, folder: Path, ending: str, content: bytes) -> bool:
    """Keep a message as a file; False, and no file, where its recipient was erased meanwhile (R36).

    Erasing empties the outbox first and looks through the files then: so either it finds this one, or this
    finds the outbox without the message.
    """
    name = outgoing.file_name + ending
    write_file(folder, name, content)
    if await database.fetch("SELECT 1 FROM outgoing_mails WHERE id = $1", outgoing.id):
        return True
    (folder / name).unlink(missing_ok=True)
    return False


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Write the file whole or not at all; a second delivery of the same message replaces it."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f".{name}.{os.getpid()}"
    scratch.write_bytes(content)
    scratch.replace(folder / name)
