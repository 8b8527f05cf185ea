"""GraphQL over HTTP beyond the audits: authentication, requests, and what browsers get."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from api import graphiql, graphql
from preference_center.access.tokens import create_token, revoke_token
from preference_center.config.settings import Settings
from preference_center.rules.types import ConsentOrigin
from tests.conftest import PUBLIC_URL, Clock
from tests.graphql.conftest import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
QUERY = {"query": "{ viewer { name } }"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def code(response: httpx.Response) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


NO_TOKEN = 'Bearer realm="sayso"'
INVALID = f'{NO_TOKEN}, error="invalid_token", error_description="The token is unknown or revoked"'


@pytest.mark.parametrize(
    ("authorization", "challenge", "message"),
    [
        (None, NO_TOKEN, "Send an API token"),
        ("", NO_TOKEN, "Send an API token"),
        ("Bearer", NO_TOKEN, "Send an API token"),
        ("bearer ", NO_TOKEN, "Send an API token"),
        ("Basic YTpi", NO_TOKEN, "with the scheme Bearer"),
        ("sayso_aaaaaaaa_" + "x" * 43, NO_TOKEN, "with the scheme Bearer"),
        ("Bearer sayso_aaaaaaaa_" + "x" * 43, INVALID, "unknown or was revoked"),
        ("Bearer nonsense", INVALID, "unknown or was revoked"),
    ],
)
async def test_a_missing_token_another_scheme_and_a_wrong_token_are_told_apart(
    http: httpx.AsyncClient, authorization: str | None, challenge: str, message: str
) -> None:
    """RFC 6750 §3: the challenge names an error only if a token was sent."""
    headers = {} if authorization is None else {"Authorization": authorization}
    posted = await http.post("/graphql", json=QUERY, headers=headers)
    got = await http.get("/graphql", params=QUERY, headers=headers)
    for response in (posted, got):
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == challenge
        assert await code(response) == "UNAUTHENTICATED"
        assert message in response.json()["errors"][0]["message"]


async def test_a_revoked_token_is_refused_at_once(api: Api) -> None:
    assert (await api.post(QUERY["query"])).status_code == 200
    await revoke_token("crm")
    refused = await api.post(QUERY["query"])
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, INVALID)


async def test_an_expired_token_is_refused_and_told_so(api: Api, clock: Clock) -> None:
    expiring = api.using(await create_token("fair", ["admin"], expires_in_days=1))
    assert await expiring.execute("{ viewer { expiresAt } }") == {"expiresAt": "2026-05-05T12:00:00Z"}
    clock.forward(days=1)
    refused = await expiring.post(QUERY["query"])
    assert refused.status_code == 401
    assert "The token has expired" in refused.headers["www-authenticate"]
    (error,) = refused.json()["errors"]
    assert "has expired" in error["message"]


async def test_the_viewer_is_the_token_with_its_end_user(api: Api) -> None:
    scopes = ["contacts:read", "preferences:read"]
    reader = api.using(await create_token("reports", scopes, ConsentOrigin.INTEGRATION))
    wanted = "{ viewer { name scopes origin businessUnits { key } endUser expiresAt } }"
    headers = {**reader.headers, "X-Sayso-User": "jane@example.com"}
    answer = await api.http.post("/graphql", json={"query": wanted}, headers=headers)
    assert answer.json()["data"]["viewer"] == {
        "name": "reports",
        "scopes": scopes,
        "origin": "INTEGRATION",
        "businessUnits": None,
        "endUser": "jane@example.com",
        "expiresAt": None,
    }
    team = await api.execute("{ viewer { origin endUser } }")
    assert team == {"origin": "CONTACT_RECORD", "endUser": None}


async def test_get_serves_queries_but_not_mutations(api: Api) -> None:
    got = await api.http.get("/graphql", params=QUERY, headers=api.headers)
    assert got.json()["data"] == {"viewer": {"name": "crm"}}
    mutation = 'mutation { createContact(input: {email: "alice@example.com"}) { contact { id } } }'
    refused = await api.http.get("/graphql", params={"query": mutation}, headers=api.headers)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert await api.execute("{ contacts { totalCount } }") == {"totalCount": 0}


async def test_the_named_operation_of_a_document_runs(api: Api) -> None:
    query = "query A { viewer { name } } query B { viewer { scopes } }"
    body = {"query": query, "operationName": "A"}
    answer = await api.http.post("/graphql", json=body, headers=api.headers)
    assert answer.json()["data"] == {"viewer": {"name": "crm"}}
    for unclear in ({"query": query}, {**body, "operationName": "C"}):
        refused = await api.http.post("/graphql", json=unclear, headers=api.headers)
        assert await code(refused) == "OPERATION_RESOLUTION_FAILURE"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(api: Api, method: str) -> None:
    response = await api.http.request(method, "/graphql", headers=api.headers)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
    ],
)
async def test_a_body_of_another_media_type_is_refused(api: Api, content_type: str) -> None:
    headers = {**api.headers, "Content-Type": content_type}
    response = await api.http.post("/graphql", content=b'{"query": "{ viewer { name } }"}', headers=headers)
    assert response.status_code == 415


async def test_an_accept_header_without_json_is_refused(api: Api) -> None:
    for accept in ("text/csv", "image/png;q=1, text/plain"):
        response = await api.http.post("/graphql", json=QUERY, headers={**api.headers, "Accept": accept})
        assert response.status_code == 406


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b'[{"query": "{ viewer { name } }"}]',
     b'{"query": "{"\x00}',
     b'{"query": "{ viewer { name } }", "variables": "{}"}', b'{"query": " "}', b'{"query": "\\ud800"}',
     b'{"query": "query($a: JSON) { viewer { name } }", "variables": {"a": NaN}}'],
)  # fmt: skip
async def test_a_body_that_is_not_a_request_is_a_bad_request(api: Api, body: bytes) -> None:
    headers = {**api.headers, "Content-Type": "application/json"}
    response = await api.http.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400
    assert await code(response) == "BAD_REQUEST"


async def test_without_a_query_and_without_a_hash_the_request_is_bad(api: Api) -> None:
    for extensions in ({}, None, {"persistedQuery": None}, {"tracing": {}}):
        answer = await api.http.post("/graphql", json={"extensions": extensions}, headers=api.headers)
        assert (answer.status_code, await code(answer)) == (400, "BAD_REQUEST")


async def test_a_browser_gets_graphiql_without_a_token(http: httpx.AsyncClient) -> None:
    page = await http.get("/graphql", headers={"Accept": BROWSER})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<meta charset="utf-8">' in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_the_end_user_must_be_one_short_line(api: Api) -> None:
    for user in ("x" * 200, "jane\tdoe"):
        response = await api.http.post("/graphql", json=QUERY, headers={**api.headers, "X-Sayso-User": user})
        assert response.status_code == 400


async def test_an_internal_error_is_masked_and_logged_under_its_id(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("schema.engine.statements.roots.answer", broken)
    answer = await api.run('query { contact(by: {id: "Q29udGFjdDox"}) { id } }')
    error = answer["errors"][0]
    assert "secret" not in str(answer)
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["path"] == ["contact"]
    logged = capsys.readouterr()
    assert error["extensions"]["id"] in logged.out + logged.err
    assert "the secret inside" in logged.out + logged.err


async def test_a_browser_needs_a_token_if_graphiql_is_disabled(db: Settings) -> None:
    app = Starlette(routes=graphql.routes(replace(db, graphiql=False)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=PUBLIC_URL) as client:
        assert (await client.get("/graphql", headers={"Accept": BROWSER})).status_code == 401
        assert (await client.get("/graphql/assets/start.js")).status_code == 404


async def test_without_npm_files_the_page_loads_the_same_versions_from_the_cdn_with_hashes(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(graphiql, "_NODE_MODULES", tmp_path)
    page = await http.get("/graphql", headers={"Accept": BROWSER})
    for asset in graphiql.ASSETS:
        assert f'{asset.package}@{asset.version}/{asset.path}" integrity="{asset.integrity}"' in page.text
    assert "script-src 'self' https://cdn.jsdelivr.net;" in page.headers["content-security-policy"]


async def test_the_npm_files_match_the_hashes(http: httpx.AsyncClient) -> None:
    if not all(asset.file.is_file() for asset in graphiql.ASSETS):
        pytest.skip("GraphiQL's files from npm are not on this machine")
    for asset in graphiql.ASSETS:
        served = await http.get(f"/graphql/assets/{asset.name}")
        assert served.headers["cache-control"].endswith("immutable")
        digest = b64encode(hashlib.sha384(served.content).digest()).decode()
        assert asset.integrity == f"sha384-{digest}"
    assert (await http.get("/graphql/assets/..%2Fpage.html")).status_code == 404


async def test_the_end_user_may_have_non_ascii_letters(api: Api) -> None:
    mutation = """mutation {
      optOutOfAll(input: {recipient: {email: "alice@example.com"}, businessUnit: "acme"}) {
        recipient { history { nodes { actor } } } } }"""
    headers = {**api.headers, "X-Sayso-User": "Zażółć à".encode()}
    response = await api.http.post("/graphql", json={"query": mutation}, headers=headers)
    history = response.json()["data"]["optOutOfAll"]["recipient"]["history"]
    assert history == {"nodes": [{"actor": "crm for Zażółć à"}]}
