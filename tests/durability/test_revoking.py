"""A token that is revoked under load is refused by every process within one second."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection

import pytest

from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from tests.durability.server import PATIENCE, environment, serving
from tests.processes import Process

PROMISE = 1.0
CLIENTS = 1
MANY = 20
BODY = '{"query": "{ viewer { name } }"}'


class Client:
    """Sends request after request until it is refused; notes when it sent the last one that was served."""

    def __init__(self, port: int, token: str) -> None:
        self.served_at = 0.0
        self.served = 0
        self.is_busy = threading.Event()
        self._port = port
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self) -> None:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)) as connection:
            self._ask(connection)

    def _ask(self, connection: HTTPConnection) -> None:
        while True:
            sent_at = time.monotonic()
            connection.request("POST", "/graphql", BODY, self._headers)
            response = connection.getresponse()
            response.read()
            if response.status == 401:
                return
            assert response.status == 200
            self.served_at, self.served = sent_at, self.served + 1
            if self.served == MANY:
                self.is_busy.set()


@pytest.mark.usefixtures("brands")
async def test_a_token_revoked_under_load_is_refused_by_every_process_within_a_second(db: Settings) -> None:
    token = await create_token("crm", ["admin"])
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(db)) for _ in range(2)]
        clients = [Client(server.port, token) for server in servers for _ in range(CLIENTS)]
        threads = stack.enter_context(ThreadPoolExecutor(len(clients)))
        asked = [threads.submit(client.ask) for client in clients]
        for client in clients:
            client.is_busy.wait(PATIENCE)

        revoking = Process(["token", "revoke", "crm"], environment(db))
        said, wrong = revoking.communicate(PATIENCE)
        revoked_at = time.monotonic()
        assert "revoked" in said, wrong

        for ended in asked:
            ended.result(PATIENCE)
        assert all(client.served_at - revoked_at <= PROMISE for client in clients)
