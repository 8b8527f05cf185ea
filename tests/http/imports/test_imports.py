"""Imports over HTTP: scopes, parameters, bodies and responses."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.files import upload_body
from preference_center.access.tokens import create_token
from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.contacts.contacts import create as create_contact
from preference_center.jobs import HANDLERS
from preference_center.operations import operations
from preference_center.operations.runner import run_next
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel
from preference_center.storage import database
from schema.contract.ids import decode_id
from tests.conftest import ALICE, BOB, PUBLIC_URL, Brands, by_recipient
from tests.imports.files import count, opted_out

OPT_OUTS = {"business_unit": "acme", "channel": "EMAIL", "explanation": "The old system's list."}
CONTACTS = {
    "explanation": "The fair.",
    "legal_basis": "CONSENT_WITH_NOTICE",
    "processing_basis": "PROCESS_AND_STORE",
}
CSV = {"Content-Type": "text/csv"}
LIST = f"email\n{ALICE}\n{BOB}\n".encode()


@pytest.fixture
async def sender(db: Settings, brands: Brands) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose token may run operations and nothing else."""
    token = await create_token("loader", ["operations:write"])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(db)),
        base_url=PUBLIC_URL,
        headers={"Authorization": f"Bearer {token}", "X-Sayso-User": "jane@acme.example"},
    ) as client:
        yield client


async def run() -> None:
    while await run_next(HANDLERS):
        pass


async def test_an_opt_out_list_becomes_an_operation(sender: httpx.AsyncClient, brands: Brands) -> None:
    content = LIST + b"nobody\n"
    response = await sender.post(
        "/imports/opt-outs", params={**OPT_OUTS, "expect": "3"}, content=content, headers=CSV
    )
    body = response.json()
    assert response.status_code == 202
    assert response.headers["cache-control"] == "no-store"
    assert (body["kind"], body["state"], body["total"]) == ("IMPORT_OPT_OUTS", "QUEUED", 3)
    assert (body["actor"], body["explanation"]) == ("loader for jane@acme.example", "The old system's list.")
    assert await opted_out(brands) == set()
    await run()
    place = response.headers["location"]
    assert place == f"{PUBLIC_URL}/operations/{body['id']}"
    done = (await sender.get(place)).json()
    assert (done["state"], done["changed"], done["refused"]) == ("COMPLETED", 2, 1)
    assert done["refusals"] == [{"code": "INVALID_ADDRESS", "count": 1}]
    refused = await sender.get(done["refusalsUrl"])
    assert "INVALID_ADDRESS" in refused.text
    assert refused.text.splitlines()[1].startswith("4,")
    assert await opted_out(brands) == {ALICE, BOB}


async def test_the_answer_and_the_operation_name_the_columns(
    sender: httpx.AsyncClient, brands: Brands
) -> None:
    content = f"email,City,Status,id\n{ALICE},Kraków,unsubscribed,1\n".encode()
    parameters = {"business_unit": "bazaar", "explanation": "The old system."}
    response = await sender.post("/imports/contacts", params=parameters, content=content, headers=CSV)
    assert response.status_code == 202
    columns = response.json()["columns"]
    assert columns["ignored"] == ["id"]
    assert [(column["name"], column["as"]) for column in columns["used"]] == [
        ("email", "email"),
        ("City", "property:City"),
        ("Status", "opt_out:all (status)"),
    ]
    await run()
    done = (await sender.get(response.headers["location"])).json()
    assert (done["columns"], done["optedOut"], done["changed"]) == (columns, 1, 1)
    query = "query ($id: ID!) { operation(id: $id) { optedOut columns { used { name as } ignored } } }"
    body = {"query": query, "variables": {"id": done["id"]}}
    reader = {"Authorization": f"Bearer {await create_token('reader', ['contacts:read'])}"}
    answer = (await sender.post("/graphql", json=body, headers=reader)).json()
    assert answer["data"]["operation"] == {"optedOut": 1, "columns": columns}
    assert await opted_out(brands) == set()


async def test_contacts_are_imported_with_their_legal_bases(
    sender: httpx.AsyncClient, brands: Brands
) -> None:
    text = f"email,opt_in:weekly-digest\n{ALICE},yes\n"
    response = await sender.post("/imports/contacts", params=CONTACTS, content=text.encode(), headers=CSV)
    assert (response.status_code, response.json()["kind"]) == (202, "IMPORT_CONTACTS")
    await run()
    assert (await count("contacts"), await count("preferences")) == (1, 1)


