"""GraphQL over HTTP: the server audits of the npm package `graphql-http`."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from preference_center.config.settings import Settings
from tests.conftest import missing
from tests.graphql.conftest import Api
from tests.graphql.transport.serving import served

SCRIPT = Path(__file__).with_name("audits.mjs")
PACKAGE = Path(__file__).parents[3] / "node_modules" / "graphql-http"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_all_audits_pass(db: Settings, api: Api) -> None:
    node = shutil.which("node")
    if node is None or not PACKAGE.is_dir():
        missing("browser", "node, or the npm package graphql-http, is not installed")
    async with served(db) as address:
        process = await asyncio.create_subprocess_exec(
            str(node), str(SCRIPT), f"{address}/graphql", api.token, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
    results = json.loads(output)
    assert [each for each in results if each["status"] != "ok"] == []
    assert len(results) == 61
