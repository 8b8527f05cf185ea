"""Shutting down and sharing work, with a real server, signals and sockets."""

import re
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.cli.installation import Installation, Server
from tests.html import parse

ADA = "ada.lovelace@example.com"
FORM = b"List-Unsubscribe=One-Click"


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Installation:
    installation = Installation(database_url, tmp_path / "data")
    installation.says("demo", "--contacts", "2")
    return installation


def link_of(installation: Installation, page: str) -> str:
    """The path of Ada's link to a page."""
    output = installation.says("link", "--email", ADA)
    match = re.search(rf"http://[^/]+(/{page}/\S+)", output)
    assert match
    return match[1]


class SlowPost:
    """A one-click POST whose body arrives in two halves."""

    def __init__(self, server: Server, path: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: sayso\r\nConnection: close\r\nExpect: 100-continue\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(FORM)}\r\n\r\n"
        )
        self.socket.sendall(head.encode())

    def wait_until_the_handler_reads(self) -> None:
        """The server sends 100 when the handler reads the body: from then on the request is running."""
        assert self.socket.recv(1024).startswith(b"HTTP/1.1 100")

    def finish(self) -> bytes:
        self.socket.sendall(FORM)
        response = b""
        while more := self.socket.recv(65536):
            response += more
        self.socket.close()
        return response


def test_a_running_request_is_finished_at_sigterm(installation: Installation) -> None:
    path = link_of(installation, "u")
    with installation.serving() as server:
        assert any(boxes_for_email(server, installation).values())
        post = SlowPost(server, path)
        post.wait_until_the_handler_reads()
        server.ask_to_stop()
        wait_until_refused(server)
        response = post.finish()
        code = server.stop() if server.process.poll() is None else server.process.returncode

    assert response.startswith(b"HTTP/1.1 200"), response
    assert code == 0
    with installation.serving() as server:
        assert not any(boxes_for_email(server, installation).values())


def wait_until_refused(server: Server) -> None:
    """Wait until the server refuses new connections."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=30).close()
        except OSError:
            return


def boxes_for_email(server: Server, installation: Installation) -> dict[str, bool]:
    """The email boxes of Ada's preference page, and whether they are ticked."""
    page = httpx.get(server.url + link_of(installation, "p"), verify=False).text
    boxes = {box: on for box, on in parse(page).forms[0].boxes.items() if box.endswith(":EMAIL")}
    assert boxes
    return boxes


def test_an_idle_server_stops_at_once_with_code_0(
    installation: Installation,
) -> None:
    with installation.serving() as server:
        assert server.stop() == 0

    assert '"level":"error"' not in server.log
    assert "Traceback" not in server.log


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_metrics_add_up_all_processes_of_a_server(installation: Installation) -> None:
    with installation.serving("--workers", "2") as server:
        for _ in range(20):
            assert httpx.get(f"{server.url}/healthz", verify=False).status_code == 200  # a new connection
        metrics = httpx.get(f"{server.url}/metrics", verify=False).text
        assert server.stop() == 0

    match = re.search(r'^sayso_http_requests_total\{.*route="/healthz".*\} (\S+)$', metrics, re.MULTILINE)
    assert match
    assert float(match[1]) == 20


def test_a_separate_worker_does_the_background_work(installation: Installation) -> None:
    with installation.serving("--no-worker") as server:
        assert httpx.post(f"{server.url}/p", verify=False, data={"email": ADA}).status_code == 200
    assert list(installation.data_dir.glob("mail/*.eml")) == []

    worker = installation.start("worker")
    try:
        wait_for_mail(installation)
    finally:
        worker.terminate()
        _, log = worker.communicate(timeout=60)

    assert worker.returncode == 0, log
    assert ADA not in log


def wait_for_mail(installation: Installation) -> None:
    while not list(installation.data_dir.glob("mail/*.eml")):
        time.sleep(0.05)
