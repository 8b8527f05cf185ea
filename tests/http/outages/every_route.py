"""A request for every route, that reads or that writes, as its clients send it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import httpx
from starlette.datastructures import MultiDict
from twilio.request_validator import RequestValidator

from api.app import create_app
from api.pages.frame.layout import logo_digest
from preference_center.access.tokens import create_token
from preference_center.catalog.changes import update_unit
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.links.kinds import TokenKind
from preference_center.links.short_links import shorten
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, PUBLIC_URL, Brands, by_team, update_preferences
from tests.http.imports.test_imports import CONTACTS, CSV, LIST, OPT_OUTS
from tests.http.inbound import meta, twilio_calls
from tests.http.visit import Links, open_page
from tests.use_cases.inbound.texting import acme_number

_PIXEL = "data:image/png;base64,iVBORw0KGgo="
TEXT, LISTED = {"Content-Type": "text/plain"}, f"{ALICE}\n".encode()
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}


@dataclass(frozen=True, eq=False)
class Call:
    """One request. `route` is its template, `status` the status of its response while all is well."""

    route: str
    method: str
    path: str
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    writes: bool = False
    """Whether it writes. Other calls only read."""

    def __repr__(self) -> str:
        return f"{self.method} {self.path[:60]} {self.body[:40]!r}"

    async def send(self, client: httpx.AsyncClient) -> httpx.Response:
        return await client.request(self.method, self.path, content=self.body, headers=self.headers)


def client_of(db: Settings) -> httpx.AsyncClient:
    """A browser's client of the whole application, with the secrets of both providers."""
    settings = replace(
        db,
        twilio_auth_tokens=(twilio_calls.TOKEN,),
        whatsapp_app_secrets=(meta.SECRET,),
        whatsapp_verify_token=meta.VERIFY,
    )
    transport = httpx.ASGITransport(create_app(settings), client=("203.0.113.9", 50000))
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)


async def every_call(client: httpx.AsyncClient, db: Settings, brands: Brands) -> list[Call]:
    """Calls of all routes that need the database, in an order in which each has its status once."""
    contact = await contacts.create(email=ALICE)
    change = (brands.offers, Channel.EMAIL, PreferenceStatus.OPTED_IN)
    await update_preferences(contact.email_recipient_id or 0, [change], by_team())
    await update_unit("acme", logo=_PIXEL)
    bearer = {"Authorization": f"Bearer {await create_token('crm', ['admin'])}"}
    return [
        *_graphql(bearer),
        *await _files(client, bearer),
        *await _webhooks(),
        *await _pages(client, Links(db)),
    ]


def _graphql(bearer: dict[str, str]) -> list[Call]:
    query, mutation = (
        {"query": "{ contacts(first: 1) { nodes { email preferences { status } } } }"},
        {"query": 'mutation { updatePreferences(input: {recipient: {email: "alice@example.com"}, changes: ['
                  '{subscriptionType: "weekly-digest", channel: EMAIL, status: OPTED_OUT}]})'
                  ' { userErrors { code } } }'},
    )  # fmt: skip
    headers = {**bearer, "Content-Type": "application/json"}
    return [
        Call("/graphql", "GET", f"/graphql?{urlencode(query)}", headers=bearer),
        Call("/graphql", "POST", "/graphql", body=json.dumps(query).encode(), headers=headers),
        Call("/graphql", "POST", "/graphql", 200, json.dumps(mutation).encode(), headers, writes=True),
    ]


async def _files(client: httpx.AsyncClient, bearer: dict[str, str]) -> list[Call]:
    sent = {**bearer, **CSV}
    imports = [
        Call("/imports/opt-outs", "POST", f"/imports/opt-outs?{urlencode(OPT_OUTS)}", 202, LIST, sent, True),
        Call("/imports/contacts", "POST", f"/imports/contacts?{urlencode(CONTACTS)}", 202, LIST, sent, True),
    ]
    queued = await imports[0].send(client)
    operation_id = queued.json()["id"]
    reads = {
        "/operations/{id}": f"/operations/{operation_id}",
        "/operations/{id}/refusals": f"/operations/{operation_id}/refusals",
        **{path: path for path in ("/exports/contacts", "/exports/suppressions", "/exports/events")},
    }
    about = {"subscription_type": "weekly-digest", "channel": "EMAIL"}
    lists = [
        Call(route, "POST", f"{route}?{urlencode(about)}", body=LISTED, headers={**bearer, **TEXT})
        for route in ("/eligibility", "/links")
    ]
    return imports + lists + [Call(route, "GET", path, headers=bearer) for route, path in reads.items()]


async def _webhooks() -> list[Call]:
    await acme_number()
    await meta.register()
    pairs = [*twilio_calls.fields("STOP").items()]
    signature = RequestValidator(twilio_calls.TOKEN).compute_signature(
        PUBLIC_URL + twilio_calls.PATH, MultiDict(pairs)
    )
    delivery = meta.encoded(meta.delivery(meta.change(meta.text_message("STOP", database.now()))))
    text = {"Content-Type": twilio_calls.FORM, "X-Twilio-Signature": signature}
    signed = {"Content-Type": "application/json", "X-Hub-Signature-256": meta.signed(delivery)}
    return [
        Call(twilio_calls.PATH, "POST", twilio_calls.PATH, 200, urlencode(pairs).encode(), text, writes=True),
        Call(meta.PATH, "POST", meta.PATH, 200, delivery, signed, writes=True),
    ]


async def _pages(client: httpx.AsyncClient, links: Links) -> list[Call]:
    manage, withdraw, confirm, erasure = links.manage(), links.withdraw(), links.confirm(), links.erasure()
    short = "/s/" + await shorten(TokenKind.WITHDRAW, withdraw.removeprefix("/u/"))
    shown = {
        "/p/{token}": manage,
        "/p/{token}/forget": f"{manage}/forget",
        "/u/{token}": withdraw,
        "/c/{token}": confirm,
        "/f/{token}": erasure,
        "/v/{token}": links.preview(),
        "/s/{token}": short,
        "/logo/{digest}": f"/logo/{logo_digest(_PIXEL)}",
        "/p": "/p",
    }
    html = {"Accept": "text/html"}
    reads = [Call(route, "GET", path, headers=html) for route, path in shown.items()]
    reads.append(Call("/p/{rest:path}", "GET", f"{manage}/and/more", 404, headers=html))
    form = (await open_page(client, manage)).form
    leaving = next(label for label in form.labels if "Stop all emails from Acme" in label)
    posted = [
        ("/c/{token}", confirm, 200, [("do", "confirm")]),
        ("/u/{token}", withdraw, 200, [("List-Unsubscribe", "One-Click")]),
        ("/u/{token}", withdraw, 303, [("do", "unsubscribe"), ("lang", "en")]),
        ("/p/{token}", manage, 303, form.fields(leaving)),
        ("/s/{token}", short, 200, [("List-Unsubscribe", "One-Click")]),
        ("/p", "/p", 200, [("email", ALICE)]),
        ("/p/{token}/forget", f"{manage}/forget", 200, [("do", "send")]),
        ("/f/{token}", erasure, 200, [("do", "forget")]),
    ]
    return reads + [
        Call(route, "POST", path, status, urlencode(pairs).encode(), FORM, writes=True)
        for route, path, status, pairs in posted
    ]
