"""Documents that the server knows: trusted ones by id, and those that clients register with their hash."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from api import graphql
from api.graphql.stored import registered as registry
from api.graphql.stored.registered import RegisteredDocuments
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings, SettingsError
from tests.conftest import PUBLIC_URL
from tests.graphql.conftest import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
VIEWER = "query Viewer {\n  viewer {\n    name\n  }\n}"
CONTACTS = "query Contacts($first: Int!) { contacts(first: $first) { totalCount nodes { id } } }"
CREATE = 'mutation Create { createContact(input: {email: "alice@example.com"}) { contact { id } } }'
MANIFEST = {"0a1b": VIEWER, "sha256:2c3d": CONTACTS, "create": CREATE}
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": id_, "name": "x", "type": "query", "body": body} for id_, body in MANIFEST.items()],
}
ARBITRARY = "{ viewer { __typename } }"


def hashed(query: str) -> dict[str, Any]:
    """The `extensions` of Apollo's protocol for automatic persisted queries."""
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}


@pytest.fixture(autouse=True)
def _nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.graphql.stored.documents.registered", RegisteredDocuments())


@asynccontextmanager
async def trusting(api: Api, db: Settings, manifest: object, *, only: bool = False) -> AsyncIterator[Api]:
    """The API of a server with a manifest."""
    path = db.data_dir / "persisted-documents.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    settings = replace(db, trusted_documents=path, trusted_documents_only=only)
    transport = httpx.ASGITransport(app=Starlette(routes=graphql.routes(settings)))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield Api(client, api.token)


async def post(api: Api, **body: Any) -> httpx.Response:
    return await api.http.post("/graphql", json=body, headers=api.headers)


async def get(api: Api, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
    texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in params.items()}
    return await api.http.get("/graphql", params=texts, headers={**api.headers, **(headers or {})})


def code(response: httpx.Response) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


@pytest.mark.parametrize("manifest", [MANIFEST, APOLLO], ids=["client preset", "Apollo"])
async def test_a_trusted_document_is_served_by_its_id(api: Api, db: Settings, manifest: object) -> None:
    async with trusting(api, db, manifest) as client:
        answers = [
            await post(client, documentId="0a1b"),
            await post(client, documentId="sha256:0a1b"),
            await post(client, extensions={"persistedQuery": {"version": 1, "sha256Hash": "0a1b"}}),
            await post(client, extensions=hashed(VIEWER)),
            await get(client, documentId="0a1b"),
        ]
        for answer in answers:
            assert answer.json()["data"] == {"viewer": {"name": "crm"}}
        for id_ in ("2c3d", "sha256:2c3d"):
            counted = await get(client, documentId=id_, variables={"first": 1}, operationName="Contacts")
            assert counted.json()["data"] == {"contacts": {"totalCount": 0, "nodes": []}}
        created = await post(client, documentId="create")
        assert created.json()["data"]["createContact"]["contact"]["id"]
        assert (await post(client, query=ARBITRARY)).json()["data"] == {"viewer": {"__typename": "Viewer"}}


async def test_an_unknown_id_and_an_unclear_request_say_what_is_wrong(api: Api, db: Settings) -> None:
    async with trusting(api, db, MANIFEST) as client:
        for id_ in ("ffff", "f" * 100_000):
            unknown = await post(client, documentId=id_)
            assert (unknown.status_code, code(unknown)) == (404, "PERSISTED_QUERY_NOT_FOUND")
        for body in ({"documentId": "0a1b", "query": VIEWER}, {"documentId": 5}, {"documentId": " "}):
            unclear = await post(client, **body)
            assert (unclear.status_code, code(unclear)) == (400, "BAD_REQUEST")


