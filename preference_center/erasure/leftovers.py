"""What is left of the erased when their rows are gone (R36): files of messages, logs, and free space.

Most of it goes at once after the commit. Some minutes later, when no worker can have one of their messages
in its hands any more, all of it is gone through again, and the database's files are cleaned thoroughly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import SMTPUTF8
from pathlib import Path

import structlog

from preference_center.config import settings
from preference_center.outbox import delivery as outbox
from preference_center.outbox.mail import delivery as mail
from preference_center.outbox.texts import content as text_messages
from preference_center.recipients import recipients
from preference_center.rules.addresses import AddressError, parse
from preference_center.storage import database, sqlite_file

log = structlog.get_logger()
_TABLES = (
    "contacts",
    "recipients",
    "evidence",
    "pending_opt_ins",
    "outgoing_mails",
    "inbound_messages",
    "call_permits",
    "operations",
    "operation_parts",
    "workflows",
)
"""Where names, addresses and free text of people rest."""


_SECONDS_AT_ONCE = 1.0
"""How long an erasure waits for who writes just then; the worker has more patience."""


async def note(prints: Sequence[bytes]) -> None:
    """Keep, in the transaction that erases, that something may be left of these addresses."""
    due = database.now() + outbox.LEASE
    columns = {"fingerprint": "bytea", "due_at": "timestamptz"}
    await database.insert("erasure_leftovers", columns, [(fingerprint, due) for fingerprint in prints])


async def clean(prints: Sequence[bytes]) -> None:
    """Remove what can be removed at once, after the commit. What fails is done when it is due."""
    try:
        await asyncio.to_thread(_remove_files, frozenset(prints))
        path = sqlite_file.path_of(settings.current())
        if path is not None:
            await _clean_at_once(path)
    except Exception:
        log.exception("erasure_not_cleaned_yet")


async def _clean_at_once(path: Path) -> None:
    if sqlite_file.is_small(path):
        await sqlite_file.rewrite(path, _SECONDS_AT_ONCE)
    if not await sqlite_file.empty_log(path):
        log.info("log_not_emptied_yet")


async def finish_due() -> int:
    """Clean thoroughly after the erasures that are due, once for all of them; answers how many there were."""
    now = database.now()
    if not await database.fetch("SELECT 1 FROM erasure_leftovers WHERE due_at <= $1 LIMIT 1", now):
        return 0
    claimed = await database.fetch(
        "UPDATE erasure_leftovers SET due_at = $2 WHERE due_at <= $1 RETURNING id, fingerprint",
        now,
        now + outbox.LEASE,
    )
    if not claimed or not await _cleaned([bytes(row["fingerprint"]) for row in claimed], now):
        return 0
    ids = [row["id"] for row in claimed]
    await database.execute(f"DELETE FROM erasure_leftovers WHERE id {database.any_of(1)}", ids)
    return len(ids)


async def _cleaned(prints: Sequence[bytes], now: datetime) -> bool:
    await asyncio.to_thread(
        _remove_files, frozenset(prints), given_up_before=(now - outbox.LEASE).timestamp()
    )
    path = sqlite_file.path_of(settings.current())
    if path is None:
        await _vacuum()
        return True
    await sqlite_file.rewrite(path)
    return await sqlite_file.empty_log(path)


async def _vacuum() -> None:
    """Free what deleted rows took up. ANALYZE too: the statistics of a column are examples of its values."""
    async with database.connection().acquire_connection() as held:
        for table in _TABLES:
            await held.execute(f"VACUUM (ANALYZE) {table}")


def _remove_files(prints: frozenset[bytes], given_up_before: float | None = None) -> None:
    """Remove the messages to these addresses, and what workers that died left half written."""
    for path in _files():
        try:
            mine = _print_of(_to(path)) in prints
            if path.name.startswith(".") and given_up_before is not None:
                mine = mine or path.stat().st_mtime < given_up_before
        except FileNotFoundError:  # it was renamed, or removed by another
            continue
        if mine:
            path.unlink(missing_ok=True)


def _files() -> Iterator[Path]:
    for name in (mail.MAIL_FOLDER, text_messages.TEXTS_FOLDER):
        folder = settings.current().data_dir / name
        if folder.is_dir():
            yield from sorted(folder.iterdir())


def _print_of(typed: str) -> bytes | None:
    try:
        return recipients.fingerprint_of(parse(typed))
    except AddressError:
        return None


def _to(path: Path) -> str:
    """Whom a message is to: both kinds of file begin with a header."""
    with path.open("rb") as file:
        head = BytesHeaderParser(policy=SMTPUTF8).parse(file)
    return str(head["To"] or "")
