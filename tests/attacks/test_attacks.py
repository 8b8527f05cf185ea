"""No allowed request holds anybody up, and no refused one: opt-outs are answered within 250 ms meanwhile."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.attacks.attack import ONCE
from tests.attacks.catalog import ATTACKS, USING_DATABASE, worst
from tests.attacks.installation import furnish
from tests.attacks.measurement import Range, attacked
from tests.conftest import settings_for
from tests.databases import Server

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measures memory in /proc")


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def attacked_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Range]:
    folder = tmp_path_factory.mktemp("attacked")
    with _database(request, folder) as url:
        of = asyncio.run(furnish(settings_for(url, folder / "data")))
        with attacked(of) as range_:
            yield range_


@contextmanager
def _database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "sayso.db")
        yield f"sqlite://{folder / 'sayso.db'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    address = server.create()
    try:
        yield address
    finally:
        server.drop(address)


@pytest.mark.parametrize("kind", [kind for kind in ATTACKS if kind in USING_DATABASE])
def test_opt_outs_do_not_wait_for_an_attack_by(attacked_server: Range, kind: str) -> None:
    _withstands(attacked_server, kind)


@pytest.mark.parametrize("attacked_server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", [kind for kind in ATTACKS if kind not in USING_DATABASE])
def test_opt_outs_do_not_wait_for_an_attack_apart_from_the_database_by(
    attacked_server: Range, kind: str
) -> None:
    _withstands(attacked_server, kind)


def _withstands(server: Range, kind: str) -> None:
    assert [words for attack in worst(kind) for words in server.best_of(attack, ONCE)] == []