async def test_nothing_but_trusted_documents_is_served_if_so_configured(api: Api, db: Settings) -> None:
    async with trusting(api, db, MANIFEST, only=True) as client:
        for body in ({"query": ARBITRARY}, {"query": ARBITRARY, "extensions": hashed(ARBITRARY)}):
            for refused in (await post(client, **body), await get(client, **body)):
                assert (refused.status_code, code(refused)) == (403, "DOCUMENT_NOT_TRUSTED")
        assert code(await post(client, extensions=hashed(ARBITRARY))) == "PERSISTED_QUERY_NOT_FOUND"
        for body in (
            {"documentId": "0a1b"},
            {"query": VIEWER},
            {"query": VIEWER, "extensions": hashed(VIEWER)},
        ):
            assert (await post(client, **body)).json()["data"] == {"viewer": {"name": "crm"}}


async def test_a_document_that_another_server_registered_stays_untrusted(api: Api, db: Settings) -> None:
    assert (await post(api, query=ARBITRARY, extensions=hashed(ARBITRARY))).status_code == 200
    async with trusting(api, db, MANIFEST, only=True) as client:
        assert code(await post(client, extensions=hashed(ARBITRARY))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_query_by_get_is_kept_by_its_client_alone_and_revalidated(api: Api, db: Settings) -> None:
    async with trusting(api, db, MANIFEST) as client:
        first = await get(client, documentId="2c3d", variables={"first": 5})
        assert first.headers["cache-control"] == "private, max-age=0, must-revalidate"
        assert {"authorization", "accept"} <= set(first.headers["vary"].lower().split(", "))
        again = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
        same = await get(client, again, documentId="2c3d", variables={"first": 5})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
        assert same.headers["cache-control"] == first.headers["cache-control"]
        await post(client, documentId="create")
        changed = await get(client, again, documentId="2c3d", variables={"first": 5})
        assert (changed.status_code, changed.json()["data"]["contacts"]["totalCount"]) == (200, 1)
        assert changed.headers["etag"] != first.headers["etag"]


async def test_no_other_answer_is_kept(api: Api, db: Settings) -> None:
    async with trusting(api, db, MANIFEST) as client:
        reader = client.using(await create_token("reader", ["links:create"]))
        for answer in (
            await get(client, query=VIEWER),
            await post(client, documentId="0a1b"),
            await get(client, documentId="ffff"),
            await get(client, documentId="2c3d"),
            await get(reader, documentId="2c3d", variables={"first": 1}),
        ):
            assert answer.headers["cache-control"] == "no-store"
            assert "etag" not in answer.headers


async def test_mutations_are_refused_by_get(api: Api, db: Settings) -> None:
    async with trusting(api, db, MANIFEST) as client:
        refused = await get(client, documentId="create")
        assert (refused.status_code, refused.headers["cache-control"]) == (405, "no-store")
        by_hash = await get(client, query=CREATE, extensions=hashed(CREATE))
        assert by_hash.status_code == 405
        assert await client.execute("{ contacts { totalCount } }") == {"totalCount": 0}


@pytest.mark.parametrize("query", [{}, {"query": None}, {"query": ""}])
@pytest.mark.parametrize("accept", ["*/*", "application/graphql-response+json, application/json;q=0.9"])
async def test_a_client_registers_a_document_once_and_then_sends_its_hash(
    api: Api, query: dict[str, Any], accept: str
) -> None:
    """Apollo's protocol. Its link and urql's exchange look for the first message."""
    reader = api.using(api.token)
    headers = {**api.headers, "Accept": accept}
    asking = {**query, "operationName": "Viewer", "extensions": hashed(VIEWER)}
    unknown = await api.http.post("/graphql", json=asking, headers=headers)
    assert (unknown.status_code, unknown.headers["cache-control"]) == (200, "no-store")
    extensions = {"code": "PERSISTED_QUERY_NOT_FOUND"}
    assert unknown.json() == {"errors": [{"message": "PersistedQueryNotFound", "extensions": extensions}]}
    with_query = await api.http.post("/graphql", json={**asking, "query": VIEWER}, headers=headers)
    by_hash = await api.http.post("/graphql", json=asking, headers=headers)
    by_get = await get(reader, extensions=hashed(VIEWER))
    for answer in (with_query, by_hash, by_get):
        assert answer.json()["data"] == {"viewer": {"name": "crm"}}
    assert by_get.headers["etag"]


@pytest.mark.parametrize(
    ("persisted", "expected"),
    [
        ({"version": 1, "sha256Hash": "ab" * 32}, "PERSISTED_QUERY_HASH_MISMATCH"),
        ({"version": 2, "sha256Hash": "ab" * 32}, "BAD_REQUEST"),
        ({"version": 1}, "BAD_REQUEST"),
        ({"version": 1, "sha256Hash": 5}, "BAD_REQUEST"),
        ("ab", "BAD_REQUEST"),
    ],
)
async def test_a_wrong_hash_is_refused_and_registers_nothing(
    api: Api, persisted: object, expected: str
) -> None:
    refused = await post(api, query=VIEWER, extensions={"persistedQuery": persisted})
    assert (refused.status_code, code(refused)) == (400, expected)
    assert code(await post(api, extensions=hashed(VIEWER))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "query", ["{", "{ nothing }", "{ viewer { name } }" * 30_000, "{ " + "a: viewer { name } " * 40 + "}"]
)
async def test_a_document_that_may_not_run_is_not_registered(api: Api, query: str) -> None:
    assert "data" not in (await post(api, query=query, extensions=hashed(query))).json()
    assert code(await post(api, extensions=hashed(query))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_registered_document_asks_for_the_scopes_of_its_token(api: Api) -> None:
    query = "{ contacts { totalCount } }"
    await post(api, query=query, extensions=hashed(query))
    other = api.using(await create_token("links", ["links:create"]))
    assert code(await post(other, extensions=hashed(query))) == "FORBIDDEN"
    nobody = api.using("nonsense")
    assert (await post(nobody, extensions=hashed(query))).status_code == 401


def test_few_documents_are_kept_and_the_least_used_go_first(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MOST_DOCUMENTS", 3)
    monkeypatch.setattr(registry, "MOST_CHARACTERS", 10)
    kept = RegisteredDocuments()
    for name in ("a", "b", "c"):
        kept.keep(name, name)
    assert kept.get("a") == "a"
    kept.keep("d", "d")
    assert [kept.get(name) for name in "abcd"] == ["a", None, "c", "d"]
    kept.keep("e", "eeeeeeeee")
    assert [kept.get(name) for name in "acde"] == [None, None, "d", "eeeeeeeee"]
    kept.keep("f", "f" * 11)
    assert [kept.get(name) for name in "def"] == [None, None, None]


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ("{", "is not JSON"),
        ("[]", "must be an object of ids and documents"),
        ("{}", "has no documents"),
        ({"a": 5, "b": " "}, "the document 'a' has no text"),
        ({"": VIEWER}, "document 1 has no id"),
        ({"a" * 201: VIEWER}, "has more than 200 characters"),
        ({"a": "{ nothing }"}, "the document 'a' is invalid: Cannot query field 'nothing'"),
        ({"a": "{ viewer"}, "the document 'a' is invalid: Syntax Error"),
        ({"format": "other", "operations": []}, "must be an object of ids and documents"),
        ({**APOLLO, "version": 2}, "version 1"),
        ({**APOLLO, "operations": {}}, "`operations` must be a list"),
        ({**APOLLO, "operations": ["x"]}, "document 1 has no id"),
        (
            {**APOLLO, "operations": [{"id": "a", "body": VIEWER}, {"id": "a", "body": CONTACTS}]},
            "the id 'a' stands for two documents",
        ),
    ],
)
async def test_a_manifest_that_cannot_be_used_is_refused_at_the_start(
    api: Api, db: Settings, manifest: object, problem: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        async with trusting(api, db, manifest):
            pass
    assert refused.value.problems[0].startswith("SAYSO_TRUSTED_DOCUMENTS: ")
    assert problem in refused.value.problems[0]


async def test_a_manifest_that_is_not_there_is_refused_at_the_start(db: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"SAYSO_TRUSTED_DOCUMENTS: .*cannot be read: No such file"):
        graphql.routes(replace(db, trusted_documents=tmp_path / "missing.json"))
