"""`sayso export`: files to standard output; and exports over HTTP whose reader stops."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import pty
import re
import socket
import subprocess
import sys
import time

import asyncpg
import pytest

from preference_center.catalog.catalog import invalidate_catalog
from preference_center.catalog.changes import create_unit
from preference_center.exports.connection import APPLICATION_NAME
from preference_center.storage.connection import open_database
from tests.cli.installation import PATIENCE, ROOT, SAYSO, Installation, Server
from tests.conftest import settings_for
from tests.use_cases.exports.many_rows import fill

MANY = 40_000
MEMORY_OF = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def filled(installation: Installation, number: int) -> None:
    async def fill_it() -> None:
        invalidate_catalog()
        async with open_database(settings_for(installation.database_url, installation.data_dir)):
            await create_unit(key="acme", name="Acme")
            await fill(number)
        invalidate_catalog()

    asyncio.run(fill_it())


@pytest.mark.parametrize("name", ["contacts", "suppressions", "events"])
def test_only_the_file_goes_to_standard_output(installation: Installation, name: str) -> None:
    filled(installation, 30)

    result = installation.run("export", name)
    objects = installation.says("export", name, "--format", "ndjson").splitlines()

    rows = list(csv.DictReader(io.StringIO(result.stdout, newline=""), strict=True))
    assert result.stderr == ""
    assert len(rows) == len(objects) == 30
    assert list(json.loads(objects[0])) == list(rows[0]) or name == "contacts"


def test_options_narrow_what_is_written(small: Installation) -> None:
    filled(small, 12)

    def lines(*options: str) -> int:
        return small.says("export", *options).count("\n") - 1

    assert lines("contacts", "--filter", '{"emails": ["person7@example.com"]}') == 1
    assert lines("contacts", "--search", "person1") == 4
    assert lines("contacts", "--not-unsubscribed-from-all-email") == 0
    assert lines("suppressions", "--business-unit", "acme", "--channel", "EMAIL", "--opt-out-of-all") == 12
    assert lines("suppressions", "--single-types") == 0
    assert lines("events", "--from", "2026-05-04T14:00:00+02:00") == 1
    assert lines("events", "--before", "2026-05-04T12:00:00Z") == 11


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (("contacts", "--filter", '{"serch": "a"}'), "serch"),
        (("contacts", "--status", "OPTED_IN"), "subscription_type"),
        (("suppressions", "--business-unit", "no-such-unit"), "no-such-unit"),
        (("suppressions", "--channel", "FAX"), "FAX"),
        (("events", "--from", "yesterday"), "yesterday"),
        (("events", "--format", "xls"), "xls"),
    ],
)
def test_wrong_options_are_reported_on_standard_error(
    small: Installation, given: tuple[str, ...], word: str
) -> None:
    result = small.run("export", *given)

    assert result.returncode in (1, 2)
    assert word in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_closed_pipe_is_not_an_error(installation: Installation) -> None:
    filled(installation, 20_000)
    with installation.start("export", "events") as process:
        assert process.stdout
        assert process.stdout.readline().startswith("recorded_at,")
        process.stdout.close()
        assert process.wait(PATIENCE) == 1
        assert process.stderr
        assert process.stderr.read() == ""


def test_progress_is_shown_on_a_terminal(small: Installation) -> None:
    filled(small, 5_000)
    looking, shown = pty.openpty()
    environment = small.environment | {"TERM": "xterm-256color", "COLUMNS": "120"}
    command = [SAYSO, "export", "suppressions"]
    file = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=shown, check=True, timeout=PATIENCE
    ).stdout
    os.close(shown)

    assert file.count(b"\n") == 5_001
    assert re.search(rb"suppressions.*/5000", os.read(looking, 100_000))
    os.close(looking)


def test_memory_does_not_grow_with_the_rows(installation: Installation) -> None:
    filled(installation, MANY)

    def memory(*options: str) -> int:
        """The peak memory of an export, in KiB."""
        command = [sys.executable, "-c", MEMORY_OF, str(SAYSO), "export", *options]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=installation.environment,
            capture_output=True,
            check=True,
            timeout=PATIENCE * 3,
        )
        return int(done.stdout)

    few = memory("contacts", "--search", "person11")
    for name, written in (("contacts", "ndjson"), ("suppressions", "csv"), ("events", "csv")):
        assert memory(name, "--format", written) < few + 8 * 1024, name


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_an_export_pauses_with_its_reader_and_ends_when_the_reader_leaves(
    installation: Installation,
) -> None:
    filled(installation, 30_000)
    asyncio.run(explained(installation))
    token = installation.says("token", "create", "reader", "--scope", "preferences:read").strip()
    with installation.serving("--no-worker") as server:
        with asking(server, token) as client:
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            # The query waits for its reader: the server does not read ahead.
            wait_for(installation, "ClientWrite")
        wait_for(installation, None)
        with asking(server, token) as client:
            assert client.recv(1000).startswith(b"HTTP/1.1 200"), "the next one is served"


async def explained(installation: Installation) -> None:
    """Give each event 4,000 characters of explanation: more in total than socket buffers hold."""
    connection = await asyncpg.connect(installation.database_url)
    try:
        await connection.execute(
            "INSERT INTO evidence (event_id, explanation) SELECT id, repeat('word', 1000) FROM consent_events"
        )
    finally:
        await connection.close()


def asking(server: Server, token: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
    request = f"GET /exports/events HTTP/1.1\r\nHost: sayso\r\nAuthorization: Bearer {token}\r\n\r\n"
    client.sendall(request.encode())
    return client


def wait_for(installation: Installation, event: str | None) -> None:
    """Wait until the running export waits for this event; None: until no export runs."""

    async def look() -> str | None:
        connection = await asyncpg.connect(installation.database_url)
        try:
            found: str | None = await connection.fetchval(
                "SELECT COALESCE(wait_event, 'nothing') FROM pg_stat_activity"
                " WHERE application_name = $1 AND datname = current_database()"
                " AND backend_type = 'client backend'",  # without its parallel workers
                APPLICATION_NAME,
            )
            return found
        finally:
            await connection.close()

    found: str | None = "never looked"
    for _ in range(PATIENCE * 10):
        found = asyncio.run(look())
        if found == event:
            return
        time.sleep(0.1)
    raise AssertionError(found)