@pytest.mark.parametrize("encoding", ["gb18030", "GBK", "gb2312"])
async def test_an_encoding_and_a_country_can_be_named(
    sender: httpx.AsyncClient, brands: Brands, encoding: str
) -> None:
    content = f"email,first_name,phone\n{ALICE},张伟,0102030405\n".encode("gb18030")
    parameters = {**CONTACTS, "encoding": encoding, "country": "FR"}
    response = await sender.post("/imports/contacts", params=parameters, content=content, headers=CSV)
    assert response.status_code == 202
    await run()
    rows = await database.fetch("SELECT first_name, phone FROM contacts")
    assert [(row["first_name"], row["phone"]) for row in rows] == [("张伟", "+33102030405")]


async def test_a_dry_run_changes_nothing(sender: httpx.AsyncClient, brands: Brands) -> None:
    response = await sender.post(
        "/imports/opt-outs", params={**OPT_OUTS, "dry_run": "true"}, content=LIST, headers=CSV
    )
    assert response.json()["dryRun"] is True
    await run()
    place = response.headers["location"]
    done = (await sender.get(place)).json()
    assert (done["state"], done["processed"], await opted_out(brands)) == ("COMPLETED", 2, set())
    reader = {
        "Authorization": f"Bearer {await create_token('reader', ['operations:write', 'preferences:read'])}"
    }
    assert (await sender.get(place, headers=reader)).json()["changed"] == 2


async def test_a_dry_run_does_not_tell_who_opted_out(
    sender: httpx.AsyncClient, brands: Brands, alice: int
) -> None:
    """Its numbers would: an address that is opted out already stays unchanged."""
    await preferences.opt_out_of_all(alice, Channel.EMAIL, brands.acme, by_recipient())
    content = f"email\n{ALICE}\nnobody\n".encode()
    for path, parameters in (("opt-outs", OPT_OUTS), ("contacts", CONTACTS)):
        response = await sender.post(
            f"/imports/{path}", params={**parameters, "dry_run": "true"}, content=content, headers=CSV
        )
        await run()
        done = (await sender.get(response.headers["location"])).json()
        assert (done["total"], done["processed"]) == (2, 2)
        assert [done[name] for name in ("changed", "unchanged", "refused", "optedOut")] == [None] * 4
        assert done["refusals"] == [{"code": "INVALID_ADDRESS", "count": 1}]


async def test_a_dry_run_does_not_tell_which_addresses_a_contact_has(
    sender: httpx.AsyncClient, brands: Brands
) -> None:
    """A row of a contact without a phone number is refused; that of a contact who has one is not."""
    await create_contact(email=ALICE)
    content = f"email,opt_in:weekly-digest:SMS\n{ALICE},yes\n".encode()
    places = {}
    for dry_run in ("true", "false"):
        parameters = {**CONTACTS, "dry_run": dry_run}
        response = await sender.post("/imports/contacts", params=parameters, content=content, headers=CSV)
        places[dry_run] = response.headers["location"]
    await run()
    reader = {"Authorization": f"Bearer {await create_token('reader', ['contacts:read'])}"}
    missing = [{"code": "ADDRESS_MISSING", "count": 1}]
    for place, headers, shown in (
        (places["true"], {}, []),
        (places["true"], reader, missing),
        (places["false"], {}, missing),
    ):
        assert (await sender.get(place, headers=headers)).json()["refusals"] == shown
        lines = (await sender.get(f"{place}/refusals", headers=headers)).text.splitlines()
        assert len(lines) == 1 + len(shown)


