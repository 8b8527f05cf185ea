"""`sayso import`, and incomplete uploads to a real server."""

import asyncio
import contextlib
import json
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from preference_center.catalog.changes import create_type, create_unit
from preference_center.config.settings import use
from preference_center.storage import database
from preference_center.storage.connection import open_database
from tests.cli.installation import Installation, Server
from tests.conftest import ALICE, BOB, settings_for

LIST = f"E-mail;Imię\n{ALICE};Łucja\nnobody;x\n{BOB};y\n".encode("windows-1250")
OPT_OUTS = ("import", "opt-outs")
TO_ACME = ("--business-unit", "acme", "--channel", "EMAIL", "--explanation", "The old list.")


@pytest.fixture
def acme(installation: Installation) -> Installation:
    """An installation with one business unit and one type."""

    async def make() -> None:
        await create_unit(key="acme", name="Acme", data_privacy=False)
        await create_type(key="digest", business_unit="acme", name={"en": "Digest"})

    await_in_database(installation, make())
    return installation


def await_in_database(installation: Installation, wanted: object) -> object:
    """Await something with the installation's database open."""

    async def run_in_database() -> object:
        settings = settings_for(installation.database_url, installation.data_dir)
        use(settings)
        async with open_database(settings):
            return await wanted  # type: ignore[misc]

    return asyncio.run(run_in_database())


def number_of(installation: Installation, table: str, condition: str = "TRUE") -> int:
    async def counted() -> int:
        return int((await database.fetch(f"SELECT COUNT(*) AS n FROM {table} WHERE {condition}"))[0]["n"])

    found = await_in_database(installation, counted())
    assert isinstance(found, int)
    return found


def test_an_opt_out_list_is_imported_without_a_server(acme: Installation, tmp_path: Path) -> None:
    file, refused = tmp_path / "list.csv", tmp_path / "refused.csv"
    file.write_bytes(LIST)
    dry = acme.says(*OPT_OUTS, str(file), *TO_ACME, "--dry-run", "--expect", "3")
    assert "dry run" in dry
    assert number_of(acme, "opt_outs_of_all") == 0
    output = acme.says(*OPT_OUTS, str(file), *TO_ACME, "--expect", "3", "--refusals", str(refused))
    assert "changed 2, unchanged 0, refused 1" in output
    assert "INVALID_ADDRESS 1" in output
    assert str(refused) in output
    assert refused.read_text().splitlines()[1].startswith("3,")
    assert number_of(acme, "opt_outs_of_all", "active") == 2
    assert "changed 0, unchanged 2, refused 1" in acme.says(*OPT_OUTS, str(file), *TO_ACME)
    assert acme.says("verify").strip() == "the state is what the ledger says"


def test_imported_contacts_can_be_exported_and_imported_again(acme: Installation, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"email,first_name,score,opt_in:digest\n{ALICE},Łucja,=5,yes\n{BOB},,,no\n")
    grounds = ("--legal-basis", "CONSENT_WITH_NOTICE", "--explanation", "The fair.")
    assert "changed 2, unchanged 0, refused 0" in acme.says("import", "contacts", str(file), *grounds)
    file.write_text(acme.says("export", "contacts"))
    assert "changed 0, unchanged 2, refused 0" in acme.says("import", "contacts", str(file))


def test_the_command_names_the_columns_and_counts_who_said_no(acme: Installation, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"id,email,EMAIL_BLACKLISTED\n1,{ALICE},Yes\n2,{BOB},No\n")
    output = acme.says("import", "contacts", str(file), "--business-unit", "acme", "--dry-run")
    assert "columns used: email = email, EMAIL_BLACKLISTED = opt_out:all:EMAIL" in output
    assert "columns ignored: id" in output
    assert "opted out 1" in output
    result = acme.run("import", "contacts", str(file), "--business-unit", "no-such")
    assert "no business unit" in result.stderr


