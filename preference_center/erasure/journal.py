"""The erasure journal: a file apart from the database that names what a restored backup has to erase again.

Each line is one erasure as JSON, with keyed fingerprints and no address (R36). It is on disk before the
erasure commits, so none is missing. An erasure that failed afterwards is in it too: its request still stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from preference_center.config import private_files, settings
from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.storage.keyset import HIGHEST_ID
from preference_center.storage.rows import Instant, Text, columns_of

_ID_BYTES = 16


class ErasedAddress(NamedTuple):
    """An address that was erased. Other contacts may have kept a phone number that is `shared`."""

    kind: RecipientKind
    fingerprint: bytes
    shared: bool = False


class ErasedContact(NamedTuple):
    """A contact that was erased: a restored database may use its id for another one, created later."""

    id: int
    created_at: datetime


def new_id() -> str:
    """Return a random id for an erasure: 32 hexadecimal digits."""
    return secrets.token_hex(_ID_BYTES)


@dataclass(frozen=True, slots=True)
class Entry:
    """One erasure."""

    id: str
    at: datetime
    by_recipient: bool
    """Whether the person asked for it, which opts their addresses out of everything."""
    addresses: tuple[ErasedAddress, ...] = ()
    contacts: tuple[ErasedContact, ...] = ()


@dataclass(slots=True)
class Journal:
    """What was read: the erasures, oldest first, and how many lines cannot be read."""

    entries: list[Entry] = field(default_factory=list)
    unreadable: int = 0


class _ErasureRow(NamedTuple):
    """A row of `erasures`: by its id a database knows that it has an erasure of the journal."""

    id: Text
    erased_at: Instant


async def note(entry: Entry) -> None:
    """Record an erasure in the open transaction and in the journal. Raises OSError."""
    await mark_done(entry)
    await asyncio.to_thread(append, settings.current().erasure_journal, [entry])


async def mark_done(entry: Entry) -> None:
    """Record in the open transaction that the database has an erasure."""
    row = _ErasureRow(entry.id, entry.at)
    await database.insert("erasures", columns_of(_ErasureRow), [row], "ON CONFLICT (id) DO NOTHING")


async def known_ids() -> set[str]:
    """Return the ids of the erasures that the database has."""
    return {row["id"] for row in await database.fetch("SELECT id FROM erasures")}


def append(path: Path, entries: Sequence[Entry]) -> None:
    """Append erasures to a journal and wait until they are on disk. Raises OSError."""
    private_files.make_folder(path.parent)
    is_new = not path.exists()
    lines = "".join(f"{json.dumps(_to_json(entry))}\n" for entry in entries).encode()
    with os.fdopen(private_files.create(path, os.O_RDWR | os.O_APPEND), "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if _ends_within_a_line(file.fileno()):
            lines = b"\n" + lines
        if file.write(lines) != len(lines):
            raise OSError(f"{path} cannot be written: the disk is full")
        os.fsync(file.fileno())
    if is_new:
        private_files.sync_folder(path.parent)


def _ends_within_a_line(descriptor: int) -> bool:
    """Whether the last write was cut off, by a full disk or a crash."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def read(path: Path) -> Journal:
    """Read a journal. Raises OSError, FileNotFoundError among them."""
    found = Journal()
    with path.open("rb") as file:
        for line in file:
            if not line.strip():
                continue
            try:
                found.entries.append(_from_json(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
                found.unreadable += 1
    return found


def keep(path: Path, entries: Sequence[Entry]) -> None:
    """Append those of the erasures that a journal does not have. Raises OSError."""
    known: set[str] = set()
    with contextlib.suppress(FileNotFoundError):
        known = {entry.id for entry in read(path).entries}
    missing = [entry for entry in entries if entry.id not in known]
    if missing:
        append(path, missing)


def _to_json(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(),
        "by": "recipient" if entry.by_recipient else "team",
        "addresses": [
            {"kind": address.kind.value, "fingerprint": address.fingerprint.hex(), "shared": address.shared}
            for address in entry.addresses
        ],
        "contacts": [
            {"id": contact.id, "created_at": contact.created_at.astimezone(UTC).isoformat()}
            for contact in entry.contacts
        ],
    }


def _from_json(value: dict[str, Any]) -> Entry:
    return Entry(
        _entry_id(value["id"]),
        database.instant(value["at"]),
        value["by"] == "recipient",
        tuple(
            ErasedAddress(
                RecipientKind(address["kind"]), bytes.fromhex(address["fingerprint"]), bool(address["shared"])
            )
            for address in value["addresses"]
        ),
        tuple(
            ErasedContact(_row_id(contact["id"]), database.instant(contact["created_at"]))
            for contact in value["contacts"]
        ),
    )


def _entry_id(value: str) -> str:
    if len(bytes.fromhex(value)) != _ID_BYTES:
        raise ValueError("This is no id of an erasure.")
    return value


def _row_id(value: int) -> int:
    if not 0 < value <= HIGHEST_ID:
        raise ValueError("The id is out of range.")
    return value