async def test_refusals_name_people_and_reasons_to_who_may_read_them(
    sender: httpx.AsyncClient, brands: Brands, alice: int
) -> None:
    await preferences.opt_out_of_all(alice, Channel.EMAIL, brands.acme, by_recipient())
    content = f"email,opt_in:weekly-digest\n{ALICE},yes\nnobody,yes\n".encode()
    response = await sender.post("/imports/contacts", params=CONTACTS, content=content, headers=CSV)
    await run()
    place = response.headers["location"]
    for scopes, codes, names_people in (
        (["operations:write"], ["INVALID_ADDRESS"], False),
        (["contacts:read"], ["INVALID_ADDRESS"], True),
        (["operations:write", "preferences:read"], ["INVALID_ADDRESS", "OPTED_OUT_OF_ALL"], False),
        (["contacts:read", "preferences:read"], ["INVALID_ADDRESS", "OPTED_OUT_OF_ALL"], True),
    ):
        headers = {"Authorization": f"Bearer {await create_token(' '.join(scopes), scopes)}"}
        done = (await sender.get(place, headers=headers)).json()
        rows = list(
            csv.DictReader((await sender.get(f"{place}/refusals", headers=headers)).text.splitlines())
        )
        assert [each["code"] for each in done["refusals"]] == codes
        assert sorted(row["code"] for row in rows) == codes
        shown = {row["code"]: (row["line"], row["address"], bool(row["contact"])) for row in rows}
        assert shown["INVALID_ADDRESS"] == ("3", "", False)
        if len(codes) == 2:
            address = ALICE if names_people else ""
            assert shown["OPTED_OUT_OF_ALL"] == ("2", address, names_people)


async def test_the_file_may_be_sent_in_a_form(sender: httpx.AsyncClient, brands: Brands) -> None:
    form = {"note": (None, "from the old system"), "list": ("list.csv", LIST, "text/csv")}
    response = await sender.post("/imports/opt-outs", params=OPT_OUTS, files=form)  # type: ignore[arg-type]
    assert (response.status_code, response.json()["total"]) == (202, 2)


@pytest.mark.parametrize("content_type", ["text/csv; charset=windows-1251", "text/csv; charset=UTF-8"])
async def test_a_charset_is_used_unless_it_is_utf_8(
    sender: httpx.AsyncClient, brands: Brands, content_type: str
) -> None:
    encoding = "windows-1251" if "1251" in content_type else "windows-1250"
    name = "Иван" if "1251" in content_type else "Michał"
    content = f"email,first_name\n{ALICE},{name}\n".encode(encoding)
    headers = {"Content-Type": content_type}
    await sender.post("/imports/contacts", params=CONTACTS, content=content, headers=headers)
    await run()
    rows = await database.fetch("SELECT first_name FROM contacts")
    assert [row["first_name"] for row in rows] == [name]


@pytest.mark.parametrize(
    ("path", "change", "content", "status", "code", "field"),
    [
        ("opt-outs", {"business_unit": None}, LIST, 422, "INVALID_VALUE", "business_unit"),
        ("opt-outs", {"business_unit": "no-such"}, LIST, 422, "NOT_FOUND", "business_unit"),
        ("opt-outs", {"channel": None}, LIST, 422, "INVALID_VALUE", "channel"),
        ("opt-outs", {"channel": "PIGEON"}, LIST, 422, "INVALID_VALUE", "channel"),
        ("opt-outs", {"explanation": None}, LIST, 422, "EXPLANATION_REQUIRED", "explanation"),
        ("opt-outs", {"expect": "many"}, LIST, 422, "INVALID_VALUE", "expect"),
        ("opt-outs", {"expect": "3"}, LIST, 422, "INVALID_VALUE", "expect"),
        ("opt-outs", {"dry_run": "perhaps"}, LIST, 422, "INVALID_VALUE", "dry_run"),
        ("opt-outs", {"dry-run": "true"}, LIST, 422, "INVALID_VALUE", "dry-run"),
        ("opt-outs", {"encoding": "rot13"}, LIST, 422, "INVALID_VALUE", "encoding"),
        ("contacts", {}, b"email,name\na@x.example,\xb3\xc2\n", 422, "INVALID_VALUE", "encoding"),
        ("opt-outs", {"country": "France"}, LIST, 422, "INVALID_VALUE", "country"),
        ("opt-outs", {}, b"", 422, "INVALID_VALUE", "file"),
        ("opt-outs", {}, b"PK\x03\x04" + bytes(1000), 422, "INVALID_VALUE", "file"),
        ("opt-outs", {}, b"name\nAlice\n", 422, "INVALID_VALUE", "file"),
        ("opt-outs", {}, LIST + b'"charlie@', 422, "INVALID_VALUE", "file"),
        ("contacts", {"legal_basis": "BECAUSE"}, LIST, 422, "INVALID_VALUE", "legal_basis"),
        (
            "contacts",
            {"legal_basis": None},
            b"email,opt_in:offers\na@x.example,1\n",
            422,
            "LEGAL_BASIS_REQUIRED",
            "legal_basis",
        ),
        ("contacts", {}, b"email,opt_in:no\na@x.example,1\n", 422, "INVALID_VALUE", "file"),
    ],
)
async def test_a_refused_import_names_its_field_and_leaves_nothing_behind(
    sender: httpx.AsyncClient,
    path: str,
    change: dict[str, str | None],
    content: bytes,
    status: int,
    code: str,
    field: str,
) -> None:
    parameters: dict[str, Any] = {**(OPT_OUTS if path == "opt-outs" else CONTACTS), **change}
    params = {name: value for name, value in parameters.items() if value is not None}
    response = await sender.post(f"/imports/{path}", params=params, content=content, headers=CSV)
    body = response.json()
    assert (response.status_code, body["code"], body["field"]) == (status, code, field)
    assert body["message"]
    assert [await count(table) for table in ("operations", "operation_parts", "contacts")] == [0, 0, 0]


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "application/json"}, b"[]", 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, LIST, 415),
        ({}, LIST, 415),
        ({"Content-Type": "multipart/form-data"}, LIST, 400),
        ({"Content-Type": "multipart/form-data; boundary=b"}, LIST, 400),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b\r\n", 400),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b\r\nX-Long: " + b"x" * 20_000, 400),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b\r\na: b\r\n\r\n\r\n" * 200, 400),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nemail\r\na@x.example\r\n',
            400,
        ),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nemail\r\na@x.example\r\n--b--\r\n',
            400,
        ),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nemail\r\na@x.example\r\n' * 2
            + b"--b--\r\n",
            400,
        ),
    ],
)
async def test_a_body_that_is_not_a_file_is_refused(
    sender: httpx.AsyncClient, headers: dict[str, str], content: bytes, status: int
) -> None:
    response = await sender.post("/imports/opt-outs", params=OPT_OUTS, content=content, headers=headers)
    assert response.status_code == status
    assert set(response.json()) == {"code", "message", "field"}
    assert await count("operations") == 0


