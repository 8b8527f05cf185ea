"""`sayso migrate`."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.installation import ROOT, Installation

MIGRATIONS = ROOT / "preference_center" / "migrations"


def test_migrate_creates_the_tables_once(bare: Installation) -> None:
    first = bare.says("migrate")
    second = bare.says("migrate")

    assert "applied 0001_initial" in first
    assert second.strip() == "nothing to do: the schema is the newest"


def test_several_processes_may_migrate_at_once(bare: Installation) -> None:
    together = [bare.start("migrate") for _ in range(4)]
    ended = [(process.communicate(), process.returncode) for process in together]

    assert [code for _, code in ended] == [0, 0, 0, 0], ended
    applied = sorted(out.count("applied ") for (out, _), _ in ended)
    assert applied == [0, 0, 0, len(list(MIGRATIONS.glob("0*.py")))]
    assert "nothing to do" in bare.says("migrate")


def test_commands_require_a_migrated_database(bare: Installation) -> None:
    result = bare.run("token", "list")

    assert result.returncode == 1
    assert "sayso migrate" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["migrate", "verify", "serve", "worker"])
def test_a_database_that_a_newer_version_has_migrated_is_refused(small: Installation, command: str) -> None:
    with closing(sqlite3.connect(small.database_url.removeprefix("sqlite://"))) as file, file:
        file.execute(
            "INSERT INTO tortoise_migrations (app, name, applied_at)"
            " VALUES ('preference_center', '9999_of_tomorrow', '2030-01-01')"
        )

    result = small.run(command)

    assert result.returncode == 1
    assert "newer version" in result.stderr
    assert "9999_of_tomorrow" in result.stderr


@pytest.mark.parametrize("command", ["migrate", "verify", "serve"])
def test_a_file_that_is_not_a_database_is_reported(small: Installation, tmp_path: Path, command: str) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("garbage " * 1000)

    result = small.run(command, SAYSO_DATABASE_URL=f"sqlite://{broken}")

    assert result.returncode == 1
    assert f"{broken} cannot be opened as an SQLite database" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["migrate", "verify", "serve"])
def test_an_unreachable_database_is_reported(small: Installation, command: str) -> None:
    result = small.run(command, SAYSO_DATABASE_URL="postgres://nobody@127.0.0.1:9/nothing")

    assert result.returncode == 1
    assert "The database does not answer" in result.stderr
    assert "Traceback" not in result.stderr
