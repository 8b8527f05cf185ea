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


def browser_of(settings: Settings) -> httpx.AsyncClient:
    app = create_app(settings)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL)


@pytest.fixture
async def browser(db: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(db) as made:
        yield made


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


async def test_healthz_answers_while_the_process_runs(browser: httpx.AsyncClient) -> None:
    response = await browser.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_readyz_answers_200_with_a_migrated_database(browser: httpx.AsyncClient) -> None:
    response = await browser.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


async def test_readyz_names_the_migrations_that_are_missing(browser: httpx.AsyncClient) -> None:
    rows = await database.fetch("SELECT name FROM tortoise_migrations ORDER BY id DESC LIMIT 1")
    await database.execute("DELETE FROM tortoise_migrations WHERE name = $1", rows[0]["name"])

    response = await browser.get("/readyz")

    assert response.status_code == 503
    assert rows[0]["name"] in response.json()["reason"]


async def test_readyz_answers_503_without_a_database(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise OSError("connection refused to postgres://sayso:hunter2@db")

    monkeypatch.setattr(database, "fetch", refuse)
    response = await browser.get("/readyz")

    assert response.status_code == 503
    assert "hunter2" not in response.text
    assert (await browser.get("/healthz")).status_code == 200


async def test_metrics_count_by_route_template(browser: httpx.AsyncClient, manage_link: str) -> None:
    await browser.get(f"/p/{manage_link}")
    await browser.request("BREW", "/healthz")

    shown = (await browser.get("/metrics")).text

    assert 'sayso_http_requests_total{method="GET",route="/p/{token}",status="200"}' in shown
    assert 'sayso_http_request_seconds_bucket{le="0.1",method="GET",route="/p/{token}"}' in shown
    assert 'method="OTHER"' in shown
    assert "BREW" not in shown
    assert manage_link not in shown


async def test_metrics_count_consent_events_by_origin(browser: httpx.AsyncClient, withdraw_link: str) -> None:
    def one_clicks(shown: str) -> float:
        name = 'sayso_consent_events_total{origin="ONE_CLICK"} '
        return sum(float(line.removeprefix(name)) for line in shown.splitlines() if line.startswith(name))

    before = one_clicks((await browser.get("/metrics")).text)
    for _ in range(2):
        await browser.post(f"/u/{withdraw_link}", data={"List-Unsubscribe": "One-Click"})

    assert one_clicks((await browser.get("/metrics")).text) == before + 1  # R16: the second changed nothing


async def test_rolled_back_events_are_not_counted(brands: Brands, alice: int) -> None:
    counted: list[int] = []
    listeners.append(lambda _origin, number: counted.append(number))
    intent = Intent(alice, Channel.EMAIL, PreferenceStatus.OPTED_OUT, brands.acme)

    async def broken_off() -> None:
        async with transactions.write_transaction():
            await record_in_transaction([intent], by_recipient())
            raise LookupError

    try:
        with pytest.raises(LookupError):
            await broken_off()
        assert counted == []
        await record([intent], by_recipient())
        assert counted == [1]
    finally:
        listeners.pop()


async def test_no_log_line_holds_a_token_or_an_address(
    browser: httpx.AsyncClient, log: io.StringIO, withdraw_link: str, manage_link: str
) -> None:
    token = await create_token("crm", ["admin"])
    bearer = {"Authorization": f"Bearer {token}"}
    query = "query($a: String!) { recipient(address: $a) { address } }"
    await browser.get(f"/p/{manage_link}", params={"lang": "pl"})
    await browser.get(f"/p/{manage_link[:-3]}xyz")
    await browser.post(f"/u/{withdraw_link}", data={"List-Unsubscribe": "One-Click"})
    await browser.post("/p", data={"email": ALICE, "address": ALICE})
    await browser.get("/p", params={"email": ALICE})
    await browser.get(f"/nowhere/{ALICE}")
    for given in (ALICE, ALICE_PHONE):
        await browser.post("/graphql", json={"query": query, "variables": {"a": given}}, headers=bearer)
    await browser.post(
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
    browser: httpx.AsyncClient, log: io.StringIO, withdraw_link: str, manage_link: str
) -> None:
    responses = [
        await browser.get(f"/p/{manage_link}"),
        await browser.post(f"/u/{withdraw_link}", data={"List-Unsubscribe": "One-Click"}),
        await browser.post("/graphql", json={"query": "{ __typename }"}),
        await browser.get("/nowhere"),
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
    async with browser_of(replace(db, cors_origins=("https://crm.example",))) as browser:
        response = await browser.options(
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


async def test_without_configured_origins_no_other_origin_may_call(browser: httpx.AsyncClient) -> None:
    response = await browser.get("/healthz", headers={"Origin": "https://crm.example"})

    assert "access-control-allow-origin" not in response.headers


async def test_a_double_slash_is_not_found_and_does_not_redirect(
    browser: httpx.AsyncClient,
) -> None:
    for path in ("/graphql/", "/healthz/", "/imports/opt-outs/"):
        response = await browser.get(path, headers={"host": "evil.test"})
        assert (response.status_code, response.headers.get("location")) == (404, None)