async def test_a_file_that_is_too_large_is_refused(
    sender: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_body, "MAX_FILE_BYTES", 20)
    response = await sender.post("/imports/opt-outs", params=OPT_OUTS, content=LIST, headers=CSV)
    assert (response.status_code, response.json()["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("path", ["/imports/opt-outs", "/imports/contacts"])
async def test_importing_needs_its_scope(sender: httpx.AsyncClient, path: str) -> None:
    token = await create_token("reader", ["contacts:read", "contacts:write", "preferences:write"])
    lacking = await sender.post(path, content=LIST, headers={**CSV, "Authorization": f"Bearer {token}"})
    nobody = await sender.post(path, content=LIST, headers={**CSV, "Authorization": "Bearer sayso_no"})
    assert (lacking.status_code, lacking.json()["code"]) == (403, "FORBIDDEN")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "UNAUTHENTICATED")
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    assert (await sender.get(path)).status_code == 405
    assert await count("operations") == 0


@pytest.mark.parametrize("operation_id", ["T3BlcmF0aW9uOjk5OQ", "nonsense", "Q29udGFjdDox"])
async def test_an_unknown_operation_is_not_found(sender: httpx.AsyncClient, operation_id: str) -> None:
    response = await sender.get(f"/operations/{operation_id}")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


async def test_the_operation_id_is_that_of_graphql(sender: httpx.AsyncClient) -> None:
    response = await sender.post("/imports/opt-outs", params=OPT_OUTS, content=LIST, headers=CSV)
    operation_id = decode_id(response.json()["id"], "Operation")
    assert operation_id
    assert await operations.get(operation_id)


async def test_a_unit_just_created_by_another_process_is_found(sender: httpx.AsyncClient) -> None:
    await current_catalog()
    await database.execute(
        "INSERT INTO business_units (key, name, data_privacy, resubscribe, default_locale, colour,"
        " created_at) VALUES ('new', 'New', TRUE, 'WITH_LEGAL_BASIS', 'en', '#112233', $1)",
        database.now(),
    )
    await database.execute("UPDATE catalog_state SET version = version + 1")
    response = await sender.post(
        "/imports/opt-outs", params={**OPT_OUTS, "business_unit": "new"}, content=LIST, headers=CSV
    )
    assert response.status_code == 202
