"""Who may read `/metrics`."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from preference_center.config.settings import Settings
from tests.http.server.test_server import client_of

TOKEN = "mT3PzWk5rYdV8aQ1sLgJ0xNfUeHc2B"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def get_metrics(settings: Settings, **headers: str) -> httpx.Response:
    async with client_of(settings) as client:
        return await client.get("/metrics", headers=headers)


async def test_development_shows_metrics_to_everybody(db: Settings) -> None:
    assert (await get_metrics(db)).status_code == 200


async def test_production_shows_no_metrics_without_a_token_in_its_settings(db: Settings) -> None:
    for headers in ({}, {"authorization": "Bearer "}, {"authorization": "Bearer None"}):
        refused = await get_metrics(replace(db, env="production"), **headers)
        assert refused.status_code == 403
        assert "SAYSO_METRICS_TOKEN" in refused.text
        assert "sayso_http" not in refused.text


@pytest.mark.parametrize("env", ["development", "production"])
async def test_the_token_opens_metrics_and_nothing_else_does(db: Settings, env: str) -> None:
    settings = replace(db, env=env, metrics_token=TOKEN)
    for sent in ("", TOKEN, f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"):
        refused = await get_metrics(settings, **({"authorization": sent} if sent else {}))
        assert refused.status_code == 401, sent
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert "sayso_http" not in refused.text
        assert TOKEN not in refused.text

    shown = await get_metrics(settings, authorization=f"bearer  {TOKEN}")
    assert shown.status_code == 200
    assert "sayso_http_requests_total" in shown.text
