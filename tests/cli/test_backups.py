"""`sayso backup` and `sayso restore`, on both databases."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from preference_center.catalog.catalog import exact_catalog, invalidate_catalog
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_contact
from preference_center.links.maker import link_maker
from preference_center.preferences import eligibility
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.storage.connection import open_database
from tests.cli.installation import Installation
from tests.cli.test_private_files import PRODUCTION
from tests.conftest import TEAM, missing

PEOPLE = [f"reader{number}@example.com" for number in range(6)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sayso.backup"


@pytest.fixture
def filled(installation: Installation) -> Installation:
    """An installation with demo data."""
    installation.says("demo", "--contacts", "5")
    return installation


@pytest.fixture
def empty(filled: Installation, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """The same installation with a new, empty database without tables."""
    if filled.database_url.startswith("sqlite"):
        yield replace(filled, database_url=f"sqlite://{tmp_path}/restored/sayso.db")
        return
    server = request.getfixturevalue("postgres_server")
    address = server.address_of(f"sayso_test_restored_{os.getpid()}")
    server.drop(address)
    asyncio.run(server.run(f'CREATE DATABASE "{address.rpartition("/")[2]}"'))
    try:
        yield replace(filled, database_url=address)
    finally:
        server.drop(address)


def settings_of(installation: Installation) -> Settings:
    return settings.load(
        {name: value for name, value in installation.environment.items() if name.startswith("SAYSO_")}
    )


def ask(installation: Installation, sql: str) -> list[tuple[object, ...]]:
    async def read() -> list[tuple[object, ...]]:
        async with open_database(settings_of(installation)):
            return [tuple(row) for row in await database.fetch(sql)]

    return asyncio.run(read())


def erase(installation: Installation, email: str) -> None:
    """Erase a contact, as the API does."""
    before = settings._current

    async def run() -> None:
        async with open_database(settings.current()):
            invalidate_catalog()
            contact = await contacts.by_email(parse(email))
            assert contact
            await erase_contact(contact, TEAM)

    settings.use(settings_of(installation))
    try:
        asyncio.run(run())
    finally:
        settings._current = before
        invalidate_catalog()


def emails(installation: Installation) -> set[object]:
    return {email for (email,) in ask(installation, "SELECT email FROM contacts")}


def test_a_backup_is_restored_into_an_empty_database(
    filled: Installation, empty: Installation, file: Path
) -> None:
    said = filled.says("backup", str(file))
    assert str(file) in said
    assert "keys" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    restored = empty.says("restore", str(file))

    assert "the state is what the ledger says" in restored
    for table in ("contacts", "consent_events", "preferences", "evidence", "access_tokens"):
        sql = f"SELECT * FROM {table} ORDER BY 1"
        assert ask(empty, sql) == ask(filled, sql), table
    assert "nothing to do" in empty.says("migrate")
    [(events,)] = ask(empty, "SELECT COUNT(*) FROM consent_events")
    assert events
    with pytest.raises(Exception, match=r"final|append|never"):  # the ledger's guards are restored too
        ask(empty, "DELETE FROM consent_events")


def test_files_and_databases_with_data_are_replaced_only_if_asked_to(
    filled: Installation, file: Path
) -> None:
    file.write_text("precious")
    refused = filled.run("backup", str(file))
    assert (refused.returncode, file.read_text()) == (1, "precious")
    assert "--force" in refused.stderr
    filled.says("backup", str(file), "--force")
    before = emails(filled)
    erase(filled, "ada.lovelace@example.com")

    refused = filled.run("restore", str(file))
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert "ada.lovelace@example.com" not in emails(filled)

    filled.data_dir.joinpath("erasures.journal").unlink()
    replaced = filled.run("restore", str(file), "--force")
    assert replaced.returncode == 0, replaced.stderr
    assert "no erasure journal" in replaced.stderr
    assert emails(filled) == before
    assert [path.name for path in file.parent.glob(".*")] == []


def test_who_was_erased_since_the_backup_stays_erased(
    filled: Installation, empty: Installation, file: Path
) -> None:
    """R36, R37"""
    ada = "ada.lovelace@example.com"
    filled.says("backup", str(file))
    erase(filled, ada)
    assert ada not in emails(filled)

    for target, options in ((empty, ()), (filled, ("--force",))):
        said = target.says("restore", str(file), *options)
        assert "erased again: 1" in said
        assert ada not in emails(target)
        assert len(emails(target)) == 4
        assert ask(target, f"SELECT 1 FROM recipients WHERE address = '{ada}'") == []
        assert "the state is what the ledger says" in target.says("verify")

    assert "erased again: 0" in empty.says(
        "restore", str(backed_up_again(empty, file)), "--force", "--journal", str(journal_of(empty))
    )


def backed_up_again(installation: Installation, file: Path) -> Path:
    later = file.with_name("later.backup")
    installation.says("backup", str(later))
    return later


def journal_of(installation: Installation) -> Path:
    return installation.data_dir / "erasures.journal"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_journals_of_several_servers_are_applied_and_kept(
    filled: Installation, file: Path, tmp_path: Path
) -> None:
    people = sorted(str(email) for email in emails(filled) if email)[:2]
    filled.says("backup", str(file))
    journals = []
    for number, email in enumerate(people):
        erase(filled, email)
        journals.append(tmp_path / f"journal-{number}")
        shutil.move(journal_of(filled), journals[-1])

    options = [word for path in journals for word in ("--journal", str(path))]
    assert "erased again: 2" in filled.says("restore", str(file), "--force", *options)
    assert not emails(filled) & set(people)
    assert "erased again: 2" in filled.says("restore", str(file), "--force")


def test_every_opt_out_acknowledged_before_the_backup_is_in_it(
    filled: Installation, empty: Installation, file: Path
) -> None:
    acknowledged_before: list[str] = []

    async def opt_out_all(url: str) -> None:
        maker = link_maker(settings_of(filled))
        enough, stopped = asyncio.Event(), asyncio.Event()
        acknowledged: list[str] = []

        async def opt_out(client: httpx.AsyncClient, sender: int) -> None:
            number = 0
            while not stopped.is_set():
                address = parse(f"leaver-{sender}-{number}@example.com")
                link = maker.withdraw(maker.fingerprint(address), Channel.EMAIL)
                answer = await client.post(f"{url}/u/{link}", data={"List-Unsubscribe": "One-Click"})
                assert answer.status_code == 200, answer.text
                acknowledged.append(address.value)
                number += 1
                if len(acknowledged) == 40:
                    enough.set()

        async with httpx.AsyncClient(verify=False, timeout=30) as client:
            senders = [asyncio.create_task(opt_out(client, sender)) for sender in range(4)]
            await enough.wait()
            acknowledged_before.extend(acknowledged)
            backup = filled.start("backup", str(file))
            await asyncio.to_thread(backup.communicate)
            assert backup.returncode == 0
            stopped.set()
            await asyncio.gather(*senders)
            assert len(acknowledged) > len(acknowledged_before), "nobody left during the backup"

    with filled.serving() as server:
        asyncio.run(opt_out_all(server.url))
    empty.says("restore", str(file))

    assert blocked(empty, acknowledged_before) == set(acknowledged_before)


def blocked(installation: Installation, addresses: list[str]) -> set[str]:
    """Who of them may not be sent a newsletter because they opted out of everything."""
    before = settings._current

    async def read() -> set[str]:
        async with open_database(settings.current()):
            invalidate_catalog()
            type_ = next(
                t for t in (await exact_catalog()).types if Channel.EMAIL in t.channels and t.is_public
            )
            answers = await eligibility.of_addresses(type_, Channel.EMAIL, addresses)
            return {
                address
                for address, answer in zip(addresses, answers, strict=True)
                if answer.reason and answer.reason.value == "OPTED_OUT_OF_ALL"
            }

    settings.use(settings_of(installation))
    try:
        return asyncio.run(read())
    finally:
        settings._current = before
        invalidate_catalog()


def test_a_file_that_is_no_backup_changes_nothing(filled: Installation, file: Path) -> None:
    before = emails(filled)
    filled.says("backup", str(file))
    cut_off = file.read_bytes()[: file.stat().st_size // 2]
    for content in (b"", b"garbage " * 1_000, b"SQLite format 3\0garbage", b"PGDMP garbage", cut_off):
        file.write_bytes(content)

        result = filled.run("restore", str(file), "--force")

        assert result.returncode == 1
        assert str(file) in result.stderr or "pg_restore failed" in result.stderr
        assert "Traceback" not in result.stderr
        assert emails(filled) == before


def test_a_backup_of_a_newer_version_is_refused(
    filled: Installation, empty: Installation, file: Path
) -> None:
    async def migrate_further() -> None:
        async with open_database(settings_of(filled)):
            await database.execute(
                "INSERT INTO tortoise_migrations (app, name, applied_at)"
                " SELECT app, '9999_future', applied_at FROM tortoise_migrations WHERE name = '0001_initial'"
            )

    asyncio.run(migrate_further())
    filled.says("backup", str(file))

    result = empty.run("restore", str(file))

    assert result.returncode == 1
    assert "9999_future" in result.stderr
    if empty.database_url.startswith("sqlite"):
        assert not Path(empty.database_url.removeprefix("sqlite://")).exists()
    else:
        assert ask(empty, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_fingerprint_key_is_noticed(filled: Installation, empty: Installation, file: Path) -> None:
    filled.says("backup", str(file))

    other = empty.run("restore", str(file), SAYSO_FINGERPRINT_KEY="another key of thirty-two letters")

    assert other.returncode == 0
    assert "SAYSO_FINGERPRINT_KEY is not the key of this backup" in other.stderr
    refused = empty.run("restore", str(file), "--force", **PRODUCTION)
    assert refused.returncode == 1
    assert "SAYSO_FINGERPRINT_KEY is not the key of this backup" in refused.stderr


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_in_use_is_not_replaced(filled: Installation, file: Path) -> None:
    filled.says("backup", str(file))
    with filled.serving() as server:
        result = filled.run("restore", str(file), "--force")

        assert result.returncode == 1
        assert "Stop `sayso serve`" in result.stderr
        assert httpx.get(f"{server.url}/readyz", verify=False).status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_database_is_replaced(filled: Installation, file: Path) -> None:
    filled.says("backup", str(file))
    before = emails(filled)
    path = Path(filled.database_url.removeprefix("sqlite://"))
    path.write_bytes(b"garbage " * 10_000)

    assert filled.run("restore", str(file)).returncode == 1
    filled.says("restore", str(file), "--force")

    assert emails(filled) == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_missing_database_is_not_backed_up_as_an_empty_one(installation: Installation, file: Path) -> None:
    missing = installation.run("backup", str(file), SAYSO_DATABASE_URL=f"sqlite://{file.parent}/none.db")
    assert missing.returncode == 1
    assert not file.exists()
    assert not (file.parent / "none.db").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_replaces_no_file_of_sayso_and_nothing_but_files(
    filled: Installation, tmp_path: Path
) -> None:
    path = Path(filled.database_url.removeprefix("sqlite://"))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    link = tmp_path / "link"
    link.symlink_to(path)
    own = [path, path.with_name(f"{path.name}-wal"), link, filled.data_dir / "keys.json", journal_of(filled)]
    keys = (filled.data_dir / "keys.json").read_text()

    for file in (pipe, *own):
        assert filled.run("backup", str(file), "--force").returncode != 0

    assert pipe.is_fifo()
    assert (filled.data_dir / "keys.json").read_text() == keys
    assert not path.with_name(f"{path.name}-wal").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_links_to_a_backup_and_to_a_database_stay(filled: Installation, tmp_path: Path) -> None:
    before = emails(filled)
    (disk := tmp_path / "disk").mkdir()
    path = Path(filled.database_url.removeprefix("sqlite://"))
    link, linked = tmp_path / "latest", replace(filled, database_url=f"sqlite://{tmp_path}/linked.db")
    link.symlink_to(disk / "sayso.backup")
    (tmp_path / "linked.db").symlink_to(disk / "sayso.db")
    shutil.copy(path, disk / "sayso.db")

    filled.says("backup", str(link))
    linked.says("restore", str(link), "--force")

    assert all(each.is_symlink() for each in (link, tmp_path / "linked.db"))
    assert {each.name for each in disk.iterdir()} == {"sayso.backup", "sayso.db"}
    assert emails(linked) == before


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_restore_leaves_extensions_alone_whoever_owns_them(filled: Installation, file: Path) -> None:
    """A role that may not change an extension can restore: a statement about it would end the restore."""
    comment = "SELECT obj_description(e.oid, 'pg_extension') FROM pg_extension e WHERE e.extname = 'pg_trgm'"

    async def comment_on_extension() -> None:
        async with open_database(settings_of(filled)):
            await database.execute("COMMENT ON EXTENSION pg_trgm IS 'of the operator'")

    if not ask(filled, comment):
        missing("postgres", "the extension pg_trgm is not available")
    before = emails(filled)
    filled.says("backup", str(file))
    asyncio.run(comment_on_extension())

    filled.says("restore", str(file), "--force")

    assert ask(filled, comment) == [("of the operator",)]
    assert emails(filled) == before
