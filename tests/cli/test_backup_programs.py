"""`sayso backup` and `sayso restore` call PostgreSQL's programs, and show the password to nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.installation import Installation

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


def fake(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def path_with(folder: Path) -> str:
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_missing_program_is_named(installation: Installation, tmp_path: Path, command: str) -> None:
    (tmp_path / "bin").mkdir()
    result = installation.run(command, str(tmp_path / "file"), PATH=str(tmp_path / "bin"))
    assert result.returncode == 1
    assert "postgresql-client" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "file").exists()


def test_an_old_program_is_refused(installation: Installation, tmp_path: Path) -> None:
    fake(tmp_path / "bin", "pg_dump", "echo 'pg_dump (PostgreSQL) 9.6.24'")
    result = installation.run("backup", str(tmp_path / "file"), PATH=path_with(tmp_path / "bin"))
    assert result.returncode == 1
    assert "pg_dump is of version 9" in result.stderr


def test_the_password_is_in_no_argument_and_no_output(installation: Installation, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    script = (
        'case "$1" in --version) echo "pg_dump (PostgreSQL) 99.1";; *)'
        f' echo "$@" > {seen}; echo "$PGPASSWORD" | wc -c >> {seen}; env >> {seen}.env;'
        " echo 'it failed' >&2; exit 1;; esac"
    )
    fake(tmp_path / "bin", "pg_dump", script)
    user, _, rest = installation.database_url.partition("@")
    url = f"{user}:mack%23erel@{rest}"
    result = installation.run(
        "backup",
        str(tmp_path / "file"),
        SAYSO_DATABASE_URL=url,
        PATH=path_with(tmp_path / "bin"),
    )
    assert result.returncode == 1
    assert "pg_dump failed:\n  it failed" in result.stderr
    assert not (tmp_path / "file").exists()
    arguments, length = seen.read_text().splitlines()
    assert (int(length), "mack" in arguments) == (len("mack#erel\n"), False)
    assert "SAYSO_" not in (tmp_path / "seen.env").read_text()
    assert "mack" not in result.stdout + result.stderr
