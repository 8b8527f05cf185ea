"""What is answered with 2xx is stored, even if the server is killed a millisecond later (R18)."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from itertools import count

import pytest

from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from preference_center.links.maker import link_maker
from preference_center.recipients.recipients import fingerprint_of
from preference_center.rules import addresses
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.storage.connection import open_database
from tests.durability.server import Server, serving, verified
from tests.journeys.catalog import DIGEST
from tests.journeys.driver.installation import DATABASES, installation_on
from tests.journeys.driver.operations import UPDATE

KILLS = 8
ONE_CLICK = "List-Unsubscribe=One-Click"
GOOD = b"HTTP/1.1 200"


@pytest.fixture(scope="module", params=DATABASES)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    with installation_on(request, tmp_path_factory.mktemp("installation")) as made:
        yield made


def one_click_path(made: Settings, address: str) -> str:
    maker = link_maker(made)
    token = maker.withdraw(fingerprint_of(addresses.parse(address)), Channel.EMAIL, DIGEST.key)
    return f"/u/{token}"


def opted_out(made: Settings) -> set[bytes]:
    """The fingerprints of recipients who are opted out by exactly one event."""

    async def read() -> set[bytes]:
        async with open_database(made):
            rows = await database.fetch(
                "SELECT r.fingerprint AS whose FROM preferences p JOIN recipients r ON r.id = p.recipient_id"
                " WHERE p.status = 'OPTED_OUT' AND 1 = (SELECT COUNT(*) FROM consent_events e"
                " WHERE e.recipient_id = r.id AND e.after = 'OPTED_OUT')"
            )
            return {bytes(row["whose"]) for row in rows}

    return asyncio.run(read())


def test_an_opt_out_that_was_answered_outlives_the_server(installation: Settings) -> None:
    for n in range(KILLS):
        alice = f"alice-{n}@example.com"
        with (
            serving(installation) as server,
            server.post(one_click_path(installation, alice), ONE_CLICK) as answer,
        ):
            assert answer.recv(12) == GOOD
            server.kill()
        assert fingerprint_of(addresses.parse(alice)) in opted_out(installation)
    assert verified(installation).returncode == 0


def test_everything_answered_before_a_kill_under_load_is_there(installation: Settings) -> None:
    token = asyncio.run(token_of(installation))
    answered: list[str] = []
    with serving(installation) as server:
        clients = [
            threading.Thread(target=keep_asking, args=(server, installation, token, number, answered))
            for number in range(8)
        ]
        for client in clients:
            client.start()
        while len(answered) < 60:
            time.sleep(0.005)
        server.kill()
        for client in clients:
            client.join()
    held = opted_out(installation)
    lost = [address for address in answered if fingerprint_of(addresses.parse(address)) not in held]
    assert lost == []
    result = verified(installation)
    assert result.returncode == 0, result.stdout


async def token_of(made: Settings) -> str:
    async with open_database(made):
        return await create_token(f"crm {time.monotonic_ns()}", ["admin"])


def keep_asking(server: Server, made: Settings, token: str, number: int, answered: list[str]) -> None:
    """Opt out one recipient after another, by one-click and by the team, until the server has ended."""
    for n in count():
        address = f"bob-{number}-{n}@example.com"
        try:
            if n % 2:
                connection = server.post("/graphql", update_of(address), json_headers(token))
            else:
                connection = server.post(one_click_path(made, address), ONE_CLICK)
            with connection:
                answer = connection.recv(65536)
        except OSError:
            return
        if not answer:
            return
        if answer.startswith(GOOD) and (n % 2 == 0 or b'"changed":true' in answer):
            answered.append(address)


def update_of(address: str) -> str:
    change = {"subscriptionType": DIGEST.key, "status": "OPTED_OUT"}
    return json.dumps(
        {"query": UPDATE, "variables": {"input": {"recipient": {"email": address}, "changes": [change]}}}
    )


def json_headers(token: str) -> str:
    return f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
