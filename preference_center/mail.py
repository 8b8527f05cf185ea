"""The mail that Sayso itself sends: queued with what caused it, claimed and delivered by the worker.

Nothing is rendered before it is sent, so no link rests in the database. For now a mail is delivered as an
.eml file in the `mail` folder of the data directory.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import structlog

from preference_center import database, mail_messages, recipients, settings
from preference_center.catalog import Type, Unit
from preference_center.rules.addresses import Address
from preference_center.rules.types import RecipientKind

log = structlog.get_logger()
MailKind = Literal["LINK", "CONFIRM"]
ASKED_AGAIN = timedelta(minutes=10)
"""Who asks for a link twice within this time gets one."""
_LEASE = timedelta(minutes=5)
"""How long a worker may take: then the mail is anybody's again, for its worker may have died."""
_KEPT = timedelta(days=1)
_AT_ONCE = 20
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A mail that is this worker's to deliver, or to drop."""

    id: int
    kind: str
    address: Address
    unit_id: int | None
    type_id: int | None
    locale: str | None
    created_at: datetime


async def queue(
    kind: MailKind, address: Address, unit: Unit | None, type_: Type | None, locale: str | None
) -> None:
    """Have a mail sent to an email address, in the transaction that is open: with it, or not at all.

    LINK leads to the preference page (R35), CONFIRM to the confirmation of a pending opt-in (R19).
    """
    at = database.now()
    await database.execute(
        "INSERT INTO outgoing_mails (kind, fingerprint, address, business_unit_id, subscription_type_id,"
        " locale, created_at, due_at, attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
        kind,
        recipients.fingerprint_of(address),
        address.value,
        unit.id if unit else None,
        type_.id if type_ else None,
        locale,
        at,
        at,
    )


async def deliver_due() -> int:
    """Deliver what is due, and return how many were claimed; several workers never take the same mail.

    One that fails stays in the queue and is tried again later, at most ten times.
    """
    claimed = await _claim()
    for mail in claimed:
        try:
            await _settle(mail)
        except Exception:
            log.exception("mail_failed", mail=mail.id, kind=mail.kind)
    if claimed:
        await _tidy()
    return len(claimed)


async def _claim() -> list[_Claimed]:
    """Take some mails by moving their next turn into the future: a worker that dies loses nothing."""
    now = database.now()
    if not await database.fetch(
        "SELECT 1 FROM outgoing_mails WHERE sent_at IS NULL AND due_at <= $1 LIMIT 1", now
    ):
        return []  # an idle worker takes no lock
    locked = "" if database.dialect() == "sqlite" else " FOR UPDATE SKIP LOCKED"
    rows = await database.fetch(
        "UPDATE outgoing_mails SET attempts = attempts + 1, due_at = $1 WHERE id IN"
        " (SELECT id FROM outgoing_mails WHERE sent_at IS NULL AND due_at <= $2 AND attempts < $3"
        f" ORDER BY due_at, id LIMIT $4{locked}) RETURNING *",
        now + _LEASE,
        now,
        _ATTEMPTS,
        _AT_ONCE,
    )
    return sorted((_claimed(row) for row in rows), key=lambda mail: mail.id)


def _claimed(row: database.Row) -> _Claimed:
    return _Claimed(
        row["id"],
        row["kind"],
        Address(RecipientKind.EMAIL, row["address"]),
        row["business_unit_id"],
        row["subscription_type_id"],
        row["locale"],
        database.instant(row["created_at"]),
    )


async def _settle(mail: _Claimed) -> None:
    """Deliver a mail, or drop it where nobody is to get it (R35, R19)."""
    message = None
    if not await _asked_before(mail):
        message = await mail_messages.build(mail.kind, mail.address, mail.unit_id, mail.type_id, mail.locale)
    if message is None:
        await database.execute("DELETE FROM outgoing_mails WHERE id = $1", mail.id)
        return
    _write(message, settings.current().data_dir / "mail", f"{mail.id:08d}-{mail.kind.lower()}.eml")
    await database.execute("UPDATE outgoing_mails SET sent_at = $1 WHERE id = $2", database.now(), mail.id)


async def _asked_before(mail: _Claimed) -> bool:
    """Whether an earlier mail answers the same wish."""
    if mail.kind != "LINK":
        return False
    rows = await database.fetch(
        "SELECT 1 FROM outgoing_mails WHERE fingerprint = $1 AND kind = 'LINK' AND id < $2"
        " AND created_at > $3 LIMIT 1",
        recipients.fingerprint_of(mail.address),
        mail.id,
        mail.created_at - ASKED_AGAIN,
    )
    return bool(rows)


async def _tidy() -> None:
    """Forget mails that were sent, or given up, a day ago: their addresses have no business here."""
    await database.execute(
        "DELETE FROM outgoing_mails WHERE sent_at < $1 OR (attempts >= $2 AND due_at < $1)",
        database.now() - _KEPT,
        _ATTEMPTS,
    )


def _write(message: bytes, folder: Path, name: str) -> None:
    """Write the file whole or not at all; a second delivery of the same mail replaces it."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f".{name}.{os.getpid()}"
    scratch.write_bytes(message)
    scratch.replace(folder / name)
