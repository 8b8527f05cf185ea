"""The bare server: Starlette and asyncpg with nothing else, which Sayso is compared with."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import asyncpg
import httpx
from jinja2 import Template
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from api.app import create_app as create_sayso
from api.app import tune_garbage_collection
from preference_center.config import settings

SHOWN_PAGE = "SAYSO_BENCH_PAGE"
"""The environment variable with the path of the preference page to render."""

_LIST = """
SELECT json_build_object('nodes', json_agg(page)) FROM (
  SELECT c.id, c.email, c.first_name AS "firstName", c.last_name AS "lastName", (
    SELECT json_agg(json_build_object(
      'subscriptionType', json_build_object('key', t.key), 'channel', p.channel, 'status', p.status)
      ORDER BY t.id)
    FROM preferences p JOIN subscription_types t ON t.id = p.subscription_type_id
    WHERE p.recipient_id = c.email_recipient_id) AS preferences
  FROM contacts c ORDER BY c.created_at DESC, c.id DESC LIMIT 50) page
"""
_POINT = """
SELECT json_build_object('id', c.id, 'email', c.email, 'firstName', c.first_name, 'lastName', c.last_name,
  'locale', c.locale) FROM contacts c WHERE c.email = $1
"""
_RECORD = """
SELECT json_build_object('id', c.id, 'email', c.email, 'firstName', c.first_name, 'lastName', c.last_name,
  'preferences', (SELECT json_agg(json_build_object(
      'subscriptionType', json_build_object('key', t.key), 'channel', p.channel, 'status', p.status,
      'eligibility', json_build_object('allowed', o.id IS NULL AND p.status = 'OPTED_IN', 'reason',
        CASE WHEN o.id IS NOT NULL THEN 'OPTED_OUT_OF_ALL' WHEN p.status = 'OPTED_OUT' THEN 'OPTED_OUT'
          WHEN p.status = 'NOT_OPTED' THEN 'NOT_OPTED_IN' END)) ORDER BY t.id)
    FROM preferences p JOIN subscription_types t ON t.id = p.subscription_type_id
    LEFT JOIN opt_outs_of_all o ON o.recipient_id = p.recipient_id AND o.channel = p.channel
      AND o.business_unit_id = t.business_unit_id AND o.active
    WHERE p.recipient_id = c.email_recipient_id),
  'optOutsOfAll', (SELECT COALESCE(json_agg(json_build_object('businessUnit', json_build_object('key', u.key),
      'channel', o.channel, 'origin', o.origin)), '[]')
    FROM opt_outs_of_all o JOIN business_units u ON u.id = o.business_unit_id
    WHERE o.recipient_id = c.email_recipient_id AND o.active),
  'history', json_build_object('nodes', (SELECT json_agg(json_build_object('id', e.id, 'channel', e.channel,
      'subscriptionType', CASE WHEN t.id IS NOT NULL THEN json_build_object('key', t.key) END,
      'before', e.before, 'after', e.after, 'origin', e.origin, 'actor', e.actor) ORDER BY e.id DESC)
    FROM (SELECT * FROM consent_events WHERE recipient_id = c.email_recipient_id ORDER BY id DESC LIMIT 10) e
    LEFT JOIN subscription_types t ON t.id = e.subscription_type_id)))
FROM contacts c WHERE c.email = $1
"""
_EVENT = """
INSERT INTO consent_events (recipient_id, channel, business_unit_id, subscription_type_id, before, after,
  superseded, origin, actor, occurred_at, recorded_at)
VALUES ($1, 'EMAIL', 1, 1, 'OPTED_IN', 'OPTED_OUT', FALSE, 'ONE_CLICK', 'recipient', $2, $2) RETURNING id
"""
_EVIDENCE = """
INSERT INTO evidence (event_id, ip_address, user_agent, url, wording_id, locale)
VALUES ($1, $2, $3, $4, (SELECT id FROM shown_wordings WHERE text = $5), 'en')
"""
_PREFERENCE = """
INSERT INTO preferences (recipient_id, channel, subscription_type_id, status, origin, occurred_at, changed_at,
  event_id) VALUES ($1, 'EMAIL', 1, 'OPTED_OUT', 'ONE_CLICK', $2, $2, $3)
ON CONFLICT (recipient_id, subscription_type_id, channel) DO UPDATE SET status = excluded.status,
  origin = excluded.origin, legal_basis = NULL, occurred_at = excluded.occurred_at,
  changed_at = excluded.changed_at, event_id = excluded.event_id
"""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The template of a page and the data that Sayso renders it with."""

    template: Template
    values: Mapping[str, Any]
    headers: Mapping[str, str]

    def again(self) -> HTMLResponse:
        return HTMLResponse(self.template.render(**self.values), headers=dict(self.headers))


def create_app() -> Starlette:
    """The application that each benchmark compares Sayso with."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.page = await _ready(os.environ[SHOWN_PAGE]) if SHOWN_PAGE in os.environ else None
        # As many connections as Sayso has, and the memory settled alike.
        async with asyncpg.create_pool(settings.load().database_url, min_size=1, max_size=20) as pool:
            app.state.pool = pool
            tune_garbage_collection()
            yield

    return Starlette(
        routes=[
            Route("/list", _list),
            Route("/contact/{email}", _point),
            Route("/record/{email}", _record),
            Route("/u/{recipient:int}", _one_click, methods=["POST"]),
            Route("/page", _page),
        ],
        lifespan=lifespan,
    )


async def _list(request: Request) -> Response:
    text = await request.app.state.pool.fetchval(_LIST)
    return Response(text, media_type="application/json")


async def _point(request: Request) -> Response:
    text = await request.app.state.pool.fetchval(_POINT, request.path_params["email"])
    return Response(text, media_type="application/json")


async def _record(request: Request) -> Response:
    text = await request.app.state.pool.fetchval(_RECORD, request.path_params["email"])
    return Response(text, media_type="application/json")


async def _one_click(request: Request) -> Response:
    recipient, at = request.path_params["recipient"], datetime.now(UTC)
    proof = (request.client.host, request.headers.get("user-agent"), "/u", "List-Unsubscribe=One-Click")
    async with request.app.state.pool.acquire() as db, db.transaction():
        event = await db.fetchval(_EVENT, recipient, at)
        await db.execute(_EVIDENCE, event, *proof)
        await db.execute(_PREFERENCE, recipient, at, event)
    return PlainTextResponse("You are unsubscribed\n")


async def _page(request: Request) -> Response:
    shown: Rendered = request.app.state.page
    return shown.again()


async def _ready(path: str) -> Rendered:
    """Render a page in Sayso once, and keep its template and data."""
    sayso = create_sayso(settings.load())
    caught: list[tuple[Template, Mapping[str, Any]]] = []
    render = Template.render

    def noting(template: Template, *args: Any, **values: Any) -> str:
        caught.append((template, {**dict(*args), **values}))
        return render(template, *args, **values)

    transport = httpx.ASGITransport(sayso)
    async with sayso.router.lifespan_context(sayso), httpx.AsyncClient(transport=transport) as client:
        with patch.object(Template, "render", noting):
            response = await client.get("http://127.0.0.1" + path)
    [(template, values)] = caught
    own = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    own["content-security-policy"] = response.headers["content-security-policy"]
    return Rendered(template, values, own)
