"""Files and free space are cleaned after an erasure: at once if possible, thoroughly minutes later (R36)."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.erasure import leftovers
from preference_center.erasure.erase import erase_contact, erase_recipient
from preference_center.outbox import delivery as outbox
from preference_center.outbox.attempts import delete_finished
from preference_center.outbox.queue import queue_link
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.storage import migration, sqlite_file
from preference_center.storage.connection import open_database
from tests.conftest import ALICE, ALICE_PHONE, BOB, TEAM, Brands, Clock, settings_for
from tests.http.records import count

RARE = "zdzisława.ąę@żółw.example"


@pytest.fixture
def file(db: Settings) -> Path:
    """The SQLite file; an empty path on PostgreSQL."""
    path = sqlite_file.path_of(db)
    return path or Path()


def bytes_of(path: Path) -> bytes:
    """The file and its write-ahead log."""
    return b"".join(part.read_bytes() for part in sorted(path.parent.glob(path.name + "*")))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_file_and_the_log_are_clean_when_the_erasure_returns(brands: Brands, file: Path) -> None:
    alice = await contacts.create(email=ALICE, properties={"note": "tea " * 3_000})
    assert ALICE.encode() in bytes_of(file)
    await erase_contact(alice, TEAM)
    assert ALICE.encode() not in bytes_of(file)
    assert b"tea tea" not in bytes_of(file)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_worker_cleans_a_log_that_is_still_being_read(
    brands: Brands, file: Path, clock: Clock
) -> None:
    alice = await contacts.create(email=ALICE)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM contacts").fetchone()
        await erase_contact(alice, TEAM)
        assert ALICE.encode() in bytes_of(file)
        clock.forward(minutes=6)
        assert await leftovers.finish_due() == 0
        assert await count("erasure_leftovers") == 1
    clock.forward(minutes=6)
    assert await leftovers.finish_due() == 1
    assert ALICE.encode() not in bytes_of(file)
    assert await leftovers.finish_due() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("small", [True, False])
async def test_copies_in_free_space_are_removed(
    brands: Brands, file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, small: bool
) -> None:
    """Balancing a tree leaves such copies. A small file is rewritten at once, a large one by the worker."""
    if not small:
        monkeypatch.setattr(sqlite_file, "_SMALL_BYTES", 0)
    alice, bob = await contacts.create(email=ALICE), await contacts.create(email=BOB)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        _leave_in_free_space(other, ALICE)
    await erase_contact(alice, TEAM)
    assert (ALICE.encode() not in bytes_of(file)) is small
    clock.forward(minutes=6)
    assert await leftovers.finish_due() == 1
    assert ALICE.encode() not in bytes_of(file)
    assert BOB.encode() in bytes_of(file)
    assert await contacts.get(bob.id) == bob


def _leave_in_free_space(file: sqlite3.Connection, text: str) -> None:
    file.execute("PRAGMA secure_delete = OFF")
    file.execute("CREATE TABLE kept (text)")
    file.execute("INSERT INTO kept VALUES (?)", (text,))
    file.execute("DELETE FROM kept")
    file.execute("DROP TABLE kept")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_migration_cleans_the_free_space_of_an_earlier_version(
    sqlite_template: Path, tmp_path: Path, file: Path
) -> None:
    old = tmp_path / "old.db"
    shutil.copy(sqlite_template, old)
    with closing(sqlite3.connect(old, isolation_level=None)) as before:
        before.execute("DROP TABLE erasure_leftovers")
        before.execute("DELETE FROM tortoise_migrations WHERE name = '0020_erasure'")
        _leave_in_free_space(before, ALICE)
    assert ALICE.encode() in bytes_of(old)
    config = settings_for(f"sqlite://{old}", tmp_path)
    async with open_database(config):
        assert await migration.migrate(config) == ["0020_erasure"]
        assert ALICE.encode() not in bytes_of(old)


@pytest.mark.parametrize("address", [RARE, ALICE, ALICE_PHONE])
async def test_message_files_to_the_address_are_removed_and_no_others(
    db: Settings, brands: Brands, clock: Clock, address: str
) -> None:
    """In any script, also days later, when the outbox has no row of them."""
    ids = await recipients.ensure([parse(address), parse(BOB), parse("+48601999888")])
    for each in ids:
        await queue_link(each, brands.acme, "pl")
    await outbox.deliver_due()
    clock.forward(days=2)
    assert await delete_finished() == 3
    assert len(_files(db)) == 3
    await erase_recipient(ids[parse(address)], TEAM)
    left = _files(db)
    assert len(left) == 2
    assert all(address.encode() not in path.read_bytes() for path in left)


async def test_abandoned_half_written_files_are_removed_and_current_ones_are_not(
    db: Settings, brands: Brands, alice: int, clock: Clock
) -> None:
    await erase_recipient(alice, TEAM)
    folder = db.data_dir / "mail"
    folder.mkdir(parents=True)
    for name, minutes in ((".00000001-link.eml.77", -1), (".00000002-link.eml.78", 5)):
        (folder / name).write_bytes(b"From: us@example.com\r\nTo: ali")
        at = (clock.at + timedelta(minutes=minutes)).timestamp()
        os.utime(folder / name, (at, at))
    clock.forward(minutes=6)
    assert await leftovers.finish_due() == 1
    assert [path.name for path in _files(db)] == [".00000002-link.eml.78"]


async def test_an_erasure_succeeds_even_if_its_files_cannot_be_removed_yet(
    db: Settings, brands: Brands, alice: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queue_link(parse(ALICE), None, None)
    await outbox.deliver_due()

    def refuse(*_args: object, **_more: object) -> None:
        raise PermissionError("the folder cannot be written to")

    with monkeypatch.context() as away:
        away.setattr(Path, "unlink", refuse)
        await erase_recipient(alice, TEAM)
    assert len(_files(db)) == 1
    clock.forward(minutes=6)
    assert await leftovers.finish_due() == 1
    assert _files(db) == []


def _files(config: Settings) -> list[Path]:
    return sorted(path for path in config.data_dir.glob("*/*") if path.parent.name in ("mail", "texts"))
