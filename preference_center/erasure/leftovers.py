"""What outlasts the rows of an erased person (R36): files of messages, logs, free space in the database.

Most of it is removed right after the commit. Some minutes later, when no worker can still hold one of the
person's messages, everything is checked again and the database's files are cleaned thoroughly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import SMTPUTF8
from pathlib import Path
from typing import NamedTuple

import structlog

from preference_center.config import settings
from preference_center.erasure.registry import ERASED_TABLES
from preference_center.outbox.claims import LEASE
from preference_center.outbox.mail.delivery import MAIL_FOLDER
from preference_center.outbox.text_messages.delivery import TEXTS_FOLDER
from preference_center.recipients import recipients
from preference_center.rules.addresses import AddressError, parse
from preference_center.storage import database, sqlite_file
from preference_center.storage.connection import postgres_without_transaction
from preference_center.storage.rows import Bytes, Instant, columns_of

log = structlog.get_logger()
_WRITER_TIMEOUT_SECONDS = 1.0
"""How long an erasure waits for other writers; the worker waits longer."""


class _LeftoverRow(NamedTuple):
    """A new row of `erasure_leftovers`."""

    fingerprint: Bytes
    due_at: Instant


async def schedule(fingerprints: Sequence[bytes]) -> None:
    """Schedule the thorough cleaning after these addresses, in the transaction that erases them."""
    due = database.now() + LEASE
    rows = [_LeftoverRow(fingerprint, due) for fingerprint in fingerprints]
    await database.insert("erasure_leftovers", columns_of(_LeftoverRow), rows)


async def clean(fingerprints: Sequence[bytes]) -> None:
    """Remove what can be removed right after the commit. What fails is done by `finish_due`."""
    try:
        await asyncio.to_thread(_remove_files, frozenset(fingerprints))
        path = sqlite_file.path_of(settings.current())
        if path is not None:
            await _clean_file(path)
    except Exception:
        log.exception("erasure_not_cleaned_yet")


async def _clean_file(path: Path) -> None:
    if sqlite_file.is_small(path):
        await sqlite_file.rewrite(path, _WRITER_TIMEOUT_SECONDS)
    if not await sqlite_file.empty_log(path):
        log.info("log_not_emptied_yet")


async def finish_due() -> int:
    """Clean thoroughly after the addresses that are due, once for all of them; returns their number."""
    now = database.now()
    if not await database.fetch("SELECT 1 FROM erasure_leftovers WHERE due_at <= $1 LIMIT 1", now):
        return 0
    claimed = await database.fetch(
        "UPDATE erasure_leftovers SET due_at = $2 WHERE due_at <= $1 RETURNING id, fingerprint",
        now,
        now + LEASE,
    )
    if not claimed or not await _cleaned([bytes(row["fingerprint"]) for row in claimed], now):
        return 0
    ids = [row["id"] for row in claimed]
    await database.execute(f"DELETE FROM erasure_leftovers WHERE id {database.any_of(1)}", ids)
    return len(ids)


async def _cleaned(fingerprints: Sequence[bytes], now: datetime) -> bool:
    """Clean thoroughly; False if the SQLite log is still read, so that it has to be tried again."""
    abandoned_before = (now - LEASE).timestamp()
    await asyncio.to_thread(_remove_files, frozenset(fingerprints), abandoned_before)
    path = sqlite_file.path_of(settings.current())
    if path is None:
        await _vacuum()
        return True
    await sqlite_file.rewrite(path)
    return await sqlite_file.empty_log(path)


async def _vacuum() -> None:
    """Free the space of deleted rows. ANALYZE too: the statistics of a column hold examples of its values."""
    async with postgres_without_transaction() as held:
        for table in ERASED_TABLES:
            await held.execute(f"VACUUM (ANALYZE) {table}")


def _remove_files(fingerprints: frozenset[bytes], abandoned_before: float | None = None) -> None:
    """Remove the messages to these addresses, and half-written files older than `abandoned_before`."""
    for path in _message_files():
        try:
            remove = _fingerprint_of(_recipient_header(path)) in fingerprints
            if path.name.startswith(".") and abandoned_before is not None:
                remove = remove or path.stat().st_mtime < abandoned_before
        except FileNotFoundError:  # another process renamed or removed it
            continue
        if remove:
            path.unlink(missing_ok=True)


def _message_files() -> Iterator[Path]:
    for name in (MAIL_FOLDER, TEXTS_FOLDER):
        folder = settings.current().data_dir / name
        if folder.is_dir():
            yield from sorted(folder.iterdir())


def _fingerprint_of(typed: str) -> bytes | None:
    try:
        return recipients.fingerprint_of(parse(typed))
    except AddressError:
        return None


def _recipient_header(path: Path) -> str:
    """The To header of a message file; files of mails and of text messages both begin with headers."""
    with path.open("rb") as file:
        head = BytesHeaderParser(policy=SMTPUTF8).parse(file)
    return str(head["To"] or "")
