"""Health, readiness, metrics, CORS and logs of the whole application."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import httpx
import pytest

from api.app import create_app
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from preference_center.ledger.listeners import listeners
from preference_center.ledger.record import record, record_in_transaction
from preference_center.ledger.types import Intent
from preference_center.links.maker import link_maker
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database, transactions
from tests.conftest import ALICE, ALICE_PHONE, PUBLIC_URL, Brands, by_recipient
from tests.http.log_lines import captured_logs


def client_of(settings: Settings) -> httpx.AsyncClient:
    app = create_app(settings)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL)


@pytest.fixture
async def client(db: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(db) as client:
        yield client


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with captured_logs() as out:
        yield out


@pytest.fixture
async def withdraw_link(db: Settings, brands: Brands, alice: int) -> str:
    """The token of Alice's withdraw link for the weekly digest."""
    maker = link_maker(db)
    return maker.withdraw(maker.fingerprint(parse(ALICE)), Channel.EMAIL, type_key=brands.digest.key)


@pytest.fixture
async def manage_link(db: Settings, brands: Brands, alice: int) -> str:
    """The token of Alice's manage link."""
    maker = link_maker(db)
    return maker.manage(maker.fingerprint(parse(ALICE)), parse(ALICE).kind, database.now())


async def test_healthz_answers_while_the_process_runs(client: httpx.AsyncClient) -> None:
    response = await client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_metrics_count_by_route_template(client: httpx.AsyncClient, manage_link: str) -> None:
    await client.get(f"/p/{manage_link}")
    await client.request("BREW", "/healthz")

    metrics = (await client.get("/metrics")).text

    assert 'sayso_http_requests_total{method="GET",route="/p/{token}",status="200"}' in metrics
    assert 'sayso_http_request_seconds_bucket{le="0.1",method="GET",route="/p/{token}"}' in metrics
    assert 'method="OTHER"' in metrics
    assert "BREW" not in metrics
    assert manage_link not in metrics


async def test_metrics_count_consent_events_by_origin(client: httpx.AsyncClient, withdraw_link: str) -> None:
    def one_clicks(metrics: str) -> float:
        name = 'sayso_consent_events_total{origin="ONE_CLICK"} '
        return sum(float(line.removeprefix(name)) for line in metrics.splitlines() if line.startswith(name))

    before = one_clicks((await client.get("/metrics")).text)
    for _ in range(2):
        await client.post(f"/u/{withdraw_link}", data={"List-Unsubscribe": "One-Click"})

    assert one_clicks((await client.get("/metrics")).text) == before + 1  # R16: the second changed nothing


async def test_rolled_back_events_are_not_counted(brands: Brands, alice: int) -> None:
    counts: list[int] = []
    listeners.append(lambda _origin, number: counts.append(number))
    intent = Intent(alice, Channel.EMAIL, PreferenceStatus.OPTED_OUT, brands.acme)

    async def rolled_back() -> None:
        async with transactions.write_transaction():
            await record_in_transaction([intent], by_recipient())
            raise LookupError

    try:
        with pytest.raises(LookupError):
            await rolled_back()
        assert counts == []
        await record([intent], by_recipient())
        assert counts == [1]
    finally:
        listeners.pop()


async def test_no_log_line_holds_a_token_or_an_address(
    client: httpx.AsyncClient, log: io.StringIO, withdraw_link: str, manage_link: str
) -> None:
    token = await create_token("crm", ["admin"])
    bearer = {"Authorization": f"Bearer {token}"}
    query = "query($a: String!) { recipient(address: $a) { address } }"
    await client.get(f"/p/{manage_link}", params={"lang": "pl"})
    await client.get(f"/p/{manage_link[:-3]}xyz")
    await client.post(f"/u/{withdraw_link}", data={"List-Unsubscribe": "One-Click"})
    await client.post("/p", data={"email": ALICE, "address": ALICE})
    await client.get("/p", params={"email": ALICE})
    await client.get(f"/nowhere/{ALICE}")
    for address in (ALICE, ALICE_PHONE):
        await client.post("/graphql", json={"query": query, "variables": {"a": address}}, headers=bearer)
    await client.post(
        "/graphql", json={"query": "{ nothing }"}, headers={"Authorization": f"Bearer {token}x"}
    )

    written = log.getvalue()
    for secret in (
        ALICE,
        "alice",
        ALICE_PHONE,
        ALICE_PHONE[3:],
        token,
        withdraw_link,
        manage_link,
        "lang=pl",
    ):
        assert secret not in written


async def test_each_request_has_one_access_line_with_its_id(
    client: httpx.AsyncClient, log: io.StringIO, withdraw_link: str, manage_link: str
) -> None:
    responses = [
        await client.get(f"/p/{manage_link}"),
        await client.post(f"/u/{withdraw_link}", data={"List-Unsubscribe": "One-Click"}),
        await client.post("/graphql", json={"query": "{ __typename }"}),
        await client.get("/nowhere"),
    ]

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    access_lines = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["route"]) for line in access_lines] == [
        ("GET", "/p/{token}"),
        ("POST", "/u/{token}"),
        ("POST", "/graphql"),
        ("GET", "unmatched"),
    ]
    assert [line["status"] for line in access_lines] == [response.status_code for response in responses]
    assert [line["request_id"] for line in access_lines] == [a.headers["x-request-id"] for a in responses]


@pytest.mark.parametrize("origin", ["https://crm.example", "https://elsewhere.example"])
async def test_browsers_may_call_the_api_from_the_configured_origins(db: Settings, origin: str) -> None:
    async with client_of(replace(db, cors_origins=("https://crm.example",))) as client:
        response = await client.options(
            "/graphql",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,x-sayso-user",
            },
        )

    allowed = response.headers.get("access-control-allow-origin")
    assert (allowed == origin) is (origin == "https://crm.example")
    assert "access-control-allow-credentials" not in response.headers


async def test_without_configured_origins_no_other_origin_may_call(client: httpx.AsyncClient) -> None:
    response = await client.get("/healthz", headers={"Origin": "https://crm.example"})

    assert "access-control-allow-origin" not in response.headers


async def test_a_double_slash_is_not_found_and_does_not_redirect(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/graphql/", "/healthz/", "/imports/opt-outs/"):
        response = await client.get(path, headers={"host": "evil.test"})
        assert (response.status_code, response.headers.get("location")) == (404, None)
