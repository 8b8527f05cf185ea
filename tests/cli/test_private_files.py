"""Nobody but the owner can read what Sayso writes, whatever the umask."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from preference_center.config import private_files
from tests.cli.installation import PATIENCE, SAYSO, Installation, free_port

KEYS = ("SAYSO_SECRET_KEYS", "SAYSO_WITHDRAW_KEYS", "SAYSO_MANAGE_KEYS", "SAYSO_FINGERPRINT_KEY")
PRODUCTION = {
    "SAYSO_ENV": "production",
    "SAYSO_PUBLIC_URL": "https://sayso.example",
    **{name: secrets.token_urlsafe(32) for name in KEYS},
}


@dataclass
class Machine:
    """A new machine on which nothing sets a umask."""

    folder: Path

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SAYSO_")}
        return subprocess.Popen(
            [SAYSO, *arguments],
            cwd=self.folder,
            env=environment,
            umask=0,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *arguments: str) -> None:
        assert self.start(*arguments).wait(PATIENCE) == 0, arguments

    @contextlib.contextmanager
    def serving(self) -> Iterator[str]:
        url = f"http://127.0.0.1:{free_port()}"
        server = self.start("serve", "--port", url.rpartition(":")[2])
        try:
            wait_for(lambda: answers(url))
            yield url
        finally:
            server.terminate()
            assert server.wait(PATIENCE) == 0


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/readyz", verify=False).status_code == 200
    return False


def wait_for(condition: object) -> None:
    for _ in range(PATIENCE * 20):
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def open_to_others(folder: Path) -> dict[str, str]:
    """The files and folders below a folder that are not exactly 0600 and 0700."""
    found = {path: stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}
    return {
        str(path.relative_to(folder)): oct(mode)
        for path, mode in found.items()
        if mode != (0o700 if path.is_dir() else 0o600)
    }


def test_a_demo_that_serves_mails_and_imports_without_a_umask(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (tmp_path / "people.csv").write_text("email\nzofia@example.org\nno address\n")
    (tmp_path / "people.csv").chmod(0o600)
    machine.run("migrate")
    machine.run("demo", "--contacts", "3")
    machine.run("import", "contacts", "people.csv", "--refusals", "refused.csv")
    with machine.serving() as url:
        asked = httpx.post(f"{url}/p", data={"email": "ada.lovelace@example.com"}, verify=False)
        assert asked.status_code == 200
        wait_for(lambda: list(tmp_path.glob("data/mail/*.eml")))
        assert open_to_others(tmp_path) == {}
        written = {path.name for path in (tmp_path / "data").iterdir()}

    assert {"sayso.db", "sayso.db-wal", "sayso.db-shm", "keys.json", "demo-token", "public-url"} <= written
    assert (tmp_path / "refused.csv").exists()
    assert open_to_others(tmp_path) == {}


def test_production_with_folders_of_its_own(tmp_path: Path) -> None:
    database = tmp_path / "new/deep/sayso.db"
    production = Installation(f"sqlite://{database}", tmp_path / "state/sayso", PRODUCTION)
    production.says("migrate")
    with production.serving():
        assert open_to_others(tmp_path) == {}
    assert database.exists()


def test_an_installation_of_an_earlier_version_is_tightened_at_its_start(small: Installation) -> None:
    data = small.data_dir
    (data / "mail").mkdir(parents=True)
    (data / "mine").mkdir()
    database = data / "sayso.db"
    shutil.move(small.database_url.removeprefix("sqlite://"), database)
    elsewhere = data.parent / "elsewhere"
    ours = [data / name for name in ("keys.json", "demo-token", "public-url", "mail/1.eml", "mail/.2.eml.7")]
    others = [data / "mine/list.csv", data / "list.csv", elsewhere]
    for path in (*ours, *others):
        path.write_text("http://127.0.0.1")
        path.chmod(0o644)
    (data / "mail/link.eml").symlink_to(elsewhere)
    for path in (data, data / "mail", data / "mine"):
        path.chmod(0o755)
    database.chmod(0o644)
    (data / "keys.json").unlink()

    with contextlib.closing(sqlite3.connect(database)) as opened:  # its log is there, and readable
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("CREATE TABLE x (y)")
        assert stat.S_IMODE((data / "sayso.db-wal").stat().st_mode) == 0o644
        small.database_url = f"sqlite://{database}"
        small.says("token", "list")
        tightened = [path for path in (*ours, database, data / "sayso.db-wal") if path.exists()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in tightened} == {0o600}

    assert {stat.S_IMODE(path.stat().st_mode) for path in (data, data / "mail")} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in others} == {0o644}


@pytest.mark.parametrize("shared", ["working directory", "one above it", "home", "for everybody"])
def test_a_data_folder_that_holds_more_keeps_its_permissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: str
) -> None:
    (tmp_path / "below").mkdir()
    monkeypatch.chdir({"working directory": tmp_path, "one above it": tmp_path / "below"}.get(shared, "/"))
    monkeypatch.setenv("HOME", str(tmp_path if shared == "home" else "/root"))
    tmp_path.chmod(0o1777 if shared == "for everybody" else 0o755)
    (tmp_path / "keys.json").touch(0o644)
    before = tmp_path.stat().st_mode

    private_files.tighten(tmp_path)

    assert tmp_path.stat().st_mode == before
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