@pytest.mark.parametrize(
    ("content", "more", "code", "words"),
    [
        (b"", (), 1, "empty"),
        (b"name\nx\n", (), 1, "email address"),
        (LIST, ("--expect", "4"), 1, "4 were expected"),
        (LIST, ("--business-unit", "no-such"), 1, "no business unit"),
        (LIST, ("--encoding", "rot13"), 1, "not a supported encoding"),
        (LIST, ("--channel", "PIGEON"), 2, "PIGEON"),
        (LIST, ("--explanation", " "), 1, "explanation"),
        (None, (), 2, "can't be read"),
    ],
)
def test_a_refused_import_is_reported_and_leaves_nothing_behind(
    small: Installation, tmp_path: Path, content: bytes | None, more: tuple[str, ...], code: int, words: str
) -> None:
    await_in_database(small, create_unit(key="acme", name="Acme"))
    file = tmp_path / "list.csv"
    if content is not None:
        file.write_bytes(content)
    result = small.run(*OPT_OUTS, str(file), *TO_ACME, *more)
    assert (result.returncode, result.stdout) == (code, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert number_of(small, "operations") == 0


def test_a_killed_import_continues_where_it_stopped(acme: Installation, tmp_path: Path) -> None:
    people = 20_000
    file = tmp_path / "list.csv"
    file.write_text("email\n" + "".join(f"person{n}@example.com\n" for n in range(people)))
    process = acme.start(*OPT_OUTS, str(file), *TO_ACME)
    while process.poll() is None and number_of(acme, "operations", "position >= 2") == 0:
        time.sleep(0.05)
    process.kill()
    process.communicate()
    assert 0 < number_of(acme, "opt_outs_of_all") < people
    # Its lease would last a minute.
    await_in_database(acme, database_lets_go())
    worker = acme.start("worker")
    with contextlib.suppress(KeyboardInterrupt):
        while worker.poll() is None and number_of(acme, "operations", "state = 'COMPLETED'") == 0:
            time.sleep(0.1)
    worker.send_signal(signal.SIGTERM)
    worker.communicate()
    assert number_of(acme, "consent_events") == number_of(acme, "opt_outs_of_all", "active") == people
    assert number_of(acme, "operations", f"changed = {people} AND processed = {people}") == 1
    assert acme.says("verify").strip() == "the state is what the ledger says"


async def database_lets_go() -> None:
    await database.execute("UPDATE operations SET lease_until = NULL WHERE state = 'RUNNING'")


def test_an_interrupted_import_says_what_continues_it(acme: Installation, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("email\n" + "".join(f"person{n}@example.com\n" for n in range(20_000)))
    process = acme.start(*OPT_OUTS, str(file), *TO_ACME)
    while process.poll() is None and number_of(acme, "operations", "position >= 1") == 0:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 1
    assert "running" in out
    assert "sayso worker" in err
    assert number_of(acme, "operations", "lease_owner IS NULL AND state = 'RUNNING'") == 1


@pytest.fixture
def token(acme: Installation) -> str:
    return acme.says("token", "create", "loader", "--scope", "operations:write").strip()


def address(path: str = "opt-outs") -> str:
    return f"/imports/{path}?business_unit=acme&channel=EMAIL&explanation=x"


@pytest.mark.parametrize("transfer", ["announced", "chunked", "form"])
def test_an_incomplete_upload_leaves_nothing_behind(acme: Installation, token: str, transfer: str) -> None:
    rows = b"email\n" + b"".join(b"person%d@example.com\n" % n for n in range(30_000))
    content_type = "multipart/form-data; boundary=b" if transfer == "form" else "text/csv"
    length = "Transfer-Encoding: chunked" if transfer == "chunked" else "Content-Length: 10000000"
    if transfer == "form":
        rows = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + rows
    head = (
        f"POST {address()} HTTP/1.1\r\nHost: sayso.test\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {content_type}\r\n{length}\r\n\r\n"
    )
    with acme.serving() as server:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(head.encode())
            client.sendall(b"%x\r\n%b\r\n" % (len(rows), rows) if transfer == "chunked" else rows)
            while number_of(acme, "operation_parts") == 0:
                time.sleep(0.05)
            client.shutdown(socket.SHUT_RDWR)
        while number_of(acme, "operations") > 0:
            time.sleep(0.05)
        assert number_of(acme, "operation_parts") == 0
        assert number_of(acme, "recipients") == 0
        assert whole(server, token) == 202


def whole(server: Server, token: str) -> int:
    """The status of a complete upload."""
    response = httpx.post(
        server.url + address(),
        content=LIST,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "text/csv"},
        timeout=60,
    )
    return response.status_code


def test_the_server_runs_an_import_and_reports_its_progress(acme: Installation, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    rows = "email\n" + "".join(f"person{n}@example.com\n" for n in range(5_000))
    wrong = b"name\n" + b"x\n" * 5_000_000
    with acme.serving() as server, httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
        response = client.post(address(), files={"file": ("list.csv", rows)})
        assert response.status_code == 202, response.text
        place = httpx.URL(response.headers["location"]).path
        while (output := client.get(place).json())["state"] in ("QUEUED", "RUNNING"):
            time.sleep(0.1)
        refused = client.post(address(), content=wrong, headers={"Content-Type": "text/csv"})
    assert (output["state"], output["changed"]) == ("COMPLETED", 5_000), json.dumps(output)
    assert (refused.status_code, refused.json()["field"]) == (422, "file")
