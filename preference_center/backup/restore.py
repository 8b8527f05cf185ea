"""Restoring a backup: its data, the migrations it lacks, and the erasures made since (R36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from preference_center.backup import postgres, sqlite
from preference_center.backup.files import BackupError
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.erasure import journal
from preference_center.erasure.journal import Entry
from preference_center.erasure.repeat import repeat
from preference_center.history import verification
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.rules.types import COMMAND_LINE, RecipientKind
from preference_center.storage import database, migration, sqlite_file
from preference_center.storage.connection import open_database
from preference_center.upgrade import schema_state, upgrade

_COMPARED_RECIPIENTS = 20
_WRONG_KEY = "SAYSO_FINGERPRINT_KEY is not the key of this backup: no opt-out in it can be found."


@dataclass(slots=True)
class Restored:
    """What a restore did, and what is wrong with the result."""

    erased_again: int = 0
    applied: Sequence[str] = ()
    """Migrations that the backup lacked."""
    differences: list[str] = field(default_factory=list)
    """Where the ledger and the current state differ."""
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """What to restore: the backup, and the erasure journals, of which each server may have one."""

    file: Path
    journals: Sequence[Path]
    force: bool = False
    """Whether to replace a database that holds data."""


async def restore(config: Settings, source: Source, progress: sqlite.Progress) -> Restored:
    """Restore a backup into the database of the settings. Raises BackupError.

    On SQLite the database is replaced in the end, by a file in which everything is done. On PostgreSQL the
    data is restored in one transaction, and the erasures follow: no server may run meanwhile.
    """
    restored = Restored()
    entries = _read_journals(source.journals, restored)
    database_file = sqlite_file.path_of(config)
    if database_file is None:
        await postgres.restore(config, source.file, force=source.force)
        await _complete(config, entries, restored)
    else:
        sqlite.check_backup(source.file)
        with sqlite.replacement(database_file, force=source.force) as scratch:
            sqlite.copy(source.file, scratch, progress)
            await _complete(replace(config, database_url=f"sqlite://{scratch}"), entries, restored)
    journal.keep(config.erasure_journal, entries)
    return restored


def _read_journals(paths: Sequence[Path], restored: Restored) -> list[Entry]:
    entries: list[Entry] = []
    for path in paths:
        try:
            found = journal.read(path)
        except FileNotFoundError:
            restored.warnings.append(
                f"There is no erasure journal at {path}: erasures since the backup are not repeated."
            )
            continue
        except OSError as error:
            raise BackupError(f"The erasure journal {path} cannot be read: {error.strerror}.") from error
        entries += found.entries
        if found.unreadable:
            restored.warnings.append(f"{path}: {found.unreadable} lines cannot be read and were left out.")
    return entries


async def _complete(config: Settings, entries: Sequence[Entry], restored: Restored) -> None:
    """Bring restored data up to date: migrations, erasures, verification."""
    before = settings.current()
    settings.use(config)
    try:
        async with open_database(config):
            if unknown := (await schema_state.read()).unknown:
                raise BackupError(f"The backup was made by a newer version of Sayso ({', '.join(unknown)}).")
            applied = await migration.migrate(config)
            await _check_key(config, restored)
            restored.applied = applied + await upgrade.upgrade(config)
            restored.erased_again = await repeat(entries, COMMAND_LINE)
            restored.differences = [line async for line in verification.verify()]
    finally:
        settings.use(before)


async def _check_key(config: Settings, restored: Restored) -> None:
    """Compare stored fingerprints with those of the key in the settings."""
    rows = await database.fetch(
        "SELECT kind, address, fingerprint FROM recipients"
        " WHERE address IS NOT NULL AND merged_into_id IS NULL ORDER BY id DESC LIMIT $1",
        _COMPARED_RECIPIENTS,
    )
    stored = {Address(RecipientKind(row["kind"]), row["address"]): bytes(row["fingerprint"]) for row in rows}
    if stored and not any(recipients.fingerprint_of(address) == stored[address] for address in stored):
        if config.production:
            raise BackupError(_WRONG_KEY)
        restored.warnings.append(_WRONG_KEY)
